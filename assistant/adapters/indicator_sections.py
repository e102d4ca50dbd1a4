"""What the embedded judge reads: lines gathered under their headings.

A criterion that is read whole is read whole: nothing is left out that a search might miss.
"""

from collections.abc import Iterable, Iterator

from assistant.domain.case import CriterionCase
from ingest.types import Block, BlockKind, Document, Frozen


class Section(Frozen):
    """The lines that stand under one heading: paragraphs and whole table rows.

    `heading` is the whole path of titles, `title` the last of them; `aside`: lines that show
    nothing (they repeat the grid), but may still leave something pending.
    """

    heading: str
    title: str
    lines: tuple[str, ...]
    aside: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def sections_of(case: CriterionCase) -> Iterator[Section]:
    """The sections to read, in the order of the documents.

    All of them when the criterion asks for a whole reading, else those of the case's passages.
    """
    lines: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for document, blocks in _readings(case):
        for path, line in _lines_of(blocks, document):
            lines.setdefault((document.sha256, path), []).append(line)
    for (_, path), found in lines.items():
        title = path[-1] if path else ""
        yield Section(heading=" ".join(path), title=title, lines=tuple(found))


def _readings(case: CriterionCase) -> Iterator[tuple[Document, Iterable[Block]]]:
    if case.criterion.lecture.integrale:
        yield from ((document, document.blocks) for document in case.deliverables)
        return
    documents = {document.sha256: document for document in case.deliverables}
    for passage in sorted(case.passages.passages, key=lambda p: (p.chunk.sha256, p.chunk.start)):
        document = documents[passage.chunk.sha256]
        yield document, document.blocks_between(passage.chunk.start, passage.chunk.end)


def _lines_of(blocks: Iterable[Block], document: Document) -> Iterator[tuple[tuple[str, ...], str]]:
    """(headings, line) of each paragraph and table row; headings lend their words to them."""
    row: list[Block] = []
    for block in blocks:
        if row and not _same_row(row[-1], block):
            yield _line(row, document)
            row = []
        if block.kind is not BlockKind.HEADING:
            row.append(block)
    if row:
        yield _line(row, document)


def _same_row(left: Block, right: Block) -> bool:
    a, b = left.locator, right.locator
    return left.kind is BlockKind.TABLE_CELL is right.kind and (
        a.table,
        a.row,
        a.sheet,
        a.slide,
    ) == (b.table, b.row, b.sheet, b.slide)


def _line(blocks: list[Block], document: Document) -> tuple[tuple[str, ...], str]:
    return blocks[0].locator.heading_path, document.text[blocks[0].start : blocks[-1].end]
