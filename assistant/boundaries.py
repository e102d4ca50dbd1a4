"""Decisions that people took on a criterion, as examples of where its limit lies."""

from collections.abc import Sequence
from typing import Final

from assistant.domain.decision import HumanDecision, final_decision
from assistant.domain.finding import CriterionFinding
from assistant.domain.rubric import Certification
from assistant.domain.verdict import Verdict
from ingest.types import Frozen

_LONGEST_REASON: Final = 240
_LONGEST_QUOTE: Final = 200
_NOT_SHOWN: Final = frozenset({Verdict.NOT_ASSESSABLE})


class Settled(Frozen):
    """What people settled on one criterion of one dossier, before anything is hidden of it.

    `quote`: the first verified quote of the draft that they ruled on; empty without one.
    """

    dossier_id: str
    decision: HumanDecision
    quote: str = ""

    @property
    def reason(self) -> str:
        return " ".join((self.decision.reason or self.decision.comment).split())

    @property
    def tells_something(self) -> bool:
        return bool(self.reason or self.quote) and self.decision.verdict not in _NOT_SHOWN


def settled(
    dossier_id: str, decisions: Sequence[HumanDecision], finding: CriterionFinding | None
) -> Settled | None:
    """What stands of the decisions on one criterion; None while it is open or disputed."""
    decision = final_decision(decisions)
    if decision is None:
        return None
    starred = (a for a in finding.attendus if a.etoile) if finding else ()
    quotes = [item.quote for attendu in starred for item in attendu.evidence]
    return Settled(dossier_id=dossier_id, decision=decision, quote=quotes[0] if quotes else "")


def nearest_the_limit(found: Sequence[Settled]) -> list[Settled]:
    """The most telling first: where people departed from the draft, then « partiel », then recent.

    The verdicts take turns, so that both sides of the limit are shown.
    """
    telling = [one for one in found if one.tells_something]
    telling.sort(key=lambda one: one.decision.decided_at, reverse=True)
    telling.sort(key=_distance)
    turns: dict[Verdict, int] = {}
    ranked: list[tuple[int, int, Settled]] = []
    for position, one in enumerate(telling):
        turn = turns.get(one.decision.verdict, 0)
        turns[one.decision.verdict] = turn + 1
        ranked.append((turn, position, one))
    return [one for _, _, one in sorted(ranked, key=lambda item: item[:2])]


def _distance(one: Settled) -> int:
    departs = one.decision.draft_verdict not in (None, one.decision.verdict)
    return (0 if departs else 2) + (0 if one.decision.verdict is Verdict.PARTIALLY_MET else 1)


def in_words(certification: Certification, decision: HumanDecision, reason: str, quote: str) -> str:
    """One example as a prompt shows it; the reason and the quote have been made anonymous."""
    label = certification.libelle(decision.verdict)
    draft = decision.draft_verdict
    if draft is not None and draft is not decision.verdict:
        label = f"{label} (l'assistant proposait {certification.libelle(draft)})"
    parts = [f"Décision : {label}."]
    if reason:
        parts.append(f"Motif : « {_shortened(reason, _LONGEST_REASON)} ».")
    if quote:
        parts.append(f"Extrait jugé : « {_shortened(quote, _LONGEST_QUOTE)} ».")
    return " ".join(parts)


def _shortened(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest].rsplit(' ', 1)[0]}…"
