"""A document's visible text as a prompt shows it: the words untouched, the places on own lines.

Only `Document.text` is read here. Hidden spans, properties and file names never reach a prompt.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from assistant.domain.case import Passage
from assistant.prompting.fence import neutralised
from ingest.types import Block, BlockKind, Channel, Document, Locator

#: No more empty cells in a row than this are shown side by side.
_MOST_EMPTY: Final = 8
_Table = tuple[str | None, int | None, int | None, int | None]


def document_text(document: Document) -> str:
    """The whole visible text, with a line such as `⟦page 3⟧` wherever the place changes.

    An empty cell between two others, or before them, keeps its place: the reader sees it empty.
    """
    pieces: list[str] = []
    cursor, previous = 0, None
    edges = _left_edges(document.blocks)
    for block in document.blocks:
        gap = document.text[cursor : block.start]
        marks = _marks(previous, block) if previous is None or "\n" in gap else []
        pieces.append(gap if not marks else "\n".join(["", *marks, ""]))
        pieces.append("| " * _empty_before(previous, block, edges))
        pieces.append(neutralised(block.text))
        cursor, previous = block.end, block
    pieces.append(neutralised(document.text[cursor:]))
    return "".join(pieces).strip()


def range_text(document: Document, start: int, end: int) -> str:
    """A part of the visible text, as `document_text` shows it; its first line says where it is."""
    pieces: list[str] = []
    cursor, previous = start, None
    edges = _left_edges(document.blocks)
    for block in document.blocks_between(start, end):
        first, last = max(block.start, start), min(block.end, end)
        gap = document.text[cursor:first]
        marks = _marks(previous, block) if previous is None or "\n" in gap else []
        pieces.append(gap if not marks else "\n".join(["", *marks, ""]))
        pieces.append("| " * _empty_before(previous, block, edges))
        pieces.append(neutralised(document.text[first:last]))
        cursor, previous = last, block
    return "".join(pieces).strip()


def _left_edges(blocks: Iterable[Block]) -> Mapping[_Table, int]:
    """The first column of each table that holds anything."""
    edges: dict[_Table, int] = {}
    for block in blocks:
        if (column := block.locator.column) is not None:
            table = _table(block)
            edges[table] = min(column, edges.get(table, column))
    return edges


def _table(block: Block) -> _Table:
    now = block.locator
    return now.sheet, now.page, now.slide, now.table


def _empty_before(previous: Block | None, block: Block, edges: Mapping[_Table, int]) -> int:
    """How many cells of its row are empty between this one and the one before it."""
    column = block.locator.column
    if column is None:
        return 0
    before = edges[_table(block)] - 1
    if previous is not None and _table(previous) == _table(block):
        if previous.locator.row == block.locator.row and previous.locator.column is not None:
            before = previous.locator.column
    return min(max(column - before - 1, 0), _MOST_EMPTY)


def passages_text(document: Document, passages: Sequence[Passage]) -> str:
    """Only these passages, in the document's order, overlaps merged, each under its place."""
    ranges = merged((p.chunk.start, p.chunk.end) for p in passages)
    return "\n".join(_excerpt(document, start, end) for start, end in ranges)


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half-open ranges, sorted, those that touch or overlap made one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def place(locator: Locator, label: str) -> str:
    """« Livrable 1, page 4, § Sources »: the place without the file's name."""
    return neutralised(str(locator.model_copy(update={"file": label})))


def _excerpt(document: Document, start: int, end: int) -> str:
    blocks = document.blocks_between(start, end)
    where = place(blocks[0].locator, "extrait") if blocks else "extrait"
    return f"⟦{where}⟧\n{neutralised(document.text[start:end])}"


def _marks(previous: Block | None, block: Block) -> list[str]:
    return [f"⟦{mark}⟧" for mark in _changes(previous, block)]


def _changes(previous: Block | None, block: Block) -> Iterator[str]:
    before = previous.locator if previous is not None else Locator(file="")
    now = block.locator
    if now.page is not None and now.page != before.page:
        yield f"page {now.page}"
    if now.slide is not None and now.slide != before.slide:
        yield f"diapositive {now.slide}"
    if now.sheet is not None and now.sheet != before.sheet:
        yield f"feuille {neutralised(now.sheet)}"
    if now.channel is not before.channel:
        yield "corps du texte" if now.channel is Channel.BODY else now.channel.value
    if block.kind is BlockKind.HEADING:
        yield f"titre de niveau {block.level}" if block.level else "titre"
    elif now.table is not None and now.table != before.table:
        yield f"tableau {now.table}"
