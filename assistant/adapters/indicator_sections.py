"""What the embedded judge reads: the retrieved lines, gathered under their headings."""

from collections.abc import Iterator

from assistant.domain.case import CriterionCase, Passage
from ingest.types import Block, BlockKind, Document, Frozen


class Section(Frozen):
    """The retrieved lines that stand under one heading: paragraphs and whole table rows."""

    heading: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def retrieved_sections(case: CriterionCase) -> Iterator[Section]:
    """The sections that the case's passages come from, in the order of the documents."""
    documents = {document.sha256: document for document in case.deliverables}
    lines: dict[tuple[str, str], list[str]] = {}
    in_order = sorted(case.passages.passages, key=lambda p: (p.chunk.sha256, p.chunk.start))
    for passage in in_order:
        for heading, line in _lines_of(passage, documents[passage.chunk.sha256]):
            lines.setdefault((passage.chunk.sha256, heading), []).append(line)
    for (_, heading), found in lines.items():
        yield Section(heading=heading, lines=tuple(found))


def _lines_of(passage: Passage, document: Document) -> Iterator[tuple[str, str]]:
    """(heading, line) of each paragraph and table row; headings lend their words to them."""
    row: list[Block] = []
    for block in document.blocks_between(passage.chunk.start, passage.chunk.end):
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


def _line(blocks: list[Block], document: Document) -> tuple[str, str]:
    heading = " ".join(blocks[0].locator.heading_path)
    return heading, document.text[blocks[0].start : blocks[-1].end]
