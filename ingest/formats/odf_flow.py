"""Walks OpenDocument content in reading order and turns it into blocks."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import FileTooLarge
from ingest.formats.allowances import most_cells
from ingest.formats.appearance import Look
from ingest.formats.odf_boxes import BoxReader
from ingest.formats.odf_clipping import Clips
from ingest.formats.odf_context import CellContext, CellPlacer, Context
from ingest.formats.odf_inline import (
    ANNOTATION,
    DR3D,
    DRAW,
    NOTE,
    InlineText,
    is_hidden_by_condition,
    read_inline,
)
from ingest.formats.odf_objects import OdfObjects, is_external
from ingest.formats.odf_styles import OdfStyles, PageLayout
from ingest.formats.odf_tables import CopyBudget, TableCell, cells
from ingest.formats.odf_xml import Element, attribute, count, plain_text, q
from ingest.formats.unread import Unread
from ingest.normalising import normalise
from ingest.types import BlockKind, Channel, HiddenReason

#: Longest document, in blocks: some twenty thousand pages.
MAX_BLOCKS: Final = 500_000
#: An OpenDocument sheet stands whole in memory, beside what is read of it.
_MOST_CELLS: Final = 120_000
_ENDLESS_TABLE_FR: Final = "tableau démesuré : la suite n'a pas été lue"

_PARAGRAPH: Final = q("text:p")
_HEADING: Final = q("text:h")
_LIST: Final = q("text:list")
_NUMBERED: Final = q("text:numbered-paragraph")
_SECTION: Final = q("text:section")
_TABLE: Final = q("table:table")
_TRACKED: Final = q("text:tracked-changes")
_READ_BY_NAME: Final = frozenset({_PARAGRAPH, _HEADING, _TABLE, _TRACKED, ANNOTATION})
_NOT_CONTENT: Final = frozenset(
    {
        q("office:forms"),
        q("office:event-listeners"),
        q("svg:title"),
        q("svg:desc"),
        q("presentation:notes"),
    }
)


class FlowReader:
    """Reads flows of one part (content or styles) into a builder.

    `box_channel` is the channel of what stands in frames and shapes.
    """

    def __init__(
        self,
        builder: DocumentBuilder,
        styles: OdfStyles,
        objects: OdfObjects,
        unread: Unread,
        page: PageLayout,
        *,
        box_channel: Channel = Channel.TEXT_BOX,
    ) -> None:
        self.builder = builder
        self.styles = styles
        self.unread = unread
        self.clips = Clips(styles, page)
        self.boxes = BoxReader(self, objects, page, box_channel)
        self._budget = CopyBudget()
        self._headings: list[tuple[int, str]] = []
        self._paragraphs = 0
        self._tables = 0
        self._cells_left = min(_MOST_CELLS, most_cells(builder.file_size))

    def read(self, container: Element, context: Context) -> None:
        """Read a flow of paragraphs, lists, sections, tables and drawings."""
        for element, inner in self._flatten(container, context):
            self._element(element, inner)

    def say(
        self,
        kind: BlockKind,
        text: str,
        context: Context,
        *,
        level: int | None = None,
        formula: str | None = None,
    ) -> None:
        """Add a block, or record its text as hidden where the context is.

        Raises: `FileTooLarge` past `MAX_BLOCKS`.
        """
        if context.reason is not None:
            self.builder.hide(text, context.reason, context.hidden_place)
            return
        if len(self.builder.blocks) >= MAX_BLOCKS:
            raise FileTooLarge(
                "too many blocks",
                filename=context.place.file,
                size="trop de paragraphes ou de cellules",
                limit=f"{MAX_BLOCKS} paragraphes ou cellules",
            )
        self.builder.add(kind, text, context.place, level=level, formula=formula)

    def text_of(self, container: Element) -> str:
        """All the text of a small flow (a comment, a deletion), whatever its styles."""
        paragraphs = container.iter(_PARAGRAPH, _HEADING)
        return "\n".join(read_inline(p, Look(), self.styles).text for p in paragraphs)

    def restart_tables(self) -> None:
        """Number tables from 1 again (a new slide)."""
        self._tables = 0

    def next_table(self) -> int:
        """The number of the table met now, counted from 1."""
        self._tables += 1
        return self._tables

    def grid(self, table: Element, context: Context, place: CellPlacer) -> None:
        """Read a table's cells row by row, within what repetition may add."""
        texts: dict[tuple[Element, bool], str] = {}
        for cell in cells(table):
            here, key = place(cell, context), (cell.element, cell.hidden)
            if cell.hidden or self.clips.is_squeezed(cell):
                hidden = here.context.hidden_by(HiddenReason.HIDDEN_ROW_OR_COLUMN)
                here = replace(here, context=hidden)
            if not self._cells_left or (key in texts and not self._budget.take(texts[key])):
                self.unread.add_share(_ENDLESS_TABLE_FR, here.context.place, share=0.5)
                return
            self._cells_left -= 1
            if key in texts:
                self.say(BlockKind.TABLE_CELL, texts[key], here.context, formula=here.formula)
            else:
                texts[key] = self._cell(cell, here)

    def external(self, target: str, what_fr: str) -> None:
        """Report something outside the file, which is never fetched."""
        self.builder.links.append(target)
        self.builder.warnings_fr.append(f"{what_fr} hors du fichier, non chargée : {target}")

    def _flatten(self, container: Element, context: Context) -> Iterator[tuple[Element, Context]]:
        """Paragraphs, tables, drawings… of a flow, out of the lists and sections around them."""
        for child in container:
            tag = str(child.tag)
            if tag in _READ_BY_NAME or tag.startswith((DRAW, DR3D)):
                yield child, context
            elif tag not in _NOT_CONTENT:
                yield from self._flatten(child, self._inside(child, context))

    def _inside(self, element: Element, context: Context) -> Context:
        """The context inside a list, a section (which may be hidden) or another container."""
        if element.tag == _LIST:
            return replace(context, list_level=context.list_level + 1)
        if element.tag == _NUMBERED:
            return replace(context, list_level=count(element, "text:level", limit=10))
        if element.tag != _SECTION:
            return context
        source = element.find(q("text:section-source"))
        target = attribute(source, "xlink:href") if source is not None else ""
        if is_external(target):
            self.external(target, "Section")
        display = attribute(element, "text:display")
        if display == "none" or (display == "condition" and is_hidden_by_condition(element)):
            return context.hidden_by(HiddenReason.VANISHED)
        return context

    def _element(self, element: Element, context: Context) -> None:
        if element.tag in (_PARAGRAPH, _HEADING):
            self._paragraph(element, context)
        elif element.tag == _TABLE:
            self._table(element, context)
        elif element.tag == ANNOTATION:
            self._annotation(element, self._here(context))
        elif element.tag == _TRACKED:
            self._deletions(element, context)
        else:
            self.boxes.read([element], self._here(context))

    def _paragraph(self, element: Element, context: Context) -> None:
        piece = self._inline(element, context)
        kind, level = _kind(element, context)
        if context.leads and piece.text.strip():
            self._paragraphs += 1
            if kind is BlockKind.HEADING and level is not None:
                self._headings = [h for h in self._headings if h[0] < level]
                self._headings.append((level, normalise(piece.text)))
        here = self._here(context)
        self.say(kind, piece.text, here, level=level)
        self._rest(piece, here)

    def _here(self, context: Context) -> Context:
        """In the main flow, the context with the paragraph and the headings reached."""
        if not context.leads:
            return context
        return context.at(
            paragraph=max(1, self._paragraphs),
            heading_path=tuple(title for _, title in self._headings),
        )

    def _inline(self, element: Element, context: Context) -> InlineText:
        name = attribute(element, "text:style-name")
        look = self.styles.over(context.look, "paragraph", name)
        reason = context.reason or self.clips.paragraph(name)
        return read_inline(element, look, self.styles, reason)

    def _rest(self, piece: InlineText, context: Context) -> None:
        """What a paragraph holds besides its text: hidden pieces, links, notes, drawings."""
        self.builder.links += piece.links
        for reason, text in piece.hidden:
            self.builder.hide(text, reason, context.hidden_place)
        drawings = []
        for inset in piece.insets:
            inner = replace(context, look=inset.look).hidden_by(inset.reason)
            if inset.element.tag == NOTE:
                self._note(inset.element, inner)
            elif inset.element.tag == ANNOTATION:
                self._annotation(inset.element, inner)
            elif inset.reason is not None:
                self.boxes.read([inset.element], inner)
            else:
                drawings.append(inset.element)
        if drawings:
            # Together: one may be the background of another.
            self.boxes.read(drawings, context)

    def _note(self, element: Element, context: Context) -> None:
        kind = attribute(element, "text:note-class")
        citation = element.find(q("text:note-citation"))
        body = element.find(q("text:note-body"))
        if body is None:
            return
        channel = Channel.ENDNOTE if kind == "endnote" else Channel.FOOTNOTE
        number = plain_text(citation) if citation is not None else ""
        look = self.styles.default("paragraph", Look(background=context.look.background))
        inner = replace(context, look=look, list_level=0)
        self.read(body, inner.at(channel=channel, note=normalise(number) or None))

    def _annotation(self, element: Element, context: Context) -> None:
        place = context.at(channel=Channel.COMMENT).place
        self.builder.hide(self.text_of(element), HiddenReason.COMMENT, place)

    def _deletions(self, element: Element, context: Context) -> None:
        place = context.at(channel=Channel.DELETED).place
        for deletion in element.iter(q("text:deletion")):
            self.builder.hide(self.text_of(deletion), HiddenReason.DELETED, place)

    def _table(self, table: Element, context: Context) -> None:
        number = self.next_table()
        here = replace(self._here(context).at(paragraph=None), list_level=0)

        def place(cell: TableCell, around: Context) -> CellContext:
            look = self._cell_look(table, cell, around.look)
            inner = around.at(table=number, row=cell.row, column=cell.column)
            inner = replace(inner, look=look)
            return CellContext(inner.hidden_by(HiddenReason.VANISHED if cell.covered else None))

        self.grid(table, here, place)

    def _cell_look(self, table: Element, cell: TableCell, look: Look) -> Look:
        if attribute(table, "table:template-name"):
            # The template's colours are the program's own.
            look = replace(look, background=None)
        look = self.styles.over(look, "table", attribute(table, "table:style-name"))
        look = self.styles.over(look, "table-row", cell.row_style)
        style = attribute(cell.element, "table:style-name") or cell.default_style
        return self.styles.over(look, "table-cell", style)

    def _cell(self, cell: TableCell, here: CellContext) -> str:
        """Read one cell and what hangs from it; returns its visible text."""
        content = list(self._flatten(cell.element, here.context))
        pieces = {e: self._inline(e, c) for e, c in content if e.tag in (_PARAGRAPH, _HEADING)}
        lines = [piece.text for piece in pieces.values() if piece.text.strip()]
        text = "\n".join(lines) if pieces else here.stored_value
        self.say(BlockKind.TABLE_CELL, text, here.context, formula=here.formula)
        for element, inner in content:
            if element in pieces:
                self._rest(pieces[element], inner)
            else:
                self._element(element, inner)
        return text


def _kind(element: Element, context: Context) -> tuple[BlockKind, int | None]:
    if element.tag == _HEADING:
        return BlockKind.HEADING, count(element, "text:outline-level", limit=10)
    if context.heading_level:
        return BlockKind.HEADING, context.heading_level
    if context.list_level:
        return BlockKind.LIST_ITEM, context.list_level
    return BlockKind.PARAGRAPH, None
