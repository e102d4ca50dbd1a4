"""DET-RATIO: rates recomputed from the raw figures beside them."""

import pytest

from tests.checks.build import document, gaps, outcomes, run


def rates(*items):
    return run("DET-RATIO", document(*items), attendus=["Les calculs sont justes."])


def campaign(**changed):
    values = {
        "Impressions": "612 400",
        "Clics": "9 180",
        "Taux de clic (CTR)": "1,50 %",
        "Dépense": "2 450 €",
        "CPC": "0,27 €",
        "CPM": "4,00 €",
        "Achats": "306",
        "Coût par achat": "8,01 €",
    } | changed
    return [("Indicateur", "Résultat"), *values.items()]


def test_right_rates_of_a_list_of_indicators_are_confirmed():
    results = rates(campaign())

    assert outcomes(results) == {"conforme"}
    assert len(results) == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"Taux de clic (CTR)": "15,0 %"},
        {"CPC": "2,70 €"},
        {"CPM": "0,40 €"},
        {"Coût par achat": "9,01 €"},
    ],
)
def test_one_wrong_rate_is_a_conclusive_gap(changed):
    (gap,) = gaps(rates(campaign(**changed)), "C")

    assert gap.attendu == 1
    assert len(gap.observed) == 3


def test_rates_by_row_are_recomputed_from_the_columns():
    table = [
        ("Canal", "Visites", "Abonnements", "Taux de conversion"),
        ("A", "1 780", "96", "5,4 %"),
        ("B", "960", "36", "4,8 %"),
    ]

    (gap,) = gaps(rates(table), "C")

    assert "36 ÷ 960 × 100 = 3,8 %" in gap.message_fr


def test_a_target_is_not_recomputed():
    table = [
        ("Indicateur", "Objectif"),
        ("Impressions", "612 400"),
        ("Clics", "9 180"),
        ("CTR", "3 %"),
    ]

    assert rates(table) == []


def test_a_rate_whose_parts_are_ambiguous_stays_silent():
    table = [
        ("Canal", "Visites", "Sessions", "Achats", "Taux de conversion"),
        ("A", "1 780", "1 500", "96", "9,9 %"),
    ]

    assert gaps(rates(table)) == []


@pytest.mark.parametrize("gap", ["-12,6 %", "−44", "-13 %"])
def test_a_gap_to_target_may_be_relative_or_plain(gap):
    table = [("Indicateur", "Résultat", "Objectif", "Écart"), ("Achats", "306", "350", gap)]

    assert gaps(rates(table)) == []


def test_a_wrong_relative_gap_is_seen():
    table = [("Indicateur", "Résultat", "Objectif", "Écart"), ("Achats", "306", "350", "-22 %")]

    assert len(gaps(rates(table), "C")) == 1


def test_an_evolution_written_in_a_sentence_is_recomputed():
    assert gaps(rates("Passer de 1 200 à 1 800 abonnés (+50 %) d'ici au 30 juin.")) == []
    assert len(gaps(rates("Passer de 1 200 à 1 800 abonnés (+33 %) d'ici au 30 juin."), "C")) == 1


def test_points_between_two_percentages_are_left_to_a_person():
    assert rates("Passer de 2 % à 3 % (+1 %) en juin.") == []
