"""A document as overlapping windows of a few sentences: what two candidates' texts share."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from assistant.checks.text import sentences
from assistant.domain.french import stem, words
from ingest.types import Block, BlockKind, Channel, Document, Frozen, Locator

#: A window takes whole sentences until it holds this many words.
_WINDOW_WORDS: Final = 20
#: What says nothing of who wrote a text, and is repeated on every page.
_LEFT_OUT: Final = frozenset({Channel.HEADER, Channel.FOOTER})
#: What stands for words that are not shown: « [PERSONNE_1] », « [passage signalé, non transmis] ».
_WITHHELD: Final = re.compile(r"\[(?:[A-ZÉÈ ]+_\d+[A-Z]*|passage \w+, non transmis)\]")


class Sentence(Frozen):
    """One sentence, list item or table row, as may be shown, and where it stands.

    `part` numbers the stretches of text that no window crosses: sections, tables.
    """

    text: str
    place_fr: str
    part: int

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """Its words in order, without accents or endings; withheld words are left out."""
        return tuple(stem(word) for word in words(_WITHHELD.sub(" ", self.text)))


class ComparedText(Frozen):
    """One document to be compared with those of the other candidates."""

    dossier_id: str
    epreuve: str
    sentences: tuple[Sentence, ...]


class Window(Frozen):
    """Consecutive sentences of a text, a half-open range of their numbers, and their stems."""

    first: int
    last: int
    stems: tuple[str, ...]


def sentences_of(document: Document) -> tuple[Sentence, ...]:
    """The sentences of a document's visible text, headings left out.

    Give the document as it may be shown: the texts and the places are printed as they are.
    """
    return tuple(_sentences(document))


def windows_of(text: Sequence[Sentence]) -> Iterator[Window]:
    """From each sentence on, as many as a window takes; none that is inside the one before."""
    reached = 0
    for first, start in enumerate(text):
        last = first
        stems: tuple[str, ...] = ()
        while last < len(text) and text[last].part == start.part and len(stems) < _WINDOW_WORDS:
            stems += text[last].stems
            last += 1
        if last > reached:
            reached = last
            yield Window(first=first, last=last, stems=stems)


def plain_sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text that has no places: a grid's, say."""
    return tuple(Sentence(text=span.text, place_fr="", part=0) for span in sentences(text))


def _sentences(document: Document) -> Iterator[Sentence]:
    part = 0
    row: list[Block] = []
    for block in document.blocks:
        if row and not _same_row(row[-1], block):
            yield _row(row, part)
            part += row[-1].locator.table != block.locator.table
            row = []
        if block.locator.channel in _LEFT_OUT:
            continue
        if block.kind is BlockKind.HEADING:
            part += 1
        elif block.kind is BlockKind.TABLE_CELL:
            row.append(block)
        else:
            for span in sentences(block.text):
                yield Sentence(text=span.text, place_fr=_place(block.locator), part=part)
    if row:
        yield _row(row, part)


def _same_row(one: Block, other: Block) -> bool:
    if other.kind is not BlockKind.TABLE_CELL:
        return False
    here, there = one.locator, other.locator
    return (here.table, here.sheet, here.row) == (there.table, there.sheet, there.row)


def _row(cells: Sequence[Block], part: int) -> Sentence:
    return Sentence(
        text=" | ".join(" ".join(cell.text.split()) for cell in cells),
        place_fr=_place(cells[0].locator),
        part=part,
    )


def _place(locator: Locator) -> str:
    """Where it stands, down to the row of a table: its first cell's column says nothing."""
    return str(locator.model_copy(update={"column": None}) if locator.cell is None else locator)
