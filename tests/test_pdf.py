"""PDF: text in a person's order, with the exact place of every phrase."""

import csv
import re
import unicodedata
from pathlib import Path

import pytest
from rapidfuzz import fuzz
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, Spacer

from ingest.errors import NothingReadable
from ingest.formats.ocr import find_tesseract
from ingest.formats.pdf import read_pdf
from ingest.types import Block, BlockKind, Document, SourceFile
from tests.corpus_pdf import (
    BODY,
    CHAPTER,
    LOREM,
    SECTION,
    TITLE,
    bullets,
    canvas_pdf,
    flowing_pdf,
    grid,
    image_object,
    raw_page,
    raw_pdf,
    running,
    shown,
    source,
)


def read(data: bytes) -> Document:
    return read_pdf(source(data), ocr=lambda: None)


def block_with(document: Document, phrase: str) -> Block:
    found = [block for block in document.blocks if phrase in block.text]
    assert len(found) == 1, (phrase, document.text)
    return found[0]


@pytest.fixture(scope="module")
def report() -> Document:
    """A report with a phrase in every place that a page has."""
    rows = [["Réseau", "Objectif"], ["Instagram", "repère cellule"], ["Facebook", "200 abonnés"]]
    story = [
        Paragraph("Dossier repère titre", TITLE),
        Paragraph("1. Chapitre repère", CHAPTER),
        Paragraph(f"Début repère paragraphe. {LOREM}", BODY),
        Paragraph("1.1 Section repère", SECTION),
        bullets(["premier élément repère", "second élément"]),
        Spacer(1, 12),
        grid(rows),
        Spacer(1, 12),
        Paragraph("Après le tableau.", BODY),
        PageBreak(),
        Paragraph("2. Chapitre suivant", CHAPTER),
        Paragraph(f"Suite repère page deux. {LOREM}", BODY),
    ]
    furniture = running("En-tête repère", "Pied repère - page {page}")
    return read(flowing_pdf(story, furniture=furniture))


@pytest.mark.parametrize(
    ("phrase", "place"),
    [
        ("Dossier repère titre", "page 1, § Dossier repère titre, paragraphe 1"),
        ("Chapitre repère", "page 1, § Dossier repère titre › 1. Chapitre repère, paragraphe 2"),
        (
            "repère paragraphe",
            "page 1, § Dossier repère titre › 1. Chapitre repère, paragraphe 3",
        ),
        (
            "premier élément repère",
            "page 1, § Dossier repère titre › 1. Chapitre repère › 1.1 Section repère, "
            "paragraphe 5",
        ),
        (
            "repère cellule",
            "page 1, § Dossier repère titre › 1. Chapitre repère › 1.1 Section repère, "
            "tableau 1, ligne 2, colonne 2",
        ),
        (
            "repère page deux",
            "page 2, § Dossier repère titre › 2. Chapitre suivant, paragraphe 2",
        ),
        ("En-tête repère", "page 1, en-tête"),
        ("Pied repère", "page 1, pied de page"),
    ],
)
def test_every_place_of_a_page_has_its_locator(report: Document, phrase: str, place: str) -> None:
    assert str(block_with(report, phrase).locator) == f"livrable.pdf, {place}"


def test_kinds_and_levels_follow_how_the_page_is_set(report: Document) -> None:
    levels = [(block.text, block.level) for block in report.headings]

    assert levels == [
        ("Dossier repère titre", 1),
        ("1. Chapitre repère", 2),
        ("1.1 Section repère", 3),
        ("2. Chapitre suivant", 2),
    ]
    item = block_with(report, "premier élément repère")
    assert (item.kind, item.text) == (BlockKind.LIST_ITEM, "premier élément repère")


def test_pages_are_counted_and_measured(report: Document) -> None:
    assert (report.unit_name_fr, report.unit_count) == ("pages", 2)
    assert len(report.page_sizes) == 2
    assert report.page_sizes[0].width == pytest.approx(A4[0], abs=0.1)
    assert report.coverage == 1.0
    assert report.unread == ()


def test_a_box_lies_where_the_words_are() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(100, A4[1] - 200, "Ici exactement")

    (box,) = block_with(read(canvas_pdf(draw)), "Ici exactement").boxes

    assert box.page == 1
    assert box.left == pytest.approx(100 / A4[0], abs=0.005)
    assert box.top < 200 / A4[1] < box.bottom
    assert box.bottom - box.top == pytest.approx(12.2 / A4[1], abs=0.005)
    assert box.right == pytest.approx((100 + 76) / A4[0], abs=0.02)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_turned_page_gives_boxes_as_it_is_displayed(rotate: int) -> None:
    data = raw_page(
        shown("Texte sur une page pivotée", x=100, y=700),
        page=b"/Rotate %d /CropBox [50 50 500 800]" % rotate,
    )

    document = read(data)

    block = block_with(document, "Texte sur une page pivotée")
    size = document.page_sizes[0]
    assert (size.width > size.height) == (rotate in (90, 270))
    box = block.boxes[0]
    # The text starts 50 points from the left and 100 from the top of the box, unturned.
    expected = {
        90: (1 - 100 / 750, 50 / 450),
        180: (1 - 50 / 450, 1 - 100 / 750),
        270: (100 / 750, 1 - 50 / 450),
    }[rotate]
    assert box.left - 0.03 <= expected[0] <= box.right + 0.03
    assert box.top - 0.03 <= expected[1] <= box.bottom + 0.03


def test_an_image_is_reported_with_the_alternative_text_of_a_tagged_pdf() -> None:
    data = raw_page(
        shown("Texte") + b"/Figure << /MCID 0 >> BDC q 200 0 0 100 72 400 cm /Im Do Q EMC",
        resources=b"/XObject << /Im 10 0 R >>",
        page=b"/StructParents 0",
        catalog=b"/MarkInfo << /Marked true >> /StructTreeRoot 11 0 R",
        more={
            10: image_object(40, 20),
            11: b"<< /Type /StructTreeRoot /K 12 0 R /ParentTree 13 0 R >>",
            12: b"<< /Type /StructElem /S /Figure /P 11 0 R /Pg 3 0 R /K 0 "
            b"/Alt (Courbe des ventes) >>",
            13: b"<< /Nums [0 [12 0 R]] >>",
        },
    )

    document = read(data)

    (image,) = document.images
    assert (image.width, image.height, image.alt_text) == (40, 20, "Courbe des ventes")
    assert str(image.locator) == "livrable.pdf, page 1"
    assert "Courbe" not in document.text


def test_links_and_properties_are_told() -> None:
    data = raw_page(
        shown("Texte"),
        page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] "
        b"/A << /S /URI /URI (https://exemple.fr/page) >> >>]",
        trailer=b"/Info << /Title (Mon titre) /CreationDate (D:20260301140500+01'00') >>",
    )

    document = read(data)

    assert document.links == ("https://exemple.fr/page",)
    assert document.metadata == {"titre": "Mon titre", "créé le": "2026-03-01 14:05"}


def test_blank_pages_hold_nothing_readable() -> None:
    with pytest.raises(NothingReadable, match="blank") as caught:
        read(raw_page(b""))

    assert "ses pages sont blanches" in caught.value.user_message


def test_a_file_without_pages_is_said_to_have_none() -> None:
    data = raw_pdf(
        {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}
    )

    with pytest.raises(NothingReadable) as caught:
        read(data)

    assert "aucune page" in caught.value.user_message


# The example cohort


def spaced(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("’", "'")
    return re.sub(r"\s+", " ", text).strip()


def test_every_quote_of_the_cohort_is_found_in_its_pdf(cohort: Path) -> None:
    with (cohort / "gold.csv").open(encoding="utf-8") as file:
        gold = [
            row
            for row in csv.DictReader(file)
            if row["fichier"].endswith(".pdf") and row["citation"]
        ]
    texts: dict[Path, str] = {}
    missing = []
    for row in gold:
        path = cohort / row["candidat"] / row["fichier"]
        if "scan" in path.name and find_tesseract() is None:
            continue
        if path not in texts:
            texts[path] = spaced(read_pdf(SourceFile.from_path(path)).text)
        quote = spaced(row["citation"])
        tolerated = "scan" in path.name and fuzz.partial_ratio(quote, texts[path]) >= 85
        if quote not in texts[path] and not tolerated:
            missing.append((path.name, quote))

    assert len(gold) > 50
    assert missing == []
