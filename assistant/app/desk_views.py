"""What the evaluator's desk shows, without what this person may not see yet."""

from assistant.domain.assessment import Assessment, Obstacle, ReadingState, Worksheet
from assistant.domain.attention import Attention
from assistant.domain.decision import HumanDecision
from assistant.domain.report import CriterionEntry
from assistant.domain.rubric import Certification, Criterion, Rubric
from assistant.domain.verdict import Verdict
from ingest.types import Frozen


class Reader(Frozen):
    """Who is at the desk. `name` signs; the flags are what their role allows on this dossier."""

    name: str
    decides: bool = True
    arbitrates: bool = False
    finalises: bool = True

    @property
    def sits(self) -> bool:
        """Whether they may take a seat, and must not know who has the others before the time."""
        return self.decides or self.arbitrates


class CriterionState(Frozen):
    """One line of the list of criteria.

    `draft` is None before any review, after a failure and while it is hidden. `mine` is this
    person's last word, `settled` what stands; `waiting`: ruled blind, to be compared.
    """

    criterion: Criterion
    hidden: bool
    failed: bool
    draft: Verdict | None
    mine: Verdict | None
    settled: Verdict | None
    waiting: bool
    disputed: bool
    stale: bool
    to_review: bool
    attention: tuple[Attention, ...]


class GroupStates(Frozen):
    """A criteria group of the list."""

    titre: str
    states: tuple[CriterionState, ...]


class DeskView(Frozen):
    """The épreuve as a whole, as this person may see it."""

    reader: Reader
    certification: Certification
    rubric: Rubric
    dossier_id: str
    assessment: Assessment
    state: ReadingState
    seat: str | None
    may_decide: bool
    may_submit: bool
    may_finalise: bool
    may_reopen: bool
    blind: bool
    blind_chosen: bool
    obstacles: tuple[Obstacle, ...]
    groups: tuple[GroupStates, ...]

    @property
    def holders(self) -> tuple[str, ...]:
        """Who reads and settles, as this person is told."""
        if not self.reader.sits:
            return self.assessment.holders
        readers = self.certification.relecture.evaluateurs
        return self.assessment.holders_told(self.reader.name, readers)

    @property
    def states(self) -> tuple[CriterionState, ...]:
        return tuple(state for group in self.groups for state in group.states)

    @property
    def done(self) -> int:
        """Criteria that are settled, or ruled by this person while two read apart."""
        apart = not self.assessment.shows_others(self.certification.relecture.evaluateurs)
        if apart:
            return sum(s.mine is not None and not s.waiting for s in self.states)
        return sum(s.settled is not None for s in self.states)


class CriterionView(Frozen):
    """One criterion with its draft (None while hidden), its rulings and what is being prepared.

    `seen` counts this person's rulings on it; `key` names the draft on screen. `blind_verdict` is
    what they ruled before seeing the draft.
    """

    desk: DeskView
    entry: CriterionEntry
    state: CriterionState
    mine: HumanDecision | None
    blind_verdict: Verdict | None
    seen: int
    key: str
    sheet: Worksheet
    visit: str
    justification: str
