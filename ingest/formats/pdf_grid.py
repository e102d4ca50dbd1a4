"""Tables drawn with rules: grids of cells found from horizontal and vertical edges."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ingest.formats.pdf_drawn import Drawn
from ingest.formats.pdf_lines import lines_of
from ingest.formats.pdf_model import Line, Rect, Word

#: Units: points. Edges this near are one; edges that end this near to another touch it.
_SNAP: Final = 2.5
#: Units: points. Thinner rows and columns are double rules and margins.
_THINNEST: Final = 5.0
#: Share of a cell's side that must be ruled to separate it from its neighbour.
_RULED: Final = 0.6
#: Units: of the font size. Words across a missing rule and nearer than that are read together.
_SAME_TEXT: Final = 1.2
_MAX_RULES: Final = 1500
_MAX_CELLS: Final = 5000
#: A grid with fewer filled cells is a drawing: a chart, a calendar to fill in.
_LEAST_FILLED: Final = 0.2


@dataclass(slots=True)
class Cell:
    """One cell, at its top left corner. Units: rows and columns count from 1."""

    row: int
    column: int
    lines: list[Line]


@dataclass(slots=True)
class Table:
    """Cells in reading order, and where the table lies."""

    rect: Rect
    cells: list[Cell]


#: Position, start and end: y, x0, x1 of a horizontal edge; x, y0, y1 of a vertical one.
Edge = tuple[float, float, float]


def ruled_tables(drawn: Drawn, words: list[Word]) -> tuple[list[Table], list[Word]]:
    """The tables that rules draw, and the words that are in none of them."""
    across = _merged([(y, x0, x1) for x0, y, x1, _ in drawn.across])
    down = _merged([(x, y0, y1) for x, y0, _, y1 in drawn.down])
    if len(across) + len(down) > _MAX_RULES:
        return [], words
    tables = []
    for rows, columns in _connected(across, down):
        table, words = _table(_Grid(rows, columns), words)
        if table:
            tables.append(table)
    return tables, words


def empty_squares(drawn: Drawn, words: list[Word]) -> list[Rect]:
    """The squares of all grids that no word touches: empty, or holding what was not read."""
    across = _merged([(y, x0, x1) for x0, y, x1, _ in drawn.across])
    down = _merged([(x, y0, y1) for x, y0, _, y1 in drawn.down])
    if len(across) + len(down) > _MAX_RULES:
        return []
    grids = (_Grid(rows, columns) for rows, columns in _connected(across, down))
    squares = [square for grid in grids if grid.is_table for square in grid.squares()]
    return [square for square in squares if not any(_touch(word.rect, square) for word in words)]


class _Grid:
    """Rules that touch each other, and the cells between them."""

    def __init__(self, across: list[Edge], down: list[Edge]) -> None:
        self._across, self._down = across, down
        self.xs = _positions(down, across)
        self.ys = _positions(across, down)
        self.rows, self.columns = len(self.ys) - 1, len(self.xs) - 1

    @property
    def rect(self) -> Rect:
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    @property
    def is_table(self) -> bool:
        return self.columns >= 2 and self.rows >= 1 and self.rows * self.columns <= _MAX_CELLS

    def squares(self) -> Iterator[Rect]:
        """Every square, row by row."""
        for top, bottom in pairwise(self.ys):
            for left, right in pairwise(self.xs):
                yield left, top, right, bottom

    def place(self, word: Word) -> tuple[int, int] | None:
        """Row and column (from 0) of a word's middle."""
        row = _slot(self.ys, (word.top + word.bottom) / 2)
        column = _slot(self.xs, (word.x0 + word.x1) / 2)
        return None if row is None or column is None else (row, column)

    def ruled_right(self, row: int, column: int) -> bool:
        """Whether a rule stands between a cell and the next one on its right."""
        return _covered(self._down, self.xs[column + 1], self.ys[row], self.ys[row + 1])

    def ruled_below(self, row: int, column: int) -> bool:
        return _covered(self._across, self.ys[row + 1], self.xs[column], self.xs[column + 1])


def _table(grid: _Grid, words: list[Word]) -> tuple[Table | None, list[Word]]:
    """The table of a grid if it is one, and the words left."""
    if not grid.is_table:
        return None, words
    placed: dict[tuple[int, int], list[Word]] = defaultdict(list)
    left = []
    for word in words:
        place = grid.place(word)
        if place is None:
            left.append(word)
        else:
            placed[place].append(word)
    owners = _owners(grid, placed)
    merged: dict[tuple[int, int], list[Word]] = defaultdict(list)
    for place, inside in placed.items():
        merged[owners[place]] += inside
    regions = len(set(owners.values()))
    columns = {column for _, column in merged}
    if len(columns) < 2 or len(merged) < _LEAST_FILLED * regions:
        return None, words
    return _numbered(grid, merged), left


def _numbered(grid: _Grid, merged: dict[tuple[int, int], list[Word]]) -> Table:
    """Cells with their numbers: rows and columns too thin to hold text do not count."""
    rows = _numbers(grid.ys, {row for row, _ in merged})
    columns = _numbers(grid.xs, {column for _, column in merged})
    cells = [
        Cell(rows[row], columns[column], lines_of(words, wide_gap=None))
        for (row, column), words in sorted(merged.items())
    ]
    return Table(grid.rect, cells)


def _numbers(edges: list[float], used: set[int]) -> dict[int, int]:
    numbers: dict[int, int] = {}
    for index in range(len(edges) - 1):
        if index in used or edges[index + 1] - edges[index] >= _THINNEST:
            numbers[index] = len(numbers) + 1
    return numbers


def _owners(
    grid: _Grid, placed: dict[tuple[int, int], list[Word]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """For each square of the grid, the top left square of the cell it belongs to."""
    owners: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(grid.rows):
        for column in range(grid.columns):
            here = (row, column)
            owners.setdefault(here, here)
            if column + 1 < grid.columns and _merged_right(grid, placed, row, column):
                owners.setdefault((row, column + 1), owners[here])
            if row + 1 < grid.rows and not grid.ruled_below(row, column):
                owners.setdefault((row + 1, column), owners[here])
    return owners


def _merged_right(
    grid: _Grid, placed: dict[tuple[int, int], list[Word]], row: int, column: int
) -> bool:
    """Whether two squares without a rule between them hold one text.

    Many tables have no rule between the columns of their header: what stands clearly on each
    side is two cells.
    """
    if grid.ruled_right(row, column):
        return False
    here, there = placed.get((row, column)), placed.get((row, column + 1))
    if not here or not there:
        return True
    edge = grid.xs[column + 1]
    if any(word.x1 > edge + 1 for word in here) or any(word.x0 < edge - 1 for word in there):
        return True
    nearest = min(word.x0 for word in there) - max(word.x1 for word in here)
    return nearest < _SAME_TEXT * here[0].style.size


def _merged(edges: list[Edge]) -> list[Edge]:
    """Edges of one position, joined where they touch."""
    result: list[Edge] = []
    for position, group in _by_position(edges):
        start, end = group[0]
        for next_start, next_end in group[1:]:
            if next_start <= end + _SNAP:
                end = max(end, next_end)
            else:
                result.append((position, start, end))
                start, end = next_start, next_end
        result.append((position, start, end))
    return result


def _by_position(edges: list[Edge]) -> list[tuple[float, list[tuple[float, float]]]]:
    groups: list[tuple[float, list[tuple[float, float]]]] = []
    for position, start, end in sorted(edges):
        if groups and position - groups[-1][0] <= _SNAP:
            groups[-1][1].append((start, end))
        else:
            groups.append((position, [(start, end)]))
    return [(position, sorted(group)) for position, group in groups]


def _connected(across: list[Edge], down: list[Edge]) -> list[tuple[list[Edge], list[Edge]]]:
    """Groups of rules that reach each other, from top to bottom."""
    parents = list(range(len(across) + len(down)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for i, (y, x0, x1) in enumerate(across):
        for j, (x, y0, y1) in enumerate(down, start=len(across)):
            if x0 - _SNAP <= x <= x1 + _SNAP and y0 - _SNAP <= y <= y1 + _SNAP:
                parents[root(i)] = root(j)
    groups: dict[int, tuple[list[Edge], list[Edge]]] = {}
    for index, edge in enumerate([*across, *down]):
        group = groups.setdefault(root(index), ([], []))
        group[index >= len(across)].append(edge)
    whole = [group for group in groups.values() if len(group[0]) >= 2]
    return sorted(whole, key=lambda group: group[0][0][0])


def _positions(edges: list[Edge], crossing: list[Edge]) -> list[float]:
    """Where the edges of one direction stand, the open ends of the others included."""
    found = sorted({position for position, _, _ in edges})
    for end in (min(edge[1] for edge in crossing), max(edge[2] for edge in crossing)):
        if all(abs(end - position) > _THINNEST for position in found):
            found.append(end)
    return sorted(found)


def _touch(one: Rect, other: Rect) -> bool:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > _SNAP and down > _SNAP


def _slot(edges: list[float], value: float) -> int | None:
    for index in range(len(edges) - 1):
        if edges[index] <= value < edges[index + 1]:
            return index
    return None


def _covered(edges: list[Edge], position: float, start: float, end: float) -> bool:
    """Whether edges at a position cover most of the way from `start` to `end`."""
    ruled = sum(
        max(0.0, min(end, stop) - max(start, begin))
        for at, begin, stop in edges
        if abs(at - position) <= _SNAP
    )
    return ruled >= _RULED * (end - start)
