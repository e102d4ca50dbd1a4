"""DET-SOMME: a right total is never called wrong, a wrong one is."""

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assistant.checks.numbers import show
from tests.checks.build import document, gaps, outcomes, run

CALCULATIONS = ["Les calculs sont justes et le total respecte l'enveloppe donnée."]


def sums(*items, **options):
    return run("DET-SOMME", document(*items), attendus=CALCULATIONS, **options)


def budget(*amounts, total, header=("Poste", "Montant")):
    lines = [(f"Poste {name}", amount) for name, amount in zip("ABCDEFGHIJ", amounts, strict=False)]
    return [header, *lines, ("Total", total)]


def test_a_right_total_is_confirmed_with_the_recomputation():
    (result,) = sums(budget("4 200 €", "1 300 €", "860 €", total="6 360 €"))

    assert result.outcome.value == "conforme"
    assert "4 200 + 1 300 + 860 = 6 360 €" in result.message_fr
    assert result.attendu == 1


def test_a_wrong_total_is_a_conclusive_gap_on_the_attendu_about_calculations():
    (result,) = sums(budget("4 200 €", "1 300 €", "860 €", total="6 630 €"))

    assert result.outcome.value == "écart"
    assert result.strength == "C"
    assert result.attendu == 1
    assert "écart de 270 €" in result.message_fr
    assert {e.quote for e in result.observed} == {"4 200 €", "1 300 €", "860 €", "6 630 €"}


def test_a_criterion_that_does_not_judge_calculations_gets_a_hint_only():
    wrong = document(budget("100 €", "200 €", total="400 €"))

    (result,) = run("DET-SOMME", wrong, attendus=["Une cible est décrite."])

    assert (result.outcome.value, result.strength) == ("écart", "I")


def test_an_amount_still_to_be_defined_silences_the_check():
    results = sums(budget("4 200 €", "à définir", "860 €", total="6 630 €"))

    assert outcomes(results) == {"sans conclusion"}


@pytest.mark.parametrize("free", ["offert", "—", "-", "inclus", ""])
def test_a_free_or_blank_line_counts_for_nothing(free):
    assert outcomes(sums(budget("400 €", free, "60 €", total="460 €"))) == {"conforme"}


def test_subtotals_and_their_total_are_all_right():
    table = [
        ("Poste", "Montant"),
        ("Vidéo", "400 €"),
        ("Photo", "100 €"),
        ("Sous-total création", "500 €"),
        ("Réseau A", "250 €"),
        ("Réseau B", "50 €"),
        ("Sous-total diffusion", "300 €"),
        ("Total général", "800 €"),
    ]

    assert outcomes(sums(table)) == {"conforme"}


def test_before_tax_tax_and_all_taxes_included_are_read_as_such():
    table = [
        ("Poste", "Montant"),
        ("Vidéo", "400 €"),
        ("Photo", "100 €"),
        ("Total HT", "500 €"),
        ("TVA 20 %", "100 €"),
        ("Total TTC", "600 €"),
    ]

    assert outcomes(sums(table)) == {"conforme"}


def test_a_reduction_is_taken_off():
    table = [("Poste", "€"), ("A", "300"), ("B", "200"), ("Remise", "50"), ("Total", "450")]

    assert outcomes(sums(table)) == {"conforme"}


def test_detail_lines_of_which_are_not_added_twice():
    table = [
        ("Poste", "Montant"),
        ("Publicité", "900 €"),
        ("dont réseau A", "600 €"),
        ("dont réseau B", "300 €"),
        ("Photo", "100 €"),
        ("Total", "1 000 €"),
    ]

    assert outcomes(sums(table)) == {"conforme"}


def test_a_parent_line_that_sums_its_children_is_not_added_twice():
    table = [
        ("Poste", "Montant"),
        ("Publicité", "900 €"),
        ("Réseau A", "600 €"),
        ("Réseau B", "300 €"),
        ("Photo", "100 €"),
        ("Total", "1 000 €"),
    ]

    assert outcomes(sums(table)) == {"conforme"}


def test_amounts_shown_in_thousands_may_drift_by_their_rounding():
    results = sums(budget("1,2 k€", "2,3 k€", "0,7 k€", total="4,3 k€"))

    assert gaps(results) == []


def test_rates_and_unit_costs_are_never_summed():
    table = [
        ("Canal", "Visites", "Taux de conversion", "Coût par vente"),
        ("A", "1 780", "5,4 %", "8,33 €"),
        ("B", "960", "3,8 %", "12,50 €"),
        ("Total", "2 740", "4,8 %", "9,10 €"),
    ]

    assert gaps(sums(table)) == []


@pytest.mark.parametrize("detail", ["44 j × 82 € environ", "14 j × 100 € + boost", "forfait"])
def test_a_detail_that_is_not_fully_figured_is_not_recomputed(detail):
    table = [("Poste", "Calcul", "Montant"), ("A", detail, "1 900 €"), ("B", "devis", "10 €")]

    assert sums(table) == []


def test_quantity_times_price_is_recomputed_from_the_detail():
    table = [("Poste", "Calcul", "Montant"), ("A", "12 × 18 €", "261 €"), ("B", "devis", "10 €")]

    (result,) = gaps(sums(table), "C")

    assert "12 × 18 € = 216 €" in result.message_fr


def test_quantity_times_price_is_recomputed_from_columns():
    table = [
        ("Poste", "Quantité", "Prix unitaire", "Montant"),
        ("A", "3", "450 €", "1 350 €"),
        ("B", "2", "120 €", "420 €"),
    ]

    results = sums(table)

    assert [g.message_fr for g in gaps(results, "C")] == [
        "2 × 120 € = 240 €, montant annoncé 420 € : écart de 180 €."
    ]


def test_a_detail_before_tax_beside_an_amount_with_tax_is_right():
    table = [("Poste", "Calcul", "TTC"), ("A", "2 × 100 €", "240 €"), ("B", "devis", "10 €")]

    assert gaps(sums(table)) == []


def test_budget_shares_above_one_hundred_are_a_conclusive_gap():
    table = [("Poste", "Part du budget"), ("A", "45 %"), ("B", "35 %"), ("C", "35 %")]

    (result,) = gaps(sums(table), "C")

    assert "45 + 35 + 35 = 115 %" in result.message_fr


def test_shares_of_an_audience_are_not_a_whole():
    table = [("Créateur", "Part 30-55 ans"), ("A", "46 %"), ("B", "51 %"), ("C", "34 %")]

    assert sums(table) == []


def test_rounded_shares_may_miss_one_hundred_by_their_rounding():
    table = [("Poste", "Part du budget"), ("A", "33,3 %"), ("B", "33,3 %"), ("C", "33,3 %")]

    assert gaps(sums(table)) == []


def test_a_sum_written_in_a_sentence_is_recomputed():
    right = sums("Coûts : publicité 1 400 € + vidéaste 900 € + supports 880 € = 3 180 €.")
    wrong = sums("Coûts : publicité 1 400 € + vidéaste 900 € + supports 880 € = 3 810 €.")
    listed = sums("micro 89 €, invitée (déplacement) 140 €, goûter 60 €, publicité 250 € = 539 €")

    assert outcomes(right) == outcomes(listed) == {"conforme"}
    assert len(gaps(wrong, "C")) == 1


def test_lines_of_a_list_are_read_as_a_budget_but_only_hint():
    results = sums("Micro : 89 €", "Goûter : 60 €", "Publicité : 250 €", "Total : 499 €")

    assert [(r.outcome.value, r.strength) for r in results] == [("écart", "I")]


amount = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 10)
amounts = st.lists(amount, min_size=2, max_size=9)


@given(amounts, st.sampled_from(["€", "€ TTC", "€ HT", ""]))
def test_a_consistent_budget_never_yields_a_gap(lines, unit):
    header = ("Poste", "Montant (€)")
    cells = [show(line, unit, Decimal("0.01")) for line in lines]
    total = show(sum(lines, Decimal(0)), unit, Decimal("0.01"))

    assert gaps(sums(budget(*cells, total=total, header=header))) == []


@given(amounts, st.integers(0, 8), st.integers(10, 9_999))
def test_a_budget_with_one_changed_figure_yields_a_gap(lines, index, change):
    total = show(sum(lines, Decimal(0)), "€", Decimal("0.01"))
    changed = list(lines)
    changed[index % len(lines)] += change
    rest = [changed[i:] for i in range(1, len(changed))]
    assume(all(sum(tail, Decimal(0)) != sum(lines, Decimal(0)) for tail in rest))
    cells = [show(line, "€", Decimal("0.01")) for line in changed]

    found = gaps(sums(budget(*cells, total=total)), "C")

    assert len(found) == 1 or _another_honest_reading(changed, sum(lines, Decimal(0)))


def _another_honest_reading(lines, total):
    """A line that happens to equal the sum of the next ones may be their parent."""
    return any(
        lines[i] == sum(lines[i + 1 : j], Decimal(0))
        for i in range(len(lines))
        for j in range(i + 3, len(lines) + 1)
    )
