"""Word files of one criterion's section and the surroundings of its épreuve, in five layouts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

import yaml

from tests.corpus_docx import p, shape_box, styled, table, tc, tr

SECTIONS: Final = Path(__file__).parent / "sections"
_NOTE_CALL: Final = '<w:r><w:footnoteReference w:id="1"/></w:r>'


@dataclass(frozen=True)
class Part:
    """A titled part of a deliverable; each row is one paragraph, or the cells of a table row."""

    title: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """« Intitulé : texte », as one writes it outside a table."""
        return tuple(" : ".join(row) for row in self.rows)


@dataclass(frozen=True)
class Subject:
    """A criterion, the section that answers it, and what surrounds it in a good deliverable."""

    criterion_id: str
    epreuve: str
    section: Part
    context: tuple[Part, ...]


@cache
def subjects() -> tuple[Subject, ...]:
    """All the sections of the data files, in the order of the épreuves."""
    return tuple(
        subject for path in sorted(SECTIONS.glob("*.yaml")) for subject in _subjects_of(path)
    )


def _subjects_of(path: Path) -> list[Subject]:
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    context = tuple(
        Part(part["titre"], tuple((line,) for line in part["lignes"]))
        for part in values["contexte"]
    )
    return [
        Subject(
            criterion_id=criterion_id,
            epreuve=path.stem,
            section=Part(part["titre"], tuple(tuple(row) for row in part["lignes"])),
            context=context,
        )
        for criterion_id, part in values["sections"].items()
    ]


def with_section(subject: Subject) -> bytes:
    """The good deliverable: the section stands in the middle of its surroundings."""
    middle = (len(subject.context) + 1) // 2
    parts = (*subject.context[:middle], subject.section, *subject.context[middle:])
    return _file("".join(_under_heading(part) for part in parts))


def without_section(subject: Subject) -> bytes:
    """The surroundings alone."""
    return _file(_surroundings(subject))


def as_annex(subject: Subject) -> bytes:
    """The section comes last, under an annex's heading."""
    annex = Part(f"Annexe 1 – {subject.section.title}", subject.section.rows)
    return _file(_surroundings(subject) + _under_heading(annex))


def as_table(subject: Subject) -> bytes:
    """The section is a table without a heading of its own, at the end of another part."""
    rows = [tr(tc(escape(subject.section.title)), tc("Ce qui est prévu"))]
    rows += [tr(*(tc(escape(cell)) for cell in row)) for row in subject.section.rows]
    return _file(_surroundings(subject) + table(*rows, columns=2))


def as_footnote(subject: Subject) -> bytes:
    """The section is a note called from the end of another part's last paragraph."""
    made = styled()
    note = "".join(p(escape(line)) for line in subject.section.paragraphs)
    made.word_part(
        "footnotes", "footnotes", f'<w:footnote w:id="1">{note}</w:footnote>', "footnotes"
    )
    call = f'<w:p><w:r><w:t xml:space="preserve">Voir la note. </w:t></w:r>{_NOTE_CALL}</w:p>'
    return made.build(_surroundings(subject) + call)


def as_text_box(subject: Subject) -> bytes:
    """The section is in a floating frame at the end."""
    box = "".join(p(escape(line)) for line in subject.section.paragraphs)
    return _file(f"{_surroundings(subject)}<w:p>{shape_box(box)}</w:p>")


#: Where a section may hide from a reader that only looks at paragraphs under headings.
ELSEWHERE: Final[Mapping[str, Callable[[Subject], bytes]]] = {
    "annexe": as_annex,
    "tableau": as_table,
    "note": as_footnote,
    "zone de texte": as_text_box,
}


def _file(body: str) -> bytes:
    return styled().build(body)


def _surroundings(subject: Subject) -> str:
    return "".join(_under_heading(part) for part in subject.context)


def _under_heading(part: Part) -> str:
    heading = p(escape(part.title), style="Titre1")
    return heading + "".join(p(escape(line)) for line in part.paragraphs)
