"""The registry answers the whole catalogue, and its results hold together."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.checks import CHECKS, run_checks
from assistant.checks.context import TITLES_FR
from assistant.domain.finding import CheckOutcome
from assistant.rubric_loader import load_rubric_set
from tests.checks.build import CERTIFICATION, criterion, document, run

RUBRICS = Path(__file__).resolve().parents[2] / "rubrics" / "community-manager"


def test_every_check_of_the_catalogue_is_computed_and_titled():
    catalogue = {entry.code for entry in load_rubric_set(RUBRICS).certification.controles}

    assert catalogue == set(CHECKS) == set(TITLES_FR)


def test_a_code_we_do_not_know_is_passed_over():
    rubric = load_rubric_set(RUBRICS).rubric("E1.1")

    assert run_checks(criterion("DET-INCONNU"), rubric, CERTIFICATION, [document("a")], []) == ()


def test_what_conforms_is_told_in_one_result():
    table = [("Poste", "Calcul", "€"), ("A", "2 × 10 €", "20 €"), ("B", "3 × 10 €", "30 €")]
    rubric = load_rubric_set(RUBRICS).rubric("E1.1")

    (result,) = run_checks(criterion("DET-SOMME"), rubric, CERTIFICATION, [document(table)], [])

    assert result.outcome is CheckOutcome.OK
    assert result.message_fr.count("montant exact") == 2


HOSTILE = {
    "nested parentheses": "x = " + "(" * 3000 + "1" + ")" * 3000 + " = 1",
    "an endless sum": "1 € + " * 5000 + "1 € = 3 €",
    "an endless number": "1" * 20_000,
    "endless days": "1, " * 10_000 + "mars 2026",
    "endless equals signs": "a = " * 5000,
    "endless hours": "12 h " * 5000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.timeout(60)
def test_no_check_breaks_or_drags_on_a_hostile_text(text):
    tested = document("# Budget", text, [("Poste", "€"), ("A", text[:3000]), ("Total", "3 €")])

    for code in CHECKS:
        run(code, tested, pieces={"brief": document(text, name="brief.docx")})


CELLS = st.text(alphabet="abAB 0123456789.,%€/:=×÷+-()hCoût\n", max_size=25)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=2, max_size=5), CELLS)
def test_no_check_breaks_on_any_table_and_every_proof_is_in_the_text(rows, text):
    tested = document("# Budget et plan d'actions", rows, text, f"Total : {text} = {text}")
    brief = document(text, rows, name="brief.docx")
    texts = {d.sha256: d.text for d in (tested, brief)}

    for code in CHECKS:
        for result in run(code, tested, pieces={"brief": brief}):
            for proof in result.observed:
                assert texts[proof.sha256][proof.start : proof.end] == proof.quote
