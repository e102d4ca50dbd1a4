"""What the review needs from the outside, as a handful of Protocols."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from assistant.domain.assessment import (
    Assessment,
    AssessmentEvent,
    SavedWorksheet,
    Visit,
    Worksheet,
)
from assistant.domain.attention import DraftFacts
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.cohort import BatchRecord, CriterionState, DossierPlan, SpendingRecord
from assistant.domain.decision import HumanDecision
from assistant.domain.finding import EngineId, Finding, FindingFailure, Usage
from assistant.domain.journal import JournalEntry, JournalEvent, JournalHead
from assistant.domain.picture import Picture
from assistant.domain.queue import QueueFacts
from assistant.domain.rubric import Criterion, Rubric
from assistant.domain.verdict import VerdictRule
from ingest.chunking import Chunk
from ingest.types import Frozen

Reply = TypeVar("Reply", bound=BaseModel)


class Message(Frozen):
    """One message of a prompt. The text speaks of its pictures by their number, from 1."""

    role: Literal["system", "user"]
    text: str
    pictures: tuple[Picture, ...] = ()


class Prompt(Frozen):
    """A rendered prompt and the template it came from, e.g. `criterion_review.v1`.

    `template_hash` is the SHA-256 of the template's text. Messages go from what changes least
    (instructions, document) to what changes most (the criterion), so that a provider's prefix
    cache works.
    """

    id: str
    template_hash: str
    messages: tuple[Message, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(picture for message in self.messages for picture in message.pictures)


class Answer(Frozen, Generic[Reply]):
    """A validated reply, the text it was read from, and what it used."""

    reply: Reply
    raw_text: str
    usage: Usage


class ChatModel(Protocol):
    """One prompt in, one validated object out: no history, no tools, no streaming."""

    @property
    def name(self) -> str:
        """Provider and dated model, as the audit trail records it."""
        ...

    @property
    def parameters(self) -> dict[str, str]:
        """What changes the answer: temperature, seed, output limit."""
        ...

    def answer(self, prompt: Prompt, reply_type: type[Reply]) -> Answer[Reply]:
        """Ask until a valid reply comes, within the settings' attempts.

        Raises: a `ModelError`; never guesses, never fills in a default.
        """
        ...


class Judge(Protocol):
    """Gives a word on every attendu of a criterion."""

    @property
    def engine(self) -> EngineId:
        """Which judge, exactly: part of the key under which its findings are kept."""
        ...

    def assess(self, case: CriterionCase) -> Judgement:
        """Raises: a `ModelError` when it has no word to give."""
        ...


@runtime_checkable
class GroupJudge(Protocol):
    """What a `Judge` may also do: judge several criteria of an épreuve at once."""

    @property
    def asks_together(self) -> bool:
        """Whether it does so now; otherwise each criterion is judged by itself."""
        ...

    def together(self, rubric: Rubric) -> tuple[tuple[Criterion, ...], ...]:
        """Which criteria go together: each of them once, in the grid's order."""
        ...

    def assess_together(self, cases: Sequence[CriterionCase]) -> tuple[Judgement, ...]:
        """One judgement for each case. Raises: a `ModelError` for all of them."""
        ...


class GivenAnswer(Frozen):
    """An `Answer` as it is kept: its reply as JSON, for the type that asked for it to read."""

    reply_json: str
    raw_text: str
    usage: Usage


class AnswerMemory(Protocol):
    """What was answered on one draft that is not made yet. Raises `StoreUnavailable`."""

    def recall(self, request: str) -> GivenAnswer | None: ...

    def keep(self, request: str, answer: GivenAnswer) -> None: ...


@runtime_checkable
class RememberingJudge(Protocol):
    """What a `Judge` that asks several times for one draft may do: take up where it was cut."""

    def remembering(self, memory: AnswerMemory) -> Judge:
        """The same judge, for the draft that `memory` is about."""
        ...


@runtime_checkable
class AskingJudge(Protocol):
    """What a `Judge` over a model may do: say what it will ask before asking."""

    def foreseen(self, cases: Sequence[CriterionCase]) -> tuple[tuple[Prompt, ...], ...]:
        """The rounds of requests for criteria asked about together, were nothing found.

        Raises: `ModelContextExceeded`; `UnknownPrompt`.
        """
        ...


class Embedder(Protocol):
    """Turns texts into vectors of one fixed length."""

    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit-length vector per text. Raises: `ModelError` for a remote embedder."""
        ...


class ScoredChunk(Frozen):
    """A chunk's id and its score for a query; higher is nearer."""

    chunk_id: str
    score: float


class ChunkIndex(Protocol):
    """Dense search within one dossier; nothing crosses from one scope to another."""

    def add(self, scope: str, chunks: Sequence[Chunk]) -> None:
        """Index a dossier's chunks once; adding the same again changes nothing."""
        ...

    def query(self, scope: str, texts: Sequence[str], limit: int) -> list[list[ScoredChunk]]:
        """For each text, the nearest chunks of that scope, best first; none for an unknown scope.

        Texts asked together cost little more than one.
        """
        ...

    def drop(self, scope: str) -> None:
        """Forget a scope and everything in it: a dossier that is done takes no memory."""
        ...


class DossierRecord(Frozen):
    """A dossier as the store knows it.

    `label` (the local folder name) and `folder` stay on this machine; `epreuves` lists those
    that have been reviewed or proposed.
    """

    id: str
    label: str
    folder: str
    epreuves: tuple[str, ...]
    manifest_json: str = "{}"
    updated_at: datetime


class ReviewStore(Protocol):
    """Findings and decisions, kept for good. Raises `StoreUnavailable` from any method."""

    def close(self) -> None:
        """Give the connections back; they are opened again if the store is used."""
        ...

    def finding(self, key: str) -> Finding | None:
        """The finding kept under a key; a failure is never kept as an answer."""
        ...

    def kept(self, keys: Collection[str]) -> frozenset[str]:
        """Which of these keys have their finding; a grid's worth of keys at most."""
        ...

    def save_finding(self, dossier_id: str, finding: Finding) -> None:
        """Keep a finding (idempotent by key) and make it the dossier's current draft."""
        ...

    def given_answer(self, key: str, request: str) -> GivenAnswer | None:
        """What a model answered to one of the requests that the finding of that key takes."""
        ...

    def keep_answer(self, dossier_id: str, key: str, request: str, answer: GivenAnswer) -> None:
        """Keep it until the finding of that key is saved."""
        ...

    def current_findings(self, dossier_id: str, epreuve: str) -> dict[str, Finding]:
        """The draft on screen for each criterion id."""
        ...

    def current_finding(self, dossier_id: str, epreuve: str, criterion_id: str) -> Finding | None:
        """The draft on screen for one criterion."""
        ...

    def append_decision(self, decision: HumanDecision) -> None:
        """Append. What was acknowledged survives a crash."""
        ...

    def decisions(self, dossier_id: str, epreuve: str) -> tuple[HumanDecision, ...]:
        """All decisions, oldest first."""
        ...

    def save_dossier(self, record: DossierRecord) -> None:
        """Insert or update."""
        ...

    def dossier(self, dossier_id: str) -> DossierRecord | None: ...

    def dossiers(self) -> tuple[DossierRecord, ...]:
        """All dossiers, most recent first."""
        ...

    def save_note(
        self, dossier_id: str, epreuve: str, criterion_id: str, author: str, text: str
    ) -> None:
        """Keep what someone is typing (not a decision); an empty text clears it."""
        ...

    def note(self, dossier_id: str, epreuve: str, criterion_id: str, author: str) -> str: ...


class AssessmentStore(Protocol):
    """What people do around their decisions, kept for good. Raises `StoreUnavailable`."""

    def assessment(self, dossier_id: str, epreuve: str) -> Assessment: ...

    def events(self, dossier_id: str, epreuve: str) -> tuple[AssessmentEvent, ...]:
        """Oldest first."""
        ...

    def append_event(
        self, event: AssessmentEvent, *, seen: int, decisions: int | None = None
    ) -> Assessment:
        """Append. `seen`, `decisions`: the version, and how many rulings, the act relies on.

        Raises: `ReadingChanged` when either has changed.
        """
        ...

    def worksheet(
        self, dossier_id: str, epreuve: str, criterion_id: str, author: str
    ) -> Worksheet: ...

    def worksheets(self, dossier_id: str, epreuve: str, author: str) -> dict[str, Worksheet]: ...

    def save_worksheet(
        self, dossier_id: str, epreuve: str, criterion_id: str, author: str, sheet: Worksheet
    ) -> SavedWorksheet:
        """Keep what someone is preparing, unless another of their windows saved meanwhile."""
        ...

    def open_visit(self, visit: Visit) -> None: ...

    def update_visit(
        self,
        visit_id: str,
        person: str,
        *,
        seconds: float,
        looks: int,
        outcome: str = "",
        untouched: bool = False,
    ) -> None: ...

    def visits(self, dossier_id: str, epreuve: str) -> tuple[Visit, ...]: ...

    def drafts_seen(self, dossier_id: str, epreuve: str, person: str) -> frozenset[str]:
        """The criteria whose draft this person has been shown."""
        ...

    def wants_blind(self, person: str) -> bool: ...

    def save_wants_blind(self, person: str, blind: bool) -> None: ...

    def queue(self, person: str, *, readers: int, rule: VerdictRule) -> tuple[QueueFacts, ...]: ...

    def draft_facts(self, dossier_id: str, epreuve: str) -> dict[str, DraftFacts]: ...


class Journal(Protocol):
    """What happened, written down for good. Raises `StoreUnavailable` from any method."""

    def append(self, event: JournalEvent) -> JournalHead:
        """Write an event down; it is on the disk when this returns."""
        ...

    def entries(self, dossier_id: str = "") -> Iterator[JournalEntry]:
        """Entries in their order, those of one dossier when it is named."""
        ...

    def head(self) -> JournalHead:
        """The last entry's place and hash."""
        ...

    def kept_head(self) -> JournalHead:
        """The head kept outside the database; the empty head when none is."""
        ...

    def rows(self) -> Iterator[tuple[str, str]]:
        """The name and the digest of every finding and decision as they stand now."""
        ...

    def shown(self) -> dict[tuple[str, str, str], str]:
        """The key of the draft on screen for each (dossier, épreuve, criterion)."""
        ...


class CohortStore(Protocol):
    """What is kept of cohorts beside their findings. Raises `StoreUnavailable` from any method."""

    def plan(self, cohort_id: str, dossier_id: str) -> DossierPlan | None: ...

    def signatures(self, cohort_id: str) -> dict[str, str]:
        """The signature of each plan kept, by dossier id."""
        ...

    def save_plan(self, cohort_id: str, plan: DossierPlan) -> None:
        """Insert or replace."""
        ...

    def cohorts(self) -> tuple[str, ...]:
        """The ids of those that were planned, sorted."""
        ...

    def plans(self, cohort_id: str) -> tuple[DossierPlan, ...]:
        """Those of a cohort, by the candidates' folders; empty when it is not known."""
        ...

    def states(self, cohort_id: str) -> dict[tuple[str, str, str], CriterionState]:
        """How far its criteria are (dossier, épreuve, criterion); those to be done are left out."""
        ...

    def failures(self, cohort_id: str) -> tuple[tuple[str, FindingFailure], ...]:
        """What stands on screen for want of a draft, each with its dossier's id."""
        ...

    def drafted(self, keys: Collection[str]) -> dict[str, bool]:
        """The keys that have their finding; True when it is the draft on screen."""
        ...

    def commit(
        self, items: Sequence[tuple[str, Finding]], spending: SpendingRecord | None = None
    ) -> None:
        """Keep findings (each with its dossier's id) and what a run has spent, all or nothing."""
        ...

    def spending(self, cohort_id: str = "", model: str = "") -> tuple[SpendingRecord, ...]:
        """What the runs of a cohort, or those with a model, have used; oldest first."""
        ...

    def save_batch(self, record: BatchRecord) -> None:
        """Insert or replace."""
        ...

    def batches(self, cohort_id: str) -> tuple[BatchRecord, ...]:
        """The files handed to a batch endpoint, oldest first."""
        ...


class Eraser(Protocol):
    """Gives and deletes all that the store holds about dossiers. Raises `StoreUnavailable`."""

    def held(self, dossier_ids: Collection[str]) -> dict[str, list[dict[str, str]]]:
        """Every row about these dossiers, by table."""
        ...

    def erase(self, dossier_ids: Collection[str], *, actor: str, reason: str) -> int:
        """Delete every row about these dossiers; gives how many. The journal's chain holds."""
        ...

    def compact(self) -> None:
        """Leave no byte of what was deleted in the store's files. Raises: `StoreBusy`."""
        ...


class Quota(Protocol):
    """Counts uses per person and per day. Raises `StoreUnavailable` from any method."""

    def used(self, person: str, day: str) -> int:
        """How many uses are counted. `day`: an ISO date."""
        ...

    def take(self, person: str, day: str, limit: int) -> bool:
        """Count one use, unless `limit` is reached."""
        ...


class Clock(Protocol):
    """The time, with its zone."""

    def now(self) -> datetime: ...
