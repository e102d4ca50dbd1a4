"""Writes one sheet: its name, its cells row by row, then what floats over and around them."""

import re
from typing import Final

from ingest.formats.drawing_output import Output
from ingest.formats.xlsx_book import Workbook
from ingest.formats.xlsx_cells import CellSight, Shown, number_of, show_cell
from ingest.formats.xlsx_drawings import SheetDrawings
from ingest.formats.xlsx_extras import SheetExtras
from ingest.formats.xlsx_formulas import Calculator
from ingest.formats.xlsx_grid import cell_name
from ingest.formats.xlsx_sheet import RawCell, SheetData
from ingest.types import BlockKind, Locator

#: Unread cells named one by one; more are counted together.
_MOST_NAMED: Final = 50
_LINK_FORMULA: Final = re.compile(r'HYPERLINK\(\s*"([^"]{1,2000})"', re.IGNORECASE)
_TABLE: Final = 1


class SheetWriter:
    """Writes the sheet of `part`. `total`: the cells of the whole workbook, for the weights."""

    def __init__(
        self, book: Workbook, part: str, data: SheetData, calculator: Calculator, total: int
    ) -> None:
        self._book = book
        self._part = part
        self._data = data
        self._calculator = calculator
        self._cell_weight = 1 / max(1, total)
        self._unread: list[RawCell] = []
        self._computed = 0

    def write(self, output: Output, share: float) -> None:
        """Write the sheet at a place that names it. `share`: its part of the workbook."""
        name = output.locator.sheet or ""
        extras = SheetExtras(self._book, self._part, self._data)
        drawings = SheetDrawings(self._book, self._part, self._data, share)
        sight = CellSight(
            self._data, self._book, covered=drawings.covers(), styled=extras.styled_areas()
        )
        if output.hidden is None:
            output.show(BlockKind.HEADING, name, level=1)
        extras.write_header(output)
        for cell in self._data.cells:
            self._cell(cell, sight, output)
        drawings.write(output)
        extras.write(output)
        self._report(output)

    def _cell(self, cell: RawCell, sight: CellSight, output: Output) -> None:
        shown = self._shown(cell, output.locator.sheet or "")
        if link := _LINK_FORMULA.search(cell.formula):
            output.link(link.group(1))
        if shown is None:
            if output.hidden is None:
                self._unread.append(cell)
            return
        here = _at(cell, output).unseen(sight.cell_reason(cell, shown))
        if here.hidden is not None:
            here.hide(shown.text if shown.text.strip() else shown.raw, here.hidden)
            return
        seen = []
        for run in shown.runs:
            reason = sight.run_reason(run, cell) if run.text.strip() else None
            if reason is None:
                seen.append(run.text)
            else:
                here.hide(run.text, reason)
        formula = f"={cell.formula}" if cell.formula else None
        here.show(BlockKind.TABLE_CELL, "".join(seen), formula=formula)

    def _shown(self, cell: RawCell, sheet: str) -> Shown | None:
        """What a cell shows; a formula without its result is computed when that is easy."""
        stale = self._book.recalculates and number_of(cell) == 0
        missing = cell.kind == "n" and not cell.value
        if not cell.formula or not (stale or missing):
            return show_cell(cell, self._book)
        result = self._calculator.compute(cell.formula, sheet)
        if result is None:
            return None
        self._computed += 1
        return show_cell(cell, self._book, computed=result)

    def _report(self, output: Output) -> None:
        """Say what was computed here, and what could not be read."""
        sheet = output.locator.sheet
        if self._computed:
            output.warn(
                f"Feuille « {sheet} » : {self._computed} formule(s) sans résultat enregistré, "
                "recalculée(s) à la lecture."
            )
        for cell in self._unread[:_MOST_NAMED]:
            _at(cell, output).unread(_cause(cell), self._cell_weight)
        if (more := len(self._unread) - _MOST_NAMED) > 0:
            output.unread(f"{more} autres cellules sans valeur lisible", more * self._cell_weight)
        if self._unread:
            output.warn(
                f"Feuille « {sheet} » : {len(self._unread)} cellule(s) sans valeur enregistrée. "
                "Ouvrez le classeur dans un tableur, enregistrez-le, puis déposez-le à nouveau."
            )
        if left := self._data.left_out:
            output.unread(f"{left} cellules au-delà de la limite", left * self._cell_weight)
            output.warn(f"Feuille « {sheet} » : trop de cellules, {left} n'ont pas été lues.")


def _at(cell: RawCell, output: Output) -> Output:
    """The output at a cell. Called for each: the locator is made afresh, copies being slower."""
    sheet = output.locator
    locator = Locator(
        file=sheet.file,
        sheet=sheet.sheet,
        table=_TABLE,
        row=cell.row,
        column=cell.column,
        cell=cell_name(cell.row, cell.column),
    )
    return Output(output.builder, locator, output.hidden)


def _cause(cell: RawCell) -> str:
    if cell.formula:
        return f"formule sans résultat enregistré : ={cell.formula}"[:500]
    return "cellule dont le texte manque dans le fichier"
