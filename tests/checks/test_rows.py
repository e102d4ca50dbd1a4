"""DET-SOMME along rows, taxes against their rate, and the unit written once."""

import pytest

from tests.checks.build import document, gaps, outcomes
from tests.checks.test_ceilings import ceiling
from tests.checks.test_sums import sums

QUARTERS = ("Poste", "Avril", "Mai", "Juin", "Total")


def test_a_row_is_added_up_to_its_total():
    table = [QUARTERS, ("Affichage", "90 €", "110 €", "40 €", "240 €")]
    assert outcomes(sums(table)) == {"conforme"}
    wrong = [QUARTERS, ("Affichage", "90 €", "110 €", "40 €", "260 €")]
    (gap,) = gaps(sums(wrong), "C")
    assert "90 + 110 + 40 = 240 €, total de la ligne 260 € : écart de 20 €" in gap.message_fr


def test_a_wrong_row_among_right_ones_is_named_alone():
    table = [
        QUARTERS,
        ("Affichage", "90 €", "110 €", "40 €", "240 €"),
        ("Vidéo", "300 €", "0 €", "125 €", "452 €"),
        ("Photo", "70 €", "70 €", "—", "140 €"),
    ]
    (gap,) = gaps(sums(table), "C")
    assert "300 + 0 + 125 = 425 €" in gap.message_fr


@pytest.mark.parametrize(
    "header",
    [
        ("Poste", "Quantité", "Prix unitaire", "Frais", "Total"),
        ("Poste", "Prévu", "Réel", "Écart", "Total"),
        ("Poste", "HT", "TVA", "Divers", "Total"),
        ("Poste", "Janvier", "Février", "Cumul", "Total"),
        ("Poste", "", "Mai", "Juin", "Total"),
    ],
)
def test_columns_that_are_not_parts_of_a_total_are_not_added(header):
    assert not gaps(sums([header, ("Vidéo", "3", "120 €", "15 €", "375 €")]))


def test_a_table_whose_rows_mostly_do_not_add_up_means_something_else():
    table = [
        QUARTERS,
        ("Affichage", "90 €", "110 €", "40 €", "999 €"),
        ("Vidéo", "300 €", "0 €", "125 €", "77 €"),
        ("Photo", "70 €", "70 €", "10 €", "150 €"),
    ]
    assert not gaps([r for r in sums(table) if "ligne" in r.message_fr])


@pytest.mark.parametrize(("tax", "said"), [("170 €", "conforme"), ("120 €", "écart")])
def test_a_tax_is_its_share_of_the_untaxed_total_above(tax, said):
    table = [("Ligne", "Montant"), ("Total HT", "850 €"), ("TVA (20 %)", tax)]
    assert outcomes(sums(table)) == {said}


def test_the_unit_of_a_written_sum_may_be_on_its_result_only():
    assert outcomes(sums("Soit 1 250 + 640 + 85 = 1 975 € au total.")) == {"conforme"}
    assert gaps(sums("Soit 1 250 + 640 + 85 = 1 795 € au total."), "C")


def test_the_shares_of_a_budget_along_a_row_make_a_whole():
    header = ("", "Vidéo", "Photo", "Publicité")
    assert outcomes(sums([header, ("Part du budget", "45 %", "20 %", "35 %")])) == {"conforme"}
    assert gaps(sums([header, ("Part du budget", "45 %", "30 %", "35 %")]))
    assert not sums([header, ("Taux de clic", "45 %", "30 %", "35 %")])


def test_a_multiplication_a_reduced_tax_away_from_its_result_is_left_to_the_reader():
    assert not gaps(sums("4 × 200 € = 844 €."))
    assert outcomes(sums("4 × 200 € = 844 €.")) == {"sans conclusion"}
    assert gaps(sums("4 × 200 € = 864 €."), "C")


def test_a_total_announced_in_a_sentence_is_held_against_the_envelope():
    brief = "Le budget ne doit pas dépasser 3 000 euros, toutes dépenses comprises."
    (over,) = gaps(ceiling(document("Le budget total est de 3 400 €."), brief), "C")
    assert "dépassement de 400 €" in over.message_fr
    assert outcomes(ceiling(document("Le budget total est de 2 900 €."), brief)) == {"conforme"}
    for other in (
        "L'an passé, le budget total précédent était de 5 000 €.",
        "Le budget total d'un concurrent est de 9 000 €.",
        "Les recettes atteignent un montant total de 8 000 €.",
    ):
        assert not gaps(ceiling(document(other), brief))
