"""Honest lines, and writers of the files of the attacks: lines in, bytes out."""

import io
from collections.abc import Callable

import docx
import openpyxl
import pptx
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from tests.corpus_pdf import canvas_pdf
from tests.corpus_text import odf

HONEST = (
    "Le four est allumé à quatre heures par l'équipe du matin.",
    "Deux apprentis livrent les restaurants du quartier à vélo.",
    "La vitrine change de décor à chaque saison.",
)

Lines = tuple[str, ...]


def docx_file(lines: Lines) -> bytes:
    file = docx.Document()
    for line in lines:
        file.add_paragraph(line)
    return saved(file.save)


def xlsx_file(lines: Lines) -> bytes:
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([f"'{line}" if line.startswith("=") else line])
    return saved(book.save)


def pptx_file(lines: Lines) -> bytes:
    deck = pptx.Presentation()
    for line in lines:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_textbox(Inches(1), Inches(1), Inches(8), Inches(3)).text_frame.text = line
    return saved(deck.save)


def pdf_file(lines: Lines) -> bytes:
    def draw(canvas: Canvas) -> None:
        for number, line in enumerate(lines):
            for row, part in enumerate(wrapped(line)):
                canvas.drawString(50, 780 - 60 * number - 14 * row, part)
        canvas.showPage()

    return canvas_pdf(draw)


def odt_file(lines: Lines) -> bytes:
    return odf("text", "".join(f"<text:p>{xml(line)}</text:p>" for line in lines))


def html_file(lines: Lines) -> bytes:
    body = "".join(f"<p>{xml(line)}</p>" for line in lines)
    return f"<!doctype html><meta charset=utf-8><body>{body}".encode()


def md_file(lines: Lines) -> bytes:
    return "\n\n".join(line.replace("<", "&lt;") for line in lines).encode()


WRITERS: dict[str, Callable[[Lines], bytes]] = {
    "docx": docx_file, "xlsx": xlsx_file, "pptx": pptx_file, "pdf": pdf_file,
    "odt": odt_file, "html": html_file, "md": md_file,
}  # fmt: skip


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<text:line-break/>")


def wrapped(line: str) -> list[str]:
    words, rows = line.split(), [""]
    for word in words:
        if len(rows[-1]) + len(word) > 85:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows
