"""Puts back together the cells of a référentiel whose PDF columns were interleaved.

The map (`fragments.yaml`) names the lines of each cell; this module proves that it names every
line once, and that each fragment begins with the words it announces.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from pydantic import Field

from ingest.types import Frozen

_FRAGMENT: Final = re.compile(r"(?P<para>¶ )?(?P<place>\d+[ab]?(?:-\d+[ab]?)?) (?P<words>.+)")
_PLACE: Final = re.compile(r"(\d+)([ab]?)(?:-(\d+)([ab]?))?")
_LIST_ITEM: Final = re.compile(r"[-●] ")
_CODE: Final = re.compile(r"● C\.?\d+\.\d+\.? ")


class ConversionError(Exception):
    """The sources and the map disagree; the message says where."""


class Item(Frozen):
    """A point of the work asked that has points of its own."""

    texte: tuple[str, ...]
    sous_points: tuple[tuple[str, ...], ...]


class EpreuveCells(Frozen):
    """The fragments of an épreuve's row: what surrounds the work asked, and the work itself."""

    intitule: tuple[str, ...]
    activites: tuple[str, ...]
    modalite: tuple[str, ...]
    consigne: tuple[str, ...]
    travail: tuple[tuple[str, ...] | Item, ...]
    soutenance: tuple[str, ...]
    criteres: tuple[str, ...]


class FragmentMap(Frozen):
    """Which lines make each cell. `coupures`: lines that two cells share, and where to cut."""

    coupures: dict[int, str]
    hors_tableau: dict[str, tuple[str, ...]]
    activites: dict[str, tuple[str, ...]]
    competences: dict[str, tuple[str, ...]] = Field(min_length=1)
    epreuves: dict[str, EpreuveCells] = Field(min_length=1)

    def all_fragments(self) -> Iterable[str]:
        """Every fragment of the map, whatever its cell."""
        for named in (self.hors_tableau, self.activites, self.competences):
            for fragments in named.values():
                yield from fragments
        for cells in self.epreuves.values():
            for name in ("intitule", "activites", "modalite", "consigne", "soutenance", "criteres"):
                yield from getattr(cells, name)
            for item in cells.travail:
                yield from item.texte if isinstance(item, Item) else item
                for point in item.sous_points if isinstance(item, Item) else ():
                    yield from point


@dataclass(frozen=True)
class SourceText:
    """The extracted text as numbered pieces: « 12 », or « 12a » and « 12b » for a cut line."""

    pieces: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, cuts: Mapping[int, str]) -> "SourceText":
        """Raises: `ConversionError` when a cut's words are not on its line."""
        pieces = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
            if number not in cuts:
                pieces[str(number)] = line
                continue
            before, words, after = line.partition(cuts[number])
            if not words:
                raise ConversionError(f"ligne {number} : « {cuts[number]} » ne s'y trouve pas")
            pieces[f"{number}a"], pieces[f"{number}b"] = before, words + after
        return cls(pieces)

    def lines(self, fragment: str) -> list[tuple[str, str]]:
        """The pieces of a fragment with their numbers, its announced words verified.

        Raises: `ConversionError`.
        """
        parsed = _FRAGMENT.fullmatch(fragment)
        if parsed is None:
            raise ConversionError(f"morceau illisible : « {fragment} »")
        names = list(self._between(parsed["place"]))
        found = [(name, one_line(self.pieces[name])) for name in names]
        if not found or not found[0][1].startswith(one_line(parsed["words"])):
            raise ConversionError(f"« {fragment} » : ces mots n'ouvrent pas le morceau")
        return found

    def _between(self, place: str) -> Iterable[str]:
        match = _PLACE.fullmatch(place)
        assert match is not None, place
        first = match[1] + match[2]
        last = match[3] + match[4] if match[3] else first
        names = list(self.pieces)
        if first not in self.pieces or last not in self.pieces:
            raise ConversionError(f"« {place} » : lignes inconnues")
        return names[names.index(first) : names.index(last) + 1]

    def verify_partition(self, fragments: Iterable[str]) -> None:
        """Every piece that is not blank belongs to one cell. Raises: `ConversionError`."""
        used = [name for fragment in fragments for name, text in self.lines(fragment) if text]
        wanted = {name for name, text in self.pieces.items() if text.strip()}
        if left := sorted(wanted - set(used), key=_rank):
            raise ConversionError(f"lignes dans aucune cellule : {', '.join(left)}")
        if doubled := sorted({name for name in used if used.count(name) > 1}, key=_rank):
            raise ConversionError(f"lignes dans deux cellules : {', '.join(doubled)}")

    def text(self, fragments: Sequence[str]) -> str:
        """A cell's text on one line."""
        return one_line(" ".join(text for f in fragments for _, text in self.lines(f)))

    def prose(self, fragments: Sequence[str]) -> str:
        """A cell's text with its lists: one line for each paragraph and each list item.

        A dash opens a list item only after a colon: before, it is punctuation.
        """
        paragraphs: list[str] = []
        for fragment in fragments:
            new = fragment.startswith("¶")
            for _, line in self.lines(fragment):
                listed = ":" in " ".join(paragraphs) and _LIST_ITEM.match(line)
                if new or listed or not paragraphs:
                    paragraphs.append(line)
                else:
                    paragraphs[-1] += f" {line}"
                new = False
        return "\n".join(filter(None, map(one_line, paragraphs)))


def one_line(text: str) -> str:
    """Single spaces, straight apostrophes: the typography that `criteres.csv` uses."""
    return " ".join(text.replace("’", "'").split())


def competence_text(source: SourceText, fragments: Sequence[str]) -> str:
    """A compétence's full text, its code removed."""
    return _CODE.sub("", source.prose(fragments), count=1)


def work_items(source: SourceText, cells: EpreuveCells) -> tuple[str, ...]:
    """What « le candidat doit » do, point by point; points of a point follow it on their lines."""
    items = []
    for item in cells.travail:
        if not isinstance(item, Item):
            items.append(source.text(item).removeprefix("- "))
            continue
        head = source.text(item.texte).removeprefix("- ")
        items.append("\n".join([head, *map(source.text, item.sous_points)]))
    return tuple(items)


def load_map(path: Path) -> FragmentMap:
    """Raises: `pydantic.ValidationError` for a map that does not have its shape."""
    return FragmentMap.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def _rank(name: str) -> tuple[int, str]:
    number = name.rstrip("ab")
    return int(number), name[len(number) :]
