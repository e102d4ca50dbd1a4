"""Passages that several candidates wrote nearly alike: information for a person, never a verdict.

Candidates for comparison are found by MinHash over groups of three words (library `rensa`); each
is then measured word by word (library `rapidfuzz`). A text that the brief or the grid gives, or
that many candidates share (a template, a course), is set aside, and said to be.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

import rensa
from rapidfuzz.distance import LCSseq

from assistant.cohort.matches import Match, merged_matches
from assistant.cohort.windows import (
    ComparedText,
    Sentence,
    Window,
    plain_sentences,
    windows_of,
)
from ingest.types import Frozen

_PERMUTATIONS: Final = 128
_BANDS: Final = (
    128  # one value each: what shares one group of words in twenty is nearly always found
)
_SEED: Final = 2026
_GROUP: Final = 3
#: Units: words. A run of this length that is given, or common, was not written by the candidate.
_COPIED_RUN: Final = 5
_FEWEST_OWN: Final = 12
#: Words of four letters or more, each counted once: numbers and stop words prove nothing.
_FEWEST_TELLING: Final = 6
_TELLING: Final = 4
#: Share of the shorter passage's words found in the other, in the same order.
_CLOSE: Final = 0.6
#: Fewest dossiers that share a text for it to be a common one; half of a small cohort.
_MANY: Final = 5
_LONGEST_SHOWN: Final = 900


class PassageSide(Frozen):
    """A passage as one candidate wrote it."""

    dossier_id: str
    epreuve: str
    place_fr: str
    text: str


class ClosePassage(Frozen):
    """Two passages that are close: `same_words` of the `words` of the shorter, in order."""

    left: PassageSide
    right: PassageSide
    same_words: int
    words: int


class CommonText(Frozen):
    """A text that many dossiers hold: it was set aside. `sample` is one of them."""

    dossiers: int
    sample: PassageSide


class Closeness(Frozen):
    """What a cohort's texts have in common. `texts` were compared, of `dossiers` candidates."""

    dossiers: int
    texts: int
    passages: tuple[ClosePassage, ...] = ()
    common: tuple[CommonText, ...] = ()


class _Place(NamedTuple):
    """A window of a text: both by number."""

    text: int
    window: int


class _Own(NamedTuple):
    """A window's words that nobody gave the candidate."""

    place: _Place
    stems: tuple[str, ...]


def many(dossiers: int) -> int:
    """How many dossiers share a text for it to be called common, in a cohort of that size."""
    return max(3, min(_MANY, -(-dossiers // 2)))


def close_passages(texts: Sequence[ComparedText], given: Iterable[str] = ()) -> Closeness:
    """Compare each candidate's texts with all the others'.

    `given` are the texts that every candidate was handed: briefs, grids, templates.
    The result does not depend on the order of `texts` beyond that of the passages.
    """
    return _Comparison(texts, given).result()


class _Comparison:
    def __init__(self, texts: Sequence[ComparedText], given: Iterable[str]) -> None:
        self._texts = texts
        self._windows = [tuple(windows_of(text.sentences)) for text in texts]
        self._many = many(len({text.dossier_id for text in texts}))
        handed = [plain_sentences(text) for text in given]
        self._given = [w.stems for text in handed for w in windows_of(text)]
        self._given_runs = {run for stems in map(_stems, handed) for run in _groups(stems)}
        self._common_runs = self._runs_of_many()
        self._common: dict[_Place, set[str]] = {}

    def result(self) -> Closeness:
        own = [own for own in self._own_windows() if _tells(own.stems)]
        near = self._near(own)
        for place, dossiers in self._shared(near).items():
            self._common[place] = dossiers
        matches = [
            self._match(one, other)
            for one, other in near
            if one not in self._common and other not in self._common
        ]
        passages = sorted(self._passages(matches), key=_longest_first)
        return Closeness(
            dossiers=len({text.dossier_id for text in self._texts}),
            texts=len(self._texts),
            passages=tuple(passages),
            common=tuple(self._common_texts()),
        )

    def _runs_of_many(self) -> dict[tuple[str, ...], set[str]]:
        holders: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for text in self._texts:
            for run in set(_groups(_stems(text.sentences))):
                holders[run].add(text.dossier_id)
        return {run: found for run, found in holders.items() if len(found) >= self._many}

    def _own_windows(self) -> Iterator[_Own]:
        for number, windows in enumerate(self._windows):
            for rank, window in enumerate(windows):
                place = _Place(number, rank)
                own, shared = self._without_given(window)
                if len(own) >= _FEWEST_OWN:
                    yield _Own(place, own)
                elif shared and len(window.stems) >= _FEWEST_OWN:
                    self._common[place] = shared

    def _without_given(self, window: Window) -> tuple[tuple[str, ...], set[str]]:
        """The words outside every given or common run, and who shares the longest common one."""
        covered: set[int] = set()
        shared: set[str] = set()
        for start in range(len(window.stems) - _COPIED_RUN + 1):
            run = window.stems[start : start + _COPIED_RUN]
            holders = self._common_runs.get(run, set())
            if holders or run in self._given_runs:
                covered.update(range(start, start + _COPIED_RUN))
                shared = max(shared, holders, key=len)
        return tuple(s for i, s in enumerate(window.stems) if i not in covered), shared

    def _near(self, own: Sequence[_Own]) -> list[tuple[_Place, _Place]]:
        """The pairs of windows of two candidates that are close, given texts set aside."""
        sketches = rensa.RMinHash.from_token_sets(
            [_tokens(stems) for stems in chain((o.stems for o in own), self._given)],
            _PERMUTATIONS,
            _SEED,
        )
        index = rensa.RMinHashLSH(0.5, _PERMUTATIONS, _BANDS)
        index.insert_many(sketches)
        found: list[tuple[int, int]] = []
        handed: set[int] = set()
        for number, one in enumerate(own):
            for other in sorted(index.query(sketches[number])):
                if other >= len(own):
                    if _close(one.stems, self._given[other - len(own)]):
                        handed.add(number)
                elif other > number and self._comparable(one, own[other]):
                    found.append((number, other))
        return [
            (own[one].place, own[other].place) for one, other in found if not {one, other} & handed
        ]

    def _comparable(self, one: _Own, other: _Own) -> bool:
        left, right = self._texts[one.place.text], self._texts[other.place.text]
        return left.dossier_id != right.dossier_id and _close(one.stems, other.stems)

    def _shared(self, near: Iterable[tuple[_Place, _Place]]) -> dict[_Place, set[str]]:
        """The windows that many dossiers have close to theirs."""
        holders: defaultdict[_Place, set[str]] = defaultdict(set)
        for one, other in near:
            for place in (one, other):
                holders[place] |= {self._texts[p.text].dossier_id for p in (one, other)}
        return {place: found for place, found in holders.items() if len(found) >= self._many}

    def _match(self, one: _Place, other: _Place) -> Match:
        left, right = self._windows[one.text][one.window], self._windows[other.text][other.window]
        return Match(one.text, (left.first, left.last), other.text, (right.first, right.last))

    def _passages(self, matches: Iterable[Match]) -> Iterator[ClosePassage]:
        by_texts: defaultdict[tuple[int, int], list[Match]] = defaultdict(list)
        for match in matches:
            by_texts[match.left, match.right].append(match)
        for (left, right), found in by_texts.items():
            for merged in merged_matches(found):
                yield self._passage(self._texts[left], self._texts[right], merged)

    def _passage(self, left: ComparedText, right: ComparedText, match: Match) -> ClosePassage:
        ours, theirs = (
            left.sentences[slice(*match.left_range)],
            right.sentences[slice(*match.right_range)],
        )
        one, other = _stems(ours), _stems(theirs)
        return ClosePassage(
            left=_side(left, ours),
            right=_side(right, theirs),
            same_words=LCSseq.similarity(one, other),
            words=min(len(one), len(other)),
        )

    def _common_texts(self) -> Iterator[CommonText]:
        """One entry per common text: those of the first dossier that holds each."""
        told: set[tuple[str, ...]] = set()
        for place in sorted(self._common):
            text, window = self._texts[place.text], self._windows[place.text][place.window]
            groups = set(_groups(window.stems, _GROUP))
            if len(groups & told) * 3 > len(groups):
                continue
            told |= groups
            yield CommonText(
                dossiers=len(self._common[place]),
                sample=_side(text, text.sentences[window.first : window.last]),
            )


def _side(text: ComparedText, said: Sequence[Sentence]) -> PassageSide:
    joined = " ".join(sentence.text for sentence in said)
    if len(joined) > _LONGEST_SHOWN:
        joined = joined[:_LONGEST_SHOWN].rsplit(" ", 1)[0] + " […]"
    return PassageSide(
        dossier_id=text.dossier_id, epreuve=text.epreuve, place_fr=said[0].place_fr, text=joined
    )


def _stems(said: Iterable[Sentence]) -> tuple[str, ...]:
    return tuple(chain.from_iterable(sentence.stems for sentence in said))


def _groups(stems: Sequence[str], size: int = _COPIED_RUN) -> Iterator[tuple[str, ...]]:
    for start in range(len(stems) - size + 1):
        yield tuple(stems[start : start + size])


def _tokens(stems: Sequence[str]) -> list[str]:
    return [" ".join(group) for group in _groups(stems, _GROUP)] or [" ".join(stems)]


def _tells(stems: Iterable[str]) -> bool:
    telling = {s for s in stems if len(s) >= _TELLING and not s.isdigit()}
    return len(telling) >= _FEWEST_TELLING


def _close(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether most words of the shorter are in the other, in the same order."""
    shorter = min(len(one), len(other))
    same = LCSseq.similarity(one, other, score_cutoff=max(_FEWEST_OWN, int(_CLOSE * shorter)))
    return same >= max(_FEWEST_OWN, _CLOSE * shorter)


def _longest_first(passage: ClosePassage) -> tuple[int, str, str, str, str]:
    left, right = passage.left, passage.right
    return (-passage.same_words, left.dossier_id, right.dossier_id, left.place_fr, right.place_fr)
