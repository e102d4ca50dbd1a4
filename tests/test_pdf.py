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
from ingest.types import Block, BlockKind, Channel, Document, SourceFile
from tests.corpus_pdf import (
    BODY,
    CHAPTER,
    JUSTIFIED,
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
    stream,
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


def test_two_columns_are_read_one_after_the_other() -> None:
    sentences = [f"Phrase {number} du récit. {LOREM}" for number in range(1, 13)]
    story = [Paragraph(text, JUSTIFIED) for text in sentences]

    text = read(flowing_pdf(story, columns=2)).text

    positions = [text.index(f"Phrase {number} du récit") for number in range(1, 13)]
    assert positions == sorted(positions)
    flat = text.replace("\n", " ")
    for sentence in sentences[:4]:
        assert sentence in flat


def test_a_title_across_two_columns_comes_first_and_the_conclusion_last() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawCentredString(A4[0] / 2, 770, "Un titre qui traverse les deux colonnes")
        canvas.setFont("Helvetica", 10)
        for index in range(10):
            canvas.drawString(60, 720 - 13 * index, f"gauche {index} remplit toute la colonne ici")
            canvas.drawString(320, 716 - 13 * index, f"droite {index} remplit toute la colonne ici")
        canvas.drawString(60, 540, "La conclusion court sur toute la largeur de la page, " * 2)

    text = read(canvas_pdf(draw)).text

    order = ["Un titre", "gauche 0", "gauche 9", "droite 0", "droite 9", "La conclusion"]
    positions = [text.index(phrase) for phrase in order]
    assert positions == sorted(positions)


def test_a_table_without_rules_is_read_row_by_row() -> None:
    rows = [("Canal", "Visites", "Ventes"), ("Instagram", "1 780", "96"), ("E-mail", "410", "8")]

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 760, "Voici les résultats de la campagne, canal par canal.")
        for index, row in enumerate(rows):
            for x, text in zip((60, 220, 380), row, strict=True):
                canvas.drawString(x, 700 - 18 * index, text)

    document = read(canvas_pdf(draw))

    cells = {
        (block.locator.row, block.locator.column): block.text
        for block in document.blocks
        if block.kind is BlockKind.TABLE_CELL
    }
    assert cells[2, 3] == "96"
    assert cells[3, 1] == "E-mail"
    assert "Instagram | 1 780 | 96" in document.text


def test_merged_cells_and_wrapped_text_stay_in_their_cell() -> None:
    table = grid(
        [
            ["Période et repères communs", "", "Note"],
            [f"Janvier {LOREM}", "mars", "3"],
            ["février", "avril", ""],
        ],
        colWidths=[200, 120, 80],
    )
    table.setStyle([("SPAN", (0, 0), (1, 0))])

    document = read(flowing_pdf([table]))

    places = {
        block.text[:8]: (block.locator.row, block.locator.column) for block in document.blocks
    }
    assert places == {
        "Période ": (1, 1),
        "Note": (1, 3),
        "Janvier ": (2, 1),
        "mars": (2, 2),
        "3": (2, 3),
        "février": (3, 1),
        "avril": (3, 2),
    }
    assert LOREM in block_with(document, "Janvier").text


def test_a_framed_formula_is_a_paragraph_not_a_table() -> None:
    document = read(flowing_pdf([grid([["Taux = ventes ÷ visites × 100"]])]))

    assert block_with(document, "Taux =").kind is BlockKind.PARAGRAPH


def test_a_repeated_header_and_page_numbers_are_told_once() -> None:
    story = [Paragraph(LOREM, BODY) for _ in range(60)]
    furniture = running("Agence Repère - dossier E1.2", "Page {page} sur 9")

    document = read(flowing_pdf(story, furniture=furniture))

    assert document.unit_count is not None
    assert document.unit_count >= 3
    assert document.text.count("Agence Repère") == 1
    assert document.text.count("sur 9") == 1
    assert block_with(document, "Agence Repère").locator.channel is Channel.HEADER
    assert block_with(document, "sur 9").locator.channel is Channel.FOOTER


def test_numbered_titles_at_the_top_of_pages_are_not_a_header() -> None:
    story = []
    for number in range(1, 4):
        story += [Paragraph(f"Publication {number}", SECTION), Paragraph(LOREM, BODY), PageBreak()]

    document = read(flowing_pdf(story))

    assert [block.text for block in document.headings] == [
        "Publication 1",
        "Publication 2",
        "Publication 3",
    ]


def test_numbered_lines_of_the_body_are_not_page_numbers() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(1, 4):
            canvas.setFont("Helvetica", 11)
            canvas.drawString(60, A4[1] - 70, f"Semaine {number}")
            canvas.drawString(60, A4[1] - 100, LOREM[:80])
            canvas.showPage()

    text = read(canvas_pdf(draw)).text

    assert [f"Semaine {number}" in text for number in range(1, 4)] == [True, True, True]


def test_a_footnote_keeps_its_number() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        canvas.drawString(60, 700, "Le taux double en un an")
        canvas.setFont("Helvetica", 6)
        canvas.drawString(60 + 118, 705, "1")
        canvas.setFont("Helvetica", 11)
        canvas.drawString(190, 700, "selon le bilan.")
        canvas.drawString(60, 685, LOREM[:90])
        canvas.drawString(60, 670, LOREM[90:180])
        canvas.setFont("Helvetica", 5)
        canvas.drawString(60, 93, "1")
        canvas.setFont("Helvetica", 8)
        canvas.drawString(66, 90, "Source : repère de note, rapport annuel.")

    document = read(canvas_pdf(draw))

    note = block_with(document, "repère de note").locator
    assert (note.channel, note.note) == (Channel.FOOTNOTE, "1")
    assert "Le taux double en un an" in document.text


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["une publi-", "cation soignée"], "une publication soignée"),
        (["il faut rendre celui-", "ci avant midi"], "il faut rendre celui-ci avant midi"),
        (["des mots-clés et des mots-", "clés encore"], "des mots-clés et des mots-clés encore"),
        (["le réseau social et la marque", "employeur"], "le réseau social et la marque employeur"),
    ],
)
def test_words_cut_at_line_ends_are_whole_again(lines: list[str], expected: str) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        for index, line in enumerate(lines):
            canvas.drawString(60, 700 - 14 * index, line)

    assert read(canvas_pdf(draw)).text == expected


def test_ligatures_are_letters() -> None:
    data = raw_page(
        b"BT /F1 12 Tf 72 700 Td <0102> Tj ET",
        more={
            5: FONT_WITH_LIGATURES,
            10: stream(
                b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <FF> "
                b"endcodespacerange 2 beginbfchar <01> <FB01> <02> <006E> endbfchar endcmap end"
            ),
        },
    )

    assert read(data).text == "fin"


FONT_WITH_LIGATURES = (
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 10 0 R "
    b"/Encoding << /Type /Encoding /Differences [1 /A /B] >> >>"
)


def test_paragraphs_are_cut_where_a_person_sees_it() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        lines = [
            "Un premier paragraphe qui remplit sa ligne jusqu'au bord de la page avant de passer",
            "à la suivante et qui s'arrête là.",
            "Un second paragraphe, sans blanc ni retrait, remplit lui aussi sa ligne jusqu'au bord",
            "puis finit.",
        ]
        for index, line in enumerate(lines):
            canvas.drawString(60, 700 - 12 * index, line)

    paragraphs = [block.text for block in read(canvas_pdf(draw)).blocks]

    assert len(paragraphs) == 2
    assert paragraphs[0].endswith("s'arrête là.")


def test_nested_and_numbered_lists_keep_their_depth_and_numbers() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        for index, (x, text) in enumerate(
            [(60, "1. Publier"), (80, "• chaque lundi"), (80, "• chaque jeudi"), (60, "2. Mesurer")]
        ):
            canvas.drawString(x, 700 - 14 * index, text)

    items = [(block.kind, block.level, block.text) for block in read(canvas_pdf(draw)).blocks]

    assert items == [
        (BlockKind.LIST_ITEM, 1, "1. Publier"),
        (BlockKind.LIST_ITEM, 2, "chaque lundi"),
        (BlockKind.LIST_ITEM, 2, "chaque jeudi"),
        (BlockKind.LIST_ITEM, 1, "2. Mesurer"),
    ]


def test_text_that_runs_up_the_page_is_read() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 700, "Le texte ordinaire de la page, assez long pour dominer.")
        canvas.rotate(90)
        canvas.drawString(300, -560, "Crédit photo repère")

    assert "Crédit photo repère" in read(canvas_pdf(draw)).text


def test_a_page_wholly_on_its_side_is_read_in_order() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.rotate(90)
        canvas.translate(0, -A4[0])
        canvas.setFont("Helvetica", 10)
        canvas.drawString(60, 500, "Première ligne couchée de la page")
        canvas.drawString(60, 460, "Seconde ligne couchée de la page")

    document = read(canvas_pdf(draw))

    assert document.text.split("\n") == [
        "Première ligne couchée de la page",
        "Seconde ligne couchée de la page",
    ]
    box = block_with(document, "Première").boxes[0]
    assert box.bottom - box.top > box.right - box.left


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
