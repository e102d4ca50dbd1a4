"""A cohort as it is planned, run and paid for: ids and counts, never a candidate's text."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from assistant.domain.dossier import DossierSummary
from assistant.domain.finding import Usage
from ingest.types import Frozen


class ScopeFiles(Frozen):
    """The files that one criterion is judged on, by their SHA-256: what its finding's key needs.

    `pieces` and `context` hold each compared piece's name with its files; `missing`, the names of
    those that the dossier does not hold; `examples`, the fingerprints of the decisions that are
    shown as examples.
    """

    deliverables: tuple[str, ...]
    pieces: tuple[tuple[str, tuple[str, ...]], ...] = ()
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()
    missing: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


class PlannedCriterion(Frozen):
    """One criterion of one épreuve of a dossier, to be drafted."""

    epreuve: str
    criterion_id: str
    files: ScopeFiles


class DossierPlan(Frozen):
    """What is to be done for one candidate.

    `signature` is a SHA-256 over all that the plan was made from (files, manifest, grids, reader):
    the same signature, the same plan, and nothing is read again. `characters` gives the length of
    each document's text by SHA-256. `problem_fr` says why the folder gives nothing to do.
    """

    dossier_id: str
    label: str = Field(repr=False)  # the folder's name: stays on this machine
    folder: str = Field(repr=False)
    signature: str
    summary: DossierSummary | None = Field(default=None, repr=False)
    criteria: tuple[PlannedCriterion, ...] = ()
    characters: dict[str, int] = {}
    problem_fr: str = ""

    @property
    def epreuves(self) -> tuple[str, ...]:
        """Those that the files answer, readable or not, sorted by id."""
        if self.summary is None:
            return ()
        readable = {e for file in self.summary.files for e in file.epreuves}
        unreadable = {e for failure in self.summary.failures for e in failure.epreuves}
        return tuple(sorted(readable | unreadable))


class Traffic(Frozen):
    """What went to a model's server and came back.

    `requests` counts every HTTP request made, failed ones included; `usage` sums the replies that
    came. `waited` counts the requests that had to be made again. Units: seconds of waiting for
    answers, all requests added.
    """

    requests: int = 0
    waited: int = 0
    seconds: float = 0.0
    usage: Usage = Usage()

    def __add__(self, other: "Traffic") -> "Traffic":
        return Traffic(
            requests=self.requests + other.requests,
            waited=self.waited + other.waited,
            seconds=self.seconds + other.seconds,
            usage=_sum(self.usage, other.usage, 1),
        )

    def __sub__(self, other: "Traffic") -> "Traffic":
        return Traffic(
            requests=self.requests - other.requests,
            waited=self.waited - other.waited,
            seconds=max(0.0, self.seconds - other.seconds),
            usage=_sum(self.usage, other.usage, -1),
        )


class SpendingRecord(Frozen):
    """What one run of a cohort has used so far, beside what its estimate foresaw of it.

    `expected` is the estimate of those criteria that are finished: the ratio to `traffic` makes
    the next estimate better.
    """

    cohort_id: str
    run_id: str
    model: str
    started_at: AwareDatetime
    criteria: int = 0
    traffic: Traffic = Traffic()
    expected: Usage = Usage()


class CriterionState(StrEnum):
    """How far one criterion of a candidate is; the verdict is not told."""

    TO_DO = "à faire"
    FAILED = "échec"
    DRAFTED = "proposition"
    DECIDED = "décidé"


class BatchState(StrEnum):
    """How far a file of requests is, at a provider's batch endpoint."""

    SENT = "envoyé"
    FETCHED = "récupéré"
    FAILED = "échoué"


class BatchRecord(Frozen):
    """A file of requests handed to a provider. `batch_id` is the provider's."""

    cohort_id: str
    batch_id: str
    host: str
    model: str
    requests: int
    state: BatchState
    sent_at: AwareDatetime
    input_file: str = ""
    message_fr: str = ""


def _sum(left: Usage, right: Usage, sign: int) -> Usage:
    costs = [c for c in (left.cost_eur, right.cost_eur) if c is not None]
    cost = (left.cost_eur or 0.0) + sign * (right.cost_eur or 0.0)
    return Usage(
        calls=left.calls + sign * right.calls,
        input_tokens=left.input_tokens + sign * right.input_tokens,
        cached_tokens=left.cached_tokens + sign * right.cached_tokens,
        output_tokens=left.output_tokens + sign * right.output_tokens,
        cost_eur=cost if costs else None,
    )
