"""Words, sentences and stems of French text, with offsets that never move.

Everything here keeps a one-to-one mapping between the characters of its input and of its
output, so that a match in folded text is a slice of the document.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from assistant.domain.french import STOPWORDS, stem

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+")
_ELISION: Final = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])[»\"”)]*\s+(?=[«\"“(]?\s?[A-ZÀ-ÖØ-Þ0-9])|\n+")


@lru_cache(maxsize=65536)
def _fold_char(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char


_APOSTROPHES: Final = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "‑": "-", "–": "-", "—": "-"})


def fold(text: str) -> str:
    """Lower case without accents, straight apostrophes and hyphens; same length as `text`."""
    if text.isascii():
        return text.lower()
    return "".join(_fold_char(char) for char in text).translate(_APOSTROPHES)


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of a text: `text == source[start:end]`."""

    text: str
    start: int
    end: int


def words(text: str) -> Iterator[Span]:
    """Words in order; an elided article (« l' », « qu' ») is left out of its word."""
    for match in _WORD.finditer(text):
        word, start = match.group(), match.start()
        if elided := _ELISION.match(word):
            word, start = word[elided.end() :], start + elided.end()
        if word:
            yield Span(word, start, match.end())


def sentences(text: str) -> Iterator[Span]:
    """Sentences in order: a line break ends one, as cells and list items do."""
    cursor = 0
    for match in _SENTENCE_END.finditer(text):
        yield from _trimmed(text, cursor, match.start())
        cursor = match.end()
    yield from _trimmed(text, cursor, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(text[start:end], start, end)


def stems(text: str) -> tuple[str, ...]:
    """Stems of the words that carry a meaning, in order."""
    return tuple(root for root, _ in stemmed_words(text))


@lru_cache(maxsize=4096)
def stemmed_words(text: str) -> tuple[tuple[str, Span], ...]:
    """The words that carry a meaning, each with its stem."""
    found = ((span.text.lower(), span) for span in words(text))
    return tuple((stem(word), span) for word, span in found if word not in STOPWORDS)


def find_term(term: str, text: str) -> Iterator[Span]:
    """Where a term stands, singular or plural, whatever its accents and case.

    A term of several words is found when its words follow each other, small words aside.
    """
    wanted = stems(term)
    if not wanted:
        return
    tokens = stemmed_words(text)
    size = len(wanted)
    for index in range(len(tokens) - size + 1):
        if tuple(token for token, _ in tokens[index : index + size]) == wanted:
            start, end = tokens[index][1].start, tokens[index + size - 1][1].end
            if end - start <= len(term) + 15:
                yield Span(text[start:end], start, end)


def similarity(left: str, right: str) -> float:
    """Share of common stems (Dice), 0 to 1."""
    a, b = set(stems(left)), set(stems(right))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0
