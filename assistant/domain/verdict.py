"""The two scales of a review, and the rule that leads from one to the other."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from ingest.types import Frozen


class Verdict(StrEnum):
    """How far a criterion is met. What could not be read is not assessable, never not met."""

    MET = "acquis"
    PARTIALLY_MET = "partiel"
    NOT_MET = "non_acquis"
    NOT_ASSESSABLE = "non_evaluable"


class AttenduStatus(StrEnum):
    """What a judge says of one attendu. The embedded engine locates; it does not judge.

    It uses the last three values, which carry their own words on screen; `rank` says what they
    weigh in the verdict rule.
    """

    SATISFIED = "satisfait"
    PARTIAL = "partiel"
    ABSENT = "absent"
    NOT_VERIFIABLE = "non_verifiable"
    LOCATED = "repere"
    TO_CHECK = "a_verifier"
    NOT_LOCATED = "non_repere"

    @property
    def label_fr(self) -> str:
        return _STATUS_LABELS[self]

    @property
    def rank(self) -> int | None:
        """2 satisfied, 1 partly, 0 not; None when it could not be told."""
        return _RANKS[self]


_STATUS_LABELS: Mapping[AttenduStatus, str] = {
    AttenduStatus.SATISFIED: "satisfait",
    AttenduStatus.PARTIAL: "partiel",
    AttenduStatus.ABSENT: "absent",
    AttenduStatus.NOT_VERIFIABLE: "non vérifiable",
    AttenduStatus.LOCATED: "repéré",
    AttenduStatus.TO_CHECK: "à vérifier",
    AttenduStatus.NOT_LOCATED: "non repéré",
}
_RANKS: Mapping[AttenduStatus, int | None] = {
    AttenduStatus.SATISFIED: 2,
    AttenduStatus.PARTIAL: 1,
    AttenduStatus.ABSENT: 0,
    AttenduStatus.NOT_VERIFIABLE: None,
    AttenduStatus.LOCATED: 2,
    AttenduStatus.TO_CHECK: 1,
    AttenduStatus.NOT_LOCATED: 0,
}


class VerdictRule(Frozen):
    """Shares of the determining (★) attendus that lead to a verdict; belongs to the rubric.

    `acquis_satisfaits`: share that must be satisfied for `acquis`; `partiel_au_moins_partiels`:
    share at least partly satisfied from which it is `partiel` rather than `non_acquis`;
    `erreurs_de_fond`: codes of the conclusive checks whose failure is an error of substance.
    """

    acquis_satisfaits: float = Field(default=1.0, gt=0, le=1)
    partiel_au_moins_partiels: float = Field(default=0.5, gt=0, le=1)
    erreurs_de_fond: tuple[str, ...] = ()


def derive_verdict(starred: Sequence[AttenduStatus], rule: VerdictRule) -> Verdict:
    """The verdict that the ★ attendus lead to, or NOT_ASSESSABLE when it hangs on the unknown.

    A status that could not be told is tried both ways: if the best and the worst case agree the
    verdict stands without it, otherwise it depends on what nobody saw.
    """
    best = _verdict_of([2 if s.rank is None else s.rank for s in starred], rule)
    worst = _verdict_of([s.rank or 0 for s in starred], rule)
    return best if best is worst else Verdict.NOT_ASSESSABLE


def _verdict_of(ranks: Sequence[int], rule: VerdictRule) -> Verdict:
    if not ranks:
        return Verdict.NOT_ASSESSABLE
    satisfied = sum(rank == 2 for rank in ranks) / len(ranks)
    touched = sum(rank >= 1 for rank in ranks) / len(ranks)
    if satisfied >= rule.acquis_satisfaits:
        return Verdict.MET
    if touched >= rule.partiel_au_moins_partiels:
        return Verdict.PARTIALLY_MET
    return Verdict.NOT_MET
