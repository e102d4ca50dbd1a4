"""Words that hide letters of another alphabet among Latin ones."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.suspicion.skeleton import LOOK_ALIKES

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿ]")
#: Cyrillic, Greek, Armenian and Cherokee letters drawn like Latin ones; phonetic ones are Latin.
_FOREIGN: Final = frozenset(c for c in LOOK_ALIKES if "\u0370" <= c <= "\u058f" or c >= "\u13a0")
_FOREIGN_LETTERS: Final = frozenset(c for c in _FOREIGN if not "\u1d00" <= c <= "\u1dff")
_ANY_FOREIGN: Final = re.compile(f"[{''.join(sorted(_FOREIGN_LETTERS))}]")


def mixed_words(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of words with at least two Latin letters and one that only looks Latin.

    « μm », « α-test » or a Russian word are ordinary: the first two have letters that look like
    no Latin one, the last has no Latin letter.
    """
    if not _ANY_FOREIGN.search(text):
        return
    for word in _WORD.finditer(text):
        letters = word.group()
        if _ANY_FOREIGN.search(letters) and len(_LATIN.findall(letters)) >= 2:
            yield word.span()
