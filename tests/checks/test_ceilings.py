"""DET-PLAFOND: the total against the envelope of the brief."""

from tests.checks.build import document, gaps, outcomes, run

ATTENDUS = ["Le total respecte l'enveloppe donnée."]


def budget(total, *lines):
    rows = [("Poste", "Montant TTC"), *((f"Poste {i}", line) for i, line in enumerate(lines))]
    return document("# Budget", [*rows, ("Total", total)])


def ceiling(deliverable, *brief, epreuve="X1"):
    pieces = {"brief": document(*brief, name="brief.docx")} if brief else {}
    return run("DET-PLAFOND", deliverable, pieces=pieces, attendus=ATTENDUS, epreuve=epreuve)


def test_a_total_under_the_envelope_is_confirmed():
    results = ceiling(budget("900 €", "400 €", "500 €"), "Budget : 1 000 € TTC maximum.")

    assert outcomes(results) == {"conforme"}


def test_a_total_above_the_envelope_is_a_conclusive_gap_with_both_places():
    (gap,) = gaps(ceiling(budget("1 200 €", "400 €", "800 €"), "Budget : 1 000 € maximum."), "C")

    assert "dépassement de 200 €" in gap.message_fr
    assert gap.attendu == 1
    assert {e.filename for e in gap.observed} == {"livrable.docx", "brief.docx"}


def test_a_wrong_total_does_not_hide_lines_that_exceed_the_envelope():
    (gap,) = gaps(ceiling(budget("900 €", "400 €", "800 €"), "Budget : 1 000 € maximum."), "C")

    assert "1 200 €" in gap.message_fr


def test_without_a_brief_nothing_is_concluded():
    assert outcomes(ceiling(budget("900 €", "400 €", "500 €"))) == {"sans conclusion"}


def test_two_possible_envelopes_leave_the_check_silent():
    brief = ("Budget annuel : 9 000 € maximum.", "Budget de la campagne : 1 800 € au plus.")

    assert outcomes(ceiling(budget("2 000 €", "1 500 €", "500 €"), *brief)) == {"sans conclusion"}


def test_the_passage_that_names_the_epreuve_decides_between_two_envelopes():
    brief = (
        "# Stratégie (X2)",
        "Budget annuel : 9 000 € maximum.",
        "# Influence (X1)",
        "1 800 € TTC, produits non compris.",
    )

    (gap,) = gaps(ceiling(budget("2 000 €", "1 500 €", "500 €"), *brief), "C")

    assert "enveloppe 1 800 €" in gap.message_fr


def test_a_limit_set_for_another_epreuve_is_not_this_ones():
    brief = ("# Événement (X2)", "Budget : 600 € maximum.")

    results = ceiling(budget("2 000 €", "1 500 €", "500 €"), *brief)

    assert outcomes(results) == {"sans conclusion"}


def test_what_comes_in_is_not_spending():
    table = [("Poste", "Dons (€)"), ("Mars", "1 500"), ("Avril", "500"), ("Total", "2 000")]

    assert ceiling(document("# Budget et dons", table), "Budget : 1 000 € maximum.") == []


def test_a_price_beside_the_limit_is_not_the_envelope():
    brief = "Vendre 2 500 pass à 189 € ; budget : 8 000 € TTC, à ne pas dépasser."

    assert outcomes(ceiling(budget("7 000 €", "3 000 €", "4 000 €"), brief)) == {"conforme"}


def test_a_total_with_tax_says_nothing_against_an_envelope_without():
    results = ceiling(budget("1 100 €", "500 €", "600 €"), "Budget : 1 000 € HT maximum.")

    assert gaps(results) == []


def test_a_table_that_is_not_a_budget_is_left_alone():
    table = [("Canal", "Visites"), ("A", "1 000"), ("B", "2 000"), ("Total", "3 000")]

    assert ceiling(document("# Audience", table), "Budget : 1 000 € maximum.") == []
