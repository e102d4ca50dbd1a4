"""Agrees nouns and adjectives with the number that stands before them."""

import re
from typing import Final

_NUMBER_OR_MARK: Final = re.compile(r"(?P<number>\d[\d\u00a0\u202f]*)|(?<=[^\W\d_])\(s\)")


def agreed(text: str) -> str:
    """« 1 image(s) transmise(s) » becomes « 1 image transmise », « 2 images transmises ».

    Each « (s) » follows the last number before it. For our own words, before a candidate's or a
    file's name is put among them.
    """
    number = 0

    def resolved(found: re.Match[str]) -> str:
        nonlocal number
        if found["number"]:
            number = int(re.sub(r"\D", "", found["number"]))
            return found[0]
        return "s" if number > 1 else ""

    return _NUMBER_OR_MARK.sub(resolved, text)
