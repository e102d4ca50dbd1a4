"""How numbers are read in French text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.checks.numbers import Unit, find_quantities, read_quantity, show


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1 234,50 €", "1234.50", Unit.EURO),
        ("1.234,50 €", "1234.50", Unit.EURO),
        ("9 600 € TTC", "9600", Unit.EURO),
        ("12 k€", "12000", Unit.EURO),
        ("1,2 M€", "1200000", Unit.EURO),
        ("3,2 millions d'euros", "3200000", Unit.EURO),
        ("-12,6 %", "-12.6", Unit.PERCENT),
        ("+0,3 pt", "0.3", Unit.POINT),
        ("15 pour cent", "15", Unit.PERCENT),
        ("4.5", "4.5", Unit.NONE),
        ("60 Ko", "60000", Unit.OCTET),
        ("45 minutes", "45", Unit.MINUTE),
    ],
)
def test_a_french_number_is_read_with_its_unit(text, value, unit):
    quantity = read_quantity(text)

    assert quantity is not None
    assert quantity.value == Decimal(value)
    assert quantity.unit is unit


@pytest.mark.parametrize(
    "text",
    [
        "le 14 mars 2026",
        "du 3 au 17 novembre 2025",
        "21/09/2025",
        "à 18 h 30",
        "1080 × 1350",
        "06 12 34 56 78",
        "n° 12",
        "OO1, C4-1 et E1.2",
    ],
)
def test_dates_hours_sizes_and_references_are_not_amounts(text):
    assert list(find_quantities(text)) == []


def test_a_dot_that_can_be_read_in_two_ways_is_doubtful():
    quantity = read_quantity("1.234 €")

    assert quantity is not None
    assert quantity.doubtful
    assert not quantity.exact


@pytest.mark.parametrize("text", ["environ 280 €", "82 € environ", "moins de 2 €", "20 à 30 €"])
def test_an_approximate_amount_is_never_exact(text):
    assert not next(iter(find_quantities(text))).exact


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_any_amount_survives_being_written_and_read(euros, cents):
    value = Decimal(euros) + Decimal(cents) / 100

    quantity = read_quantity(f"total : {show(value, '€', Decimal('0.01'))} TTC")

    assert quantity is not None
    assert quantity.value == value
    assert quantity.tax == "TTC"


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader_and_offsets_are_true(text):
    for quantity in find_quantities(text):
        assert any(char.isdigit() for char in text[quantity.start : quantity.end])
