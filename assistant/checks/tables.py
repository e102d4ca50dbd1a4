"""Tables put together again from the cells of a document, and lines that read like tables.

A document gives cells in order with their row and column; here they become a grid with a header,
so that a check can ask for « the column of amounts ». Nothing is guessed: a cell that is not there
stays None.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Final

from assistant.checks.numbers import Quantity, Unit, find_quantities
from assistant.checks.text import fold
from ingest.types import Block, BlockKind, Document

_BLANK: Final = frozenset({"", "-", "–", "—", "/", "x", "n/a", "na", "néant", "s.o.", "…", "..."})
_PENDING: Final = re.compile(
    r"\b(?:a (?:definir|preciser|completer|determiner|confirmer|venir|voir|chiffrer)|en attente"
    r"|tbd|tbc|non (?:defini|precise|renseigne)e?s?|\?{1,3})(?:\b|$)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and its range in the document's text."""

    text: str
    start: int
    end: int

    @property
    def blank(self) -> bool:
        """Holds only a dash or the like."""
        return self.text.strip().lower() in _BLANK

    @property
    def pending(self) -> bool:
        """Says that it is still to be filled in: « à définir »."""
        return bool(_PENDING.search(fold(self.text)))

    @property
    def filled(self) -> bool:
        return not self.blank and not self.pending

    def quantities(self) -> list[Quantity]:
        return list(find_quantities(self.text))


Row = tuple[Cell | None, ...]


@dataclass(frozen=True)
class Table:
    """A grid of cells. `header` is empty when the first row does not name the columns."""

    document: Document
    header: Row
    body: tuple[Row, ...]
    title: str = ""
    from_lines: bool = False  # rebuilt from running text: its columns are less certain
    above: str = field(default="", repr=False)  # the paragraph just before

    @cached_property
    def width(self) -> int:
        return max((len(row) for row in (self.header, *self.body)), default=0)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The column names, folded; empty strings where there is none."""
        named = [fold(cell.text) if cell else "" for cell in self.header]
        return (*named, *([""] * (self.width - len(named))))

    def columns(self, pattern: re.Pattern[str]) -> list[int]:
        """Columns whose name matches a pattern over folded text."""
        return [i for i, label in enumerate(self.labels) if label and pattern.search(label)]

    def column(self, pattern: re.Pattern[str]) -> int | None:
        return next(iter(self.columns(pattern)), None)

    def cell(self, row: Row, column: int | None) -> Cell | None:
        return row[column] if column is not None and column < len(row) else None

    @property
    def start(self) -> int:
        return min(cell.start for row in (self.header, *self.body) for cell in row if cell)

    @property
    def end(self) -> int:
        return max(cell.end for row in (self.header, *self.body) for cell in row if cell)


def find_tables(document: Document) -> list[Table]:
    """The document's tables in order, at least two rows and two columns each."""
    blocks = enumerate(document.blocks)
    groups = groupby(blocks, key=lambda pair: _table_key(pair[1]))
    tables: list[Table] = []
    for key, members in groups:
        if key is None:
            continue
        indexed = list(members)
        first = indexed[0][0]
        above = document.blocks[first - 1].text if first else ""
        tables += _build(document, [block for _, block in indexed], above)
    return tables


def _table_key(block: Block) -> tuple[object, ...] | None:
    if block.kind is not BlockKind.TABLE_CELL:
        return None
    where = block.locator
    return (where.file, where.sheet, where.slide, where.table)


def _build(document: Document, blocks: list[Block], above: str) -> Iterator[Table]:
    rows: dict[int, dict[int, Cell]] = {}
    for block in blocks:
        row, column = block.locator.row, block.locator.column
        if row is None or column is None:
            return
        held = rows.setdefault(row, {}).get(column)
        start = held.start if held else block.start
        cell = Cell(document.text[start : block.end], start, block.end)
        rows[row][column] = cell  # several blocks of one cell make one cell
    path = blocks[0].locator.heading_path
    title = path[-1] if path else (blocks[0].locator.sheet or "")
    for part in _split_at_gaps(rows):
        grid = _dense(part)
        if len(grid) >= 2 and max(len(row) for row in grid) >= 2:
            at = _header_index(grid)
            header, body = ((), grid) if at is None else (grid[at], grid[at + 1 :])
            if body:
                yield Table(document, header, tuple(body), title=title, above=above)


def _split_at_gaps(rows: dict[int, dict[int, Cell]]) -> Iterator[list[dict[int, Cell]]]:
    """An empty row ends a table of a sheet."""
    part: list[dict[int, Cell]] = []
    previous: int | None = None
    for number in sorted(rows):
        if previous is not None and number > previous + 1:
            yield part
            part = []
        part.append(rows[number])
        previous = number
    if part:
        yield part


def _dense(rows: list[dict[int, Cell]]) -> list[Row]:
    lowest = min(min(row) for row in rows)
    highest = max(max(row) for row in rows)
    return [tuple(row.get(column) for column in range(lowest, highest + 1)) for row in rows]


def _header_index(grid: list[Row]) -> int | None:
    """The first well-filled row, when it holds names and no amounts."""
    widest = max(sum(cell is not None for cell in row) for row in grid)
    for index, row in enumerate(grid[:-1]):
        cells = [cell for cell in row if cell]
        if len(cells) >= 2 and len(cells) >= 0.6 * widest:
            return index if all(_names(cell) for cell in cells) else None
    return None


def _names(cell: Cell) -> bool:
    """A label may hold a year, a unit or a date (« 21/09 »), not a plain amount."""
    amounts = [q for q in cell.quantities() if not q.year_like]
    if not amounts:
        return True
    bare = re.sub(r"[\d\s.,%€+−-]", "", cell.text)
    return len(bare) >= 3 and not any(q.unit is Unit.EURO for q in amounts)


_LINE: Final = re.compile(
    r"^(?:[-–•*▪‣] ?)?(?P<label>[^\d\W][^:=|]{1,70}?) ?(?:[:=|]|[.…]{3,}|\s) ?"
    r"(?P<value>[<>≈~]? ?[-−+]?\d[\d .,]*(?: ?(?:k€|€|%|euros?)(?: (?:HT|TTC))?))\.?$"
)


def line_tables(document: Document) -> list[Table]:
    """Runs of lines « Libellé : montant » (or « Libellé montant ») read as two columns."""
    lines = [
        (line.start() + block.start, line.group(), block)
        for block in document.blocks
        if block.kind is not BlockKind.TABLE_CELL
        for line in re.finditer(r"[^\n]+", block.text)
    ]
    tables, run, before = [], [], ""
    for start, text, _ in [*lines, (0, "", None)]:
        match = _LINE.match(text) if len(text) <= 200 else None
        if match:
            run.append(tuple(_slice(start, match, name) for name in ("label", "value")))
            continue
        if len(run) >= 3:
            tables.append(Table(document, (), tuple(run), from_lines=True, above=before))
        run, before = [], text
    return tables


def _slice(offset: int, match: re.Match[str], name: str) -> Cell:
    return Cell(match[name], offset + match.start(name), offset + match.end(name))


@dataclass(frozen=True, slots=True)
class LabelledValue:
    """« Période : du 1er au 28 février »: a label and what follows it, with its range."""

    label: str
    value: str
    start: int
    end: int


_LABELLED: Final = re.compile(
    r"^(?P<label>[^\W\d][^:\n]{1,50}?) ?: (?P<value>[^\n]+)$", re.MULTILINE
)


def labelled_values(document: Document) -> Iterator[LabelledValue]:
    """« Libellé : valeur » lines, and rows of two-column tables."""
    for block in document.blocks:
        if block.kind is not BlockKind.TABLE_CELL:
            for match in _LABELLED.finditer(block.text):
                start = block.start + match.start("value")
                yield LabelledValue(
                    match["label"], match["value"], start, block.start + match.end()
                )
    for table in find_tables(document):
        for row in table.body:
            cells = [cell for cell in row if cell]
            if len(cells) >= 2:
                yield LabelledValue(cells[0].text, cells[1].text, cells[1].start, cells[1].end)
