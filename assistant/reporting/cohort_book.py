"""The sheets of a cohort's workbook: formats, names, texts that are never formulas."""

import re
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assistant.domain.verdict import Verdict
from assistant.reporting.cells import safe_text

#: Light fills that stay apart in grey; the word in the cell says it all without them.
_FILLS: Final = {
    Verdict.MET: "#D9F0DC",
    Verdict.PARTIALLY_MET: "#FFF0C2",
    Verdict.NOT_MET: "#F3B6AE",
    Verdict.NOT_ASSESSABLE: "#E3E3E8",
}
_A4: Final = 9


class Book:
    """A workbook under way: its formats, and sheets whose names Excel takes."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._names: set[str] = set()
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top", "border": 1}
        base |= {"border_color": "#B8B8C0"}
        self.text = book.add_format(base | {"text_wrap": True})
        self.plain = book.add_format({"font_size": 11, "valign": "top", "text_wrap": True})
        self.title = book.add_format({"font_size": 16, "bold": True})
        self.strong = book.add_format({"font_size": 12, "bold": True})
        self.head = book.add_format(base | {"bold": True, "bg_color": "#DCE3F0", "text_wrap": True})
        self.whole = book.add_format(base | {"num_format": "#,##0"})
        self.euros = book.add_format(base | {"num_format": '#,##0.00" €"'})
        self.drafts = {
            verdict: book.add_format(base | {"bg_color": fill, "italic": True})
            for verdict, fill in _FILLS.items()
        }
        self.decided = {
            verdict: book.add_format(base | {"bg_color": fill, "bold": True})
            for verdict, fill in _FILLS.items()
        }
        self.failed = book.add_format(base | {"bold": True, "pattern": 14, "bg_color": "#FFFFFF"})

    def listing(
        self, name: str, heads: list[str], widths: list[int], note_fr: str = ""
    ) -> tuple[Worksheet, int]:
        """A sheet of lines under a head, and the number of its first line.

        `note_fr`, when there is one, stands above the head, across it.
        """
        sheet = self.sheet(name)
        top = 1 if note_fr else 0
        if note_fr:
            sheet.merge_range(0, 0, 0, len(heads) - 1, "", self.plain)
            sheet.set_row(0, height(note_fr, sum(widths)))
            write(sheet, 0, 0, note_fr, self.plain)
        for column, (word, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            write(sheet, top, column, word, self.head)
        sheet.freeze_panes(top + 1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        return sheet, top + 1

    def sheet(self, name: str) -> Worksheet:
        """A sheet under a name that Excel takes: 31 characters, some signs left out, once."""
        stem = re.sub(r"[\[\]:*?/\\']", "-" if "'" not in name else "’", name)[:28] or "feuille"
        chosen, number = stem, 2
        while chosen.lower() in self._names:
            chosen, number = f"{stem} {number}"[:31], number + 1
        self._names.add(chosen.lower())
        sheet = self._book.add_worksheet(chosen)
        sheet.set_paper(_A4)
        return sheet


def height(text: str, width: int) -> float:
    """The height of a row, in points, for a text in a column of that many characters.

    LibreOffice does not measure it when it opens the file; long words leave lines unfilled.
    """
    return 15.5 * (1 + int(len(text) * 1.1) // width)


def write(sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
    """Write a text as a text, or an empty cell of that format."""
    if text:
        sheet.write_string(row, column, safe_text(text), form)
    else:
        sheet.write_blank(row, column, None, form)
