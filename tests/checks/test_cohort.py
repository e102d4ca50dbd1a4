"""The checks over the whole example cohort: what was planted is found, what is right is not blamed.

The planted errors come from the comments of `gold.csv`. Each criterion is checked with the pieces
that its grid compares with, and with the brief.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.checks import run_checks
from assistant.domain.case import ComparedPiece
from assistant.domain.finding import CheckOutcome, CheckResult
from assistant.domain.rubric import Criterion, RubricSet
from assistant.rubric_loader import load_rubric_set
from ingest.registry import read
from ingest.types import Document, SourceFile
from tests.conftest import COHORT, ROOT

pytestmark = pytest.mark.slow

#: candidate, criterion, check, words of the message: why the label says so.
PLANTED = [
    # « six posts Instagram en semaine 11 au lieu de trois, un seul en semaine 12 »
    ("cand-001", "E2.1/calendrier/CE2", "DET-FREQ", "6 en semaine 11, 1 en semaine 12"),
    # « des publications à 20h45, 21h10 et 20h30 »
    ("cand-001", "E2.1/calendrier/CE2", "DET-FREQ", "20 h 45, 21 h 10, 20 h 30"),
    # « l'objectif C n'est ni mesuré ni daté »
    ("cand-001", "E2.3/operationnalite-campagne/CE1", "DET-SMART", "Faire découvrir"),
    # « Les lignes totalisent en réalité 8 430 €, au-dessus du plafond et du total annoncé »
    ("cand-002", "E2.3/operationnalite-campagne/CE2", "DET-SOMME", "écart de 500 €"),
    ("cand-002", "E2.3/operationnalite-campagne/CE2", "DET-PLAFOND", "dépassement de 430 €"),
    # « La formule rapporte les achats aux impressions »
    ("cand-002", "E3.1/analyse-campagne/CE2", "DET-CONV", "affichages"),
    # two findings are dated outside the reference period of the brief
    ("cand-002", "E1.1/systeme-veille/CE5", "DET-DATES", "14 mars 2024"),
    # « leur somme atteint 115 % »
    ("cand-003", "E1.2/strategie/CE7", "DET-SOMME", "115 %"),
    # « La formule du ROI est inversée […] environ 130 % »
    ("cand-003", "E3.2/roi/CE1", "DET-ROI", "129,8 %"),
    # « la demande de suspension de don de C8 est oubliée »
    ("cand-004", "E2.5.2/moderation-echanges/CE2", "DET-COUV", "Manque : C8"),
    # « Le budget de 5 250 € dépasse le plafond de 4 000 € »
    ("cand-005", "E2.4/strategie-influence/CE4", "DET-PLAFOND", "dépassement de 1 250 €"),
    # « Les lignes totalisent 5 900 € et non 7 500 € »
    ("cand-006", "E1.2/strategie/CE7", "DET-SOMME", "écart de 1 600 €"),
    # « Aucun objectif opérationnel n'est mesurable ni daté »
    ("cand-006", "E1.2/strategie/CE3", "DET-SMART", "3 objectifs sur 3 sans élément mesurable"),
    ("cand-006", "E1.2/strategie/CE3", "DET-SMART", "3 objectifs sur 3 sans élément daté"),
    # « La durée maximale de 45 minutes est presque doublée »
    ("cand-007", "E2.5.3/respect-cahier-charges/CE2", "DET-DUREE", "dépassement de 40 min"),
    # « La formule divise par les recettes (taux de marge) […] le ROI exact est de 400 % »
    ("cand-007", "E3.2/roi/CE1", "DET-ROI", "400,0 %"),
]

#: Totals and formulas that the labels call right: a check must have recomputed them.
RIGHT = [
    ("cand-001", "E1.2/strategie/CE7", "DET-SOMME", "8 360 €"),
    ("cand-001", "E1.2/strategie/CE7", "DET-PLAFOND", "9 600 €"),
    ("cand-001", "E2.3/operationnalite-campagne/CE2", "DET-SOMME", "1 735 €"),
    ("cand-001", "E2.3/operationnalite-campagne/CE2", "DET-PLAFOND", "1 800 €"),
    ("cand-004", "E2.4/strategie-influence/CE4", "DET-SOMME", "5 900 €"),
    ("cand-004", "E2.4/strategie-influence/CE4", "DET-PLAFOND", "6 000 €"),
    ("cand-004", "E3.1/analyse-campagne/CE2", "DET-CONV", "dons ÷ sessions"),
    ("cand-004", "E3.2/roi/CE1", "DET-ROI", "celle du ROI"),
    ("cand-007", "E3.1/analyse-campagne/CE2", "DET-CONV", "212 ÷ 4 240"),
    ("cand-008", "E4/proposition-commerciale/CE3", "DET-SOMME", "13 180 €"),
    ("cand-008", "E4/proposition-commerciale/CE3", "DET-PLAFOND", "14 000 €"),
]


@dataclass(frozen=True)
class Found:
    candidate: str
    criterion: str
    verdict: str
    result: CheckResult


@pytest.fixture(scope="module")
def found() -> list[Found]:
    rubrics = load_rubric_set(ROOT / "rubrics" / "community-manager")
    labels = {(r["candidat"], r["critere_id"]): r["verdict"] for r in _rows("gold.csv")}
    return [
        Found(candidate[:8], criterion.id, labels[candidate, criterion.id], result)
        for candidate, files in _dossiers().items()
        for epreuve in files
        if epreuve
        for criterion in rubrics.rubric(epreuve).criteres
        for result in _results(rubrics, files, epreuve, criterion)
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (COHORT / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _dossiers() -> dict[str, dict[str, list[Document]]]:
    """Candidate → épreuve → documents; the brief under the empty épreuve."""
    dossiers: dict[str, dict[str, list[Document]]] = {}
    documents: dict[Path, Document] = {}
    for row in _rows("cohorte.csv"):
        path = COHORT / row["candidat"] / row["fichier"]
        document = documents.setdefault(path, read(SourceFile.from_path(path)))
        files = dossiers.setdefault(row["candidat"], {})
        files.setdefault(row["epreuve"], []).append(document)
    return dossiers


def _results(
    rubrics: RubricSet, files: dict[str, list[Document]], epreuve: str, criterion: Criterion
) -> Iterator[CheckResult]:
    pieces = [ComparedPiece(nom="brief", documents=tuple(files[""]))]
    for nom in criterion.lecture.pieces:
        piece = rubrics.certification.piece(nom)
        others = [d for e in (piece.epreuves if piece else ()) for d in files.get(e, [])]
        if others:
            pieces.append(ComparedPiece(nom=nom, documents=tuple(others)))
    yield from run_checks(
        criterion, rubrics.rubric(epreuve), rubrics.certification, files[epreuve], pieces
    )


@pytest.mark.parametrize(("candidate", "criterion", "code", "words"), PLANTED)
def test_a_planted_error_is_a_conclusive_gap(found, candidate, criterion, code, words):
    gaps = [f.result for f in found if (f.candidate, f.criterion) == (candidate, criterion)]
    messages = [
        r.message_fr
        for r in gaps
        if r.code == code and r.strength == "C" and r.outcome is CheckOutcome.DISCREPANCY
    ]

    assert any(words in message for message in messages), messages


@pytest.mark.parametrize(("candidate", "criterion", "code", "words"), RIGHT)
def test_a_right_figure_is_recomputed_and_confirmed(found, candidate, criterion, code, words):
    messages = [
        f.result.message_fr
        for f in found
        if (f.candidate, f.criterion, f.result.code) == (candidate, criterion, code)
        and f.result.outcome is CheckOutcome.OK
    ]

    assert any(words in message for message in messages), messages


def test_no_conclusive_gap_falls_on_a_criterion_that_is_met(found):
    blamed = [
        (f.candidate, f.criterion, f.result.code, f.result.message_fr)
        for f in found
        if f.verdict == "acquis"
        and f.result.strength == "C"
        and f.result.outcome is CheckOutcome.DISCREPANCY
    ]

    assert blamed == []


def test_no_sum_rate_or_formula_is_blamed_beside_the_planted_ones(found):
    calculations = {"DET-SOMME", "DET-PLAFOND", "DET-CONV", "DET-ROI", "DET-RATIO", "DET-DUREE"}
    planted = {(candidate, code) for candidate, _, code, _ in PLANTED}
    blamed = [
        (f.candidate, f.criterion, f.result.message_fr)
        for f in found
        if f.result.code in calculations
        and f.result.outcome is CheckOutcome.DISCREPANCY
        and (f.candidate, f.result.code) not in planted
    ]

    assert blamed == []
