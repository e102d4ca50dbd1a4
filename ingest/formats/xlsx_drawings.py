"""Drawings of a sheet: text boxes, pictures, charts, each at the cell under its corner."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.docx_xml import Element
from ingest.formats.drawing import A, Links, link_id
from ingest.formats.drawing_objects import Objects
from ingest.formats.drawing_output import Output
from ingest.formats.drawing_shapes import (
    Shape,
    flattened,
    font_reference,
    read_shapes,
    shape_fill,
)
from ingest.formats.drawing_text import TextStyles, fit_scale, read_paragraphs
from ingest.formats.drawing_visibility import run_reason, split_by_reason
from ingest.formats.xlsx_anchors import (
    Anchor,
    covered_cells,
    has_no_size,
    is_in_hidden_cells,
    read_anchor,
)
from ingest.formats.xlsx_book import Workbook
from ingest.formats.xlsx_grid import Area
from ingest.formats.xlsx_sheet import SheetData
from ingest.formats.xlsx_styles import Ground
from ingest.types import BlockKind, Channel, HiddenReason

#: Pictures of one sheet whose cover is looked at.
_MOST_COVERS: Final = 100


class Drawn(NamedTuple):
    """A drawing's shapes and where they stand."""

    anchor: Anchor
    shapes: tuple[Shape, ...]


class SheetDrawings:
    """The drawings of one sheet. `weight` is the sheet's share of the file."""

    def __init__(self, book: Workbook, part: str, data: SheetData, weight: float) -> None:
        self._book = book
        self._data = data
        self._weight = weight
        self._links = Links(book.parts, part)
        self._styles_at = {(cell.row, cell.column): cell.style for cell in data.cells}
        self._unreadable = 0
        self._not_shown: list[str] = []
        self._drawings = [
            (Objects(book.parts, name, weight), drawn)
            for name in self._parts()
            if (drawn := self._read(name)) is not None
        ]

    def covers(self) -> list[Area]:
        """The cells under opaque pictures."""
        pictures = (
            (objects, drawn.anchor, shape)
            for objects, all_drawn in self._drawings
            for drawn in all_drawn
            for shape in drawn.shapes
            if shape.kind == "pic" and not shape.hidden
        )
        areas: list[Area] = []
        for objects, anchor, shape in pictures:
            area = covered_cells(anchor, self._data)
            if area is not None and len(areas) < _MOST_COVERS and objects.conceals(shape):
                areas.append(area)
        return areas

    def write(self, output: Output) -> None:
        """Write what the drawings say, from top to bottom."""
        for objects, drawings in self._drawings:
            for drawn in sorted(
                drawings, key=lambda d: (d.anchor.start.row, d.anchor.start.column)
            ):
                here = output.at(cell=drawn.anchor.cell).unseen(self._reason(drawn.anchor))
                for shape in drawn.shapes:
                    self._shape(shape, objects, here, drawn.anchor)
        for text in self._not_shown:
            output.hide(text, HiddenReason.MARKUP)
        for _ in range(self._unreadable):
            output.unread("dessins illisibles", self._weight / 10)

    def _parts(self) -> list[str]:
        named = (self._links.part(identifier) for identifier in self._data.drawings)
        return list(dict.fromkeys(name for name in named if name))

    def _read(self, name: str) -> list[Drawn] | None:
        try:
            root, not_shown = self._book.parts.load_noting_alternates(name)
        except (CorruptedFile, FileTooLarge):
            self._unreadable += 1
            return None
        self._not_shown += not_shown
        return [
            Drawn(read_anchor(e, self._data), tuple(flattened(read_shapes(e))))
            for e in _anchors(root)
        ]

    def _reason(self, anchor: Anchor) -> HiddenReason | None:
        if is_in_hidden_cells(anchor, self._data):
            return HiddenReason.HIDDEN_ROW_OR_COLUMN
        return HiddenReason.TINY if has_no_size(anchor) else None

    def _shape(self, shape: Shape, objects: Objects, output: Output, anchor: Anchor) -> None:
        objects.alt_text(shape, output)
        if (naming := shape.naming) is not None:
            for element in naming.iter(f"{A}hlinkClick"):
                output.link(objects.links.address(link_id(element)))
        output = output.unseen(HiddenReason.VANISHED if shape.hidden else None)
        if shape.body is not None:
            self._text(shape, objects, output.at(channel=Channel.TEXT_BOX), anchor)
        elif shape.graphic is not None:
            objects.graphic(shape, output)
        objects.picture(shape, output)

    def _text(self, shape: Shape, objects: Objects, output: Output, anchor: Anchor) -> None:
        theme = self._book.theme
        styles = TextStyles(
            theme=theme,
            chain=(shape.element.find(f"{{*}}txBody/{A}lstStyle"),),
            font_ref=font_reference(shape, theme),
            scale=fit_scale(shape.element.find(f"{{*}}txBody/{A}bodyPr")),
        )
        fill = shape_fill(shape, theme)
        grounds: list[Ground] = [fill.colours or None]
        if fill.is_clear:
            grounds = [self._cell_ground(place) for place in anchor.samples]
        for paragraph in read_paragraphs(shape.body, styles):
            for link in (link for run in paragraph.runs for link in run.links):
                output.link(objects.links.address(link))
            seen, unseen = split_by_reason(paragraph, lambda run: run_reason(run, grounds))
            if output.hidden is not None:
                seen, unseen = paragraph.text, []
            for reason, text in unseen:
                output.hide(text, reason)
            kind = BlockKind.LIST_ITEM if paragraph.bullet else BlockKind.PARAGRAPH
            output.show(kind, seen, level=paragraph.level if paragraph.bullet else None)

    def _cell_ground(self, place: tuple[int, int]) -> Ground:
        """What a cell paints under a text box that paints nothing."""
        if self._data.has_picture_behind:
            return None
        style = self._styles_at.get(place, self._data.empty_styles.get(place, 0))
        return self._book.styles.look(style).ground


def _anchors(root: Element | None) -> Iterator[Element]:
    if root is not None:
        yield from root.iterfind("{*}twoCellAnchor")
        yield from root.iterfind("{*}oneCellAnchor")
        yield from root.iterfind("{*}absoluteAnchor")
