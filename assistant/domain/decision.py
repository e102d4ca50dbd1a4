"""What people decided. Decisions are appended, never edited."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from assistant.domain.verdict import Verdict
from ingest.types import Frozen


class HumanDecision(Frozen):
    """One person's ruling on one draft finding.

    Units: `decided_at` carries a timezone. `finding_key` names the draft that was on screen
    (empty when there was none, e.g. after a failure).
    Raises: `ValidationError` when an override or an adjudication gives no reason.
    """

    dossier_id: str
    epreuve: str
    criterion_id: str
    assessor: str = Field(min_length=1)
    action: Literal["accept", "override", "adjudicate"]
    verdict: Verdict
    reason: str = ""
    comment: str = ""
    finding_key: str = ""
    draft_verdict: Verdict | None = None
    decided_at: AwareDatetime

    @model_validator(mode="after")
    def _departure_is_explained(self) -> Self:
        if self.action != "accept" and not self.reason.strip():
            raise ValueError(f"{self.action} must state its reason")
        if self.action == "accept" and self.verdict is not self.draft_verdict:
            raise ValueError("accept keeps the draft's verdict")
        return self


def latest_by_assessor(decisions: Sequence[HumanDecision]) -> dict[str, HumanDecision]:
    """Each person's last word on one criterion."""
    return {d.assessor: d for d in sorted(decisions, key=lambda d: d.decided_at)}


def final_decision(decisions: Sequence[HumanDecision]) -> HumanDecision | None:
    """What people have settled for one criterion; None while it is open or disputed."""
    latest = latest_by_assessor(decisions)
    adjudicated = [d for d in latest.values() if d.action == "adjudicate"]
    deciding = adjudicated or list(latest.values())
    if len({d.verdict for d in deciding}) != 1:
        return None
    return max(deciding, key=lambda d: d.decided_at)
