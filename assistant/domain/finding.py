"""The draft for one criterion: verdict, reasons, proof, and what produced it."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from assistant.domain.abstention import AbstentionReason
from assistant.domain.rubric import Vue
from assistant.domain.verdict import AttenduStatus, Verdict
from ingest.types import Frozen, Locator

#: The two engines: indicators without a model, or a language model.
JudgeName = Literal["embedded", "llm"]


class Evidence(Frozen):
    """A verbatim quote, found again in the extracted text.

    Units: `start`, `end` in the `Document.text` of the file `sha256`; `quote` is that slice.
    `match`: « exact » after typographic normalisation, « proche » for a near match.
    """

    quote: str = Field(min_length=1)
    filename: str
    sha256: str
    start: int = Field(ge=0)
    end: int
    locator: Locator
    place_fr: str  # str(locator) of the first block, kept for readers without our code
    match: Literal["exact", "proche"] = "exact"

    @model_validator(mode="after")
    def _range_spans_quote(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError("start/end must span exactly the quote")
        return self


class SeenPage(Frozen):
    """What a model says it saw on a page or an image: an observation to be checked, not a quote.

    The program knows which picture was shown (`picture_sha256`, of the file `sha256`); only a
    person can tell whether the observation is true.
    """

    observation: str = Field(min_length=1)
    filename: str
    sha256: str
    picture_sha256: str
    locator: Locator
    place_fr: str


class RejectedQuote(Frozen):
    """What a judge quoted and the files do not say. Shown as such, never as proof."""

    quote: str
    reason_fr: str


class SearchRecord(Frozen):
    """What was searched and where, so that an absence can be checked by a person.

    `coverage` is the share of the searched documents that was read, 0 to 1.
    """

    queries: tuple[str, ...]
    documents: tuple[str, ...]
    sections: tuple[str, ...]
    nearest: tuple[Evidence, ...] = ()
    unread: tuple[str, ...] = ()
    coverage: float = Field(ge=0, le=1)


class CheckOutcome(StrEnum):
    """What a computed check concluded. Doubtful extraction keeps it silent."""

    OK = "conforme"
    DISCREPANCY = "écart"
    SILENT = "sans conclusion"


class CheckResult(Frozen):
    """One computed check. `strength`: C conclusive, I hint, R locating only.

    `attendu` is the number of the attendu it bears on, None for the criterion as a whole.
    `observed` quotes the values it used, with their places.
    """

    code: str
    title_fr: str
    outcome: CheckOutcome
    strength: Literal["C", "I", "R"]
    message_fr: str
    expected_fr: str = ""
    observed: tuple[Evidence, ...] = ()
    attendu: int | None = None


class AttenduFinding(Frozen):
    """One attendu: its quotes, its status, and why.

    `seen` holds pages that were seen; an attendu of which only words are proof has none.
    `reason` says what kept a status from being given (None in findings made before it existed).
    """

    numero: int
    texte: str
    etoile: bool
    status: AttenduStatus
    justification: str = ""
    evidence: tuple[Evidence, ...] = ()
    rejected: tuple[RejectedQuote, ...] = ()
    withheld: AttenduStatus | None = None  # what the judge said, when it could not be proven
    reason: AbstentionReason | None = None
    vue: Vue = Vue.SANS
    seen: tuple[SeenPage, ...] = ()

    @model_validator(mode="after")
    def _a_page_proves_only_what_is_to_be_seen(self) -> Self:
        if self.seen and self.vue is Vue.SANS:
            raise ValueError("an attendu that words prove cannot rest on a page that was seen")
        return self


class Usage(Frozen):
    """What a call used. Units: tokens; `cost_eur` None when no price is known.

    `input_tokens` includes `cached_tokens`, those that the provider had in its prefix cache.
    """

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_eur: float | None = None


class EngineId(Frozen):
    """Which judge, exactly. Part of the key under which a finding is kept.

    `prompt_hash` is the SHA-256 of the prompt template's text; both are empty for the embedded
    engine. `parameters` holds what changes the answer (temperature, seed, mode).
    """

    engine: JudgeName
    version: str
    model: str = ""
    prompt: str = ""
    prompt_hash: str = ""
    parameters: dict[str, str] = {}


class Provenance(Frozen):
    """What produced a finding: enough to replay it, or to answer a complaint."""

    key: str  # SHA-256 over all that determines the answer
    dossier_id: str
    file_hashes: dict[str, str]  # filename → SHA-256, deliverables and compared pieces
    certification: str
    rubric: str
    rubric_version: str
    rubric_hash: str
    engine: EngineId
    usage: Usage = Usage()
    seconds: float = 0.0
    created_at: AwareDatetime


class CriterionFinding(Frozen):
    """The draft verdict on one criterion, with what supports it and what produced it.

    `judge_verdict` is the judge's own word, kept beside the verdict that the rule derives.
    `advice_fr` is for the candidate: one concrete thing to do, without a word of the verdict; empty
    when nothing is left open, and in findings made before it existed.
    `observations_fr` tells what is known of the images of a criterion to be seen.
    `abstention_fr` says why nothing can be concluded, when that is so, and `reasons` the same in
    the terms of a closed list (empty in findings made before it existed). `raw_reply` is the
    model's text as received, for the audit trail.
    """

    kind: Literal["finding"] = "finding"
    criterion_id: str
    epreuve: str
    verdict: Verdict
    rationale: str
    attendus: tuple[AttenduFinding, ...]
    checks: tuple[CheckResult, ...] = ()
    search: SearchRecord
    missing: tuple[str, ...] = ()
    oral_questions: tuple[str, ...] = ()
    advice_fr: str = ""
    observations_fr: tuple[str, ...] = ()
    notes_fr: tuple[str, ...] = ()
    judge_verdict: Verdict | None = None
    abstention_fr: str = ""
    reasons: tuple[AbstentionReason, ...] = ()
    raw_reply: str = Field(default="", repr=False)
    provenance: Provenance

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All quotes, each place once, in the attendus' order."""
        found = [e for attendu in self.attendus for e in attendu.evidence]
        return tuple({(e.sha256, e.start, e.end): e for e in found}.values())

    @property
    def seen(self) -> tuple[SeenPage, ...]:
        """All pages that were seen, each observation once, in the attendus' order."""
        return tuple(dict.fromkeys(page for attendu in self.attendus for page in attendu.seen))

    @property
    def printable_rationale(self) -> str:
        """The reasons, when they are fit for a candidate's eyes once a person has upheld them.

        The embedded engine's say what it located, not why a verdict is deserved: empty then.
        """
        return self.rationale if self.provenance.engine.engine == "llm" else ""

    @property
    def rejected(self) -> tuple[RejectedQuote, ...]:
        return tuple(r for attendu in self.attendus for r in attendu.rejected)

    @model_validator(mode="after")
    def _no_verdict_without_proof(self) -> Self:
        proof = self.evidence or self.seen
        if self.verdict in (Verdict.MET, Verdict.PARTIALLY_MET) and not proof:
            raise ValueError(f"{self.verdict} needs at least one grounded quote or page seen")
        if self.verdict is Verdict.NOT_MET and not proof and not self.search.queries:
            raise ValueError("not_met needs a grounded quote or the record of a search")
        if self.verdict is Verdict.NOT_ASSESSABLE and not self.abstention_fr:
            raise ValueError("not_assessable must say why")
        if self.reasons and self.verdict is not Verdict.NOT_ASSESSABLE:
            raise ValueError("only what is not assessable has reasons for it")
        return self


class FindingFailure(Frozen):
    """A criterion that could not be drafted: shown as a failure, never as a verdict."""

    kind: Literal["failure"] = "failure"
    criterion_id: str
    epreuve: str
    message_fr: str
    error: str
    detail: str = ""  # for the log: never a candidate's text
    retryable: bool = False
    key: str
    failed_at: AwareDatetime


Finding = CriterionFinding | FindingFailure
