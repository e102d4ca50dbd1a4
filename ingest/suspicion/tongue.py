"""Whether a text is a language that people write: enough of its words are the commonest ones.

What a code hides need not be understood to be shown: nobody has an honest reason to hide a
sentence of a deliverable.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ingest.suspicion.skeleton import fold_word

_TOKEN: Final = re.compile(r"(?<!\w)[^\W\d_]{2,}(?!\w)")
_FEWEST_WORDS: Final = 5
_FEWEST_COMMON: Final = 3
_SPOKEN: Final = 0.3
_FOREIGN: Final = 0.15


class Tongue:
    """The commonest words of some languages, without accents."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words: Final = frozenset(words)

    def speaks(self, words: Sequence[str]) -> bool:
        """Whether a sentence at least is told, in any of the languages."""
        common = [word for word in words if word in self.words]
        return len(words) >= _FEWEST_WORDS and (
            len(set(common)) >= _FEWEST_COMMON and len(common) >= _SPOKEN * len(words)
        )

    def is_strange(self, words: Sequence[str]) -> bool:
        """Whether a line is long enough to be a sentence, and is none in any of the languages."""
        common = sum(word in self.words for word in words)
        return len(words) >= _FEWEST_WORDS and common <= _FOREIGN * len(words)


def spoken_words(text: str) -> list[str]:
    """The words of a text that are letters and no more, two at least, without accents."""
    return [fold_word(word) for word in _TOKEN.findall(text)]
