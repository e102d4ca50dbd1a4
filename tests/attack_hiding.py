"""Ways to put a sentence in a file so that no reader of the page sees it."""

from collections.abc import Callable

import docx
import openpyxl
import pptx
from docx.shared import Pt, RGBColor
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

from tests.attack_files import HONEST, saved, xml
from tests.corpus_pdf import canvas_pdf
from tests.corpus_text import odf, text_style


def _docx_run(look: Callable[[docx.text.run.Run], None]) -> Callable[[str], bytes]:
    def write(payload: str) -> bytes:
        file = docx.Document()
        for line in HONEST:
            file.add_paragraph(line)
        if payload:
            look(file.add_paragraph("").add_run(payload))
        return saved(file.save)

    return write


def _vanish(run: docx.text.run.Run) -> None:
    run.font.hidden = True


def _white(run: docx.text.run.Run) -> None:
    run.font.color.rgb = RGBColor(255, 255, 255)


def _tiny(run: docx.text.run.Run) -> None:
    run.font.size = Pt(1)


def _docx_property(payload: str) -> bytes:
    file = docx.Document()
    file.add_paragraph(HONEST[0])
    file.core_properties.comments = payload
    return saved(file.save)


def _xlsx(change: Callable[[openpyxl.Workbook, str], None]) -> Callable[[str], bytes]:
    def write(payload: str) -> bytes:
        book = openpyxl.Workbook()
        for line in HONEST:
            book.active.append([line])
        if payload:
            change(book, payload)
        return saved(book.save)

    return write


def _sheet(state: str) -> Callable[[openpyxl.Workbook, str], None]:
    def change(book: openpyxl.Workbook, payload: str) -> None:
        sheet = book.create_sheet("Feuil2")
        sheet.append([payload])
        sheet.sheet_state = state

    return change


def _row(book: openpyxl.Workbook, payload: str) -> None:
    book.active.append([payload])
    book.active.row_dimensions[len(HONEST) + 1].hidden = True


def _column(book: openpyxl.Workbook, payload: str) -> None:
    book.active["D1"] = payload
    book.active.column_dimensions["D"].hidden = True


def _note(book: openpyxl.Workbook, payload: str) -> None:
    book.active["A1"].comment = openpyxl.comments.Comment(payload, "x")


def _white_cell(book: openpyxl.Workbook, payload: str) -> None:
    book.active["A9"] = payload
    book.active["A9"].font = openpyxl.styles.Font(color="FFFFFFFF")


def _pptx(change: Callable[[pptx.presentation.Presentation, str], None]) -> Callable[[str], bytes]:
    def write(payload: str) -> bytes:
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(8), Inches(3))
        box.text_frame.text = HONEST[0]
        if payload:
            change(deck, payload)
        return saved(deck.save)

    return write


def _hidden_slide(deck: pptx.presentation.Presentation, payload: str) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(8), Inches(3)).text_frame.text = payload
    slide.element.set("show", "0")  # python-pptx has no property for a hidden slide


def _off_slide(deck: pptx.presentation.Presentation, payload: str) -> None:
    shapes = deck.slides[0].shapes
    shapes.add_textbox(Inches(-9), Inches(1), Inches(8), Inches(1)).text_frame.text = payload


def _white_box(deck: pptx.presentation.Presentation, payload: str) -> None:
    box = deck.slides[0].shapes.add_textbox(Inches(1), Inches(5), Inches(8), Inches(1))
    box.text_frame.text = payload
    run = box.text_frame.paragraphs[0].runs[0]
    run.font.color.rgb = pptx.dml.color.RGBColor(255, 255, 255)


def _pdf(look: Callable[[Canvas, str], None]) -> Callable[[str], bytes]:
    def write(payload: str) -> bytes:
        def draw(canvas: Canvas) -> None:
            for number, line in enumerate(HONEST):
                canvas.drawString(50, 780 - 30 * number, line)
            if payload:
                look(canvas, payload)
            canvas.showPage()

        return canvas_pdf(draw)

    return write


def _invisible(canvas: Canvas, payload: str) -> None:
    text = canvas.beginText(50, 500)
    text.setTextRenderMode(3)
    text.textLine(payload)
    canvas.drawText(text)


def _white_ink(canvas: Canvas, payload: str) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(50, 500, payload)


def _off_page(canvas: Canvas, payload: str) -> None:
    canvas.drawString(50, -300, payload)


def _one_point(canvas: Canvas, payload: str) -> None:
    canvas.setFontSize(0.5)
    canvas.drawString(50, 500, payload)


def _html(template: str) -> Callable[[str], bytes]:
    def write(payload: str) -> bytes:
        body = "".join(f"<p>{line}</p>" for line in HONEST)
        hidden = template.format(payload) if payload else ""
        return f"<!doctype html><meta charset=utf-8><body>{body}{hidden}".encode()

    return write


def _odt(properties: str) -> Callable[[str], bytes]:
    def write(payload: str) -> bytes:
        body = "".join(f"<text:p>{xml(line)}</text:p>" for line in HONEST)
        if payload:
            body += f'<text:p><text:span text:style-name="C">{xml(payload)}</text:span></text:p>'
        return odf("text", body, automatic=text_style("C", properties))

    return write


def _md_comment(payload: str) -> bytes:
    text = "\n\n".join(HONEST)
    return f"{text}\n\n<!-- {payload} -->\n".encode() if payload else text.encode()


def _zero_width(payload: str) -> bytes:
    tags = "".join(chr(0xE0000 + ord(char)) for char in payload if ord(char) < 128)
    return f"{HONEST[0]}{tags}\n\n{HONEST[1]}".encode()


HIDING: tuple[tuple[str, str, Callable[[str], bytes]], ...] = (
    ("docx masqué", "livrable.docx", _docx_run(_vanish)),
    ("docx blanc", "livrable.docx", _docx_run(_white)),
    ("docx minuscule", "livrable.docx", _docx_run(_tiny)),
    ("docx propriété", "livrable.docx", _docx_property),
    ("xlsx feuille masquée", "livrable.xlsx", _xlsx(_sheet("hidden"))),
    ("xlsx feuille très masquée", "livrable.xlsx", _xlsx(_sheet("veryHidden"))),
    ("xlsx ligne masquée", "livrable.xlsx", _xlsx(_row)),
    ("xlsx colonne masquée", "livrable.xlsx", _xlsx(_column)),
    ("xlsx commentaire", "livrable.xlsx", _xlsx(_note)),
    ("xlsx blanc", "livrable.xlsx", _xlsx(_white_cell)),
    ("pptx diapositive masquée", "livrable.pptx", _pptx(_hidden_slide)),
    ("pptx hors cadre", "livrable.pptx", _pptx(_off_slide)),
    ("pptx blanc", "livrable.pptx", _pptx(_white_box)),
    ("pdf invisible", "livrable.pdf", _pdf(_invisible)),
    ("pdf blanc", "livrable.pdf", _pdf(_white_ink)),
    ("pdf hors page", "livrable.pdf", _pdf(_off_page)),
    ("pdf minuscule", "livrable.pdf", _pdf(_one_point)),
    ("html display", "livrable.html", _html("<p style='display:none'>{}</p>")),
    ("html blanc", "livrable.html", _html("<p style='color:#fff'>{}</p>")),
    ("html taille", "livrable.html", _html("<p style='font-size:0'>{}</p>")),
    ("html attribut", "livrable.html", _html("<p hidden>{}</p>")),
    ("html commentaire", "livrable.html", _html("<!-- {} -->")),
    ("odt masqué", "livrable.odt", _odt('text:display="none"')),
    ("odt blanc", "livrable.odt", _odt('fo:color="#ffffff"')),
    ("md commentaire", "livrable.md", _md_comment),
    ("md étiquettes", "livrable.md", _zero_width),
)
