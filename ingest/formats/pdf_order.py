"""The order in which a person reads a page: columns one after the other, tables row by row.

Lines and tables are gathered into bands (what overlaps vertically), bands into zones (bands
that the same empty gutters cross). A zone with gutters is either columns of text, each ordered in
turn, or a table without rules.
"""

import statistics
from collections.abc import Iterator
from typing import Final

from ingest.formats.pdf_grid import Cell, Table
from ingest.formats.pdf_lines import joined_line
from ingest.formats.pdf_model import Line, union
from ingest.formats.pdf_text import list_mark

#: What is put in order.
Item = Line | Table
Band = list[Item]
#: Left and right, in points.
Gutter = tuple[float, float]

#: Units: points; and of the font size. A narrower gap is a wide space, not a gutter.
_NARROWEST_GUTTER, _GUTTER_SIZES = 8.0, 0.9
#: Units: points. Cells of one row stand on one baseline.
_SAME_BASELINE: Final = 2.0
#: Lines of prose fill their column; cells of a table do not.
_PROSE_FILL: Final = 0.75
#: Units: of the font size, between baselines. Closer lines belong to one row of a table.
_TIGHT: Final = 1.35
#: How far below the other columns a last column may go on before it is something else.
_SAME_FLOW: Final = 1.9
_MIN_TABLE_ROWS: Final = 3
_MAX_DEPTH: Final = 6
#: A page with more pieces is no page of text: it is read from top to bottom.
_MOST_ITEMS: Final = 3000


def reading_order(items: list[Item], depth: int = 0) -> Iterator[list[Item]]:
    """Flows of items, each read from top to bottom, one after the other."""
    flow: list[Item] = []
    if len(items) > _MOST_ITEMS:
        yield sorted(items, key=_top)
        return
    for zone in _zones(_bands(items)):
        gutters = _gutters([item for band in zone for item in band])
        shared = [band for band in zone if len(band) > 1]
        if not gutters or not shared or depth >= _MAX_DEPTH:
            flow += [item for band in zone for item in _as_line(band)]
        elif _is_tabular(zone, gutters):
            flow += _tabular(zone, gutters)
        else:
            if flow:
                yield flow
                flow = []
            for column in _columns([item for band in zone for item in band], gutters):
                yield from reading_order(column, depth + 1)
    if flow:
        yield flow


def _bands(items: list[Item]) -> list[Band]:
    """Items that overlap vertically, directly or through others, from top to bottom."""
    bands: list[Band] = []
    bottom = 0.0
    for item in sorted(items, key=_top):
        # Boxes of neighbouring lines touch; a quarter of a line is no overlap.
        if bands and _top(item) < bottom - 0.25 * _height(item):
            bands[-1].append(item)
            bottom = max(bottom, _bottom(item))
        else:
            bands.append([item])
            bottom = _bottom(item)
    return [sorted(band, key=_left) for band in bands]


def _zones(bands: list[Band]) -> Iterator[list[Band]]:
    """Runs of bands which share their gutters."""
    zone: list[Band] = []
    inside: list[Item] = []
    for band in bands:
        together = [*inside, *band]
        has_columns = len(band) > 1 or len(zone) < len(inside)
        if zone and has_columns and not _gutters(together):
            yield from _trimmed(zone)
            zone, inside = [], []
        zone.append(band)
        inside += band
    if zone:
        yield from _trimmed(zone)


def _trimmed(zone: list[Band]) -> Iterator[list[Band]]:
    """A zone, without what stands above and below its columns on one side only."""
    shared = [index for index, band in enumerate(zone) if len(band) > 1]
    if not shared or not _gutters([item for band in zone for item in band]):
        yield zone
        return
    last = shared[-1] + 1
    while last < len(zone) and _goes_on(zone[last - 1], zone[last]):
        last += 1
    first = shared[0]
    while first > 0 and _goes_on(zone[first - 1], zone[first]):
        first -= 1
    for part in (zone[:first], zone[first:last], zone[last:]):
        if part:
            yield part


def _goes_on(above: Band, below: Band) -> bool:
    """Whether the text of a column continues from one band to the next."""
    for item in below:
        for other in above:
            if isinstance(item, Line) and isinstance(other, Line):
                step = item.base - other.base
                same_size = abs(item.size - other.size) < 0.08 * other.size
                overlap = min(item.x1, other.x1) - max(item.x0, other.x0)
                if overlap > 0 and same_size and step < _SAME_FLOW * other.size:
                    return True
    return False


def _gutters(items: list[Item]) -> list[Gutter]:
    """Vertical strips that no item enters, with items on both sides."""
    narrowest = max(_NARROWEST_GUTTER, _GUTTER_SIZES * _usual_size(items))
    found: list[Gutter] = []
    right = float("inf")
    for item in sorted(items, key=_left):
        if _left(item) - right >= narrowest:
            found.append((right, _left(item)))
        right = _right(item) if right == float("inf") else max(right, _right(item))
    return found


def _columns(items: list[Item], gutters: list[Gutter]) -> list[list[Item]]:
    columns: list[list[Item]] = [[] for _ in range(len(gutters) + 1)]
    for item in items:
        columns[_column_of(item, gutters)].append(item)
    return columns


def _column_of(item: Item, gutters: list[Gutter]) -> int:
    return sum(_left(item) >= right - 0.1 for _, right in gutters)


def _is_tabular(zone: list[Band], gutters: list[Gutter]) -> bool:
    """Whether columns are those of a table: same baselines, short texts, not lists."""
    lines = [item for band in zone for item in band if isinstance(item, Line)]
    if len(lines) < sum(len(band) for band in zone):
        return False
    shared = [band for band in zone if len(band) > 1]
    aligned = [band for band in shared if _on_one_baseline(band)]
    if len(aligned) < 0.8 * len(shared):
        return False
    columns = [
        [line for line in lines if _column_of(line, gutters) == number]
        for number in range(len(gutters) + 1)
    ]
    if sum(list_mark(line.text) is not None for line in columns[-1]) > 0.4 * len(columns[-1]):
        return False
    return min(_fill(column) for column in columns[:-1]) < _PROSE_FILL or len(shared) == 1


def _on_one_baseline(band: Band) -> bool:
    bases = [item.base for item in band if isinstance(item, Line)]
    return max(bases) - min(bases) <= _SAME_BASELINE


def _fill(column: list[Line]) -> float:
    """How much of their column its lines take: the median, the longest line being 1."""
    widths = [line.x1 - line.x0 for line in column]
    return statistics.median(widths) / max(1.0, max(widths))


def _tabular(zone: list[Band], gutters: list[Gutter]) -> list[Item]:
    """A table, or its rows as lines when they are too few to be sure."""
    start = next(index for index, band in enumerate(zone) if len(band) > 1)
    rows = _table_rows(zone[start:], gutters)
    if len(rows) < _MIN_TABLE_ROWS:
        return [item for band in zone for item in _as_line(band)]
    cells = []
    for number, row in enumerate(rows, start=1):
        by_column: dict[int, list[Line]] = {}
        for line in row:
            by_column.setdefault(_column_of(line, gutters) + 1, []).append(line)
        cells += [Cell(number, column, lines) for column, lines in sorted(by_column.items())]
    title = [item for band in zone[:start] for item in band]
    return [*title, Table(union([line.rect for row in rows for line in row]), cells)]


def _table_rows(zone: list[Band], gutters: list[Gutter]) -> list[list[Line]]:
    """Bands, those that only continue the cells above joined to them."""
    rows: list[list[Line]] = []
    for band in zone:
        lines = [item for item in band if isinstance(item, Line)]
        if rows and len(band) <= len(gutters) and _continues(rows[-1], lines):
            rows[-1] += lines
        else:
            rows.append(lines)
    return rows


def _continues(row: list[Line], lines: list[Line]) -> bool:
    size = max(line.size for line in lines)
    starts_a_row = min(line.x0 for line in lines) <= min(line.x0 for line in row) + size
    step = min(line.base for line in lines) - max(line.base for line in row)
    return not starts_a_row and step < _TIGHT * size


def _as_line(band: Band) -> Iterator[Item]:
    """The pieces of one printed line as one; tables and what overlaps them stay apart."""
    lines = [item for item in band if isinstance(item, Line)]
    if len(lines) == len(band) and len(lines) > 1 and _on_one_baseline(band):
        yield joined_line(lines)
    else:
        yield from sorted(band, key=_top)


def _usual_size(items: list[Item]) -> float:
    sizes = [item.size for item in items if isinstance(item, Line)]
    return statistics.median(sizes) if sizes else 0.0


def _left(item: Item) -> float:
    return item.rect[0]


def _top(item: Item) -> float:
    return item.rect[1]


def _right(item: Item) -> float:
    return item.rect[2]


def _bottom(item: Item) -> float:
    return item.rect[3]


def _height(item: Item) -> float:
    return item.rect[3] - item.rect[1]
