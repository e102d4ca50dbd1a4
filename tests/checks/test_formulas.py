"""DET-ROI and DET-CONV: formulas by their shape, results by recomputation."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.checks.build import document, gaps, outcomes, run

ROI = ["La formule du ROI est juste.", "L'application numérique est juste."]
CONV = [
    "La formule du taux de conversion est écrite.",
    "Le dénominateur est défini et constant.",
    "L'application numérique est juste et arrondie correctement.",
]


def roi(text):
    return run("DET-ROI", document(text), attendus=ROI)


def conversion(text):
    return run("DET-CONV", document(text), attendus=CONV)


@pytest.mark.parametrize(
    "formula",
    [
        "ROI = (gains - coûts) ÷ coûts × 100",
        "ROI = (recettes − dépenses) / dépenses x 100",
        "ROI = bénéfice net ÷ investissement × 100",
        "ROI = gains ÷ coûts − 1",
        "ROI = (CA généré - coût total) ÷ coût total × 100",
        "Retour sur investissement : (gains - coûts) divisé par coûts = 50 %",
    ],
)
def test_the_usual_wordings_of_the_formula_are_right(formula):
    assert gaps(roi(formula)) == []


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("ROI = (coûts ÷ chiffre d'affaires) × 100", "inversé"),
        ("ROI = (recettes - coûts) ÷ recettes × 100", "taux de marge"),
        ("ROI = (coûts - gains) ÷ gains × 100", "inversés"),
        ("ROI = chiffre d'affaires ÷ coûts × 100", "ROAS"),
    ],
)
def test_a_wrong_formula_is_a_conclusive_gap_on_the_formula(formula, why):
    (gap,) = gaps(roi(formula), "C")

    assert why in gap.message_fr
    assert gap.attendu == 1


def test_the_right_result_is_given_with_the_figures_of_the_text():
    (gap,) = gaps(roi("ROI = (coûts ÷ recettes) × 100 = (9 400 ÷ 21 600) × 100 = 43,5 %"), "C")

    assert "(21 600 − 9 400) ÷ 9 400 × 100 = 129,8 %" in gap.message_fr


def test_a_right_formula_badly_applied_is_a_gap_on_the_calculation():
    (gap,) = gaps(roi("ROI = (gains - coûts) ÷ coûts × 100 = (600 - 400) ÷ 400 × 100 = 60 %"), "C")

    assert gap.attendu == 2


def test_figures_alone_are_judged_by_their_shape():
    assert outcomes(roi("ROI = (15 900 - 3 180) ÷ 3 180 × 100 = 400 %")) == {"conforme"}
    assert len(gaps(roi("ROI = (15 900 - 3 180) ÷ 15 900 × 100 = 80 %"), "C")) == 1


def test_a_roas_named_as_such_is_not_a_wrong_roi():
    assert roi("ROAS = chiffre d'affaires ÷ dépense publicitaire = 4") == []


def test_a_text_without_formula_gives_nothing():
    assert roi("Le ROI est excellent.") == []


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_return_computed_right_is_never_called_wrong(gain, cost):
    shown = f"{(gain - cost) / cost * 100:.1f}".replace(".", ",")
    text = f"ROI = (gains - coûts) ÷ coûts × 100 = ({gain} - {cost}) ÷ {cost} × 100 = {shown} %"

    assert gaps(roi(text)) == []


@pytest.mark.parametrize(
    "formula",
    [
        "Taux de conversion = achats ÷ sessions × 100 = 306 ÷ 7 650 × 100 = 4 %",
        "Taux de conversion = abonnements / visites de la billetterie x 100",
        "Formule : dons ÷ sessions sur la page de don × 100 = 161 ÷ 5 040 × 100",
        "Taux de conversion : 84 achats ÷ 2 100 clics × 100 = 4,0 %",
        "Taux de conversion = ventes ÷ visites = 0,04",
    ],
)
def test_conversions_over_visits_or_clicks_are_right(formula):
    assert gaps(conversion(formula)) == []


def test_impressions_as_denominator_are_a_conclusive_gap():
    text = "Taux de conversion = achats ÷ impressions × 100 = 306 ÷ 612 400 × 100 = 0,05 %"

    (gap,) = gaps(conversion(text), "C")

    assert gap.attendu == 2


def test_an_inverted_rate_is_a_conclusive_gap():
    (gap,) = gaps(conversion("Taux de conversion = visites ÷ achats × 100"), "C")

    assert "inversé" in gap.message_fr


def test_a_forgotten_factor_of_one_hundred_is_named():
    text = "Taux de conversion = achats ÷ visites × 100 = 84 ÷ 2 100 × 100 = 0,04 %"

    (gap,) = gaps(conversion(text), "C")

    assert "facteur 100" in gap.message_fr
    assert gap.attendu == 3


@given(st.integers(1, 10**5), st.integers(1, 10**6), st.integers(0, 2))
def test_a_rate_computed_right_is_never_called_wrong(done, visits, decimals):
    assume(done <= visits)
    shown = f"{done / visits * 100:.{decimals}f}".replace(".", ",")
    text = f"Taux de conversion = achats ÷ visites × 100 = {done} ÷ {visits} × 100 = {shown} %"

    assert gaps(conversion(text)) == []


@pytest.mark.parametrize("between", [" ; ", " et ", ", puis "])
@pytest.mark.parametrize(("last", "wrong"), [("7 %", 0), ("9 %", 1)])
def test_two_calculations_in_one_sentence_are_two_calculations(between, last, wrong):
    first = "Taux de clic : 1 200 ÷ 80 000 × 100 = 1,5 %"
    text = document(f"{first}{between}taux de conversion : 84 ÷ 1 200 × 100 = {last}.")
    assert len(gaps(run("DET-RATIO", text), "C")) + len(gaps(run("DET-CONV", text), "C")) >= wrong
    if not wrong:
        assert gaps(run("DET-RATIO", text)) == []
        assert gaps(run("DET-CONV", text)) == []
