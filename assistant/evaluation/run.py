"""What a run of the harness records: one row per gold label. Rows hold no candidate's text."""

from pydantic import Field

from assistant.domain.bands import DraftKind
from assistant.domain.finding import EngineId, Usage
from assistant.domain.verdict import Verdict
from assistant.evaluation.labels import SetProblem
from assistant.evaluation.sets import Part
from ingest.types import Frozen


class QuoteCheck(Frozen):
    """The quotes a draft shows (evidence, checks, nearest passages) and how many are in the files.

    `reread`: the same slice in the file read again from disk. `second_read` of `second_readable`
    quotes: seen by another reader, when one opens that format (never a scan).
    """

    shown: int = 0
    reread: int = 0
    second_readable: int = 0
    second_read: int = 0


class RetrievalHit(Frozen):
    """Where the gold citation came among the retrieved passages.

    Ranks count from 1 and are None past the depth searched. `seen`: it was among the passages the
    judge was given; `seen_by_attendu`: among those that some attendu's own query brought.
    `attendu` is the attendu it supports, when that can be decided; `attendu_seen`: it was among
    the `attendu_used` passages given for that attendu, neighbours included. `share_given` and
    `attendu_share`: share of the deliverables' characters among the passages given, to the
    criterion and to that attendu, without which a recall says little.
    """

    rank: int | None
    used: int  # how many passages the judge was given
    seen: bool
    seen_by_attendu: bool
    attendu: int | None = None
    attendu_rank: int | None = None
    attendu_used: int = 0
    attendu_seen: bool | None = None
    attendu_share: float | None = Field(default=None, ge=0)
    share_given: float = Field(default=0.0, ge=0)


class Row(Frozen):
    """One gold label and what the product drafted. `draft` is None when the draft failed.

    `certainty` orders drafts from the least to the most settled; it is not a probability.
    `supported`: the gold citation overlaps the evidence; None when there is no draft, or no
    citation to find. `cue_share`: share of the criterion's cues that the deliverables hold.
    `stable`: all reruns drafted the same; None without reruns. `unseen`: by the grid, the criterion
    needs more than the text (images, a tool's settings, the oral). `kind`: what can be observed of
    the draft. `gaps`: codes of the conclusive checks that found a discrepancy.
    """

    candidate: str
    part: Part
    file: str
    epreuve: str
    group: str
    criterion: str
    gold: Verdict
    draft: Verdict | None
    judge_verdict: Verdict | None = None
    error: str = ""
    certainty: float | None = Field(default=None, ge=0, le=1)
    quotes: QuoteCheck = QuoteCheck()
    supported: bool | None = None
    retrieval: RetrievalHit | None = None
    cue_share: float = 0.0
    stable: bool | None = None
    unseen: bool = False
    kind: DraftKind | None = None
    gaps: tuple[str, ...] = ()
    usage: Usage = Usage()
    seconds: float = Field(default=0.0, ge=0)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.candidate, self.file, self.epreuve, self.criterion)


class SetIdentity(Frozen):
    """Which labels: `labels_hash` is the SHA-256 of their file."""

    name: str
    version: str
    title: str = ""
    labels_hash: str
    limits: tuple[str, ...] = ()


class Run(Frozen):
    """Everything a run recorded. `replicates`: the drafts of the reruns, in the rows' order."""

    set: SetIdentity
    engine: EngineId
    rubrics_hash: str
    rows: tuple[Row, ...]
    replicates: tuple[tuple[Verdict | None, ...], ...] = ()
    problems: tuple[SetProblem, ...] = ()

    def only(self, part: Part) -> "Run":
        """The same run seen on one part of the set."""
        kept = [number for number, row in enumerate(self.rows) if row.part == part]
        return self.model_copy(
            update={
                "rows": tuple(self.rows[n] for n in kept),
                "replicates": tuple(tuple(r[n] for n in kept) for r in self.replicates),
            }
        )

    @property
    def candidates(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.candidate for row in self.rows))
