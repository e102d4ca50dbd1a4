"""Every quote is found again where it stands, as another library sees the file too."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import openpyxl
import pptx
import pytest
from pypdf import PdfReader
from rapidfuzz import fuzz

from assistant.locating import Place, locate
from ingest.building import DocumentBuilder
from ingest.service import ReadingService
from ingest.types import Block, BlockKind, Channel, Document, HiddenReason, Locator, SourceFile
from tests.conftest import COHORT

SCAN = "E2.5.2_crise-lac_ROUSSEL_scan.pdf"
SERVICE = ReadingService()


def gold() -> list[tuple[Path, str]]:
    with (COHORT / "gold.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return sorted(
        {(COHORT / r["candidat"] / r["fichier"], r["citation"]) for r in rows if r["citation"]}
    )


@cache
def read(path: Path) -> Document:
    return SERVICE.read(SourceFile.from_path(path))


def squeezed(text: str) -> str:
    """Letters and digits only: what two libraries agree on."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("œ", "oe")
    return re.sub(r"[\W_]+", "", plain)


# --- where other libraries see the quotes -------------------------------------------------------


@cache
def pdf_pages(path: Path) -> tuple[str, ...]:
    return tuple(squeezed(page.extract_text()) for page in PdfReader(path).pages)


@cache
def slides(path: Path) -> tuple[str, ...]:
    def texts(shapes):
        for shape in shapes:
            if shape.shape_type == 6:  # a group
                yield from texts(shape.shapes)
            elif shape.has_text_frame:
                yield shape.text_frame.text
            elif getattr(shape, "has_table", False) and shape.has_table:
                yield from (cell.text for row in shape.table.rows for cell in row.cells)

    found = []
    for slide in pptx.Presentation(str(path)).slides:
        notes = slide.notes_slide.notes_text_frame.text if slide.has_notes_slide else ""
        found.append(squeezed("\n".join([*texts(slide.shapes), notes])))
    return tuple(found)


@cache
def cells(path: Path) -> dict[tuple[str, str], str]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): squeezed(str(cell.value))
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def expected_places(path: Path, quote: str) -> set[object]:
    """Pages, slides or cells where another library finds the quote; empty when it cannot tell."""
    wanted = squeezed(quote)
    match path.suffix:
        case ".pdf":
            return {n for n, text in enumerate(pdf_pages(path), start=1) if wanted in text}
        case ".pptx":
            return {n for n, text in enumerate(slides(path), start=1) if wanted in text}
        case ".xlsx":
            return {place for place, text in cells(path).items() if wanted in text}
    return set()


def place_of(path: Path, place: Place) -> object:
    locator = place.locators[0]
    match path.suffix:
        case ".pdf":
            return locator.page
        case ".pptx":
            return locator.slide
        case _:
            return (locator.sheet, locator.cell)


# --- the example cohort -------------------------------------------------------------------------


def test_the_gold_quotes_are_many_and_of_every_format():
    assert len(gold()) > 180
    assert {path.suffix for path, _ in gold()} == {".docx", ".pdf", ".pptx", ".xlsx", ".odt"}


@pytest.mark.parametrize(
    ("path", "quote"),
    [(path, quote) for path, quote in gold() if path.name != SCAN],
    ids=lambda value: value.name[:20] if isinstance(value, Path) else value[:30],
)
def test_a_gold_quote_is_found_where_another_library_sees_it(path, quote):
    places = locate(read(path), quote)
    assert places, quote
    assert all(place.match == "exact" for place in places)
    assert all(squeezed(quote) == squeezed(place.found) for place in places)
    if expected := expected_places(path, quote):
        assert {place_of(path, place) for place in places} == expected
    elif path.suffix in (".pdf", ".pptx"):
        pytest.fail("no other library sees it")


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs Tesseract")
@pytest.mark.parametrize("quote", [quote for path, quote in gold() if path.name == SCAN])
def test_a_gold_quote_of_the_scan_is_found_on_its_page(quote):
    (path,) = COHORT.glob(f"*/{SCAN}")
    places = locate(read(path), quote)
    assert places, quote
    page = places[0].locators[0].page
    assert places[0].locators[0].channel is Channel.OCR
    assert fuzz.ratio(squeezed(quote), squeezed(places[0].found)) > 85
    assert page == page_by_tesseract(path, quote)


@cache
def scan_pages(path: Path) -> tuple[str, ...]:
    """The images of the pages, taken out by pypdf and read by Tesseract directly."""
    texts = []
    for page in PdfReader(path).pages:
        picture = io.BytesIO()
        page.images[0].image.save(picture, "PNG")
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "-l", "fra"],
            input=picture.getvalue(),
            capture_output=True,
            check=True,
        )
        texts.append(squeezed(done.stdout.decode("utf-8", errors="replace")))
    return tuple(texts)


def page_by_tesseract(path: Path, quote: str) -> int:
    scores = [fuzz.partial_ratio(squeezed(quote), text) for text in scan_pages(path)]
    return scores.index(max(scores)) + 1


# --- what it answers ----------------------------------------------------------------------------


def document(*lines: str, channel: Channel = Channel.BODY, hidden: str = "") -> Document:
    builder = DocumentBuilder(SourceFile.from_bytes("a.pdf", repr(lines).encode()), format_name="x")
    for number, line in enumerate(lines, start=1):
        builder.add(BlockKind.PARAGRAPH, line, Locator(file="a.pdf", page=number, channel=channel))
    if hidden:
        builder.hide(hidden, HiddenReason.TINY, Locator(file="a.pdf", page=9))
    return builder.build()


BUDGET = "Le budget est plafonné à 9 600 € TTC."


def pages(places: tuple[Place, ...]) -> list[int | None]:
    return [place.locators[0].page for place in places]


def test_every_place_of_a_quote_is_given_in_order():
    places = locate(document(BUDGET, "Autre chose.", f"Rappel : {BUDGET}"), "plafonné à 9 600 €")
    assert pages(places) == [1, 3]


def test_a_short_quote_is_found_as_a_whole_word_only():
    text = document("De 20h45 à 21h.", "Réf. 120h456", "Vers 20 h 45.")
    assert pages(locate(text, "20h45")) == [1]
    assert locate(text, "20") == ()


def test_typography_makes_no_difference_and_a_wrong_number_does():
    text = document(BUDGET)
    assert locate(
        text, "le BUDGET est « plafonné » à 9\u202f600 €".replace("« ", "").replace(" »", "")
    )
    assert locate(text, "Le budget est plafonné à 9 700 € TTC.") == ()


def test_a_quote_with_a_spelling_slip_is_near():
    (place,) = locate(document("Avant.", BUDGET, "Après."), "Le budgt est plafonné à 9 600 € TTC")
    assert place.match == "proche"
    assert pages((place,)) == [2]
    assert place.found == BUDGET.rstrip(".")


def test_a_quote_over_two_blocks_names_both():
    (place,) = locate(document("La première ligne.", "La seconde."), "première ligne. La seconde")
    assert [locator.page for locator in place.locators] == [1, 2]


def test_noise_is_forgiven_in_recognised_text_only():
    noisy = "Le budqet est plafonne à 9 60O € TTC, hors ternps intenne"
    quote = "Le budget est plafonné à 9 600 € TTC, hors temps interne"
    (place,) = locate(document(noisy, channel=Channel.OCR), quote)
    assert place.match == "reconnu"
    assert locate(document(noisy), quote) == ()


def test_a_hidden_quote_is_told_as_such_and_only_when_the_page_has_none():
    (place,) = locate(document("Rien ici.", hidden=BUDGET), "plafonné à 9 600 €")
    assert place.match == "hors page"
    assert place.reason_fr == HiddenReason.TINY.value
    (place,) = locate(document(BUDGET, hidden=BUDGET), "plafonné à 9 600 €")
    assert place.match == "exact"


def test_an_absent_quote_has_no_place():
    assert locate(document(BUDGET), "Une phrase qui n'est nulle part.") == ()
    assert locate(document(BUDGET), "") == ()
    assert locate(document(BUDGET), "« »") == ()


def test_the_places_of_a_block_are_its_slices():
    text = document(BUDGET, "Fin.")
    for block in text.blocks:
        assert isinstance(block, Block)
        (place,) = locate(text, block.text)
        assert text.text[place.start : place.end] == place.found


# --- the command --------------------------------------------------------------------------------


@pytest.fixture
def preuve(tmp_path):
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        root = str(COHORT.parent.parent)
        environment = {"PREUVE_DATA_DIR": str(tmp_path), "PYTHONPATH": root, "COLUMNS": "80"}
        return subprocess.run(
            [sys.executable, "-m", "assistant.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", **environment},
            check=False,
        )

    return run


def test_the_command_prints_the_place(preuve):
    path = COHORT / "cand-001_LEROY-Camille" / "E2.1_calendrier-mars-2026_LEROY.xlsx"
    done = preuve("locate", path, "20h45")
    assert done.returncode == 0, done.stderr
    assert "Calendrier mars 2026!C12" in done.stdout
    assert "mot pour mot" in done.stdout


def test_the_command_speaks_json(preuve):
    path = COHORT / "cand-001_LEROY-Camille" / "brief-client.docx"
    quote = read(path).blocks[3].text
    done = preuve("locate", path, quote, "--json")
    (place, *_) = json.loads(done.stdout)
    assert place["match"] == "exact"
    assert place["locators"][0]["file"] == "brief-client.docx"


def test_the_command_fails_when_the_quote_is_nowhere(preuve):
    path = COHORT / "cand-001_LEROY-Camille" / "brief-client.docx"
    done = preuve("locate", path, "Une phrase qui n'est nulle part.")
    assert done.returncode == 1
    assert "introuvable" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", [("locate", "x.docx", "abc"), ("extract", "x.docx")])
def test_a_file_that_is_not_there_is_told_in_french(preuve, command):
    done = preuve(*command)
    assert done.returncode == 1
    assert "« x.docx »" in done.stderr
    assert "Traceback" not in done.stderr


def test_extract_tells_what_was_read(preuve):
    path = COHORT / "cand-001_LEROY-Camille" / "E1.2_dossier-strategie_LEROY.docx"
    done = preuve("extract", path)
    assert done.returncode == 0, done.stderr
    assert "100 %" in done.stdout
    assert "français" in done.stdout
    report = json.loads(preuve("extract", path, "--json").stdout)
    assert report["coverage"] == 1.0
    assert report["tables"] > 0
    listing = preuve("extract", path, "--texte").stdout
    assert "[E1.2_dossier-strategie_LEROY.docx" in listing
