"""DET-DATES, DET-EVT and DET-FREQ: dates against the calendar, the period and the charter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.checks.dates import show_date
from assistant.checks.events import MOVABLE, easter, events_between
from assistant.domain.tables import EvenementFixe, Evenements, ReferenceTables
from tests.checks.build import document, gaps, outcomes, run


def dates(*items, brief=(), attendus=("Toutes les dates tombent dans la période.",)):
    pieces = {"brief": document(*brief, name="brief.docx")} if brief else {}
    texte = "DET-DATES (période)"
    return run("DET-DATES", document(*items), pieces=pieces, attendus=attendus, controles=texte)


def test_a_wrong_weekday_is_a_conclusive_gap():
    (gap,) = gaps(dates("Réunion le lundi 14 mars 2026."), "C")

    assert "samedi 14 mars 2026" in gap.message_fr


def test_a_weekday_without_year_is_not_judged():
    assert dates("Réunion le lundi 14 mars.") == []


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
def test_a_right_weekday_is_never_called_wrong(day):
    assert gaps(dates(f"Le {show_date(day)}, lancement.")) == []


def test_a_date_that_does_not_exist_is_a_gap():
    assert len(gaps(dates("Échéance : 31 juin 2026."), "C")) == 1


def test_an_end_before_its_start_is_a_gap_on_its_row():
    table = [
        ("Action", "Début", "Fin"),
        ("A", "02/02/2026", "15/08/2026"),
        ("B", "01/03/2026", "15/01/2026"),
    ]

    (gap,) = gaps(dates(table), "C")

    assert {e.quote for e in gap.observed} == {"01/03/2026", "15/01/2026"}


FINDINGS = [
    ("Date", "Information", "Source"),
    ("18/09/2025", "Une", "CNIL"),
    ("14/03/2024", "Deux", "Blog"),
    ("02/10/2025", "Trois", "Revue"),
]
PERIOD = ("Période de référence : du 1er septembre au 30 novembre 2025.",)


def test_findings_outside_the_reference_period_are_listed():
    (gap,) = gaps(dates(FINDINGS, brief=PERIOD), "C")

    assert "1 élément sur 3" in gap.message_fr
    assert "14 mars 2024" in gap.message_fr
    assert gap.attendu == 1


def test_findings_all_inside_the_period_are_confirmed():
    inside = [FINDINGS[0], FINDINGS[1], FINDINGS[3]]

    assert outcomes(dates(inside, brief=PERIOD)) == {"conforme"}


def test_without_a_reference_period_nothing_is_concluded():
    assert outcomes(dates(FINDINGS)) == {"sans conclusion"}


@pytest.mark.parametrize(
    ("year", "day"),
    [(2024, date(2024, 3, 31)), (2025, date(2025, 4, 20)), (2026, date(2026, 4, 5)),
     (2000, date(2000, 4, 23)), (2038, date(2038, 4, 25))],
)  # fmt: skip
def test_easter_falls_where_the_church_tables_say(year, day):
    assert easter(year) == day


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("la Pentecôte", date(2026, 5, 24)),
        ("la fête des mères", date(2026, 5, 31)),
        ("la fête des pères", date(2026, 6, 21)),
        ("le vendredi noir", date(2026, 11, 27)),
        ("les soldes d'hiver", date(2026, 1, 7)),
        ("les soldes d'été", date(2026, 6, 24)),
    ],
)
def test_movable_events_fall_on_their_day(name, day):
    rules = dict(MOVABLE.values())

    assert rules[name](day.year) == day


def test_mothers_day_moves_when_it_would_be_pentecost():
    rules = dict(MOVABLE.values())

    assert rules["la fête des mères"](2020) == date(2020, 6, 7)


def test_a_wrong_date_of_easter_is_a_conclusive_gap():
    (gap,) = gaps(run("DET-EVT", document("Temps fort : Pâques (12 avril 2026).")), "C")

    assert "dimanche 5 avril 2026" in gap.message_fr
    assert gaps(run("DET-EVT", document("Temps fort : Pâques (5 avril 2026)."))) == []
    assert gaps(run("DET-EVT", document("Week-end de Pâques : 4 avril 2026."))) == []


def test_events_of_a_period_come_from_the_tables_and_the_computus():
    tables = ReferenceTables(
        evenements=Evenements(fixes=(EvenementFixe(nom="8 mars", jour="03-08"),))
    )

    found = list(events_between(date(2026, 3, 1), date(2026, 4, 10), tables))

    assert found == [("8 mars", date(2026, 3, 8)), ("Pâques", date(2026, 4, 5))]


CHARTER = [
    ("Support", "Fréquence", "Jours et heures"),
    ("Réseau Alpha (fil)", "2 posts par semaine", "mardi 7 h 30, jeudi 12 h 15"),
    ("Réseau Alpha (Stories)", "1 par jour", "17 h 00"),
]


def calendar(*days_and_hours):
    rows = [(day, hour, "Alpha", "Post") for day, hour in days_and_hours]
    return [("Date", "Heure", "Canal", "Format"), *rows]


RIGHT = [
    ("03/03/2026", "7h30"),
    ("05/03/2026", "12h15"),
    ("07/03/2026", "7h30"),
    ("10/03/2026", "7h30"),
    ("12/03/2026", "12h15"),
]


def cadence(rows):
    charter = document(
        [CHARTER[0], ("Alpha (fil)", *CHARTER[1][1:]), ("Alpha (Stories)", *CHARTER[2][1:])],
        name="charte.docx",
    )
    return run(
        "DET-FREQ",
        document(calendar(*rows)),
        pieces={"charte éditoriale": charter},
        attendus=["La fréquence correspond à la charte.", "Les horaires sont dans les créneaux."],
    )


def test_a_week_with_too_many_posts_is_counted():
    days = [*RIGHT[:2], *RIGHT[2:3], *RIGHT[3:], ("14/03/2026", "7h30")]

    counts = [g for g in gaps(cadence(days), "C") if g.attendu == 1]

    assert "3 en semaine 10, 3 en semaine 11" in counts[0].message_fr


def test_the_charter_kept_is_confirmed_and_hours_too():
    days = [RIGHT[0], RIGHT[1], RIGHT[3], RIGHT[4]]

    assert gaps(cadence(days)) == []


def test_an_hour_outside_the_slots_is_listed():
    days = [RIGHT[0], ("05/03/2026", "21h10"), RIGHT[3], RIGHT[4]]

    (gap,) = gaps(cadence(days), "C")

    assert "21 h 10" in gap.message_fr
    assert gap.attendu == 2


def test_a_week_cut_by_the_end_of_the_calendar_is_not_counted():
    days = [RIGHT[0], RIGHT[1], ("07/03/2026", "7h30"), ("09/03/2026", "7h30")]

    counts = [g for g in gaps(cadence(days)) if g.attendu == 1]

    assert all("semaine 11" not in g.message_fr for g in counts)


def test_without_a_charter_nothing_is_concluded():
    results = run("DET-FREQ", document(calendar(*RIGHT)))

    assert outcomes(results) == {"sans conclusion"}
