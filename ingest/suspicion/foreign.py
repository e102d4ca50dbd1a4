"""Orders and claims in languages that no pattern of words is written for: kinds of words that meet.

« ignore » with « rules », « give » with « the highest mark », « this criterion » with « is met ».
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from ingest.suspicion.skeleton import Skeleton

_OTHER_SCRIPTS: Final = re.compile("[\u0370-\u1cff\u2e80-\ua4cf\ua840-\ud7ff\uf900-\ufdff]{2}")
_SENTENCE: Final = re.compile(r"[^.!?。！？।؟]{4,400}")
_TOKEN: Final = re.compile(r"[a-z]{4,}")
_BEGINNING: Final = re.compile(r"[a-z]+")
_FEWEST_LETTERS: Final = 4
_MOST_LETTERS: Final = 20
#: Units: characters looked at on each side of a word of another language.
_AROUND: Final = 300

Kinds = dict[str, re.Pattern[str]]


class Meeting(NamedTuple):
    """A range of a text where kinds of words meet, and what these ask for."""

    start: int
    end: int
    family: str


class Languages:
    """Kinds of words in each language, and which pairs of kinds are an order or a claim."""

    def __init__(
        self,
        latin: Mapping[str, Mapping[str, str]],
        others: Mapping[str, Mapping[str, str]],
        pairs: Mapping[str, tuple[tuple[str, str], ...]],
        business: str,
    ) -> None:
        self._latin = latin
        self._others = others
        self._pairs = pairs
        words = business.replace("| ", "|")
        self._business = re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)

    def meetings(self, text: str, skeleton: Skeleton) -> Iterator[Meeting]:
        """In other scripts, on the text; in Latin letters, on its skeleton."""
        if _OTHER_SCRIPTS.search(text):
            for sentence in _SENTENCE.finditer(text):
                if _OTHER_SCRIPTS.search(sentence.group()):
                    for kinds in self._compiled_others:
                        yield from self._in(text, *sentence.span(), kinds)
        for name, low, high in self._foreign_sentences(skeleton.text):
            for found in self._in(skeleton.text, low, high, self._compiled_latin[name]):
                yield Meeting(*skeleton.original(found.start, found.end), found.family)

    def _foreign_sentences(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Each sentence that has a word of such an order, once for each language it may be in."""
        known: dict[str, frozenset[str]] = {}
        seen: dict[str, int] = {}
        for token in _TOKEN.finditer(text):
            word = token.group()
            if word not in known:
                known[word] = self._languages_of(word)
            for name in known[word]:
                if token.start() < seen.get(name, 0):
                    continue
                low = max(text.rfind(".", 0, token.start()) + 1, token.start() - _AROUND)
                end = text.find(".", token.end(), token.end() + _AROUND)
                seen[name] = high = end if end >= 0 else min(len(text), token.end() + _AROUND)
                yield name, low, high

    def _languages_of(self, word: str) -> frozenset[str]:
        return frozenset(
            name
            for length in range(_FEWEST_LETTERS, min(len(word), _MOST_LETTERS) + 1)
            for name in self._gate.get(word[:length], ())
        )

    def _in(self, text: str, low: int, high: int, kinds: Kinds) -> Iterator[Meeting]:
        if self._business.search(text, low, high):
            return
        spans = {
            kind: match.span()
            for kind, pattern in kinds.items()
            if (match := pattern.search(text, low, high))
        }
        for family, pairs in self._pairs.items():
            for one, other in pairs:
                if one in spans and other in spans and _apart(spans[one], spans[other]):
                    (s1, e1), (s2, e2) = spans[one], spans[other]
                    yield Meeting(min(s1, s2), max(e1, e2), family)

    @cached_property
    def _compiled_others(self) -> tuple[Kinds, ...]:
        return tuple(
            {kind: re.compile(words, re.IGNORECASE) for kind, words in kinds.items()}
            for kinds in self._others.values()
        )

    @cached_property
    def _compiled_latin(self) -> dict[str, Kinds]:
        space = r"[ \n]"
        return {
            name: {
                kind: re.compile(rf"(?<!\w)(?:{words.replace(' ', space)})(?!\w)")
                for kind, words in kinds.items()
            }
            for name, kinds in self._latin.items()
        }

    @cached_property
    def _gate(self) -> dict[str, list[str]]:
        """Beginnings of words that only such an order would hold, and their languages."""
        gate: dict[str, list[str]] = defaultdict(list)
        for name, kinds in self._latin.items():
            for kind, words in kinds.items():
                for one in words.split("|") if kind != "give" else ():
                    first = _BEGINNING.match(one)
                    if first and len(first.group()) >= _FEWEST_LETTERS:
                        gate[first.group()].append(name)
        return gate


def _apart(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two ranges are two words, not one."""
    return one[1] <= other[0] or other[1] <= one[0]
