"""Tables: which cell stands where, and what each inherits from the table's style."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ingest.formats.colours import Colour
from ingest.formats.docx_flow import flow
from ingest.formats.docx_geometry import is_row_clipped, is_table_off_page
from ingest.formats.docx_source import DocxSource, Place
from ingest.formats.docx_styles import Props, merged, run_props
from ingest.formats.docx_xml import Element, is_on, local, number, value, w
from ingest.types import HiddenReason

#: Word's own limit. A `gridSpan` of millions is an attack on whoever expands it.
_MOST_COLUMNS: Final = 63
#: Bits of the old `w:tblLook w:val`, by the name of the newer attribute.
_LOOK_BITS: Final = {
    "firstRow": 0x20,
    "lastRow": 0x40,
    "firstColumn": 0x80,
    "lastColumn": 0x100,
    "noHBand": 0x200,
    "noVBand": 0x400,
}
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]{1,8}")


@dataclass(frozen=True)
class Cell:
    """A cell that shows something of its own. Units: `column` counts grid columns from 1."""

    element: Element
    column: int
    place: Place


@dataclass(frozen=True)
class _Slot:
    """A cell's place on the grid, from 0, before merges are followed."""

    element: Element
    first: int
    width: int
    reason: HiddenReason | None


def read_rows(table: Element, source: DocxSource, place: Place) -> Iterator[tuple[Cell, ...]]:
    """The rows of a table, its merged cells once, at their top left corner.

    `place` is that of the table; each cell gets its own, with its row and column, background,
    style, and the reason why it is unseen, if it is.
    """
    properties = table.find(w("tblPr"))
    if is_table_off_page(properties, place.page):
        place = place.unseen(HiddenReason.OFF_PAGE)
    look = _TableLook(table, properties, source, place)
    rows = [item for item in flow(table) if local(item.element) == "tr"]
    open_merges: set[int] = set()  # first columns of the merged cells of the row above
    for index, row in enumerate(rows):
        row_place = place.unseen(row.reason or _row_reason(row.element))
        cells, merges = [], set()
        for slot in _slots(row.element):
            if _merge(slot, "vMerge") is not None:
                merges.add(slot.first)
            cell_place = look.place_of(slot, index, len(rows), row_place)
            if _continues(slot, open_merges):
                # Word shows nothing of what a continued cell holds.
                cell_place = cell_place.unseen(HiddenReason.MARKUP)
            cells.append(Cell(slot.element, slot.first + 1, cell_place))
        open_merges = merges
        yield tuple(cells)


def _slots(row: Element) -> Iterator[_Slot]:
    properties = row.find(w("trPr"))
    before = None if properties is None else number(properties.find(w("gridBefore")))
    column = min(before or 0, _MOST_COLUMNS)
    for item in flow(row):
        if local(item.element) != "tc":
            continue
        cell_properties = item.element.find(w("tcPr"))
        span = None if cell_properties is None else number(cell_properties.find(w("gridSpan")))
        width = min(max(span or 1, 1), _MOST_COLUMNS)
        yield _Slot(item.element, column, width, item.reason)
        column += width


def _continues(slot: _Slot, above: set[int]) -> bool:
    """Whether a cell is swallowed by the one above it, or by the one on its left."""
    from_above = _merge(slot, "vMerge") == "continue" and slot.first in above
    return from_above or (_merge(slot, "hMerge") == "continue" and slot.first > 0)


def _merge(slot: _Slot, axis: str) -> str | None:
    """« restart », « continue », or None for a cell that is not merged along that axis."""
    properties = slot.element.find(w("tcPr"))
    merge = None if properties is None else properties.find(w(axis))
    return None if merge is None else value(merge) or "continue"


def _row_reason(row: Element) -> HiddenReason | None:
    properties = row.find(w("trPr"))
    if properties is None:
        return None
    if properties.find(w("del")) is not None:
        return HiddenReason.DELETED
    if is_on(properties.find(w("hidden"))):
        return HiddenReason.VANISHED
    return HiddenReason.TINY if is_row_clipped(properties) else None


class _TableLook:
    """What a table's style gives to each cell, by its position."""

    def __init__(
        self, table: Element, properties: Element | None, source: DocxSource, place: Place
    ) -> None:
        self._theme = source.theme
        chain = source.styles.chain(source.styles.table_style(properties))
        self._whole_run = merged((place.table_run, *(run_props(s.find(w("rPr"))) for s in chain)))
        own = None if properties is None else properties.find(w("shd"))
        self._own_ground = self._theme.of_shading(own)
        self._layers: dict[str, list[Element]] = {}
        for style in chain:
            for layer in style.iterfind(w("tblStylePr")):
                self._layers.setdefault(value(layer, "type") or "", []).append(layer)
        whole = [ground for style in chain if (ground := self._shading(style)) is not None]
        self._whole_ground: Colour | None = whole[-1] if whole else place.ground
        self._look = _read_look(None if properties is None else properties.find(w("tblLook")))
        self._columns = min(len(table.findall(f"{w('tblGrid')}/{w('gridCol')}")), _MOST_COLUMNS)
        self._band = self._band_sizes(chain)
        self._cache: dict[tuple[str, ...], tuple[Props, Colour | None]] = {}

    def place_of(self, slot: _Slot, row: int, rows: int, place: Place) -> Place:
        """A cell's place: its numbers, its background, the style of its text."""
        props, ground = self._style(tuple(self._conditions(slot, row, rows)))
        properties = slot.element.find(w("tcPr"))
        deleted = properties is not None and properties.find(w("cellDel")) is not None
        own = None if properties is None else properties.find(w("shd"))
        placed = replace(
            place.at(row=row + 1, column=slot.first + 1),
            ground=self._theme.of_shading(own) or self._own_ground or ground,
            table_run=props,
            in_flow=False,
        )
        return placed.unseen(HiddenReason.DELETED if deleted else slot.reason)

    def _style(self, conditions: tuple[str, ...]) -> tuple[Props, Colour | None]:
        if conditions not in self._cache:
            layers = [layer for name in conditions for layer in self._layers.get(name, ())]
            props = merged((self._whole_run, *(run_props(e.find(w("rPr"))) for e in layers)))
            grounds = [ground for e in layers if (ground := self._shading(e)) is not None]
            self._cache[conditions] = (props, grounds[-1] if grounds else self._whole_ground)
        return self._cache[conditions]

    def _shading(self, layer: Element) -> Colour | None:
        cell = self._theme.of_shading(layer.find(f"{w('tcPr')}/{w('shd')}"))
        return cell or self._theme.of_shading(layer.find(f"{w('tblPr')}/{w('shd')}"))

    def _conditions(self, slot: _Slot, row: int, rows: int) -> Iterator[str]:
        """The conditional formats of a cell, the weakest first."""
        look = self._look
        first_row = look["firstRow"] and row == 0
        last_row = look["lastRow"] and row == rows - 1
        first_column = look["firstColumn"] and slot.first == 0
        last_column = look["lastColumn"] and slot.first + slot.width >= self._columns > 0
        row_band, column_band = self._band
        if not look["noVBand"]:
            rank = (slot.first - look["firstColumn"]) // column_band
            yield "band2Vert" if rank % 2 else "band1Vert"
        if not look["noHBand"]:
            yield "band2Horz" if (row - look["firstRow"]) // row_band % 2 else "band1Horz"
        named = (
            (first_column, "firstCol"), (last_column, "lastCol"),
            (first_row, "firstRow"), (last_row, "lastRow"),
            (first_row and first_column, "nwCell"), (first_row and last_column, "neCell"),
            (last_row and first_column, "swCell"), (last_row and last_column, "seCell"),
        )  # fmt: skip
        yield from (name for applies, name in named if applies)

    @staticmethod
    def _band_sizes(chain: tuple[Element, ...]) -> tuple[int, int]:
        sizes = {"Row": 1, "Col": 1}
        for style in chain:
            for axis in sizes:
                found = style.find(f"{w('tblPr')}/{w(f'tblStyle{axis}BandSize')}")
                sizes[axis] = max(number(found) or sizes[axis], 1)
        return sizes["Row"], sizes["Col"]


def _read_look(element: Element | None) -> dict[str, bool]:
    """Which conditional formats apply, from the attributes or from the older bit mask."""
    if element is None:
        return {name: name.startswith("no") for name in _LOOK_BITS}
    digits = value(element) or ""
    mask = int(digits, 16) if _HEXADECIMAL.fullmatch(digits) else 0
    return {
        name: (flag.lower() not in ("0", "false", "off"))
        if (flag := value(element, name)) is not None
        else bool(mask & bit)
        for name, bit in _LOOK_BITS.items()
    }
