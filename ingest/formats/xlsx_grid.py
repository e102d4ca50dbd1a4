"""Cell references, areas, and merged areas met row by row."""

import re
from bisect import bisect_right, insort
from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Final, NamedTuple

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384

_REFERENCE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_SIDE: Final = re.compile(r"\$?([A-Za-z]{1,3})?\$?(\d{1,7})?")


class Area(NamedTuple):
    """A rectangle of cells, sides included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row <= self.bottom and self.left <= column <= self.right


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """A for 1, AA for 27."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """« C14 »."""
    return f"{column_letters(column)}{row}"


def parse_cell(reference: str | None) -> tuple[int, int] | None:
    """Row and column of « C14 »; None for what is not a cell of a sheet."""
    found = _REFERENCE.fullmatch(reference or "")
    if found is None:
        return None
    row, column = int(found.group(2)), column_number(found.group(1))
    return (row, column) if 1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN else None


def parse_area(reference: str | None) -> Area | None:
    """« B2:D9 », « C14 », « A:C » or « 2:5 »; None for anything else."""
    first, _, second = (reference or "").partition(":")
    start, end = _SIDE.fullmatch(first), _SIDE.fullmatch(second or first)
    if not start or not end or not any(start.groups()) or not any(end.groups()):
        return None
    rows = int(start.group(2) or 1), int(end.group(2) or LAST_ROW)
    columns = (
        column_number(start.group(1) or "A"),
        column_number(end.group(1) or column_letters(LAST_COLUMN)),
    )
    if max(rows) > LAST_ROW or max(columns) > LAST_COLUMN or min(rows) < 1:
        return None
    return Area(min(rows), min(columns), max(rows), max(columns))


class MergedAreas:
    """Tells which cells a merge covers. Ask row by row: a row never comes after a later one.

    However large the areas are, only their bounds are kept.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        self._coming = sorted(areas, reverse=True)
        self._active: list[tuple[int, Area]] = []  # by left side; areas do not overlap
        self._ending: list[tuple[int, int, Area]] = []

    def covers(self, row: int, column: int) -> bool:
        """Whether a cell is merged into one above it or on its left."""
        while self._coming and self._coming[-1].top <= row:
            area = self._coming.pop()
            insort(self._active, (area.left, area))
            heappush(self._ending, (area.bottom, area.left, area))
        while self._ending and self._ending[0][0] < row:
            _, left, area = heappop(self._ending)
            self._active.pop(bisect_right(self._active, (left, area)) - 1)
        at = bisect_right(self._active, (column, Area(LAST_ROW, LAST_COLUMN, 0, 0))) - 1
        if at < 0:
            return False
        area = self._active[at][1]
        return area.holds(row, column) and (row, column) != (area.top, area.left)
