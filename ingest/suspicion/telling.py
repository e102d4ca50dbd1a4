"""Whether a text that was hidden in a code speaks of how the work is judged.

Nobody has an honest reason to write that in a code: two kinds of words are enough there, which
would not be on the page.
"""

import re
from collections.abc import Mapping
from typing import Final

from ingest.suspicion.skeleton import Skeleton

_ENOUGH: Final = 2
_FEWEST_LETTERS: Final = 8
_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]")


class Telling:
    """Kinds of words (what is asked, what is granted, on what, by whom), as their beginnings."""

    def __init__(self, stems: Mapping[str, str]) -> None:
        split = {kind: row.split() for kind, row in stems.items()}
        self._starts = {
            kind: re.compile(rf"(?<![a-z0-9])(?:{'|'.join(row)})") for kind, row in split.items()
        }
        self._within = {
            kind: re.compile("|".join(stem for stem in row if len(stem) >= 5))
            for kind, row in split.items()
        }

    def span(self, text: str) -> tuple[int, int] | None:
        """From the first to the last telling word; None when there are too few kinds of them."""
        skeleton = Skeleton(text)
        if not skeleton.text:
            return None
        found = {
            kind: [match.span() for match in pattern.finditer(skeleton.text)]
            for kind, pattern in self._starts.items()
        }
        spans = [span for row in found.values() for span in row]
        if sum(bool(row) for row in found.values()) < _ENOUGH:
            return None
        return skeleton.original(min(s for s, _ in spans), max(e for _, e in spans))

    def in_letters(self, letters: str) -> bool:
        """The same of words run together, in lower case and without accents."""
        if len(letters) < _FEWEST_LETTERS:
            return False
        return sum(bool(p.search(letters)) for p in self._within.values()) >= _ENOUGH

    def anywhere(self, text: str) -> bool:
        """In words, or in words run together where a code has no spaces."""
        letters = _NOT_LETTERS.sub("", Skeleton(text).text)
        spaces = text.count(" ") + text.count("\n")
        return self.span(text) is not None or (
            spaces < len(letters) / 10 and self.in_letters(letters)
        )
