"""The cells of an OpenDocument table, repetitions and merges understood, bombs bounded."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.formats.odf_xml import Element, attribute, count, q

#: The grid that LibreOffice and Excel can show; no repetition goes beyond it.
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384

_ROW: Final = q("table:table-row")
_COLUMN: Final = q("table:table-column")
_CELL: Final = q("table:table-cell")
_COVERED: Final = q("table:covered-table-cell")
_GROUP: Final = q("table:table-row-group")
_COLUMN_GROUP: Final = q("table:table-column-group")
_ROW_HOLDERS: Final = frozenset({_GROUP, q("table:table-rows"), q("table:table-header-rows")})
_COLUMN_HOLDERS: Final = frozenset(
    {_COLUMN_GROUP, q("table:table-columns"), q("table:table-header-columns")}
)


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell of the grid.

    Units: `row` and `column` count from 1. Cells that the file describes once share their
    `element`. `covered`: under a merged cell, so not shown. `hidden`: in a hidden row or column.
    `default_style` is the one its row or column gives.
    """

    element: Element
    row: int
    column: int
    covered: bool
    hidden: bool
    row_style: str
    column_style: str
    default_style: str


@dataclass(frozen=True, slots=True)
class _Columns:
    """A run of columns: `last` is the number of its last one."""

    last: int
    hidden: bool
    style: str
    default_style: str


_NO_COLUMN: Final = _Columns(last=MAX_COLUMNS, hidden=False, style="", default_style="")


@dataclass(frozen=True, slots=True)
class _Row:
    """A described row: the first of `repeated` equal ones is number `first`."""

    first: int
    repeated: int
    hidden: bool
    style: str
    default_style: str


class CopyBudget:
    """How much repetition may add to a document.

    Units: cells, and the characters they bring. A file of a few KB can declare milliards of
    identical cells.
    """

    def __init__(self, cells: int = 20_000, characters: int = 10_000_000) -> None:
        self._cells = cells
        self._characters = characters
        self.exceeded = False

    def take(self, text: str) -> bool:
        """Whether one more copy with that text fits; remembers when one did not."""
        if self._cells < 1 or self._characters < len(text):
            self.exceeded = True
            return False
        self._cells -= 1
        self._characters -= len(text)
        return True


def cells(table: Element) -> Iterator[TableCell]:
    """The cells that hold something, row by row, repeated ones included.

    A caller must be ready to stop: a few bytes can stand for all the cells of a sheet.
    """
    columns = list(_columns(table))
    number = 1
    for element, hidden in _rows(table, hidden=False):
        if number > MAX_ROWS:
            return
        row = _Row(
            first=number,
            repeated=count(element, "table:number-rows-repeated", limit=MAX_ROWS - number + 1),
            hidden=hidden or _is_collapsed(element),
            style=attribute(element, "table:style-name"),
            default_style=attribute(element, "table:default-cell-style-name"),
        )
        described = _described_cells(element)
        for copy in range(row.repeated if described else 0):
            yield from _row_cells(described, row, copy, columns)
        number += row.repeated


def column_letters(column: int) -> str:
    """`C` for 3, `AA` for 27."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _rows(holder: Element, *, hidden: bool) -> Iterator[tuple[Element, bool]]:
    for child in holder:
        if child.tag == _ROW:
            yield child, hidden
        elif child.tag in _ROW_HOLDERS:
            closed = child.tag == _GROUP and attribute(child, "table:display") == "false"
            yield from _rows(child, hidden=hidden or closed)


def _columns(holder: Element, last: int = 0, *, hidden: bool = False) -> Iterator[_Columns]:
    for child in holder:
        if child.tag == _COLUMN:
            last += count(child, "table:number-columns-repeated", limit=MAX_COLUMNS)
            yield _Columns(
                last=last,
                hidden=hidden or _is_collapsed(child),
                style=attribute(child, "table:style-name"),
                default_style=attribute(child, "table:default-cell-style-name"),
            )
        elif child.tag in _COLUMN_HOLDERS:
            closed = child.tag == _COLUMN_GROUP and attribute(child, "table:display") == "false"
            for run in _columns(child, last, hidden=hidden or closed):
                last = run.last
                yield run


def _described_cells(row: Element) -> list[tuple[Element, int, int]]:
    """The cells of a row that hold something, with their first and last column."""
    found, column = [], 1
    for cell in row:
        if cell.tag not in (_CELL, _COVERED):
            continue
        repeated = count(cell, "table:number-columns-repeated", limit=MAX_COLUMNS)
        if column <= MAX_COLUMNS and _holds_something(cell):
            found.append((cell, column, min(column + repeated - 1, MAX_COLUMNS)))
        column += repeated
    return found


def _row_cells(
    described: list[tuple[Element, int, int]], row: _Row, copy: int, columns: list[_Columns]
) -> Iterator[TableCell]:
    for element, first, last in described:
        for column in range(first, last + 1):
            at = bisect_left(columns, column, key=lambda run: run.last)
            run = columns[at] if at < len(columns) else _NO_COLUMN
            yield TableCell(
                element=element,
                row=row.first + copy,
                column=column,
                covered=element.tag == _COVERED,
                hidden=row.hidden or run.hidden,
                row_style=row.style,
                column_style=run.style,
                default_style=row.default_style or run.default_style,
            )


def _holds_something(cell: Element) -> bool:
    return len(cell) > 0 or bool(attribute(cell, "office:value-type"))


def _is_collapsed(element: Element) -> bool:
    return attribute(element, "table:visibility") in {"collapse", "filter"}
