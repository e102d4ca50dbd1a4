"""Reads .csv tables, whatever their encoding and their separator."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ingest.building import DocumentBuilder
from ingest.formats.allowances import most_plain_cells
from ingest.formats.plain import decoded
from ingest.types import BlockKind, Document, Locator, SourceFile, UnreadPart

#: French programs write semicolons, since the comma is for decimals.
_SEPARATORS: Final = (";", "\t", ",", "|")
#: The separator is chosen on so many lines.
_SAMPLE_LINES: Final = 60
_SAMPLE_CHARACTERS: Final = 200_000
_NAMES_FR: Final = {
    "\x1f": "aucun",
    ";": "point-virgule",
    "\t": "tabulation",
    ",": "virgule",
    "|": "barre",
}
#: Lines of which fewer are alike are not a table.
_REGULAR: Final = 0.5
_NO_SEPARATOR: Final = "\x1f"
_LINE: Final = re.compile(r"\r\n|\r|\n")
_TABLE: Final = 1


def read_csv(file: SourceFile) -> Document:
    """Read a table of text: one block per cell that holds something.

    Raises: `FileTooLarge`.
    """
    builder = DocumentBuilder(file, format_name="csv")
    text, separator = _announced(decoded(file, builder).replace("\0", ""))
    separator = separator or _separator(text)
    builder.metadata["séparateur"] = _NAMES_FR.get(separator, separator)
    kept = left_out = 0
    most = most_plain_cells(len(file.data))
    for row, cells in enumerate(_rows(text, separator, builder), start=1):
        for column, cell in enumerate(cells, start=1):
            if not cell.strip():
                continue
            if kept >= most:
                left_out += 1
                continue
            kept += 1
            locator = Locator(file=file.filename, table=_TABLE, row=row, column=column)
            builder.add(BlockKind.TABLE_CELL, cell, locator)
    if left_out:
        builder.warnings_fr.append(f"Trop de cellules : {left_out} n'ont pas été lues.")
        builder.unread.append(
            UnreadPart(
                locator=Locator(file=file.filename, table=_TABLE),
                reason_fr=f"{left_out} cellules au-delà de la limite",
                weight=left_out / (kept + left_out),
            )
        )
    return builder.build()


def _announced(text: str) -> tuple[str, str]:
    """The text and the separator that its first line (`sep=;`) announces to Excel."""
    first, _, rest = text.partition("\n")
    first = first.strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return rest, first[4]
    return text, ""


def _separator(text: str) -> str:
    """The separator that cuts the first lines into the most regular table; the first at par."""
    sample = text[:_SAMPLE_CHARACTERS]
    best = max(_SEPARATORS, key=lambda one: _regularity(_sample(sample, one)))
    return best if _regularity(_sample(sample, best)) >= _REGULAR else _NO_SEPARATOR


def _sample(text: str, separator: str) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == _SAMPLE_LINES:
                break
    except csv.Error:
        return rows
    return rows


def _regularity(rows: Sequence[Sequence[str]]) -> float:
    """Share of the rows that have the commonest number of cells, two or more."""
    widths = Counter(len(row) for row in rows)
    return max((count / len(rows) for width, count in widths.items() if width > 1), default=0.0)


def _rows(text: str, separator: str, builder: DocumentBuilder) -> Iterable[Sequence[str]]:
    """The rows; when a quotation mark is never closed, marks are taken as plain characters."""
    for strict in (True, False):
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
            return list(reader)
        except csv.Error as error:
            # Python has no other word for a mark that is never closed.
            if "unexpected end" in str(error):
                break
    builder.warnings_fr.append(
        "Un guillemet n'est pas refermé dans ce fichier : les guillemets ont été lus comme "
        "des caractères ordinaires."
    )
    return [line.split(separator) for line in _LINE.split(text)]
