"""The words by which the embedded judge recognises an attendu in a candidate's text.

An attendu is written in the référentiel's words: « le délai est précisé ». A candidate shows it
in others: « réponse sous 24 h ». Three things bring them together: the words that only say « it
is there » are not looked for; a word counts as seen where a sign of it stands (a delay is a
number of hours); a trade word where one of its family does (a network is « Instagram »).
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Final

from assistant.domain.cues import EmbeddedCues
from assistant.domain.french import STOPWORDS, fold_accents, stem, words
from assistant.domain.rubric import Attendu, Criterion
from assistant.domain.tables import Famille
from ingest.types import Frozen

_PRONOUNS: Final = frozenset({"il", "ils", "elle", "elles", "celui", "celle", "ceux", "celles"})


class WantedWord(Frozen):
    """A word of an attendu, and what else in a text shows it (folded, see `fold_accents`)."""

    stem: str
    signs: tuple[re.Pattern[str], ...] = ()


class Wanted(Frozen):
    """What to look for: the attendu's own words, and the criterion's cues, folded."""

    words: tuple[WantedWord, ...]
    cues: tuple[re.Pattern[str], ...]

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words)

    def shown(self, own: frozenset[str], folded: str, sign_weight: float) -> float:
        """How many of the words a text shows; a sign counts for `sign_weight` of a word.

        Signs alone show nothing (a date may be of anything): a word or a cue must be said too.
        """
        said = sum(word.stem in own for word in self.words)
        if not said and not self.cues_in(folded):
            return 0.0
        signed = sum(
            any(sign.search(folded) for sign in word.signs)
            for word in self.words
            if word.stem not in own
        )
        return said + sign_weight * signed

    def cues_in(self, folded: str) -> int:
        return sum(bool(cue.search(folded)) for cue in self.cues)


def wanted(
    attendu: Attendu, criterion: Criterion, cues: EmbeddedCues, families: tuple[Famille, ...]
) -> Wanted:
    """The words of an attendu; one that opens on a pronoun speaks of the attendu before it."""
    said = dict.fromkeys(_meaningful(attendu.texte, cues))
    if words(attendu.texte)[:1] and words(attendu.texte)[0] in _PRONOUNS:
        said |= dict.fromkeys(_antecedent(attendu, criterion, cues))
    found: dict[str, tuple[re.Pattern[str], ...]] = {}
    for word in said:
        found.setdefault(stem(word), tuple(_signs(word, cues, families)))
    return Wanted(
        words=tuple(WantedWord(stem=own, signs=signs) for own, signs in found.items()),
        cues=tuple(_term(cue) for cue in criterion.reperage),
    )


def _meaningful(text: str, cues: EmbeddedCues) -> Iterator[str]:
    kept = [word for word in words(text) if word not in STOPWORDS]
    telling = [word for word in kept if not cues.says_presence.fullmatch(fold_accents(word))]
    yield from telling or kept


def _antecedent(attendu: Attendu, criterion: Criterion, cues: EmbeddedCues) -> Iterable[str]:
    """The subject of the nearest attendu above that names it: its first meaningful words."""
    above = [a for a in criterion.attendus if a.numero < attendu.numero]
    for other in reversed(above):
        if words(other.texte)[0] not in _PRONOUNS:
            return list(_meaningful(other.texte, cues))[:2]
    return ()


def _signs(
    word: str, cues: EmbeddedCues, families: tuple[Famille, ...]
) -> Iterator[re.Pattern[str]]:
    folded = fold_accents(word)
    yield from (sign.shown for sign in cues.signes if sign.wanted.fullmatch(folded))
    own = stem(word)
    for family in families:
        if any(stem(name) == own for name in family.mots):
            yield _any_term(family.termes)


@lru_cache(maxsize=4096)
def _term(term: str) -> re.Pattern[str]:
    """The term at the beginning of a word, its last word's ending left free."""
    return re.compile(rf"(?<!\w){re.escape(fold_accents(term))}\w{{0,3}}(?!\w)")


@lru_cache(maxsize=512)
def _any_term(terms: tuple[str, ...]) -> re.Pattern[str]:
    listed = "|".join(re.escape(fold_accents(term)) for term in terms)
    return re.compile(rf"(?<!\w)(?:{listed})\w{{0,2}}(?!\w)")
