"""Walks the blocks of a story (body, header, note, text box) in reading order."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ingest.formats.docx_attached import Attachments
from ingest.formats.docx_fields import Fields
from ingest.formats.docx_flow import FlowItem, flow
from ingest.formats.docx_geometry import page_of
from ingest.formats.docx_inline import read_paragraph
from ingest.formats.docx_math import math_text
from ingest.formats.docx_notes import Notes
from ingest.formats.docx_output import Output
from ingest.formats.docx_paragraph import Attached, Paragraph
from ingest.formats.docx_source import DocxSource, Place
from ingest.formats.docx_table import Cell, read_rows
from ingest.formats.docx_xml import Element, R, local, plain_text, w
from ingest.normalising import normalise
from ingest.types import BlockKind, Channel, HiddenReason

#: A longer heading is cut in the paths of what follows it (the block keeps it whole).
_LONGEST_IN_PATH: Final = 120
_NOT_BLOCKS: Final = frozenset(
    """
    sectPr tblPr tblGrid tcPr pPr bookmarkStart bookmarkEnd proofErr permStart permEnd sdtPr
    sdtEndPr customXmlPr smartTagPr commentRangeStart commentRangeEnd moveFromRangeStart
    moveFromRangeEnd moveToRangeStart moveToRangeEnd customXmlInsRangeStart customXmlInsRangeEnd
    customXmlDelRangeStart customXmlDelRangeEnd customXmlMoveFromRangeStart
    customXmlMoveFromRangeEnd customXmlMoveToRangeStart customXmlMoveToRangeEnd
    """.split()
)


@dataclass
class _CellContent:
    """What a cell holds: lines of text for its blocks, then what comes after its row."""

    segments: list["_Segment"] = field(default_factory=list)
    later: list["_Later"] = field(default_factory=list)


@dataclass
class _Segment:
    """The lines of one block of a cell; `level` is a heading's."""

    lines: list[str]
    level: int | None = None


@dataclass(frozen=True)
class _Table:
    element: Element


_Later: TypeAlias = tuple[Attached | _Table, Place]


class Walker:
    """Reads stories in order, counting paragraphs, tables, headings and list numbers."""

    def __init__(
        self,
        source: DocxSource,
        output: Output,
        sections: list[Element],
        notes: dict[str, Notes],
        comments: dict[str, Element],
    ) -> None:
        self._source = source
        self._output = output
        self._pages = [page_of(section) for section in sections] or [page_of(None)]
        self._section = 0
        self._fields = Fields(frozenset())
        self._paragraphs = 0
        self._tables = 0
        self._headings: list[tuple[int, str]] = []
        self.attachments = Attachments(source, output, notes, comments, self.story)

    def story(self, container: Element, place: Place) -> None:
        """Read all the blocks of a story. Fields left open around it do not concern it."""
        around, self._fields = self._fields, Fields(self._source.field_marks)
        for item in flow(container):
            self._block(item, place)
        self._fields = around

    def _block(self, item: FlowItem, place: Place) -> None:
        element, name = item.element, local(item.element)
        if name == "p" and not len(element):  # an empty line, without even properties
            self._paragraphs += place.in_flow
            return
        if place.in_flow:
            place = self._moved(place, counted=name == "p")
        place = place.unseen(item.reason)
        if name == "p":
            self._paragraph(element, place)
        elif name == "tbl":
            self._table(element, place)
        elif name == "altChunk":
            self._alternative_chunk(element, place)
        elif name in ("oMath", "oMathPara"):
            self._output.show(BlockKind.PARAGRAPH, math_text(element), place)
        elif name not in _NOT_BLOCKS:
            self._output.hide(plain_text(element), HiddenReason.MARKUP, place)

    def _moved(self, place: Place, *, counted: bool) -> Place:
        """A place of the flow, brought to the walk's current section, headings and paragraph."""
        update: dict[str, object] = {"heading_path": tuple(text for _, text in self._headings)}
        if counted:
            self._paragraphs += 1
            update["paragraph"] = self._paragraphs
        page = self._pages[min(self._section, len(self._pages) - 1)]
        return replace(place, locator=place.locator.model_copy(update=update), page=page)

    def _paragraph(self, element: Element, place: Place) -> None:
        paragraph = self._read(element, place)
        if paragraph.pieces or paragraph.attached or paragraph.links:
            self._show(paragraph, place)
        if place.in_flow and element.find(f"{w('pPr')}/{w('sectPr')}") is not None:
            self._section += 1

    def _show(self, paragraph: Paragraph, place: Place) -> None:
        text = self._numbered(paragraph)
        kind, level = self._kind(paragraph, place)
        if kind is BlockKind.HEADING and place.in_flow and level is not None:
            place = self._under(level, text, place)
        self._output.show(kind, text, place, level=level)
        self._output.side_effects(paragraph, place)
        self.attachments.emit(paragraph.attached, place, self._section)

    def _read(self, element: Element, place: Place) -> Paragraph:
        paragraph = read_paragraph(element, self._source, place, self._fields)
        self.attachments.cover(paragraph, place)
        return paragraph

    def _numbered(self, paragraph: Paragraph) -> str:
        """A paragraph's text behind the number that Word writes before it."""
        text = paragraph.text
        listed = self._source.numbering.place(paragraph.props, paragraph.style)
        if listed is None or not text.strip():
            return text
        label = self._source.numbering.next_label(*listed)
        return f"{label} {text}" if label else text

    def _kind(self, paragraph: Paragraph, place: Place) -> tuple[BlockKind, int | None]:
        level = self._source.styles.heading_level(paragraph.style, paragraph.props)
        if level is not None and place.locator.channel in (Channel.BODY, Channel.TEXT_BOX):
            return BlockKind.HEADING, level
        listed = self._source.numbering.place(paragraph.props, paragraph.style)
        if listed is not None:
            return BlockKind.LIST_ITEM, listed[1] + 1
        return BlockKind.PARAGRAPH, None

    def _under(self, level: int, text: str, place: Place) -> Place:
        """Enter a heading: it closes those of its level and below, and leads what follows."""
        title = normalise(text).replace("\n", " ")
        if not title or place.hidden is not None:
            return place
        if len(title) > _LONGEST_IN_PATH:
            title = title[:_LONGEST_IN_PATH].rstrip() + "…"
        kept = [heading for heading in self._headings if heading[0] < level]
        self._headings = [*kept, (level, title)]
        return place.at(heading_path=tuple(text for _, text in self._headings))

    def _table(self, element: Element, place: Place) -> None:
        self._tables += 1
        place = place.at(table=self._tables, row=None, column=None, paragraph=None)
        flowing = place.in_flow
        rows = list(read_rows(element, self._source, place))
        framed = flowing and len(rows) == 1 and len(rows[0]) == 1
        for row in rows:
            self._row(row, framed=framed)

    def _row(self, cells: Iterable[Cell], *, framed: bool) -> None:
        """Show a row's cells side by side, then what they carry.

        `framed`: a table of one cell frames ordinary text, whose headings are headings.
        """
        later: list[_Later] = []
        for cell in cells:
            content = self._cell(cell, framed=framed)
            later += content.later
            for segment in content.segments:
                self._segment(segment, cell.place, framed=framed)
        for item, place in later:
            if isinstance(item, _Table):
                self._table(item.element, place)
            else:
                self.attachments.emit([item], place, self._section)

    def _segment(self, segment: _Segment, place: Place, *, framed: bool) -> None:
        text = "\n".join(segment.lines)
        if segment.level is not None:
            place = self._under(segment.level, text, place)
            self._output.show(BlockKind.HEADING, text, place, level=segment.level)
            return
        if framed:
            place = place.at(heading_path=tuple(title for _, title in self._headings))
        self._output.show(BlockKind.TABLE_CELL, text, place)

    def _cell(self, cell: Cell, *, framed: bool) -> _CellContent:
        content = _CellContent()
        for item in flow(cell.element):
            name, place = local(item.element), cell.place.unseen(item.reason)
            if name == "p":
                self._cell_paragraph(item.element, place, content, framed=framed)
            elif name == "tbl":
                content.later.append((_Table(item.element), place))
            else:
                self._block(item, place)
        return content

    def _cell_paragraph(
        self, element: Element, place: Place, content: _CellContent, *, framed: bool
    ) -> None:
        paragraph = self._read(element, place)
        text = self._numbered(paragraph)
        self._output.side_effects(paragraph, place)
        content.later += [(item, place) for item in paragraph.attached]
        if not text.strip():
            return
        kind, level = self._kind(paragraph, place)
        if framed and kind is BlockKind.HEADING:
            content.segments.append(_Segment([text], level))
        elif content.segments and content.segments[-1].level is None:
            content.segments[-1].lines.append(text)
        else:
            content.segments.append(_Segment([text]))

    def _alternative_chunk(self, element: Element, place: Place) -> None:
        """Another file poured into this one when Word opens it: its text is not read."""
        link = self._source.link(place.part, element.get(f"{{{R}}}id"))
        size = 0 if link is None or link.external else self._source.package.size(link.target)
        self._output.unread("contenu importé d'un autre fichier (altChunk)", place, characters=size)
