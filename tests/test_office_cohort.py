"""The slides and sheets of the example cohort: each quote of the gold, where it truly stands.

The places were found with python-pptx and openpyxl, not with the readers under test.
"""

import csv
import unicodedata
from functools import cache
from pathlib import Path

import pytest

from ingest.formats.pptx import read_pptx
from ingest.formats.xlsx import read_xlsx
from ingest.types import Block, Channel, Document, SourceFile
from tests.conftest import COHORT

#: Criterion → slide, or sheet and cell.
PLACES: dict[str, int | tuple[str, str]] = {
    "E1.1/systeme-veille/CE1": 2,
    "E1.1/systeme-veille/CE2": 3,
    "E1.1/systeme-veille/CE3": 4,
    "E1.1/systeme-veille/CE4": 6,
    "E1.1/systeme-veille/CE5": 5,
    "E1.1/analyse-impact/CE1": 7,
    "E1.1/analyse-impact/CE2": 8,
    "E1.1/presentation/CE1": 9,
    "E1.1/presentation/CE2": 10,
    "E1.1/presentation/CE3": 9,
    "E2.5.3/structuration-evenement/CE1": 2,
    "E2.5.3/structuration-evenement/CE2": 4,
    "E2.5.3/structuration-evenement/CE3": 6,
    "E2.5.3/personnalite/CE1": 5,
    "E2.5.3/personnalite/CE2": 5,
    "E2.5.3/respect-cahier-charges/CE1": 7,
    "E2.5.3/respect-cahier-charges/CE2": 7,
    "E2.5.3/rapport-evenement/CE1": 8,
    "E2.5.3/rapport-evenement/CE2": 9,
    "E2.1/calendrier/CE1": ("Légende", "B1"),
    "E2.1/calendrier/CE2": ("Calendrier mars 2026", "C12"),
    "E2.1/actions-planifiees/CE1": ("Calendrier mars 2026", "H26"),
    "E2.1/actions-planifiees/CE2": ("Calendrier mars 2026", "A2"),
    "E3.1/analyse-campagne/CE1": ("4 Campagne Noël bleu", "C11"),
    "E3.1/analyse-campagne/CE2": ("4 Campagne Noël bleu", "C9"),
    "E3.1/analyse-campagne/CE3": ("4 Campagne Noël bleu", "C12"),
    "E3.2/outil-analyse/CE1": ("1 Contexte et outil", "B5"),
    "E3.2/outil-analyse/CE2": ("1 Contexte et outil", "B7"),
    "E3.2/tableau-bord/CE1": ("3 Tableau de bord", "H3"),
    "E3.2/roi/CE1": ("5 ROI", "C7"),
    "E3.2/performance-globale/CE1": ("6 Analyse et préconisations", "B3"),
    "E3.2/performance-globale/CE2": ("6 Analyse et préconisations", "C4"),
    "E3.2/plan-actions/CE1": ("7 Plan d'actions 2026", "B5"),
    "E3.2/plan-actions/CE2": ("7 Plan d'actions 2026", "B3"),
    "E3.2/plan-actions/CE3": ("7 Plan d'actions 2026", "B4"),
}
READERS = {".pptx": read_pptx, ".xlsx": read_xlsx}


@cache
def document(path: Path) -> Document:
    return READERS[path.suffix](SourceFile.from_path(path))


def gold() -> list[dict[str, str]]:
    with (COHORT / "gold.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [r for r in rows if Path(r["fichier"]).suffix in READERS and r["citation"]]


def normal(text: str) -> str:
    """Spaces and apostrophes made alike, as the cohort's README wants."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").split())


def holders(of: Document, quote: str) -> list[Block]:
    return [block for block in of.blocks if normal(quote) in normal(block.text)]


@pytest.mark.parametrize("line", gold(), ids=lambda line: line["critere_id"])
def test_each_gold_quote_is_found_where_it_stands(line: dict[str, str]) -> None:
    found = document(COHORT / line["candidat"] / line["fichier"])

    assert normal(line["citation"]) in normal(found.text)
    (block,) = holders(found, line["citation"])
    place = block.locator
    assert PLACES[line["critere_id"]] in (place.slide, (place.sheet, place.cell))


def test_the_gold_has_no_quote_without_a_known_place() -> None:
    assert {line["critere_id"] for line in gold()} == set(PLACES)


def test_a_quote_of_the_speaker_notes_says_so() -> None:
    path = COHORT / "cand-002_BENALI-Sofiane" / "E1.1_veille_BENALI.pptx"

    (block,) = holders(document(path), "La newsletter est une seule grande image")

    assert block.locator.channel is Channel.SPEAKER_NOTES


@pytest.mark.parametrize(
    "path",
    sorted(p for p in COHORT.glob("*/*") if p.suffix in READERS),
    ids=lambda path: path.name,
)
def test_every_file_is_read_whole_and_hides_nothing(path: Path) -> None:
    found = document(path)

    assert found.coverage == 1
    assert found.warnings_fr == ()
    kept_aside = {"propriété du fichier", "texte alternatif"}
    assert {span.reason.value for span in found.hidden} <= kept_aside


def test_computed_cells_show_their_result_and_keep_their_formula() -> None:
    path = COHORT / "cand-004_NGUYEN-Thao" / "E3.1-E3.2_tableau-de-bord-2025_NGUYEN.xlsx"
    cells = {
        (block.locator.sheet, block.locator.cell): (block.text, block.formula)
        for block in document(path).blocks
    }

    assert cells["5 ROI", "B7"] == ("119 %", "=(B2-B6)/B6")
    assert cells["2 Données mensuelles", "E14"] == ("28025", "=SUM(E2:E13)")
    assert cells["7 Plan d'actions 2026", "E2"][0] == "02/02/2026"
