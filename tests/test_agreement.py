"""Nouns that agree with the number before them."""

import pytest

from assistant.agreement import agreed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0 image(s) transmise(s)", "0 image transmise"),
        ("1 quantité(s) de la commande reprise(s)", "1 quantité de la commande reprise"),
        ("2 objectif(s) sur 3 sans date", "2 objectifs sur 3 sans date"),
        ("1 objectif(s) sur 3 sans date", "1 objectif sur 3 sans date"),
        ("12\u202f000 entrée(s), dont 1 effacée(s)", "12\u202f000 entrées, dont 1 effacée"),
        ("aucun nombre : image(s)", "aucun nombre : image"),
        ("f(s) reste, 2 (s) aussi", "f reste, 2 (s) aussi"),
    ],
)
def test_each_mark_follows_the_last_number_before_it(written, read):
    assert agreed(written) == read
