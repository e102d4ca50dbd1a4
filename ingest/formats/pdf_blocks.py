"""Pages to blocks: text, kind, place and boxes, in the order of reading."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ingest.building import DocumentBuilder
from ingest.formats.pdf_furniture import PageContent
from ingest.formats.pdf_grid import Cell, Table
from ingest.formats.pdf_headings import Headings
from ingest.formats.pdf_lines import lines_of
from ingest.formats.pdf_model import Line, PageFrame
from ingest.formats.pdf_order import reading_order
from ingest.formats.pdf_paragraphs import Paragraph, Setting, body_size, paragraphs
from ingest.formats.pdf_text import clean, join_lines, list_mark, without_bullet, words_of
from ingest.types import BlockKind, Box, Channel, Locator

#: Units: points. Items set in by less are of the same depth.
_SAME_DEPTH: Final = 6.0

Piece = Paragraph | Table


class Writer:
    """Appends the pages of one document to a builder, keeping the heading path on the way."""

    def __init__(
        self, builder: DocumentBuilder, filename: str, pages: Sequence[PageContent]
    ) -> None:
        self._builder = builder
        self._filename = filename
        self._path: list[tuple[int, str]] = []  # level and text of the headings above
        self._channel = Channel.BODY
        self._tables = 0
        self._depths: list[float] = []  # where the marks of the enclosing list items stand
        lines = {id(page): lines_of(page.words) for page in pages}
        flows = {id(p): list(reading_order([*lines[id(p)], *p.tables])) for p in pages}
        setting = Setting.of(flow for page in flows.values() for flow in page)
        self._pieces: dict[int, list[Piece]] = {
            page: [
                piece
                for flow in page_flows
                for piece in paragraphs(flow, setting, alone=len(page_flows) == 1)
            ]
            for page, page_flows in flows.items()
        }
        self._vocabulary = frozenset(
            _vocabulary(line for page in pages for line in lines[id(page)])
        )
        everything = [piece for pieces in self._pieces.values() for piece in pieces]
        self._headings = Headings(everything, body_size(_body_lines(everything)))

    def add_page(self, content: PageContent) -> None:
        """Append one of the pages given at the start."""
        frame, self._channel = content.frame, content.channel
        for line in content.headers:
            self._add_margin(line, frame, Channel.HEADER)
        for number, piece in enumerate(self._pieces[id(content)], start=1):
            if isinstance(piece, Table):
                self._add_table(piece, frame)
            else:
                self._add_paragraph(piece, frame, number)
        for line in content.sideways:
            self._add_plain([line], frame)
        for note, lines in content.footnotes:
            self._add_plain(lines, frame, note=note, channel=Channel.FOOTNOTE)
        for line in content.footers:
            self._add_margin(line, frame, Channel.FOOTER)

    def _add_paragraph(self, paragraph: Paragraph, frame: PageFrame, number: int) -> None:
        text = self._text(paragraph.lines)
        level = self._headings.level(paragraph)
        kind = BlockKind.PARAGRAPH
        if level is not None:
            kind = BlockKind.HEADING
            self._path = [above for above in self._path if above[0] < level] + [(level, text)]
        elif paragraph.mark:
            kind, level = BlockKind.LIST_ITEM, self._depth(paragraph.x0)
            text = without_bullet(text)
        if kind is not BlockKind.LIST_ITEM:
            self._depths = []
        self._builder.add(
            kind,
            text,
            self._locator(frame.page, paragraph=number),
            level=level,
            boxes=_boxes(paragraph.lines, frame),
        )

    def _depth(self, x: float) -> int:
        """Nesting of a list item, from where its mark stands beside those above it."""
        while self._depths and self._depths[-1] > x + _SAME_DEPTH:
            self._depths.pop()
        if not self._depths or x > self._depths[-1] + _SAME_DEPTH:
            self._depths.append(x)
        return len(self._depths)

    def _add_table(self, table: Table, frame: PageFrame) -> None:
        self._tables += 1
        self._depths = []
        for cell in table.cells:
            locator = self._locator(
                frame.page, table=self._tables, row=cell.row, column=cell.column
            )
            text = self._cell_text(cell)
            self._builder.add(BlockKind.TABLE_CELL, text, locator, boxes=_boxes(cell.lines, frame))

    def _cell_text(self, cell: Cell) -> str:
        """A cell's lines as one text, each list item on a line of its own."""
        parts: list[list[Line]] = []
        for line in cell.lines:
            if not parts or list_mark(line.text):
                parts.append([])
            parts[-1].append(line)
        return "\n".join(without_bullet(self._text(part)) for part in parts)

    def _add_margin(self, line: Line, frame: PageFrame, channel: Channel) -> None:
        locator = Locator(file=self._filename, page=frame.page, channel=channel)
        self._builder.add(
            BlockKind.PARAGRAPH, clean(line.text), locator, boxes=_boxes([line], frame)
        )

    def _text(self, lines: Iterable[Line]) -> str:
        return clean(join_lines([line.text for line in lines], self._vocabulary))

    def _add_plain(self, lines: list[Line], frame: PageFrame, **place: object) -> None:
        locator = self._locator(frame.page, **place)
        boxes = _boxes(lines, frame)
        self._builder.add(BlockKind.PARAGRAPH, self._text(lines), locator, boxes=boxes)

    def _locator(self, page: int, **place: object) -> Locator:
        path = tuple(text for _, text in self._path)
        known = {"file": self._filename, "page": page, "heading_path": path}
        return Locator.model_validate({**known, "channel": self._channel, **place})


def _body_lines(pieces: Iterable[Piece]) -> list[Line]:
    return [line for piece in pieces if isinstance(piece, Paragraph) for line in piece.lines]


def _boxes(lines: Iterable[Line], frame: PageFrame) -> list[Box]:
    return [frame.box(line.rect) for line in lines]


def _vocabulary(lines: Iterable[Line]) -> Iterator[str]:
    """Words that are whole: those at a line end may be cut."""
    for line in lines:
        yield from words_of(" ".join(word.text for word in line.words[:-1]))
