"""Tables of slides: each cell once, with the background that its text stands on."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from ingest.formats.colours import WHITE, Colour
from ingest.formats.docx_xml import Element
from ingest.formats.drawing import A, is_true
from ingest.formats.drawing_colours import Fill, Theme, mix

#: PowerPoint's own « Medium Style 2 – Accent 1 », which files name without defining it.
_USUAL_STYLE: Final = "{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}"
_BARE_STYLES: Final = frozenset(
    {"", "{2D5ABB26-0587-4C30-8999-92F81FD0307C}", "{5940675A-B579-460E-94D1-54222C63F5DA}"}
)

#: Colours behind a text; None when they cannot be known, empty where the page shows through.
Ground = tuple[Colour, ...] | None


class Cell(NamedTuple):
    """A cell where a merge starts, or one alone. `row` and `column` count from 1."""

    row: int
    column: int
    body: Element | None
    ground: Ground


def read_cells(table: Element, theme: Theme, styles: Element | None) -> Iterator[Cell]:
    """The cells of an `a:tbl`, row by row; those merged into another one are left out."""
    painter = _TablePainter(table, theme, styles)
    for row, line in enumerate(table.iterfind(f"{A}tr"), start=1):
        for column, cell in enumerate(line.iterfind(f"{A}tc"), start=1):
            merged = is_true(cell.get("hMerge")) or is_true(cell.get("vMerge"))
            if not merged:
                yield Cell(row, column, cell.find(f"{A}txBody"), painter.behind(cell, row, column))


def merged_texts(table: Element) -> Iterator[Element]:
    """The texts left in cells that a merge covers: programs show none of them."""
    for cell in table.iterfind(f"{A}tr/{A}tc"):
        if is_true(cell.get("hMerge")) or is_true(cell.get("vMerge")):
            yield from cell.iterfind(f"{A}txBody")


class _TablePainter:
    """Finds what a table paints behind a cell: the cell's own fill, else its style's."""

    def __init__(self, table: Element, theme: Theme, styles: Element | None) -> None:
        self._theme = theme
        properties = table.find(f"{A}tblPr")
        self._properties = properties
        self._own = None if properties is None else theme.fill(properties)
        name = "" if properties is None else properties.findtext(f"{A}tableStyleId") or ""
        self._style = name.strip()
        defined = [] if styles is None else styles.iterfind(f"{A}tblStyle")
        self._defined = next((s for s in defined if s.get("styleId") == self._style), None)

    def behind(self, cell: Element, row: int, column: int) -> Ground:
        fill = self._theme.fill(cell.find(f"{A}tcPr"))
        if fill is None and row == 1 and is_true(self._flag("firstRow")):
            fill = self._styled("firstRow")
            if fill is None and self._style == _USUAL_STYLE:
                return self._accent(1.0)
        if fill is None and column == 1 and is_true(self._flag("firstCol")):
            fill = self._styled("firstCol")
        fill = fill or self._band(row) or self._styled("wholeTbl") or self._own
        if fill is not None:
            return _colours(fill)
        if self._style == _USUAL_STYLE:
            return self._accent(0.2)
        return () if self._style in _BARE_STYLES or self._defined is not None else None

    def _flag(self, name: str) -> str | None:
        return None if self._properties is None else self._properties.get(name)

    def _band(self, row: int) -> Fill | None:
        if not is_true(self._flag("bandRow")):
            return None
        body_row = row - (1 if is_true(self._flag("firstRow")) else 0)
        return self._styled("band1H" if body_row % 2 else "band2H")

    def _styled(self, part: str) -> Fill | None:
        if self._defined is None:
            return None
        return self._theme.fill(self._defined.find(f"{A}{part}/{A}tcStyle/{A}fill"))

    def _accent(self, share: float) -> Ground:
        accent = self._theme.colours.get("accent1")
        return None if accent is None else (mix(accent, WHITE, share),)


def _colours(fill: Fill) -> Ground:
    if fill.is_clear:
        return ()
    return fill.colours if fill.is_opaque else None
