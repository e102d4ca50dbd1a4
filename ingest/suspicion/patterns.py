"""The patterns of suspicious passages, read from a versioned file beside this module."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Literal, NamedTuple

import yaml

from ingest.suspicion.alphabets import Alphabets
from ingest.suspicion.foreign import Languages
from ingest.suspicion.telling import Telling
from ingest.suspicion.tongue import Tongue
from ingest.types import Frozen

PATTERNS_FILE: Final = Path(__file__).with_name("patterns.v5.yaml")
_HEAD: Final = re.compile(r"<([A-Z_]+)>")
_PLACEHOLDER: Final = re.compile(r"<([A-Z_]+|\d+\+?)>")
#: One more word of the same clause; of the same sentence.
_WORD: Final = r"(?: (?![.:])[^ \n]+)"
#: A sentence of a skeleton, cut when it is longer than anyone writes.
_SPACE: Final = re.compile(r" (?![^\[\]]*\])")  # outside of a class of characters
_SENTENCE: Final = re.compile(r"[^ \n.](?:[^.]{0,500}[^. \n])?")
_ANY_WORD: Final = r"(?: (?!\.)[^ \n]+)"


Covers = Literal["", "heading", "next", "previous", "list"]


class LazyPattern:
    """A regular expression compiled when it is first needed: most files need few of them."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def finditer(self, text: str, low: int = 0, high: int = sys.maxsize) -> Iterator[re.Match[str]]:
        return self.compiled.finditer(text, low, high)

    def search(self, text: str, low: int = 0, high: int = sys.maxsize) -> re.Match[str] | None:
        return self.compiled.search(text, low, high)

    def match(self, text: str, low: int, high: int) -> re.Match[str] | None:
        return self.compiled.match(text, low, high)


class _FamilyData(Frozen):
    id: str
    reason_fr: str
    mention: bool = False
    everywhere: bool = False
    covers: Covers = ""
    words: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    raw: tuple[str, ...] = ()
    compact: tuple[str, ...] = ()
    hidden_words: tuple[str, ...] = ()
    hidden_raw: tuple[str, ...] = ()


class _FileData(Frozen):
    version: int
    keys: str
    business: str
    heads: tuple[str, ...]
    fragments: dict[str, str]
    coded: str
    common: str
    stems: dict[str, str]
    meetings: dict[str, tuple[tuple[str, str], ...]]
    foreign_business: str
    languages: dict[str, dict[str, dict[str, str]]]
    families: tuple[_FamilyData, ...]


class WordPattern(NamedTuple):
    """A pattern on a skeleton; `rest` follows the fragment named by `head`, if any."""

    head: str
    rest: LazyPattern


class Family:
    """Patterns that share a reason. See the head of the patterns' file."""

    def __init__(self, data: _FamilyData, file: _FileData) -> None:
        self.id = data.id
        self.reason_fr = data.reason_fr
        self.mention = data.mention
        self.everywhere = data.everywhere
        self.covers = data.covers
        self.words = tuple(_word_pattern(source, file) for source in data.words)
        self.hidden_words = tuple(_word_pattern(source, file) for source in data.hidden_words)
        self.together = tuple(
            tuple(_regex(rf"(?<!\w)(?:{one})(?!\w)", file.fragments) for one in sources)
            for sources in data.together
        )
        self.raw = _compiled(data.raw, file)
        self.hidden_raw = _compiled(data.hidden_raw, file)
        self.compact = _compiled(data.compact, file)


class Patterns:
    """All families, and the words without which none of them matches."""

    def __init__(self, data: _FileData) -> None:
        self.version = data.version
        self.families = tuple(Family(family, data) for family in data.families)
        self.telling = Telling(data.stems)
        self.alphabets = Alphabets(data.coded.split(), Tongue(data.common.split()))
        self.languages = Languages(
            data.languages["latin"], data.languages["others"], data.meetings, data.foreign_business
        )
        self.keys = _any_of(data.keys)
        self.business = _any_of(data.business)
        self._heads = {name: _regex(rf"<{name}>\b", data.fragments) for name in data.heads}

    def family(self, name: str) -> Family:
        """Raises: `StopIteration` when the file has no such family."""
        return next(family for family in self.families if family.id == name)

    def in_words(
        self, text: str, low: int, high: int, *, hidden: bool
    ) -> Iterator[tuple[Family, int, int]]:
        """Every match of a word pattern between two places of a skeleton."""
        yield from self.in_order(text, low, high, hidden=hidden)
        for sentence in _SENTENCE.finditer(text, low, high):
            yield from self._together(sentence, hidden=hidden)

    def in_order(
        self, text: str, low: int, high: int, *, hidden: bool
    ) -> Iterator[tuple[Family, int, int]]:
        """The same of the patterns for which the order of the words counts."""
        heads = {
            name: [match.span() for match in pattern.finditer(text, low, high)]
            for name, pattern in self._heads.items()
        }
        for family in self.families:
            for pattern in (*family.words, *(family.hidden_words if hidden else ())):
                for start, end in _spans(pattern, heads, text, low, high):
                    yield family, start, end

    def _together(
        self, sentence: re.Match[str], *, hidden: bool
    ) -> Iterator[tuple[Family, int, int]]:
        text, (low, high) = sentence.string, sentence.span()
        ordinary = not hidden and self.business.search(text, low, high) is not None
        for family in self.families:
            if ordinary and not family.everywhere:
                continue
            for patterns in family.together:
                if span := _span_of_all(patterns, text, low, high):
                    yield family, *span


@cache
def load_patterns() -> Patterns:
    """The patterns of this version. Raises when the file is not what this module expects."""
    text = PATTERNS_FILE.read_text(encoding="utf-8")
    return Patterns(_FileData.model_validate(yaml.safe_load(text)))


def _spans(
    pattern: WordPattern,
    heads: Mapping[str, list[tuple[int, int]]],
    text: str,
    low: int,
    high: int,
) -> Iterator[tuple[int, int]]:
    if not pattern.head:
        yield from (match.span() for match in pattern.rest.finditer(text, low, high))
        return
    for start, end in heads[pattern.head]:
        if match := pattern.rest.match(text, end, high):
            yield start, match.end()


def _span_of_all(
    patterns: Iterable[LazyPattern], text: str, low: int, high: int
) -> tuple[int, int] | None:
    """From the first to the last match, when each of the patterns has one."""
    spans = []
    for pattern in patterns:
        match = pattern.search(text, low, high)
        if match is None:
            return None
        spans.append(match.span())
    return min(start for start, _ in spans), max(end for _, end in spans)


def _word_pattern(source: str, file: _FileData) -> WordPattern:
    found = _HEAD.match(source)
    head = found.group(1) if found and found.group(1) in file.heads else ""
    rest = source.removeprefix(f"<{head}>") if head else rf"\b(?:{source})"
    return WordPattern(head=head, rest=_regex(rest, file.fragments))


def _any_of(words: str) -> LazyPattern:
    return _regex(rf"(?<!\w)(?:{words.replace('| ', '|')})(?!\w)", {})


def _regex(source: str, fragments: Mapping[str, str]) -> LazyPattern:
    """A pattern on skeletons, whose space is any of their separators."""
    expanded = _expanded(source, fragments)
    return LazyPattern(_SPACE.sub(r"[ \\n]", expanded))


def _compiled(sources: Iterable[str], file: _FileData) -> tuple[LazyPattern, ...]:
    return tuple(LazyPattern(_expanded(source, file.fragments)) for source in sources)


def _expanded(source: str, fragments: Mapping[str, str]) -> str:
    def replacement(match: re.Match[str]) -> str:
        name = match.group(1)
        if name[0].isdigit():
            word = _ANY_WORD if name.endswith("+") else _WORD
            return f"{word}{{0,{name.rstrip('+')}}}"
        return _expanded(fragments[name], fragments)

    return _PLACEHOLDER.sub(replacement, source)
