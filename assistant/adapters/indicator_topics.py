"""Which sections are about something else: their title is nearer to another criterion.

Neighbouring sections of a good dossier share words (dates, budgets, networks): without this, the
section of one criterion would answer for another whose own section is missing.
"""

from collections.abc import Iterable
from functools import cached_property

from assistant.domain.case import CriterionCase
from assistant.domain.french import stems
from assistant.domain.rubric import Criterion
from ingest.types import Frozen


class Topics(Frozen):
    """The words of a criterion, and those of each of the other criteria of its épreuve."""

    own: frozenset[str]
    others: tuple[frozenset[str], ...]

    @cached_property
    def common(self) -> frozenset[str]:
        """Words that most criteria of the épreuve share: they tell none of them apart."""
        every = (self.own, *self.others)
        known = frozenset().union(*every)
        return frozenset(w for w in known if sum(w in words for words in every) > len(every) / 2)

    def belongs_elsewhere(self, title: str) -> bool:
        """Whether another criterion's words fill more of the title than this one's."""
        said = frozenset(stems(title)) - self.common
        here = len(said & self.own)
        return any(len(said & words) > here for words in self.others)


def topics_of(case: CriterionCase) -> Topics:
    """The topics of the case's criterion, among those of its épreuve."""
    criterion = case.criterion
    others = [other for other in case.rubric.criteres if other.id != criterion.id]
    attendus = " ".join(attendu.texte for attendu in criterion.attendus)
    return Topics(
        own=_words([criterion.texte, *criterion.reperage, attendus]),
        others=tuple(_named(other) for other in others),
    )


def _named(criterion: Criterion) -> frozenset[str]:
    return _words([criterion.texte, *criterion.reperage])


def _words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(stems("\n".join(texts)))
