"""Where drawings stand on a sheet, and which cells they cover."""

from collections.abc import Callable
from typing import Final, NamedTuple

from ingest.formats.docx_xml import Element, integer, local
from ingest.formats.drawing_geometry import EMU_PER_POINT
from ingest.formats.xlsx_grid import LAST_COLUMN, LAST_ROW, Area, cell_name
from ingest.formats.xlsx_sheet import SheetData

_EMU_PER_PIXEL: Final = 9_525
_PIXELS_PER_CHARACTER: Final = 7
_USUAL_WIDTH: Final = 9.14  # characters
_USUAL_HEIGHT: Final = 15.0  # points
#: A cell is covered when a drawing leaves at most this share of its side.
_MARGIN: Final = 0.25
#: The farthest that a drawing is followed, in rows or columns.
_LONGEST: Final = 5_000


class Corner(NamedTuple):
    """A point of a sheet: a cell, counted from 1, and a distance inside it, in EMU."""

    row: int
    down: int
    column: int
    across: int


class Anchor(NamedTuple):
    """The corners of a drawing; `end` is None when it floats free of the cells."""

    start: Corner
    end: Corner | None

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of the top left corner."""
        return self.start.row, self.start.column

    @property
    def samples(self) -> tuple[tuple[int, int], ...]:
        """Row and column of the first cell under the drawing, and of the one in its middle."""
        if self.end is None:
            return (self.place,)
        middle = (
            (self.start.row + self.end.row) // 2,
            (self.start.column + self.end.column) // 2,
        )
        return (self.place, middle)

    @property
    def cell(self) -> str:
        """The cell under the top left corner: « B3 »."""
        return cell_name(self.start.row, self.start.column)


def read_anchor(element: Element, data: SheetData) -> Anchor:
    """The place of a `twoCellAnchor`, a `oneCellAnchor` or an `absoluteAnchor`."""
    start = _corner(element.find("{*}from"))
    if start is None:
        return Anchor(Corner(1, 0, 1, 0), None)
    if local(element) == "twoCellAnchor":
        return Anchor(start, _corner(element.find("{*}to")))
    extent = element.find("{*}ext")
    if extent is None:
        return Anchor(start, None)
    width, height = integer(extent.get("cx")) or 0, integer(extent.get("cy")) or 0
    column, across = _advance(start.column, start.across + width, lambda c: width_of(c, data))
    row, down = _advance(start.row, start.down + height, lambda r: height_of(r, data))
    return Anchor(start, Corner(row, down, column, across))


def width_of(column: int, data: SheetData) -> float:
    """Of a column, in EMU; 0 when hidden."""
    if column > LAST_COLUMN or data.hides_column(column):
        return 0.0
    widths = (width for first, last, width in data.column_widths if first <= column <= last)
    characters = next(widths, data.default_width or _USUAL_WIDTH)
    return characters * _PIXELS_PER_CHARACTER * _EMU_PER_PIXEL


def height_of(row: int, data: SheetData) -> float:
    """Of a row, in EMU; 0 when hidden."""
    if row in data.hidden_rows:
        return 0.0
    return data.row_heights.get(row, data.default_height or _USUAL_HEIGHT) * EMU_PER_POINT


def has_no_size(anchor: Anchor) -> bool:
    """Whether a drawing starts where it ends."""
    start, end = anchor.start, anchor.end
    if end is None:
        return False
    same_cell = (start.row, start.column) == (end.row, end.column)
    return same_cell and max(end.across - start.across, end.down - start.down) < EMU_PER_POINT


def is_in_hidden_cells(anchor: Anchor, data: SheetData) -> bool:
    """Whether a drawing stands wholly in hidden rows or hidden columns."""
    start, end = anchor.start, anchor.end
    if end is None:
        return False
    columns = range(start.column, min(end.column, LAST_COLUMN) + 1)
    rows = range(start.row, min(end.row, start.row + _LONGEST) + 1)
    return all(data.hides_column(c) for c in columns) or all(r in data.hidden_rows for r in rows)


def covered_cells(anchor: Anchor, data: SheetData) -> Area | None:
    """The cells of which an opaque drawing leaves nothing to be seen."""
    start, end = anchor.start, anchor.end
    if end is None:
        return None
    width, height = width_of(start.column, data), height_of(start.row, data)
    left = start.column + (start.across > _MARGIN * width)
    top = start.row + (start.down > _MARGIN * height)
    width, height = width_of(end.column, data), height_of(end.row, data)
    right = end.column - (end.across < (1 - _MARGIN) * width)
    bottom = end.row - (end.down < (1 - _MARGIN) * height)
    return Area(top, left, bottom, right) if top <= bottom and left <= right else None


def _corner(element: Element | None) -> Corner | None:
    if element is None:
        return None
    row, down, column, across = (
        integer((element.findtext(f"{{*}}{name}") or "").strip()) or 0
        for name in ("row", "rowOff", "col", "colOff")
    )
    row, column = min(max(row, 0), LAST_ROW - 1), min(max(column, 0), LAST_COLUMN - 1)
    return Corner(row + 1, down, column + 1, across)


def _advance(start: int, distance: float, size_of: Callable[[int], float]) -> tuple[int, int]:
    """The row or column so far from the start of another one, and what remains inside it."""
    at = start
    while at - start < _LONGEST and distance > (size := size_of(at)):
        distance -= size
        at += 1
    return at, int(distance)
