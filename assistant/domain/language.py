"""Tells the language of a text from its smallest words."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

_WORDS: Final = re.compile(r"[^\W\d_]+")
#: Units: words read, and words needed to conclude.
_READ: Final = 5000
_ENOUGH: Final = 8
#: Share of the words that a language's small words must make up.
_LEAST: Final = 0.1

_SMALL_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "français": frozenset(
        "le la les des du un une et est dans pour que qui sur avec pas par au aux ce cette nous "
        "vous il elle sont plus ou".split()
    ),
    "anglais": frozenset(
        "the of and to in is for that with on are this by as be it from at or an was we you our "
        "will not".split()
    ),
    "espagnol": frozenset(
        "el los las de del y en que por con para una es se su al lo como más pero son está".split()
    ),
    "allemand": frozenset(
        "der die das und ist nicht mit für auf ein eine den dem zu von im sich auch wir sie werden "
        "als wird".split()
    ),
    "italien": frozenset(
        "il lo gli di e che per con una del della dei nel sono è si da più anche come alla".split()
    ),
}


def language_of(text: str) -> str:
    """The French name of the text's language; empty when it has too few words to tell."""
    words = [word.lower() for word in _WORDS.findall(text[: _READ * 20])[:_READ]]
    if len(words) < _ENOUGH:
        return ""
    counts = Counter(
        {name: sum(word in small for word in words) for name, small in _SMALL_WORDS.items()}
    )
    ((best, count),) = counts.most_common(1)
    return best if count >= _LEAST * len(words) else ""
