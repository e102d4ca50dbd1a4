"""What a cell shows, in which fonts, and why it is not seen when it is not."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.formats.appearance import SMALLEST_LEGIBLE
from ingest.formats.docx_xml import integer
from ingest.formats.drawing_colours import is_lost
from ingest.formats.xlsx_book import Workbook
from ingest.formats.xlsx_dates import serial_of
from ingest.formats.xlsx_grid import Area, MergedAreas
from ingest.formats.xlsx_numbers import show_number, show_text
from ingest.formats.xlsx_sheet import RawCell, SheetData
from ingest.formats.xlsx_strings import Font, TextRun
from ingest.types import HiddenReason


class Shown(NamedTuple):
    """What a cell shows. `raw` is its value before its format, when the format hides it all."""

    runs: tuple[TextRun, ...]
    raw: str

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def show_cell(cell: RawCell, book: Workbook, computed: float | None = None) -> Shown | None:
    """A cell's content as its format shows it; None when the file does not hold it.

    `computed` is the result of a formula that the file keeps without one.
    """
    code = book.styles.look(cell.style).code
    if computed is not None:
        return _number(computed, code, book)
    if cell.runs:
        return _texts(cell.runs, code)
    if cell.kind == "s":
        place = integer(cell.value)
        known = place is not None and 0 <= place < len(book.strings)
        return _texts(book.strings[place or 0], code) if known else None
    if cell.value is None or (not cell.value and cell.kind != "str"):
        return None
    return _value(cell.kind, cell.value, code, book)


def number_of(cell: RawCell) -> float | None:
    """The number that a cell holds."""
    if cell.kind != "n" or not cell.value:
        return None
    try:
        return float(cell.value)
    except ValueError:
        return None


def _value(kind: str, value: str, code: str, book: Workbook) -> Shown:
    if kind == "b":
        return _plain("VRAI" if value.strip() in ("1", "true") else "FAUX", value)
    if kind == "d" and (serial := serial_of(value, date1904=book.date1904)) is not None:
        return _number(serial, code if code != "General" else "dd/mm/yyyy", book)
    if kind in ("str", "inlineStr"):
        return _texts((TextRun(value),), code)
    if kind == "n":
        try:
            return _number(float(value), code, book)
        except ValueError:
            return _plain(value, value)
    return _plain(value, value)


def _number(value: float, code: str, book: Workbook) -> Shown:
    shown = show_number(value, code, date1904=book.date1904)
    return _plain(shown, shown if shown.strip() else show_number(value, ""))


def _texts(runs: tuple[TextRun, ...], code: str) -> Shown:
    text = "".join(run.text for run in runs)
    shown = show_text(text, code)
    return Shown(runs, text) if shown == text else _plain(shown, text)


def _plain(text: str, raw: str) -> Shown:
    return Shown((TextRun(text),) if text else (), raw)


class CellSight:
    """Decides which cells of a sheet, and which of their characters, a person sees.

    Ask row by row. `covered`: the areas that an opaque picture hides; `styled`: those whose
    background a table style or a condition may paint.
    """

    def __init__(
        self,
        data: SheetData,
        book: Workbook,
        *,
        covered: Sequence[Area] = (),
        styled: Sequence[Area] = (),
    ) -> None:
        self._data = data
        self._book = book
        self._covered = covered
        self._styled = styled
        self._merges = MergedAreas(data.merges)

    def cell_reason(self, cell: RawCell, shown: Shown) -> HiddenReason | None:
        """Why nothing of a cell is seen."""
        if self._merges.covers(cell.row, cell.column):
            return HiddenReason.VANISHED
        if self._data.hides(cell.row, cell.column):
            return HiddenReason.HIDDEN_ROW_OR_COLUMN
        if shown.raw.strip() and not shown.text.strip():
            return HiddenReason.VANISHED  # the format « ;;; » and its like
        if self._covered and any(a.holds(cell.row, cell.column) for a in self._covered):
            return HiddenReason.COVERED
        return None

    def run_reason(self, run: TextRun, cell: RawCell) -> HiddenReason | None:
        """Why a run of a cell that is otherwise seen is not."""
        look = self._book.styles.look(cell.style)
        font = run.font or Font()
        size = font.size if font.size is not None else look.size
        if size is not None and size < SMALLEST_LEGIBLE:
            return HiddenReason.TINY
        colour = self._book.styles.colour(font.colour) if run.font else look.colour
        if colour is None or look.ground is None or not is_lost(colour, look.ground):
            return None
        painted = not look.filled and self._is_painted(cell)
        return None if painted else HiddenReason.NEAR_BACKGROUND

    def _is_painted(self, cell: RawCell) -> bool:
        """Whether something else than the cell may paint behind its text."""
        return self._data.has_picture_behind or any(
            area.holds(cell.row, cell.column) for area in self._styled
        )
