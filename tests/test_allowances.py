"""A larger file may hold more; a small one that unpacks to a great many things is cut short."""

import pytest

from ingest.formats.allowances import counted, most_cells, most_markup, most_plain_cells


@pytest.mark.parametrize(
    ("size", "cells", "markup"),
    [
        (0, 60_000, 600_000),
        (300_000, 60_000, 600_000),
        (1_000_000, 166_666, 2_000_000),
        (100_000_000, 400_000, 2_000_000),
    ],
)
def test_what_is_looked_at_grows_with_the_file_up_to_a_bound(size, cells, markup):
    assert (most_cells(size), most_markup(size)) == (cells, markup)


def test_a_csv_is_not_compressed_and_has_fewer_cells_a_byte():
    sizes = (0, 2_000_000, 100_000_000)
    assert [most_plain_cells(size) for size in sizes] == [60_000, 83_333, 150_000]


def test_a_count_is_written_as_in_french():
    assert counted(2_520_029) == "2\u202f520\u202f029"
