"""A proof is shown where it stands, and the picture marks the quoted words and no others."""

import io
import re
import shutil

import numpy as np
import pptx
import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from assistant.domain.finding import Evidence
from assistant.grounding import evidence_at
from assistant.locating import locate
from assistant.rendering import RenderedEvidence, render_evidence
from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile
from ingest.layout import OfficeLayout
from ingest.service import ReadingService
from ingest.types import BlockKind, Box, Locator, SourceFile
from tests.conftest import COHORT
from tests.corpus_layout import (
    OFFICE,
    QUOTE,
    lays_out,
    odt_file,
    presentation,
    saved,
    word_file,
    workbook,
)

READER = ReadingService()
needs_office = pytest.mark.skipif(OFFICE is None, reason="needs LibreOffice")


def evidence_for(file: SourceFile, quote: str, occurrence: int = 0) -> Evidence:
    document = READER.read(file)
    place = locate(document, quote)[occurrence]
    return evidence_at(document, place.start, place.end)


def marked_area(shown: RenderedEvidence) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the highlight, in fractions of the picture."""
    with Image.open(io.BytesIO(shown.data)) as picture:
        red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB")), 2, 0)
    ys, xs = np.nonzero((red > 200) & (green > 170) & (blue < 150))
    assert len(xs), "nothing is highlighted"
    height, width = red.shape
    return xs.min() / width, ys.min() / height, xs.max() / width, ys.max() / height


# --- PDF and images -----------------------------------------------------------------------------


def pdf_with(*lines: tuple[float, float, str], pages: int = 1) -> SourceFile:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(600, 800))
    for _ in range(pages):
        canvas.setFont("Helvetica", 12)
        for x, y, text in lines:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return SourceFile.from_bytes("page.pdf", buffer.getvalue())


def test_the_quoted_words_of_a_pdf_are_highlighted_and_not_their_line():
    file = pdf_with((50, 700, f"Le client le dit et {QUOTE} pour toute cette belle saison."))
    shown = render_evidence(file, evidence_for(file, "plafonné à 9 600"), READER)
    assert (shown.kind, shown.page, shown.media_type) == ("image", 1, "image/png")
    left, top, right, bottom = marked_area(shown)
    assert 0.25 < left < right < 0.65
    assert 700 - 10 < 800 * (1 - bottom) < 800 * (1 - top) < 700 + 20


def test_the_right_occurrence_is_highlighted():
    lines = ((50, 700, f"D'abord {QUOTE}."), (50, 300, f"Ensuite {QUOTE}."))
    file = pdf_with(*lines)
    _, top, _, bottom = marked_area(render_evidence(file, evidence_for(file, QUOTE, 1), READER))
    assert 280 < 800 * (1 - bottom) < 800 * (1 - top) < 330


def test_a_quote_over_two_lines_is_highlighted_on_both():
    file = pdf_with(
        (50, 700, "Il est écrit que le budget est"), (50, 685, "plafonné à 9 600 euros.")
    )
    _, top, _, bottom = marked_area(render_evidence(file, evidence_for(file, QUOTE), READER))
    assert 800 * (bottom - top) > 20


def test_the_page_drawn_is_the_one_of_the_quote():
    file = pdf_with((50, 700, QUOTE), pages=3)
    assert render_evidence(file, evidence_for(file, QUOTE, 2), READER).page == 3


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_is_highlighted_in_its_place(rotation):
    writer = PdfWriter(clone_from=io.BytesIO(pdf_with((50, 700, QUOTE)).data))
    writer.pages[0].rotate(rotation)
    buffer = io.BytesIO()
    writer.write(buffer)
    file = SourceFile.from_bytes("page.pdf", buffer.getvalue())
    left, top, right, bottom = marked_area(render_evidence(file, evidence_for(file, QUOTE), READER))
    middle = ((left + right) / 2, (top + bottom) / 2)
    x, y = 160 / 600, 1 - 704 / 800  # of the words, on the page that is not turned
    expected = {90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[rotation]
    assert middle == pytest.approx(expected, abs=0.06)


def test_an_image_is_shown_with_the_boxes_of_its_words():
    picture = Image.new("RGB", (1000, 500), "white")
    ImageDraw.Draw(picture).text((100, 300), "Un texte", font=ImageFont.load_default(40), fill=0)
    file = SourceFile.from_bytes("photo.png", saved_image(picture))
    builder = DocumentBuilder(file, format_name="png")
    box = Box(page=1, left=0.1, top=0.6, right=0.3, bottom=0.7)
    builder.add(BlockKind.PARAGRAPH, "Un texte", Locator(file="photo.png", page=1), boxes=[box])
    png = READER.draw(file, 1, quote="Un texte", boxes=[box])
    left, top, right, bottom = marked_area(
        RenderedEvidence(kind="image", data=png, caption_fr="", page=1)
    )
    assert (left, top, right, bottom) == pytest.approx((0.1, 0.6, 0.3, 0.7), abs=0.02)


def saved_image(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_page_that_does_not_exist_is_an_expected_failure():
    with pytest.raises(CorruptedFile):
        READER.draw(pdf_with((50, 700, QUOTE)), 7)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
def test_a_quote_of_the_scan_is_highlighted_on_the_scan():
    (path,) = COHORT.glob("*/E2.5.2_crise-lac_ROUSSEL_scan.pdf")
    file = SourceFile.from_path(path)
    evidence = evidence_for(file, "J'ai suivi la charte de modération de l'office")
    shown = render_evidence(file, evidence, READER)
    left, top, right, bottom = marked_area(shown)
    assert shown.page == 1
    assert 0.45 < top < bottom < 0.56
    assert left < 0.2
    assert right > 0.6


# --- office files -------------------------------------------------------------------------------


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "make", "page"),
    [
        (".docx", word_file, 2),
        (".xlsx", workbook, 1),
        (".pptx", presentation, 2),
        (".odt", odt_file, 1),
    ],
)
def test_an_office_file_is_shown_as_its_page(suffix, make, page):
    if not lays_out(suffix):
        pytest.skip(f"this LibreOffice lays out no {suffix}")
    file = SourceFile.from_bytes(f"rendu{suffix}", make())
    shown = render_evidence(file, evidence_for(file, QUOTE), READER, office=OFFICE)
    assert (shown.kind, shown.page) == ("image", page)
    assert "LibreOffice" in shown.caption_fr
    left, top, right, bottom = marked_area(shown)
    assert (right - left) * (bottom - top) < 0.2


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("slide", [2, 3])
def test_the_slide_of_the_quote_is_shown_when_another_says_the_same(slide):
    if not lays_out(".pptx"):
        pytest.skip("this LibreOffice lays out no .pptx")
    made = pptx.Presentation()
    for body in ("Rien de plus.", "Au printemps, rue des Halles.", "En automne, sur la place."):
        added = made.slides.add_slide(made.slide_layouts[1])
        added.shapes.title.text = QUOTE
        added.placeholders[1].text = body
    made.slides[0]._element.set("show", "0")  # not laid out: the pages are one behind
    file = SourceFile.from_bytes("rendu.pptx", saved(made))
    document = READER.read(file)
    (place,) = [p for p in locate(document, QUOTE) if p.locators[0].slide == slide]
    evidence = evidence_at(document, place.start, place.end)
    assert render_evidence(file, evidence, READER, office=OFFICE).page == slide - 1


@needs_office
def test_what_libreoffice_cannot_open_is_shown_as_a_passage():
    file = SourceFile.from_bytes("rendu.docx", word_file())
    broken = OfficeLayout("false")
    shown = render_evidence(file, evidence_for(file, QUOTE), READER, office=broken)
    assert shown.kind == "html"


# --- without pages ------------------------------------------------------------------------------


def html_of(file: SourceFile, quote: str) -> str:
    shown = render_evidence(file, evidence_for(file, quote), READER)
    assert (shown.kind, shown.page) == ("html", None)
    assert shown.media_type.startswith("text/html")
    return shown.data.decode()


def test_without_libreoffice_the_passage_is_shown_with_its_quote_marked():
    html = html_of(SourceFile.from_bytes("rendu.docx", word_file()), QUOTE)
    assert f"<mark>{QUOTE}</mark>, dit le client." in html
    assert "rendu.docx, § Cadrage" in html
    assert "Avant." in html


def test_a_cell_is_shown_in_its_row_under_its_header():
    html = html_of(SourceFile.from_bytes("rendu.docx", word_file()), "cellule d du tableau")
    cells = re.findall(r"<td>(.*?)</td>", html)
    assert cells == [
        "cellule a du tableau",
        "cellule b du tableau",
        "cellule c du tableau",
        "<mark>cellule d du tableau</mark>",
    ]


def test_speaker_notes_are_shown_as_a_passage():
    file = SourceFile.from_bytes("rendu.pptx", presentation())
    evidence = evidence_for(file, "note du présentateur bien cachée")
    shown = render_evidence(file, evidence, READER, office=OFFICE)
    assert shown.kind == "html"
    assert "<mark>note du présentateur bien cachée</mark>" in shown.data.decode()


def test_a_candidate_s_text_is_never_markup():
    evil = "<script>alert(1)</script> & « <img src=x onerror=alert(2)> »"
    file = SourceFile.from_bytes("note.txt", f"Avant {evil} après".encode())
    html = html_of(file, "script>alert(1)</script")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;<mark>script&gt;alert(1)&lt;/script</mark>&gt;" in html
