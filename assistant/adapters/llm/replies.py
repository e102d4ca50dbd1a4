"""What the other ways of judging ask a model for, beside `criterion_reply`.

As there, each schema is the same for every request of a mode, and what is due is checked after.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import ClassVar, Final, Self

from pydantic import ConfigDict, Field, model_validator

from assistant.adapters.criterion_reply import (
    Appreciation,
    AttenduReply,
    CriterionReply,
    Items,
    Quotes,
    Replied,
    Statut,
)
from assistant.domain.rubric import Attendu, Criterion

_SENTENCE: Final = 1500
_MAX_PROOFS: Final = 40


class AttenduQuotes(Replied):
    """What was found on one attendu: quotes only, no opinion."""

    numero: int
    citations: Quotes


class EvidenceReply(Replied):
    """Quotes for each attendu that has any.

    `allowed` holds the attendus that were asked about, None meaning that any will do.
    """

    model_config = ConfigDict(title="evidence_reply")
    allowed: ClassVar[Collection[int] | None] = None

    attendus: tuple[AttenduQuotes, ...]

    @model_validator(mode="after")
    def _only_what_was_asked(self) -> Self:
        _require_known([a.numero for a in self.attendus], self.allowed, "attendus")
        return self


class AttenduVerdict(Replied):
    """One attendu, judged on numbered quotes."""

    numero: int
    preuves: tuple[int, ...] = Field(max_length=_MAX_PROOFS)
    statut: Statut
    justification: str = Field(max_length=_SENTENCE)


class VerdictReply(Replied):
    """The statuses, on quotes that were found again.

    `quotes` holds the numbers that exist, None meaning that any will do.
    """

    model_config = ConfigDict(title="verdict_reply")
    expected: ClassVar[Collection[int]] = ()
    quotes: ClassVar[Collection[int] | None] = None

    attendus: tuple[AttenduVerdict, ...]
    motif: str = Field(max_length=_SENTENCE)
    verdict_propose: Appreciation
    manques: Items
    questions_oral: Items

    @model_validator(mode="after")
    def _every_attendu_once_on_quotes_that_exist(self) -> Self:
        _require_each_once([a.numero for a in self.attendus], self.expected)
        proofs = [number for attendu in self.attendus for number in attendu.preuves]
        _require_known(proofs, self.quotes, "preuves")
        return self


class StatusesReply(Replied):
    """A few attendus and nothing else: what a small model can hold in one answer."""

    model_config = ConfigDict(title="statuses_reply")
    expected: ClassVar[Collection[int]] = ()

    attendus: tuple[AttenduReply, ...]

    @model_validator(mode="after")
    def _every_attendu_exactly_once(self) -> Self:
        _require_each_once([a.numero for a in self.attendus], self.expected)
        return self


class GroupItem(Replied):
    """The reply on one criterion of a group. `critere` is its number in the request."""

    critere: int
    reponse: CriterionReply


class GroupReply(Replied):
    """The replies on all the criteria of a request; `due` holds the attendus of each."""

    model_config = ConfigDict(title="group_reply")
    due: ClassVar[Sequence[Collection[int]]] = ()

    criteres: tuple[GroupItem, ...]

    @model_validator(mode="after")
    def _every_criterion_once_with_its_attendus(self) -> Self:
        expected = range(1, len(self.due) + 1)
        numbers = [item.critere for item in self.criteres]
        if self.due and sorted(numbers) != list(expected):
            due = ", ".join(map(str, expected))
            raise ValueError(f"un élément par critère est demandé, numéros {due}, une fois chacun")
        for item in self.criteres if self.due else ():
            _require_each_once(
                [attendu.numero for attendu in item.reponse.attendus], self.due[item.critere - 1]
            )
        return self

    def on(self, number: int) -> CriterionReply:
        """The reply on one criterion, which is there once the reply is valid."""
        return next(item.reponse for item in self.criteres if item.critere == number)


def evidence_reply(criterion: Criterion) -> type[EvidenceReply]:
    """`EvidenceReply` about this criterion's attendus."""
    return _evidence(_numbers(criterion))


def verdict_reply(criterion: Criterion, quotes: int) -> type[VerdictReply]:
    """`VerdictReply` on this criterion and that many quotes."""
    return _verdict(_numbers(criterion), quotes)


def statuses_reply(attendus: Iterable[Attendu]) -> type[StatusesReply]:
    """`StatusesReply` on these attendus."""
    return _statuses(tuple(attendu.numero for attendu in attendus))


def group_reply(criteria: Iterable[Criterion]) -> type[GroupReply]:
    """`GroupReply` on these criteria, numbered from 1."""
    return _group(tuple(_numbers(criterion) for criterion in criteria))


def _numbers(criterion: Criterion) -> tuple[int, ...]:
    return tuple(attendu.numero for attendu in criterion.attendus)


# One type per list of numbers: making a type costs more than validating with it.


@lru_cache(maxsize=256)
def _evidence(numbers: tuple[int, ...]) -> type[EvidenceReply]:
    class Due(EvidenceReply):
        allowed = numbers

    return Due


@lru_cache(maxsize=256)
def _verdict(numbers: tuple[int, ...], count: int) -> type[VerdictReply]:
    class Due(VerdictReply):
        expected = numbers
        quotes = range(1, count + 1)

    return Due


@lru_cache(maxsize=256)
def _statuses(numbers: tuple[int, ...]) -> type[StatusesReply]:
    class Due(StatusesReply):
        expected = numbers

    return Due


@lru_cache(maxsize=256)
def _group(numbers: tuple[tuple[int, ...], ...]) -> type[GroupReply]:
    class Due(GroupReply):
        due = numbers

    return Due


def _require_each_once(numbers: Iterable[int], expected: Collection[int]) -> None:
    if expected and sorted(numbers) != sorted(expected):
        due = ", ".join(map(str, sorted(expected)))
        raise ValueError(f"un élément par attendu est demandé, numéros {due}, une fois chacun")


def _require_known(numbers: Iterable[int], known: Collection[int] | None, what: str) -> None:
    if known is None:
        return
    unknown = sorted({number for number in numbers if number not in known})
    if unknown:
        raise ValueError(f"{what} : numéro inconnu, {', '.join(map(str, unknown))}")
