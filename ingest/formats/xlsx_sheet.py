"""Reads a sheet's part as it comes: its cells, and all that is said around them.

The dimension a sheet declares is never believed, and its empty rows cost nothing: only cells
that hold something are kept, up to a budget.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from ingest.formats.docx_xml import Element, integer
from ingest.formats.drawing import is_true, link_id
from ingest.formats.ooxml_parts import OfficeParts, forget
from ingest.formats.xlsx_formulas import shifted
from ingest.formats.xlsx_grid import (
    LAST_COLUMN,
    LAST_ROW,
    Area,
    parse_area,
    parse_cell,
)
from ingest.formats.xlsx_strings import TextRun, decimal, read_runs, unescaped

Item = TypeVar("Item")

#: Merges, links, validations… of one sheet: beyond, they are ignored.
_MOST_EXTRAS: Final = 20_000
#: Units: characters. The choices of a list are words; what is longer speaks to somebody.
_LONGEST_CHOICE: Final = 60
#: Units: points. A row this low shows nothing of its text.
_LOWEST_ROW: Final = 2.0
#: Units: characters. Two points of a screen.
_NARROWEST_COLUMN: Final = 0.3


class RawCell(NamedTuple):
    """A cell as the file has it. `value` is None without a `v`; `runs` those of an inline text."""

    row: int
    column: int
    kind: str
    value: str | None
    style: int
    formula: str = ""
    runs: tuple[TextRun, ...] = ()


class SheetLink(NamedTuple):
    """A link from cells: an address by relationship id, and what a pointer over it shows."""

    link_id: str
    tooltip: str


class Banner(NamedTuple):
    """A page header or footer, with its codes. `shown` when the sheet's settings print it."""

    is_header: bool
    text: str
    shown: bool


@dataclass(slots=True)
class SheetData:
    """What a sheet's part says. Lists are in the file's order, `cells` by row then column."""

    cells: list[RawCell] = field(default_factory=list)
    left_out: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: bytearray = field(default_factory=lambda: bytearray(LAST_COLUMN + 1))
    column_widths: list[tuple[int, int, float]] = field(default_factory=list)
    row_heights: dict[int, float] = field(default_factory=dict)
    default_width: float | None = None
    default_height: float | None = None
    empty_styles: dict[tuple[int, int], int] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    links: list[SheetLink] = field(default_factory=list)
    banners: list[Banner] = field(default_factory=list)
    painted: list[tuple[Area, int]] = field(default_factory=list)  # with a dxf number
    prompts: list[str] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    has_picture_behind: bool = False

    def hides_column(self, column: int) -> bool:
        return bool(self.hidden_columns[column])

    def hides(self, row: int, column: int) -> bool:
        return row in self.hidden_rows or self.hides_column(column)


def read_sheet(parts: OfficeParts, part: str, *, budget: int) -> SheetData:
    """Read a worksheet, keeping at most `budget` cells.

    Raises: `CorruptedFile`, `FileTooLarge`, `UnsafeFile`.
    """
    reader = _SheetReader(budget)
    for element in parts.stream(part, tuple(_HANDLERS)):
        _HANDLERS[element.tag.rpartition("}")[2]](reader, element)
    reader.data.cells.sort(key=lambda cell: (cell.row, cell.column))
    return reader.data


class _SheetReader:
    def __init__(self, budget: int) -> None:
        self.data = SheetData()
        self._budget = budget
        self._row = 0
        self._column = 0
        self._current: int | None = None  # the number of the row being read, once known
        self._cell = (1, 1)
        self._shared: dict[str, tuple[str, int, int]] = {}

    def cell(self, element: Element) -> None:
        """Keep a cell that holds something. Places not written follow those before."""
        row = element.getparent()
        if row is None or not row.tag.endswith("}row"):
            return
        written = parse_cell(element.get("r"))
        self._column = written[1] if written else self._column + 1
        style = element.get("s")
        if len(element) or style:
            number = self._row_number(row, written[0] if written else None)
            self._cell = (number, self._column)
            self._keep(element, integer(style) or 0)
        forget(element)

    def row(self, element: Element) -> None:
        number = self._row_number(element, None)
        self._row, self._column, self._current = number, 0, None
        height = decimal(element.get("ht"))
        if is_true(element.get("hidden")) or (height is not None and height < _LOWEST_ROW):
            if number <= LAST_ROW:
                self.data.hidden_rows.add(number)
        elif height is not None and len(self.data.row_heights) < _MOST_EXTRAS:
            self.data.row_heights[number] = height
        forget(element)

    def columns(self, element: Element) -> None:
        first, last = integer(element.get("min")), integer(element.get("max"))
        if first is None or last is None or not 1 <= first <= last:
            return
        last = min(last, LAST_COLUMN)
        width = decimal(element.get("width"))
        if is_true(element.get("hidden")) or (width is not None and width < _NARROWEST_COLUMN):
            self.data.hidden_columns[first : last + 1] = b"\1" * (last + 1 - first)
        elif width is not None:
            _add(self.data.column_widths, (first, last, width))

    def defaults(self, element: Element) -> None:
        self.data.default_width = decimal(element.get("defaultColWidth"))
        self.data.default_height = decimal(element.get("defaultRowHeight"))

    def merge(self, element: Element) -> None:
        if (area := parse_area(element.get("ref"))) is not None:
            _add(self.data.merges, area)
        forget(element)

    def link(self, element: Element) -> None:
        found = SheetLink(link_id(element) or "", element.get("tooltip") or "")
        _add(self.data.links, found)
        forget(element)

    def banner(self, element: Element) -> None:
        """A header or a footer; first and even pages have theirs only when the sheet says so."""
        name, parent = element.tag.rpartition("}")[2], element.getparent()
        switch = {"first": "differentFirst", "even": "differentOddEven"}.get(name[:-6], "")
        shown = not switch or (parent is not None and is_true(parent.get(switch)))
        if element.text:
            text = unescaped(element.text)
            self.data.banners.append(Banner(name.endswith("Header"), text, shown))

    def conditional(self, element: Element) -> None:
        """Areas whose colours depend on their values."""
        rules = [integer(rule.get("dxfId")) for rule in element.iterfind("{*}cfRule")]
        for reference in (element.get("sqref") or "").split()[:_MOST_EXTRAS]:
            area = parse_area(reference)
            for rule in rules:
                if area is not None and rule is not None:
                    _add(self.data.painted, (area, rule))

    def validation(self, element: Element) -> None:
        """Texts that a validation shows only when its cell is chosen, or wrong."""
        texts = [element.get(n) for n in ("promptTitle", "prompt", "errorTitle", "error")]
        choices = (element.findtext("{*}formula1") or "").strip('"').split(",")
        texts += [choice for choice in choices if len(choice) > _LONGEST_CHOICE]
        for text in filter(None, texts):
            _add(self.data.prompts, unescaped(text))
        forget(element)

    def drawing(self, element: Element) -> None:
        _add(self.data.drawings, link_id(element) or "")

    def table(self, element: Element) -> None:
        _add(self.data.tables, link_id(element) or "")

    def picture_behind(self, element: Element) -> None:
        parent = element.getparent()
        if parent is not None and parent.tag.endswith("}worksheet"):
            self.data.has_picture_behind = True

    def _row_number(self, row: Element, written: int | None) -> int:
        """A row's number: its own, else the one a cell of it says, else the one that follows."""
        if self._current is None:
            self._current = integer(row.get("r")) or written or self._row + 1
        return self._current

    def _keep(self, element: Element, style: int) -> None:
        row, column = self._cell
        value, formula = element.findtext("{*}v"), self._formula(element)
        inline = element.find("{*}is")
        runs = read_runs(inline) if inline is not None else ()
        if not (value or formula or runs):
            if len(self.data.empty_styles) < _MOST_EXTRAS:
                self.data.empty_styles[self._cell] = style
            return
        if row > LAST_ROW or column > LAST_COLUMN:
            return
        if len(self.data.cells) >= self._budget:
            self.data.left_out += 1
            return
        kind = element.get("t") or "n"
        self.data.cells.append(RawCell(row, column, kind, value, style, formula, runs))

    def _formula(self, element: Element) -> str:
        formula = element.find("{*}f")
        if formula is None:
            return ""
        text, number = formula.text or "", formula.get("si") or ""
        row, column = self._cell
        if formula.get("t") != "shared":
            return text
        if text:
            self._shared[number] = (text, row, column)
            return text
        source, first_row, first_column = self._shared.get(number, ("", row, column))
        return shifted(source, row - first_row, column - first_column)


_HANDLERS: Final[Mapping[str, Callable[[_SheetReader, Element], None]]] = MappingProxyType(
    {
        "c": _SheetReader.cell,
        "row": _SheetReader.row,
        "col": _SheetReader.columns,
        "sheetFormatPr": _SheetReader.defaults,
        "mergeCell": _SheetReader.merge,
        "hyperlink": _SheetReader.link,
        **dict.fromkeys(
            (f"{page}{what}" for page in ("odd", "even", "first") for what in ("Header", "Footer")),
            _SheetReader.banner,
        ),
        "conditionalFormatting": _SheetReader.conditional,
        "dataValidation": _SheetReader.validation,
        "drawing": _SheetReader.drawing,
        "tablePart": _SheetReader.table,
        "picture": _SheetReader.picture_behind,
    }
)


def _add(items: list[Item], item: Item) -> None:
    if len(items) < _MOST_EXTRAS:
        items.append(item)
