"""What a judge is given for one criterion, and what it gives back, before any proof is checked."""

from typing import Self

from pydantic import Field, model_validator

from assistant.domain.abstention import AbstentionReason
from assistant.domain.finding import CheckResult, Usage
from assistant.domain.picture import Picture
from assistant.domain.rubric import Certification, Criterion, Rubric
from assistant.domain.verdict import AttenduStatus, Verdict
from ingest.chunking import Chunk
from ingest.types import Document, Frozen


class Passage(Frozen):
    """A retrieved chunk. `score` is comparable within one query only; higher is nearer.

    `attendus` lists the attendus whose query brought it.
    """

    chunk: Chunk
    score: float
    attendus: tuple[int, ...] = ()


class Passages(Frozen):
    """What retrieval chose for a criterion, best first, and the queries it ran."""

    passages: tuple[Passage, ...]
    queries: tuple[str, ...]

    def for_attendu(self, numero: int) -> tuple[Passage, ...]:
        return tuple(p for p in self.passages if numero in p.attendus)


class ComparedPiece(Frozen):
    """A piece that a crossed reading needs: its name in the rubric and what the dossier has."""

    nom: str
    documents: tuple[Document, ...]


class UnseenPassage(Frozen):
    """A passage of a deliverable that no judge is shown, and why.

    Units: half-open range of the document's text.
    """

    sha256: str
    start: int
    end: int
    text: str
    reason: AbstentionReason

    def touches(self, sha256: str, start: int, end: int) -> bool:
        return self.sha256 == sha256 and self.start < end and start < self.end


class CriterionScope(Frozen):
    """What one criterion is judged on, before anything is searched or computed.

    `deliverables` are the candidate's words, the only source of quotes. `pieces` (the brief,
    another épreuve's deliverable) are for comparison; `missing_pieces` are those that the
    dossier does not hold. `context` is what the candidate was given (the brief) when the criterion
    compares with nothing: only computed checks read it. `examples`: people's decisions on the
    same criterion for other candidates, in words, when the settings ask for some.
    """

    certification: Certification
    rubric: Rubric
    criterion: Criterion
    deliverables: tuple[Document, ...] = Field(min_length=1)
    pieces: tuple[ComparedPiece, ...] = ()
    missing_pieces: tuple[str, ...] = ()
    context: tuple[ComparedPiece, ...] = ()
    examples: tuple[str, ...] = ()


class CriterionCase(CriterionScope):
    """All that a judge may look at for one criterion.

    `pictures`: pages and images of the deliverables, for a judge that sees; none otherwise.
    `unshown_fr`: why some could not be shown.
    """

    passages: Passages
    checks: tuple[CheckResult, ...] = ()
    pictures: tuple[Picture, ...] = ()
    unshown_fr: tuple[str, ...] = ()

    @property
    def coverage(self) -> float:
        """The least share read among the deliverables, 0 to 1."""
        return min(document.coverage for document in self.deliverables)


class Sighting(Frozen):
    """What a judge says it saw on one of the pictures shown, by its number, from 1."""

    picture: int
    observation: str


class AttenduJudgement(Frozen):
    """A judge's word on one attendu: quotes first, unverified.

    `reason`: why the judge could not tell, when it says so itself.
    """

    numero: int
    quotes: tuple[str, ...] = ()
    status: AttenduStatus
    justification: str = ""
    reason: AbstentionReason | None = None
    seen: tuple[Sighting, ...] = ()


class Judgement(Frozen):
    """A judge's whole answer on one criterion, unverified.

    `notes_fr` tells the assessor how the judge read the file (only passages were sent, say).
    `advice_fr` is one thing that the candidate could do, in a model's words.
    `abstention_fr` is why the judge may not conclude in favour, whatever it found, and
    `abstention` the same in the terms of the closed list: both or neither.
    """

    attendus: tuple[AttenduJudgement, ...]
    rationale: str = ""
    verdict: Verdict | None = None
    missing: tuple[str, ...] = ()
    oral_questions: tuple[str, ...] = ()
    advice_fr: str = ""
    abstention_fr: str = ""
    abstention: AbstentionReason | None = None
    notes_fr: tuple[str, ...] = ()
    usage: Usage = Usage()
    raw_reply: str = ""

    @model_validator(mode="after")
    def _an_abstention_has_its_reason(self) -> Self:
        if bool(self.abstention_fr) != (self.abstention is not None):
            raise ValueError("an abstention is a sentence and a reason of the closed list")
        return self
