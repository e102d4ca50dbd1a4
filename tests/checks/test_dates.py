"""How dates, periods and hours are read in French text."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.checks.dates import (
    find_clock_times,
    find_dates,
    find_durations,
    find_periods,
    show_date,
    show_duration,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("samedi 14 mars 2026", date(2026, 3, 14)),
        ("1er avril 2026", date(2026, 4, 1)),
        ("8 sept. 2025", date(2025, 9, 8)),
        ("08/01/2026", date(2026, 1, 8)),
        ("08/01/26", date(2026, 1, 8)),
        ("2026-03-02", date(2026, 3, 2)),
        ("15 août 2026", date(2026, 8, 15)),
    ],
)
def test_a_date_is_read(text, expected):
    assert [mention.resolve() for mention in find_dates(text)] == [expected]


def test_days_that_share_a_month_are_each_read_with_their_weekday():
    mentions = find_dates("lundis 9 et 16 mars 2026")

    assert [m.day for m in mentions] == [9, 16]
    assert [m.weekday for m in mentions] == [0, 0]


def test_a_date_without_year_stays_so_until_its_context_gives_one():
    (mention,) = find_dates("le 14 mars")

    assert mention.resolve() is None
    assert mention.resolve(2026) == date(2026, 3, 14)


def test_a_date_that_does_not_exist_resolves_to_nothing():
    assert find_dates("31 juin 2026")[0].resolve() is None


@pytest.mark.parametrize("text", ["4,1/5 étoiles", "4/5", "16:9", "v1.2", "une note de 3/4"])
def test_marks_and_ratios_are_not_dates(text):
    assert find_dates(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "du 1er septembre au 30 novembre 2025",
        "entre le 1er septembre et le 30 novembre 2025",
        "1er septembre – 30 novembre 2025",
        "du 01/09/2025 au 30/11/2025",
    ],
)
def test_a_period_takes_the_year_of_its_end(text):
    (period,) = find_periods(text)

    assert period.resolve() == (date(2025, 9, 1), date(2025, 11, 30))


def test_a_period_over_new_year_starts_the_year_before():
    (period,) = find_periods("du 15 décembre au 10 janvier 2026")

    assert period.resolve() == (date(2025, 12, 15), date(2026, 1, 10))


def test_two_dates_merely_listed_are_no_period():
    assert find_periods("livraison le 3 mars et le 12 avril 2026") == []


def test_hours_and_durations_share_a_form_and_are_both_found():
    assert [c.value for c in find_clock_times("à 18 h 30")] == [time(18, 30)]
    assert [c.value for c in find_clock_times("18:05", colon=True)] == [time(18, 5)]
    assert [d.seconds for d in find_durations("1 h 25")] == [5100]
    assert [(d.seconds, d.upper) for d in find_durations("20 à 30 s")] == [(20, 30)]


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_any_date_survives_being_written_and_read(day):
    (mention,) = find_dates(f"réunion le {show_date(day)} à midi")

    assert mention.resolve() == day
    assert mention.weekday == day.weekday()


@given(st.integers(1, 3 * 3600 // 60))
def test_any_duration_survives_being_written_and_read(minutes):
    assert [d.seconds for d in find_durations(show_duration(minutes * 60))] == [minutes * 60]
