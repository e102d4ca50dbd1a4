"""DET-DUREE and DET-HORO: lengths against what was asked, hours in their order."""

from tests.checks.build import document, gaps, outcomes, run

LIMIT = ("Un live Instagram de 45 minutes au maximum, le mercredi 10 septembre 2025 à 18 h 30.",)


def durations(*items, brief=LIMIT):
    pieces = {"brief": document(*brief, name="brief.docx")} if brief else {}
    return run("DET-DUREE", document(*items), pieces=pieces, attendus=["La durée réelle est dite."])


def test_a_real_length_beyond_the_limit_is_a_conclusive_gap():
    (gap,) = gaps(durations("Fin à 19 h 55, soit 1 h 25 de direct."), "C")

    assert "dépassement de 40 min" in gap.message_fr
    assert gap.attendu == 1


def test_a_length_within_the_limit_is_confirmed():
    assert outcomes(durations("Le direct a duré 43 minutes.")) == {"conforme"}


def test_sequences_that_add_up_are_confirmed_and_too_many_are_not():
    right = durations("Déroulé : accueil 5 min, entretien 20 min, questions 15 min, fin 5 min")
    wrong = durations("Déroulé : accueil 10 min, entretien 30 min, questions 15 min")

    assert outcomes(right) == {"conforme"}
    assert len(gaps(wrong, "C")) == 1


def test_without_a_limit_nothing_is_said():
    assert durations("Fin à 19 h 55, soit 1 h 25 de direct.", brief=()) == []


def test_two_different_limits_leave_the_check_silent():
    brief = (*LIMIT, "Le live du mois suivant durera 30 minutes au maximum.")

    assert durations("Soit 1 h 25 de direct.", brief=brief) == []


def hours(*cells, title="# Chronologie"):
    table = [("Heure", "Étape"), *((cell, f"Étape {i}") for i, cell in enumerate(cells))]
    return run("DET-HORO", document(title, table))


def test_hours_in_order_are_confirmed_over_several_days():
    assert outcomes(hours("10 h 05", "18 h 00", "8 sept. 10 h", "20 sept.")) == {"conforme"}


def test_an_hour_before_the_previous_one_is_a_gap_in_a_chronology():
    (gap,) = gaps(hours("10 h 05", "12 h 15", "11 h 20"), "C")

    assert "11 h 20" in gap.message_fr


def test_a_table_sorted_otherwise_is_not_a_chronology():
    table = [("Message", "Heure"), ("C1", "11 h 05"), ("C2", "10 h 58"), ("C3", "13 h 30")]

    assert run("DET-HORO", document("# Modération", table)) == []


def test_hours_that_cannot_be_read_are_passed_over():
    assert hours("le matin", "vers midi", "le soir") == []


def test_delays_are_told_when_both_hours_are_bare():
    table = [
        ("Message", "Heure", "Heure de réponse"),
        ("a", "22 h 50", "23 h 50"),
        ("b", "soirée", "23 h"),
    ]

    (result,) = run("DET-HORO", document("# Modération", table))

    assert "1 h" in result.message_fr
    assert result.strength == "R"
