"""Reads .xlsx and .xlsm workbooks: sheets in order, cells as a French program shows them."""

from collections.abc import Mapping
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.allowances import most_cells
from ingest.formats.drawing_output import Output
from ingest.formats.ooxml_parts import OfficeParts
from ingest.formats.ooxml_properties import read_properties
from ingest.formats.package import open_package
from ingest.formats.xlsx_book import Workbook, open_workbook
from ingest.formats.xlsx_cells import number_of
from ingest.formats.xlsx_formulas import Calculator, Source
from ingest.formats.xlsx_output import SheetWriter
from ingest.formats.xlsx_sheet import RawCell, SheetData, read_sheet
from ingest.types import Document, HiddenReason, Locator, SourceFile

#: Names and addresses listed in the metadata.
_MOST_NAMES: Final = 50


def read_xlsx(file: SourceFile) -> Document:
    """Read a workbook. A sheet that cannot be read is left out, and said to be.

    Raises: `EmptyFile`, `EncryptedFile`, `WrongExtension`, `CorruptedFile`, `FileTooLarge`,
    `UnsafeFile`.
    """
    package = open_package(file, expected="xlsx")
    book = open_workbook(OfficeParts(package))
    builder = DocumentBuilder(file, format_name="xlsx")
    builder.unit_name_fr = "feuilles"
    builder.unit_count = len(book.sheets)
    output = Output(builder, Locator(file=file.filename))
    sheets = _read_sheets(book, output, most_cells(len(file.data)))
    calculator = Calculator({name: _sources(data, book) for name, data in sheets.items()})
    total = sum(len(data.cells) + data.left_out for data in sheets.values())
    for entry in book.sheets:
        here = output.at(sheet=entry.name)
        if entry.is_hidden:
            here = here.unseen(HiddenReason.HIDDEN_SHEET)
        data = sheets.get(entry.name)
        if entry.part is not None and data is not None:
            share = (len(data.cells) + data.left_out) / max(1, total)
            SheetWriter(book, entry.part, data, calculator, total).write(here, share)
    _read_book(book, output)
    read_properties(package, builder)
    return builder.build()


def _read_sheets(book: Workbook, output: Output, budget: int) -> Mapping[str, SheetData]:
    """The sheets by name, of at most `budget` cells together.

    Raises the first failure when none can be read.
    """
    sheets: dict[str, SheetData] = {}
    failures: list[CorruptedFile | FileTooLarge] = []
    weight = 1 / max(1, len(book.sheets))
    for entry in book.sheets:
        here = output.at(sheet=entry.name)
        if entry.part is None or entry.name in sheets:
            here.unread("feuille absente du fichier", weight)
            continue
        try:
            data = read_sheet(book.parts, entry.part, budget=budget)
        except (CorruptedFile, FileTooLarge) as error:
            failures.append(error)
            here.unread("feuille illisible", weight)
            here.warn(f"Feuille « {entry.name} » illisible : elle n'a pas été lue.")
            continue
        budget -= len(data.cells)
        sheets[entry.name] = data
    if failures and not sheets:
        raise failures[0]
    return sheets


def _sources(data: SheetData, book: Workbook) -> Mapping[tuple[int, int], Source]:
    return {(cell.row, cell.column): _source(cell, book) for cell in data.cells}


def _source(cell: RawCell, book: Workbook) -> Source:
    """What a cell brings to a computation. A program that recalculates may have left zeros."""
    value = number_of(cell)
    stale = book.recalculates and not value
    return Source(None if cell.formula and stale else value, cell.formula)


def _read_book(book: Workbook, output: Output) -> None:
    """Record what the workbook says outside its sheets."""
    names = [(name, text) for name, text in book.names if not name.startswith("_xlnm.")]
    if names:
        listed = " ; ".join(f"{name} = {text}" for name, text in names[:_MOST_NAMES])
        output.builder.metadata["noms définis"] = listed
    for name, text in names:
        if text.startswith('"'):
            output.hide(f"{name} : {text.strip(chr(34))}", HiddenReason.MARKUP)
    for address in book.outside_files()[:_MOST_NAMES]:
        output.warn(f"Le classeur s'appuie sur un autre fichier, non ouvert : {address}")
        output.link(address)
    if book.parts.package.has_macros:
        output.warn("Ce fichier contient des macros : elles ne sont jamais exécutées.")
    if any(name.lower().startswith("xl/connections") for name in book.parts.package.names):
        output.warn("Le classeur est relié à des données extérieures, jamais interrogées.")
