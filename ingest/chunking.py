"""Cuts a document into passages to search and to cite, along its headings and tables.

Every character of every block is in exactly one chunk; what lies between chunks is the separator
of two blocks. The cut is deterministic: the same document always gives the same chunks.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Self, TypeAlias

from pydantic import Field, model_validator

from ingest.types import Block, BlockKind, Channel, Document, Frozen, Locator

_MARGINS: Final = frozenset({Channel.HEADER, Channel.FOOTER})
_SENTENCE_END: Final = re.compile(r"\n|(?<=[.!?…])[»”\")\]]*\s+(?=[^\W_a-zà-ÿ]|[«“\"(\[•–-])")
_WORD_END: Final = re.compile(r"\s+")
_TableKey: TypeAlias = tuple[str | None, int | None, int | None, Channel]


class Chunk(Frozen):
    """A passage of a document, small enough to cite and large enough to judge.

    Units: as for `Block`. `id` is unique within a dossier. `locator` is that of the first block.
    Source: cut by `split`, never edited afterwards.
    """

    id: str
    sha256: str  # of the file
    text: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int
    locator: Locator

    @model_validator(mode="after")
    def _range_spans_text(self) -> Self:
        if self.end - self.start != len(self.text):
            raise ValueError("start/end must span exactly the chunk's text")
        return self


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not cut further: a paragraph, a row, a whole small table, or a piece of them."""

    start: int
    end: int
    locator: Locator
    heading: int | None = None  # the level of a heading


@dataclass(frozen=True, slots=True)
class _Sizes:
    target: int
    most: int

    @property
    def whole(self) -> float:
        """A section up to this length is one chunk: cutting it would leave a scrap."""
        return min(self.most, self.target * 1.3)

    @property
    def small(self) -> int:
        """A section shorter than this may share a chunk with its neighbour."""
        return self.target // 2


def split(
    document: Document, *, target_chars: int = 900, max_chars: int = 1600
) -> tuple[Chunk, ...]:
    """Cut a document into chunks of about `target_chars`, never more than `max_chars`.

    Units: characters of `Document.text`. A heading stays with what follows it; a table row is
    cut only when it alone exceeds `max_chars`, between cells if possible, else between
    sentences; a table that fits in a chunk stays whole.
    Raises: `ValueError` unless 0 < target_chars <= max_chars.
    """
    if not 0 < target_chars <= max_chars:
        raise ValueError("0 < target_chars <= max_chars is required")
    sizes = _Sizes(target_chars, max_chars)
    ranges = [
        group
        for section in _sections(document.blocks, sizes)
        for group in _packed(list(_units(section, document.text, sizes)), sizes)
    ]
    return tuple(
        Chunk(
            id=f"{document.sha256[:12]}-{index:04d}",
            sha256=document.sha256,
            text=document.text[group[0].start : group[-1].end],
            start=group[0].start,
            end=group[-1].end,
            locator=group[0].locator,
        )
        for index, group in enumerate(ranges)
    )


def _sections(blocks: Sequence[Block], sizes: _Sizes) -> Iterator[list[Block]]:
    """Blocks that may share a chunk: those of one section, or of two when one is small."""
    joined: list[Block] = []
    for section in _natural_sections(blocks):
        if joined and not _may_join(joined, section, sizes):
            yield joined
            joined = []
        joined = joined + section
    if joined:
        yield joined


def _natural_sections(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """What stands under each heading; headings in a row go together."""
    section: list[Block] = []
    for block in blocks:
        if section and _opens_section(block, section):
            yield section
            section = []
        section.append(block)
    if section:
        yield section


def _opens_section(block: Block, section: Sequence[Block]) -> bool:
    if _are_apart(section[-1], block):
        return True
    heads_on = block.kind is BlockKind.HEADING
    new_slide = block.locator.slide != section[-1].locator.slide
    # Headings in a row go with what follows the last of them.
    return (heads_on or new_slide) and section[-1].kind is not BlockKind.HEADING


def _may_join(first: Sequence[Block], second: Sequence[Block], sizes: _Sizes) -> bool:
    """Whether two sections make one passage: the second is not above, and one is small.

    Two chapters (level 1) join only when both are.
    """
    if _are_apart(first[-1], second[0]) or second[-1].end - first[0].start > sizes.whole:
        return False
    lengths = [part[-1].end - part[0].start for part in (first, second)]
    if second[0].kind is not BlockKind.HEADING:
        return min(lengths) < sizes.small
    level = second[0].level or 1
    if level < (first[0].level or level):
        return False
    return (max(lengths) if level == 1 else min(lengths)) < sizes.small


def _are_apart(one: Block, other: Block) -> bool:
    """Whether two blocks never share a chunk: other sheets, or text and page margins."""
    here, there = one.locator, other.locator
    return here.sheet != there.sheet or (here.channel in _MARGINS) != (there.channel in _MARGINS)


def _units(section: Sequence[Block], text: str, sizes: _Sizes) -> Iterator[_Unit]:
    """The section's blocks as units, those too long for a chunk being cut."""
    headings = 0  # length of the headings that must stay with the next unit
    for group in _table_groups(section):
        room = sizes.most - headings if headings <= sizes.most // 2 else sizes.most
        units = list(_cut(group, text, sizes, room))
        yield from units
        last = units[-1]
        if last.heading is None:
            headings = 0
        else:
            headings += last.end - last.start + 1


def _table_groups(section: Sequence[Block]) -> Iterator[Sequence[Block]]:
    """Each table with what stands between its rows (notes, nested tables); other blocks alone."""
    last_of = {
        _table_key(block): index
        for index, block in enumerate(section)
        if block.kind is BlockKind.TABLE_CELL
    }
    index = 0
    while index < len(section):
        block = section[index]
        end = index + 1
        if block.kind is BlockKind.TABLE_CELL:
            end = last_of[_table_key(block)] + 1
            # Headings inside a table lead its text: they cut it as they cut any other.
            inside = (i for i in range(index, end) if section[i].kind is BlockKind.HEADING)
            end = next(inside, end)
        yield section[index:end]
        index = end


def _cut(group: Sequence[Block], text: str, sizes: _Sizes, room: int) -> Iterator[_Unit]:
    """A block or a table as one unit if it fits in `room`, else as its rows, cells, sentences."""
    if group[-1].end - group[0].start <= room:
        yield _unit(group)
        return
    for row in _rows(group):
        length = row[-1].end - row[0].start
        if length <= room or (len(row) > 1 and length <= sizes.most):
            yield _unit(row)
            continue
        for block in row:
            yield from _cut_block(block, text, sizes, room)


def _rows(group: Sequence[Block]) -> Iterator[list[Block]]:
    def key(pair: tuple[int, Block]) -> tuple[object, ...]:
        index, block = pair
        if block.kind is not BlockKind.TABLE_CELL:
            return ("alone", index)
        return ("row", *_table_key(block), block.locator.row)

    for _, pairs in groupby(enumerate(group), key=key):
        yield [block for _, block in pairs]


def _cut_block(block: Block, text: str, sizes: _Sizes, room: int) -> Iterator[_Unit]:
    """One block, cut between sentences when it is too long."""
    level = block.level or 1 if block.kind is BlockKind.HEADING else None
    start = block.start
    for end in _cut_points(text, block.start, block.end, sizes, room):
        yield _Unit(start, end, block.locator, level if end == block.end else None)
        start = end


def _cut_points(text: str, start: int, end: int, sizes: _Sizes, room: int) -> Iterator[int]:
    """Ends of the pieces of a range: after a sentence, else a word, else anywhere."""
    if end - start <= room:
        yield end
        return
    pieces = -(-(end - start) // min(sizes.target, room))
    goal = -(-(end - start) // pieces)
    sentences, words = (
        [found.end() for found in pattern.finditer(text, start, end)]
        for pattern in (_SENTENCE_END, _WORD_END)
    )
    while end - start > room:
        cut = _nearest(sentences, start, goal, room) or _nearest(words, start, goal, room)
        start = cut or start + goal
        yield start
    yield end


def _nearest(candidates: Sequence[int], start: int, goal: int, room: int) -> int | None:
    """The last candidate before `goal`, or else the first before `room`; never a mere scrap."""
    before = bisect_right(candidates, start + goal) - 1
    if before >= 0 and candidates[before] > start + goal // 2:
        return candidates[before]
    after = before + 1
    if after < len(candidates) and candidates[after] <= start + room:
        return candidates[after]
    return None


def _packed(units: Sequence[_Unit], sizes: _Sizes) -> Iterator[list[_Unit]]:
    """Groups of consecutive units, of even sizes near the target."""
    length = units[-1].end - units[0].start
    pieces = 1 if length <= sizes.whole else max(1, round(length / sizes.target))
    goal = length / pieces
    group: list[_Unit] = []
    for unit in units:
        if group and _is_full(group, unit, goal, sizes):
            kept = _without_last_headings(group)
            if kept:
                yield kept
                group = group[len(kept) :]
            if group and unit.end - group[0].start > sizes.most:
                yield group
                group = []
        group.append(unit)
    yield group


def _is_full(group: Sequence[_Unit], unit: _Unit, goal: float, sizes: _Sizes) -> bool:
    start = group[0].start
    before, after = group[-1].end - start, unit.end - start
    if after > sizes.most:
        return True
    # Whichever side of the goal is nearer.
    return after > goal and after - goal > goal - before


def _without_last_headings(group: list[_Unit]) -> list[_Unit]:
    """The group up to its last unit that is not a heading."""
    size = len(group)
    while size and group[size - 1].heading is not None:
        size -= 1
    return group[:size]


def _unit(blocks: Sequence[Block]) -> _Unit:
    first, last = blocks[0], blocks[-1]
    heads = first.kind is BlockKind.HEADING
    return _Unit(first.start, last.end, first.locator, (first.level or 1) if heads else None)


def _table_key(block: Block) -> _TableKey:
    place = block.locator
    return (place.sheet, place.slide, place.table, place.channel)
