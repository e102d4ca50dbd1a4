"""Small office files to lay out, and whether the LibreOffice of this machine lays them out."""

import io
import zipfile
from functools import cache

import docx
import openpyxl
import pptx

from ingest.layout import LayoutFailed, find_office
from ingest.types import SourceFile

OFFICE = find_office()
QUOTE = "le budget est plafonné à 9 600 euros"


@cache
def lays_out(suffix: str) -> bool:
    """Whether the installed LibreOffice has the module for these files."""
    if OFFICE is None:
        return False
    makers = {".docx": word_file, ".xlsx": workbook, ".pptx": presentation, ".odt": odt_file}
    made = makers[suffix]()
    try:
        OFFICE.pdf(SourceFile.from_bytes(f"essai{suffix}", made))
    except LayoutFailed:
        return False
    return True


def word_file() -> bytes:
    made = docx.Document()
    made.add_heading("Cadrage", 1)
    made.add_paragraph("Avant.")
    made.add_page_break()
    made.add_paragraph(f"Deuxième page : {QUOTE}, dit le client.")
    table = made.add_table(rows=2, cols=2)
    for cell, text in zip((*table.rows[0].cells, *table.rows[1].cells), "abcd", strict=True):
        cell.text = f"cellule {text} du tableau"
    return saved(made)


def workbook() -> bytes:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["Date", "Texte"])
    sheet.append(["3 mars", QUOTE])
    return saved(made)


def presentation() -> bytes:
    made = pptx.Presentation()
    for title, notes in (("Ouverture", ""), (QUOTE, "note du présentateur bien cachée")):
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = title
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    return saved(made)


def odt_file() -> bytes:
    return odf_text(f"<text:p>{QUOTE}</text:p>")


def saved(made) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


MANIFEST = (
    '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" m:version="1.2">'
    '<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/>'
    '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>'
)


def odf_text(body: str) -> bytes:
    """A text document of OpenDocument."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
        for name, urn in (
            ("office", "office"),
            ("text", "text"),
            ("draw", "drawing"),
            ("svg", "svg-compatible"),
        )
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'office:version="1.2"><office:body><office:text>{body}</office:text>'
            "</office:body></office:document-content>",
        )
    return buffer.getvalue()
