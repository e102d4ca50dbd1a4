"""What a prompt shows of a deliverable's text: empty cells keep their place."""

from assistant.domain.rubric import GroundingThresholds
from assistant.grounding import Grounder
from assistant.prompting.document_text import document_text, range_text
from ingest.building import DocumentBuilder, SourceFile
from ingest.types import BlockKind, Document, Locator
from tests.factories import document

PLAN = document(
    "# Plan",
    "Action | Responsable | Début",
    "Journée des herbiers |  | 01/03/2026",
    "Refonte mobile | Prestataire | 15/01/2026",
    " | Agence | 02/02/2026",
)


def test_an_empty_cell_keeps_its_place_in_its_row():
    text = document_text(PLAN)
    assert "Journée des herbiers | | 01/03/2026" in text
    assert "Refonte mobile | Prestataire | 15/01/2026" in text
    assert "\n| Agence | 02/02/2026" in text


def test_a_part_of_the_text_shows_them_too():
    assert "Journée des herbiers | | 01/03/2026" in range_text(PLAN, 0, len(PLAN.text))


def test_a_row_copied_with_its_empty_cell_is_found_in_the_file():
    (evidence,), rejected = Grounder([PLAN], GroundingThresholds()).ground(
        ["Journée des herbiers | | 01/03/2026"]
    )
    assert not rejected
    assert evidence.quote == PLAN.text[evidence.start : evidence.end]


def sheet(*cells: tuple[int, int, str]) -> Document:
    built = DocumentBuilder(SourceFile.from_bytes("plan.xlsx", b"x"), format_name="xlsx")
    for row, column, text in cells:
        place = Locator(file="plan.xlsx", sheet="Plan", table=1, row=row, column=column)
        built.add(BlockKind.TABLE_CELL, text, place)
    return built.build()


def test_a_table_that_begins_further_right_has_no_empty_cells_before_it():
    text = document_text(sheet((1, 3, "Action"), (1, 4, "Début"), (2, 3, "Live"), (2, 5, "mai")))
    assert "\nAction | Début\nLive | | mai" in text


def test_columns_far_apart_do_not_fill_the_line():
    text = document_text(sheet((1, 1, "Action"), (1, 200, "Début")))
    assert text.count("|") < 12
