"""The grid of an HTML table."""

from typing import Final

from lxml import etree

#: Spans beyond these are a bomb or a mistake; browsers stop at 1000 columns.
_MAX_COLUMN_SPAN: Final = 100
_MAX_ROW_SPAN: Final = 10_000
#: Cells past this column are all said to be in it.
_LAST_COLUMN: Final = 256


class ColumnCounter:
    """Gives each cell its column, counted from 1, past those that longer cells still occupy."""

    def __init__(self) -> None:
        self._occupied: dict[int, int] = {}  # column → rows that it is still taken for
        self._taken: set[int] = set()
        self._column = 1

    def next_row(self) -> None:
        """Start a row."""
        self._taken = set(self._occupied)
        self._occupied = {c: rows - 1 for c, rows in self._occupied.items() if rows > 1}
        self._column = 1

    def place(self, cell: etree._Element) -> int:
        """The column of the row's next cell."""
        while self._column in self._taken:
            self._column += 1
        column = min(self._column, _LAST_COLUMN)
        end = min(column + _span(cell, "colspan", _MAX_COLUMN_SPAN), _LAST_COLUMN)
        if (rows := _span(cell, "rowspan", _MAX_ROW_SPAN)) > 1:
            self._occupied.update(dict.fromkeys(range(column, end), rows - 1))
        self._column = end
        return column


def is_layout_table(table: etree._Element) -> bool:
    """Whether a table only arranges a page: mail and old sites are made of such tables."""
    if table.get("role") in {"presentation", "none"}:
        return True
    inside = table.iter("table", "h1", "h2", "h3", "h4", "h5", "h6")
    if any(element is not table for element in inside):
        return True
    cells = table.iter("td", "th")
    return next(cells, None) is None or next(cells, None) is None


def _span(cell: etree._Element, name: str, limit: int) -> int:
    value = (cell.get(name) or "").strip()
    if not (value.isascii() and value.isdigit()) or len(value) > 9:
        return 1
    return max(1, min(limit, int(value)))
