"""What people decided. Decisions are appended, never edited; undoing one appends another."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from assistant.domain.verdict import Verdict
from ingest.types import Frozen

#: `blind`: ruled before the draft was shown; `withdraw`: undoes the person's last word.
Action = Literal["accept", "override", "adjudicate", "blind", "withdraw"]


class HumanDecision(Frozen):
    """One person's ruling on one draft finding.

    Units: `decided_at` carries a timezone. `finding_key` names the draft that was on screen
    (empty when there was none, e.g. after a failure), `draft_verdict` what it said. A blind
    ruling names the draft that it is compared with. `reason_id` is the reason's place in the
    certification's short list, `justification` the text to print instead of the draft's.
    Raises: `ValidationError` when an override or an adjudication gives no reason.
    """

    dossier_id: str
    epreuve: str
    criterion_id: str
    assessor: str = Field(min_length=1)
    action: Action
    verdict: Verdict
    reason: str = ""
    reason_id: str = ""
    comment: str = ""
    justification: str = ""
    finding_key: str = ""
    draft_verdict: Verdict | None = None
    decided_at: AwareDatetime

    @model_validator(mode="after")
    def _departure_is_explained(self) -> Self:
        if self.action in ("override", "adjudicate") and not self.reason.strip():
            raise ValueError(f"{self.action} must state its reason")
        if self.action == "accept" and self.verdict is not self.draft_verdict:
            raise ValueError("accept keeps the draft's verdict")
        if self.action == "blind" and self.draft_verdict is None:
            raise ValueError("blind is said of a draft that exists")
        return self

    @property
    def stands(self) -> bool:
        """Whether the ruling can settle a criterion.

        A blind one that the draft contradicts waits for its author to see both and say why.
        """
        return self.action != "blind" or self.verdict is self.draft_verdict


def latest_by_assessor(decisions: Sequence[HumanDecision]) -> dict[str, HumanDecision]:
    """Each person's last word on one criterion; who has withdrawn theirs is absent."""
    said: dict[str, list[HumanDecision]] = {}
    for decision in sorted(decisions, key=lambda d: d.decided_at):
        words = said.setdefault(decision.assessor, [])
        if decision.action != "withdraw":
            words.append(decision)
        elif words:
            words.pop()
    return {assessor: words[-1] for assessor, words in said.items() if words}


def final_decision(decisions: Sequence[HumanDecision], readers: int = 1) -> HumanDecision | None:
    """What people have settled for one criterion; None while it is open or disputed.

    `readers`: how many people must rule before it is settled; an arbiter settles it alone.
    """
    latest = latest_by_assessor(decisions)
    adjudicated = [d for d in latest.values() if d.action == "adjudicate"]
    deciding = adjudicated or list(latest.values())
    if not adjudicated and len(deciding) < readers:
        return None
    if len({d.verdict for d in deciding}) != 1 or not all(d.stands for d in deciding):
        return None
    return max(deciding, key=lambda d: d.decided_at)


def is_disputed(decisions: Sequence[HumanDecision]) -> bool:
    """Whether people have ruled on one criterion, and do not agree."""
    latest = latest_by_assessor(decisions).values()
    adjudicated = {d.verdict for d in latest if d.action == "adjudicate"}
    return len(adjudicated or {d.verdict for d in latest}) > 1


def shift(decisions: Sequence[HumanDecision], assessor: str) -> tuple[Verdict, Verdict] | None:
    """What a person ruled blind and what they hold now that both are shown; None before that."""
    own = sorted((d for d in decisions if d.assessor == assessor), key=lambda d: d.decided_at)
    blind = next((d for d in own if d.action == "blind"), None)
    last = latest_by_assessor(own).get(assessor)
    if blind is None or last is None or not last.stands:
        return None
    return blind.verdict, last.verdict
