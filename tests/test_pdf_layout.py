"""PDF: columns, tables, paragraphs, lists and margins, as a person sees them."""

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph

from ingest.formats.pdf import read_pdf
from ingest.types import Block, BlockKind, Channel, Document
from tests.corpus_pdf import (
    BODY,
    JUSTIFIED,
    LOREM,
    SECTION,
    canvas_pdf,
    flowing_pdf,
    grid,
    raw_page,
    running,
    source,
    stream,
)


def read(data: bytes) -> Document:
    return read_pdf(source(data), ocr=lambda: None)


def block_with(document: Document, phrase: str) -> Block:
    found = [block for block in document.blocks if phrase in block.text]
    assert len(found) == 1, (phrase, document.text)
    return found[0]


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
