"""Walks a parsed HTML page and turns what a browser would show into blocks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from ingest.building import DocumentBuilder
from ingest.errors import FileTooLarge
from ingest.formats.appearance import Look
from ingest.formats.colours import parse_colour
from ingest.formats.css import StyleSheet
from ingest.formats.html_look import PAGE_LOOK, gone_by_css, with_css
from ingest.formats.markup_names import (
    BLOCKS,
    EMBEDDED,
    HEADINGS,
    LISTS,
    NOT_DRAWN,
    SILENT_INPUTS,
)
from ingest.formats.markup_paragraph import ParagraphBuffer
from ingest.formats.markup_tables import ColumnCounter, is_layout_table
from ingest.formats.markup_unseen import UnseenParts
from ingest.normalising import normalise
from ingest.types import BlockKind, HiddenReason, ImageInfo, Locator

#: Longest page, in blocks.
MAX_BLOCKS: Final = 200_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What an element inherits: looks, and why nothing in it is seen (None when it is)."""

    look: Look = PAGE_LOOK
    gone: HiddenReason | None = None
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int | None = None
    list_level: int = 0
    preformatted: bool = False

    @property
    def reason(self) -> HiddenReason | None:
        return self.gone or self.look.hidden_reason


class MarkupReader:
    """Reads a page, or a part of one, into a builder.

    Paragraphs outside tables are numbered from 1, tables too. `place` is where the page stands;
    its heading path comes before the page's own headings.
    """

    def __init__(self, builder: DocumentBuilder, place: Locator) -> None:
        self._builder = builder
        self._unseen = UnseenParts(builder)
        self._place = place
        self._outline: list[tuple[int, str]] = []
        self._paragraphs = place.paragraph or 0
        self._tables = 0
        self._buffer = ParagraphBuffer()
        self._cell: list[str] | None = None
        self._cell_place = place
        self._external_images = 0

    def read(self, root: etree._Element) -> None:
        """Read a whole tree. Raises `FileTooLarge` past `MAX_BLOCKS`."""
        self._sheet = StyleSheet(root)
        self._elements = list(root.iter())  # kept, so that lxml's objects keep their identity
        for style in root.iter("style"):
            self._sheet.add("".join(str(text) for text in style.itertext()))
        if self._sheet.overflowed:
            self._builder.warnings_fr.append(
                "Feuille de style trop longue : un texte qu'elle masque peut paraître visible."
            )
        self._element(root, Scope())
        self._flush()
        if self._external_images:
            self._builder.warnings_fr.append(
                f"{self._external_images} image(s) externe(s) : elles ne sont pas chargées."
            )

    def _element(self, element: etree._Element, outer: Scope) -> None:
        if element.tag is etree.Comment:  # type: ignore[comparison-overlap]  # lxml marks comments so
            self._hide(element.text or "", HiddenReason.MARKUP)
            return
        if not isinstance(element.tag, str):
            return  # processing instructions, entities
        tag = element.tag.lower()
        if tag in NOT_DRAWN:
            self._unseen.element(element, self._here())
            return
        scope = self._inside(element, tag, outer)
        self._attributes(element, tag, scope)
        if tag == "table" and not is_layout_table(element):
            self._table(element, scope)
        elif tag in BLOCKS or tag == "table":
            self._flush()
            self._content(element, scope)
            self._flush()
        elif tag == "br":
            self._buffer.put("\n", scope.reason, keep_lines=True)
        else:
            self._content(element, scope)

    def _content(self, element: etree._Element, scope: Scope) -> None:
        self._text(element.text, scope)
        for child in element:
            self._element(child, scope)
            self._text(child.tail, scope)

    def _text(self, text: str | None, scope: Scope) -> None:
        if text:
            if self._buffer.is_blank:
                self._buffer.kind, self._buffer.level = scope.kind, scope.level
            self._buffer.put(text, scope.reason, keep_lines=scope.preformatted)

    def _inside(self, element: etree._Element, tag: str, outer: Scope) -> Scope:
        """The scope inside an element: its styles, its old attributes, what kind of block it is."""
        look, gone = _with_old_attributes(outer.look, element), outer.gone
        if declared := self._sheet.of(element):
            look, gone = with_css(look, declared), gone or gone_by_css(declared)
        if element.get("hidden") is not None or (tag == "dialog" and element.get("open") is None):
            gone = gone or HiddenReason.VANISHED
        scope = replace(outer, look=look, gone=gone)
        if tag in HEADINGS:
            return replace(scope, kind=BlockKind.HEADING, level=HEADINGS[tag])
        if tag in LISTS:
            return replace(scope, list_level=scope.list_level + 1)
        if tag == "li":
            return replace(scope, kind=BlockKind.LIST_ITEM, level=max(1, scope.list_level))
        return replace(scope, preformatted=True) if tag in {"pre", "textarea"} else scope

    def _attributes(self, element: etree._Element, tag: str, scope: Scope) -> None:
        """What an element says elsewhere than in its content."""
        if tag == "a" and (target := element.get("href")):
            self._builder.links.append(target.strip())
        elif tag == "img":
            self._image(element)
        elif tag == "input":
            self._input(element, scope)
        elif tag in EMBEDDED:
            self._unseen.embedded(element)
        if element.get("title") or element.get("aria-label"):
            self._unseen.descriptions(element, self._here())

    def _image(self, element: etree._Element) -> None:
        source = (element.get("src") or "").strip()
        inline = source.startswith("data:")
        self._external_images += bool(source) and not inline
        self._builder.images.append(
            ImageInfo(
                locator=self._here(),
                alt_text=normalise(element.get("alt") or ""),
                content_type=source[5:].partition(";")[0][:100] if inline else "",
            )
        )

    def _input(self, element: etree._Element, scope: Scope) -> None:
        kind = (element.get("type") or "text").lower()
        if kind == "hidden":
            self._hide(element.get("value") or "", HiddenReason.VANISHED)
        elif kind not in SILENT_INPUTS:
            self._text(element.get("value") or element.get("placeholder"), scope)

    def _table(self, table: etree._Element, scope: Scope) -> None:
        self._flush()
        self._tables += 1
        number, columns = self._tables, ColumnCounter()
        for row, (element, inner) in enumerate(self._rows(table, scope), start=1):
            columns.next_row()
            for cell in element:
                if cell.tag in {"td", "th"}:
                    self._table_cell(cell, inner, (number, row, columns.place(cell)))
                else:
                    self._element(cell, inner)
        self._flush()

    def _rows(self, holder: etree._Element, scope: Scope) -> Iterator[tuple[etree._Element, Scope]]:
        """The rows of a table with what they inherit; its caption is read on the way."""
        for child in holder:
            if child.tag == "tr":
                yield child, self._inside(child, "tr", scope)
            elif child.tag in {"thead", "tbody", "tfoot"}:
                yield from self._rows(child, self._inside(child, str(child.tag), scope))
            else:
                self._element(child, scope)

    def _table_cell(
        self, cell: etree._Element, scope: Scope, position: tuple[int, int, int]
    ) -> None:
        """Read one cell as one block. `position`: table, row, column."""
        self._flush()
        table, row, column = position
        place = self._here().model_copy(
            update={"table": table, "row": row, "column": column, "paragraph": None}
        )
        self._cell, self._cell_place = [], place
        self._element(cell, scope)
        text, self._cell = "\n".join(self._cell), None
        self._add(BlockKind.TABLE_CELL, text, place)

    def _flush(self) -> None:
        """End the paragraph being gathered, if any."""
        buffer, self._buffer = self._buffer, ParagraphBuffer()
        if not buffer.is_blank and self._cell is not None:
            self._cell.append(buffer.text)
        elif not buffer.is_blank:
            self._paragraphs += 1
            if buffer.kind is BlockKind.HEADING and buffer.level is not None:
                self._outline = [h for h in self._outline if h[0] < buffer.level]
                self._outline.append((buffer.level, normalise(buffer.text)))
            self._add(buffer.kind, buffer.text, self._here(), level=buffer.level)
        for reason, text in buffer.hidden:
            self._hide(text, reason)

    def _add(self, kind: BlockKind, text: str, place: Locator, *, level: int | None = None) -> None:
        if len(self._builder.blocks) >= MAX_BLOCKS:
            raise FileTooLarge(
                "too many blocks",
                filename=place.file,
                size="trop de paragraphes ou de cellules",
                limit=f"{MAX_BLOCKS} paragraphes ou cellules",
            )
        self._builder.add(kind, text, place, level=level)

    def _hide(self, text: str, reason: HiddenReason) -> None:
        self._unseen.hide(text, reason, self._here())

    def _here(self) -> Locator:
        if self._cell is not None:
            return self._cell_place
        headings = tuple(title for _, title in self._outline)
        return self._place.model_copy(
            update={
                "heading_path": self._place.heading_path + headings,
                "paragraph": max(1, self._paragraphs),
            }
        )


def _with_old_attributes(look: Look, element: etree._Element) -> Look:
    """Colours said the old way, by attributes."""
    background = parse_colour(element.get("bgcolor") or "")
    if element.get("background"):
        look = replace(look, background=None)
    elif background is not None:
        look = replace(look, background=background)
    name = "text" if element.tag == "body" else "color"
    ink = parse_colour(element.get(name) or "") if element.tag in {"body", "font"} else None
    return look if ink is None else replace(look, colour=ink)
