"""A self-check as a file to keep: Markdown, or the same pages in Word.

Addressed to the candidate. It holds no verdict, no mark, no score and no evaluator's word.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from assistant.domain.self_check import (
    AttenduCoverage,
    Change,
    CriterionCoverage,
    Draft,
)
from assistant.reporting.content import Paragraph, Style, bold, italic, paragraph, quote
from assistant.reporting.docx_setup import Properties, new_document
from assistant.reporting.docx_writer import DocxWriter
from assistant.reporting.labels import date_fr, fr, moment_fr, quoted, visible
from ingest.types import Frozen

PROMISE_FR: Final = (
    "Ceci est une aide à la relecture : ni une note, ni un avis du jury. Un passage « couvert » "
    "peut être jugé insuffisant, un élément « pas trouvé » peut vous avoir échappé ou nous avoir "
    "échappé. Seuls les évaluateurs apprécient votre dossier."
)


STAR_FR: Final = "★ : ce sur quoi la grille de l'épreuve insiste."
UNREAD_FR: Final = "Ce qui n'a pas pu être lu :"


#: How a line that quotes the candidate begins: its spaces are theirs.
_QUOTE: Final = "  - "


class SelfCheckPaper(Frozen):
    """What is written down.

    `unread_fr`: what could not be read; `moved`: what changed since the version before, by
    criterion id.
    """

    draft: Draft
    titre: str
    certification: str
    criteria: tuple[CriterionCoverage, ...]
    unread_fr: tuple[str, ...] = ()
    before: Draft | None = None
    moved: dict[str, tuple[Change, ...]] = {}


def self_check_markdown(paper: SelfCheckPaper) -> str:
    """The whole paper as Markdown."""
    draft = paper.draft
    lines = [
        f"# Autocontrôle de l'épreuve {draft.epreuve} — {paper.titre}",
        "",
        f"Brouillon du {_when(draft.created_at)} : {', '.join(map(_line, draft.filenames))}.",
        "",
        f"> {PROMISE_FR}",
        "",
        STAR_FR,
        "",
    ]
    if paper.unread_fr:
        lines += [f"**{UNREAD_FR}**", "", *(f"- {_line(text)}" for text in paper.unread_fr), ""]
    if paper.before:
        lines += [_since(paper), ""]
    for criterion in paper.criteria:
        lines += [f"## {_short(criterion, draft)} {criterion.texte}", ""]
        if criterion.failed_fr:
            lines += [f"Ce critère n'a pas pu être lu : {criterion.failed_fr}", ""]
        lines += _moved_lines(paper.moved.get(criterion.criterion_id, ()))
        if criterion.to_do_fr:
            lines += [f"**À faire :** {criterion.to_do_fr}", ""]
        for attendu in (*criterion.open, *criterion.covered):
            lines.append(f"- **{attendu.coverage.value}** — {_star(attendu)}{attendu.texte}")
            lines += [f"{_QUOTE}{quoted(_line(s.quote))} ({s.place_fr})" for s in attendu.spots]
        lines.append("")
    typeset = (line if line.startswith(_QUOTE) else fr(line) for line in lines)
    return "\n".join(typeset).rstrip() + "\n"


def self_check_docx(paper: SelfCheckPaper, now: datetime) -> bytes:
    """The whole paper as a Word file."""
    draft = paper.draft
    document = new_document(
        Properties(
            title=f"Autocontrôle de l'épreuve {draft.epreuve}",
            subject=f"{paper.certification} — {paper.titre}",
            status="Aide à la relecture",
            created=now,
        ),
        header=f"Autocontrôle — épreuve {draft.epreuve}",
        footer=f"Aide à la relecture, {date_fr(draft.created_at.astimezone())} : ni note, ni avis",
        portrait=True,
    )
    writer = DocxWriter(document)
    writer.title(f"Autocontrôle de l'épreuve {draft.epreuve}")
    writer.text(fr(f"{paper.certification} — {paper.titre}"))
    names = ", ".join(map(_line, draft.filenames))
    writer.text(fr(f"Brouillon du {_when(draft.created_at)} : {names}."))
    writer.paragraph(paragraph(fr(PROMISE_FR), style=Style.BANNER))
    writer.text(fr(STAR_FR))
    if paper.unread_fr:
        writer.paragraph(paragraph(bold(fr(UNREAD_FR)), style=Style.BODY))
        for text in paper.unread_fr:
            writer.paragraph(paragraph(fr(_line(text)), style=Style.BULLET))
    if paper.before:
        writer.text(fr(_since(paper)))
    for criterion in paper.criteria:
        for item in _criterion(criterion, paper):
            writer.paragraph(item)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _criterion(criterion: CriterionCoverage, paper: SelfCheckPaper) -> Iterator[Paragraph]:
    title = f"{_short(criterion, paper.draft)} {criterion.texte}"
    yield paragraph(bold(title), style=Style.LEGEND)
    if criterion.failed_fr:
        yield paragraph(
            fr(f"Ce critère n'a pas pu être lu : {criterion.failed_fr}"), style=Style.BODY
        )
    for change in paper.moved.get(criterion.criterion_id, ()):
        yield paragraph(italic(fr(_moved(change))), style=Style.BODY)
    if criterion.to_do_fr:
        yield paragraph(bold(fr("À faire : ")), fr(criterion.to_do_fr), style=Style.BODY)
    for attendu in (*criterion.open, *criterion.covered):
        yield paragraph(
            bold(attendu.coverage.value),
            fr(f" — {_star(attendu)}{attendu.texte}"),
            style=Style.BODY,
        )
        for spot in attendu.spots:
            yield paragraph(
                quote(visible(spot.quote)), italic(f" — {spot.place_fr}"), style=Style.BULLET
            )


def _moved_lines(moved: Sequence[Change]) -> list[str]:
    return [f"*{_moved(change)}*" for change in moved] + ([""] if moved else [])


def _moved(change: Change) -> str:
    return (
        f"Depuis votre version précédente : {change.before.value} → {change.after.value}, pour "
        f"« {change.texte.rstrip('.')} »."
    )


def _since(paper: SelfCheckPaper) -> str:
    assert paper.before is not None
    when = _when(paper.before.created_at)
    if not paper.moved:
        return f"Rien n'a bougé depuis votre version du {when}."
    return f"Ce qui a changé depuis votre version du {when} est dit critère par critère."


def _short(criterion: CriterionCoverage, draft: Draft) -> str:
    return criterion.criterion_id.removeprefix(f"{draft.epreuve}/").rpartition("/")[2]


def _star(attendu: AttenduCoverage) -> str:
    return "★ " if attendu.etoile else ""


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _when(moment: datetime) -> str:
    return moment_fr(moment.astimezone())
