"""Reads OpenDocument spreadsheets (.ods)."""

import re
from dataclasses import replace
from typing import Final

from ingest.formats.appearance import Look
from ingest.formats.odf_context import CellContext, Context
from ingest.formats.odf_flow import FlowReader
from ingest.formats.odf_source import OdfSource
from ingest.formats.odf_tables import TableCell, column_letters
from ingest.formats.odf_xml import Element, attribute, plain_text, q
from ingest.types import Channel, Document, HiddenReason, SourceFile

_STORED_VALUES: Final = (
    "office:string-value",
    "office:date-value",
    "office:time-value",
    "office:boolean-value",
    "office:value",
)
_STRINGS: Final = re.compile(r'("(?:[^"]|"")*")')
_REFERENCE: Final = re.compile(r"\[([^\]]*)\]")


def read_ods(file: SourceFile) -> Document:
    """Read a workbook sheet by sheet: what cells show, and their formulas.

    Raises: `EncryptedFile`, `WrongExtension`, `CorruptedFile`, `FileTooLarge`, `UnsafeFile`.
    """
    source = OdfSource.open(file, "ods")
    flow = source.flow()
    book = source.body("office:spreadsheet")
    sheets = book.findall(q("table:table"))
    for sheet in sheets:
        _read_sheet(sheet, flow, source)
    _read_replaced_values(book, flow, source)
    source.builder.unit_name_fr = "feuilles"
    source.builder.unit_count = len(sheets)
    return source.finish()


def _read_sheet(sheet: Element, flow: FlowReader, source: OdfSource) -> None:
    name = attribute(sheet, "table:name")
    style = attribute(sheet, "table:style-name")
    hidden = flow.styles.value("table", style, "table", "table:display") == "false"
    context = Context(
        place=source.place.model_copy(update={"sheet": name}),
        look=flow.styles.default("table-cell", Look(size=10.0)),
        reason=HiddenReason.HIDDEN_SHEET if hidden else None,
    )

    def place(cell: TableCell, around: Context) -> CellContext:
        reference = f"{column_letters(cell.column)}{cell.row}"
        here = around.at(row=cell.row, column=cell.column, cell=reference)
        style = attribute(cell.element, "table:style-name") or cell.default_style
        here = replace(here, look=flow.styles.over(around.look, "table-cell", style))
        return CellContext(
            context=here.hidden_by(HiddenReason.VANISHED if cell.covered else None),
            stored_value=_stored_value(cell.element),
            formula=readable_formula(attribute(cell.element, "table:formula")),
        )

    flow.grid(sheet, context, place)
    for shapes in sheet.iterfind(q("table:shapes")):
        flow.read(shapes, context)


def _stored_value(cell: Element) -> str:
    value = next(filter(None, (attribute(cell, name) for name in _STORED_VALUES)), "")
    if attribute(cell, "office:value-type") == "percentage" and value:
        return _as_percentage(value)
    return value


def _as_percentage(value: str) -> str:
    try:
        return f"{float(value) * 100:g} %".replace(".", ",")
    except ValueError:
        return value


def readable_formula(formula: str) -> str | None:
    """`of:=SUM([.A1:.B2];[$'Q 1'.C3])` as `=SUM(A1:B2,$'Q 1'!C3)`; None without a formula."""
    start = formula.find("=")
    if start < 0:
        return None
    pieces = _STRINGS.split(formula[start:])
    # Odd pieces are the quoted strings: they stay as they are.
    pieces[::2] = [_REFERENCE.sub(_reference, piece).replace(";", ",") for piece in pieces[::2]]
    return "".join(pieces)


def _reference(found: re.Match[str]) -> str:
    corners = []
    for corner in found[1].split(":"):
        sheet, _, cell = corner.rpartition(".")
        corners.append(f"{sheet}!{cell}" if sheet else cell)
    return ":".join(corners)


def _read_replaced_values(book: Element, flow: FlowReader, source: OdfSource) -> None:
    """What tracked changes keep of former cell contents."""
    place = source.place.model_copy(update={"channel": Channel.DELETED})
    for tracked in book.iterfind(q("table:tracked-changes")):
        for paragraph in tracked.iter(q("text:p")):
            source.builder.hide(plain_text(paragraph), HiddenReason.DELETED, place)
