"""DET-SMART: measured and dated objectives."""

import pytest

from tests.checks.build import document, gaps, outcomes, run

ATTENDUS = [
    "Mesurable : une valeur et une unité sont données.",
    "Temporellement défini : une échéance est donnée.",
    "La règle vaut pour tous les objectifs opérationnels.",
]
GOOD = "Passer de 35 à 80 commandes par semaine au 31 décembre 2026"


def smart(*items, attendus=ATTENDUS):
    return run("DET-SMART", document(*items), attendus=attendus)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "Obtenir 400 000 vues d'ici fin mars",
        "Porter l'engagement à 4 % en 3 mois",
        "Recueillir 140 avis avant le 30 septembre",
        "Vendre 25 paniers par semaine au 2e trimestre",
    ],
)
def test_an_objective_with_a_figure_and_a_term_is_measured_and_dated(text):
    assert outcomes(smart("# Objectifs opérationnels", text)) == {"conforme"}


def test_objectives_without_figure_nor_date_are_two_conclusive_gaps():
    results = smart("# Objectifs opérationnels", "Être plus visible", "Faire le buzz avec le lac")

    assert [(g.attendu, g.strength) for g in gaps(results)] == [(1, "C"), (2, "C")]


def test_one_vague_objective_among_good_ones_bears_on_the_rule_for_all():
    results = smart("# Objectifs opérationnels", GOOD, "Faire découvrir la boutique")

    assert [g.attendu for g in gaps(results)] == [3, 3]
    assert "Faire découvrir la boutique" in gaps(results)[0].message_fr


def test_a_row_is_read_with_all_its_columns():
    table = [
        ("N°", "Objectif", "Mesure", "Échéance"),
        ("O1", "Vendre des pass", "1 000 ventes attribuées", "31 mars 2026"),
    ]

    assert outcomes(smart("# Objectifs opérationnels", table)) == {"conforme"}


def test_an_age_or_a_reference_is_not_a_measure():
    results = smart("# Objectifs opérationnels", "OO1 – Séduire les 18-30 ans avant l'été 2026")

    assert [g.attendu for g in gaps(results)] == [1]


def test_a_plan_of_actions_is_not_a_list_of_objectives():
    table = [("Action", "Objectif", "Qui"), ("Publier", "Notoriété", "Lina")]

    assert outcomes(smart("# Plan d'actions", table)) == {"sans conclusion"}


def test_strategic_objectives_need_no_figure():
    results = smart("# Objectifs stratégiques", "Devenir le réflexe du quartier")

    assert gaps(results) == []


def test_a_criterion_that_does_not_ask_for_smart_gets_a_hint():
    results = smart("# Objectifs opérationnels", "Être plus visible", attendus=["Un objectif."])

    assert {g.strength for g in gaps(results)} == {"I"}
