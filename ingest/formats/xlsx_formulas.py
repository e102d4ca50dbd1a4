"""Formulas: those shared between cells, and the few that need no engine to be computed."""

import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from ingest.formats.xlsx_grid import (
    LAST_COLUMN,
    LAST_ROW,
    column_letters,
    column_number,
    parse_area,
    parse_cell,
)

_SHEET: Final = r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!"
_CELL: Final = r"\$?[A-Za-z]{1,3}\$?\d{1,7}"
_OPERAND: Final = rf"(?:{_SHEET})?{_CELL}|\d{{1,15}}(?:\.\d{{1,15}})?%?"
_REFERENCE: Final = re.compile(rf"({_SHEET})?({_CELL})")
_SUM: Final = re.compile(rf"SUM\(((?:{_SHEET})?{_CELL}:{_CELL})\)", re.IGNORECASE)
_ALONE: Final = re.compile(rf"\+?({_OPERAND})")
_PAIR: Final = re.compile(rf"({_OPERAND})\s*([-+*/])\s*({_OPERAND})")
#: What may be shifted in a shared formula; quoted texts, sheet and function names may not.
_MOVABLE: Final = re.compile(
    r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')+'!?|[A-Za-z_\\][\w.]*[!(]"
    r"|(?<![\w.$])(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})(?![\w.(!])"
)
_OPERATIONS: Final[Mapping[str, Callable[[float, float], float]]] = MappingProxyType(
    {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
)
#: A formula that leans on formulas without values: how far it is followed.
_DEEPEST: Final = 30
#: Cells visited for all the sums of a workbook.
_MOST_VISITS: Final = 2_000_000


class Source(NamedTuple):
    """What a cell holds for a computation: a number, or a formula without its result."""

    value: float | None = None
    formula: str = ""


Sheet = Mapping[tuple[int, int], Source]


def shifted(formula: str, rows: int, columns: int) -> str:
    """A shared formula as the cell so many rows below and columns right of its first says it."""

    def move(found: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, digits = found.groups()
        if letters is None or parse_cell(f"{letters}{digits}") is None:
            return found.group()
        # Programs go round the edges of the sheet.
        column = column_number(letters) + (0 if fixed_column else columns)
        row = int(digits) + (0 if fixed_row else rows)
        column, row = (column - 1) % LAST_COLUMN + 1, (row - 1) % LAST_ROW + 1
        return f"{fixed_column}{column_letters(column)}{fixed_row}{row}"

    return _MOVABLE.sub(move, formula)


class Calculator:
    """Computes what needs no engine: a reference, a sum of an area, one operation on two values."""

    def __init__(self, sheets: Mapping[str, Sheet]) -> None:
        self._sheets = {name.lower(): cells for name, cells in sheets.items()}
        self._visits = 0
        self._known: dict[tuple[str, int, int], float | None] = {}

    def compute(self, formula: str, sheet: str, depth: int = 0) -> float | None:
        """The number a formula gives; None when it would take more than that."""
        text = formula.strip().lstrip("=")
        if depth > _DEEPEST or len(text) > 500:
            return None
        if found := _SUM.fullmatch(text):
            return self._sum(found.group(1), sheet, depth)
        if found := _ALONE.fullmatch(text):
            return self._operand(found.group(1), sheet, depth)
        if found := _PAIR.fullmatch(text):
            left = self._operand(found.group(1), sheet, depth)
            right = self._operand(found.group(3), sheet, depth)
            if left is None or right is None or (found.group(2) == "/" and right == 0):
                return None
            return _OPERATIONS[found.group(2)](left, right)
        return None

    def _operand(self, text: str, sheet: str, depth: int) -> float | None:
        if text[0].isdigit():
            return float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
        found = _REFERENCE.fullmatch(text)
        place = parse_cell(found.group(2)) if found else None
        if found is None or place is None:
            return None
        return self._at(_sheet_name(found.group(1), sheet).lower(), place, depth)

    def _at(self, sheet: str, place: tuple[int, int], depth: int) -> float | None:
        source = self._sheets.get(sheet, {}).get(place)
        if source is None or source.value is not None or not source.formula:
            return None if source is None else source.value
        key = (sheet, *place)
        if key not in self._known:
            self._known[key] = None  # what a formula that leans on itself finds
            self._known[key] = self.compute(source.formula, sheet, depth + 1)
        return self._known[key]

    def _sum(self, reference: str, sheet: str, depth: int) -> float | None:
        prefix, bang, corners = reference.rpartition("!")
        name, area = _sheet_name(prefix + bang, sheet).lower(), parse_area(corners)
        cells = self._sheets.get(name)
        self._visits += len(cells or ())
        if area is None or cells is None or self._visits > _MOST_VISITS:
            return None
        total = 0.0
        for place in [place for place in cells if area.holds(*place)]:
            value = self._at(name, place, depth)
            if value is None and cells[place].formula:
                return None
            total += value or 0.0
        return total


def _sheet_name(prefix: str | None, current: str) -> str:
    if not prefix:
        return current
    return prefix.rstrip("!").strip("'").replace("''", "'")
