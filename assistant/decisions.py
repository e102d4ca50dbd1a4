"""Records what people rule, and says where the rulings of an épreuve stand.

The same person saying the same again about the same draft (a double click, a page sent twice, a
command run again) is one decision: the one already recorded is given back. Anything else is
appended, so that changing one's mind leaves a trace; undoing too.
"""

import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from assistant.domain.decision import (
    Action,
    HumanDecision,
    final_decision,
    is_disputed,
    latest_by_assessor,
)
from assistant.domain.finding import CriterionFinding, Finding
from assistant.domain.verdict import Verdict
from assistant.errors import DecisionConflict, DecisionRefused
from assistant.ports import Clock, ReviewStore
from ingest.types import Frozen

#: Between reading what was decided and appending, nobody else of this process may append: the
#: two requests of a double click arrive in two threads.
_one_at_a_time: Final = threading.Lock()


class Progress(Frozen):
    """Where an épreuve stands. The ids keep the order of the grid.

    `disputed`: ruled differently by several people; `open`: not ruled at all.
    """

    settled: tuple[str, ...]
    disputed: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.settled) + len(self.disputed) + len(self.open)

    @property
    def complete(self) -> bool:
        """Whether every criterion is settled (and there is at least one)."""
        return self.total > 0 and len(self.settled) == self.total


def record(
    store: ReviewStore,
    clock: Clock,
    *,
    dossier_id: str,
    epreuve: str,
    criterion_id: str,
    assessor: str,
    action: Action,
    verdict: Verdict | None = None,
    reason: str = "",
    reason_id: str = "",
    comment: str = "",
    justification: str = "",
    finding: Finding | None = None,
    seen: int | None = None,
) -> HumanDecision:
    """Record one person's ruling on the draft that was on their screen.

    `finding` is that draft, None or a failure when there was none; `verdict` may be left out of
    an `accept` or a `withdraw`. `seen`: how many rulings of this person on this criterion their
    screen showed; one more since, and nothing is recorded. The hour is never earlier than that
    of the criterion's previous decision, even when the machine's clock has been set back: the
    last word stays last.
    Raises: `DecisionRefused` with its cause, `DecisionConflict`; `StoreUnavailable`.
    """
    draft = finding if isinstance(finding, CriterionFinding) else None
    _check_draft_is_on_screen(store, dossier_id, epreuve, criterion_id, draft)
    with _one_at_a_time:
        previous = [
            d for d in store.decisions(dossier_id, epreuve) if d.criterion_id == criterion_id
        ]
        name = assessor_name(assessor, previous)
        last = latest_by_assessor(previous).get(name)
        said_reason, said_comment = _clean(reason), _clean(comment)
        if action == "withdraw":
            decided = _withdrawn_verdict(last)
        else:
            decided = _decided_verdict(action, verdict, draft, said_reason)
        if action == "adjudicate":
            _check_there_is_a_dispute(name, previous)
        decision = HumanDecision(
            dossier_id=dossier_id,
            epreuve=epreuve,
            criterion_id=criterion_id,
            assessor=name,
            action=action,
            verdict=decided,
            reason=said_reason,
            reason_id=reason_id,
            comment=said_comment,
            justification=_clean(justification),
            finding_key=_key(draft),
            draft_verdict=draft.verdict if draft else None,
            decided_at=max([clock.now(), *(d.decided_at for d in previous)]),
        )
        if last is not None and last.model_copy(update={"decided_at": decision.decided_at}) == (
            decision
        ):
            return last
        _check_nothing_is_new(name, previous, seen)
        store.append_decision(decision)
        return decision


def assessor_name(assessor: str, previous: Sequence[HumanDecision]) -> str:
    """The name, as this person has already spelled it in `previous` if they have.

    Raises: `DecisionRefused` for a name without a letter or a figure.
    """
    name = " ".join(_clean(assessor).split())
    if not any(char.isalnum() for char in name):
        raise _refusal("indiquez votre nom (une décision est toujours signée).")
    spelled = {d.assessor.casefold(): d.assessor for d in previous}
    return spelled.get(name.casefold(), name)


def standing(decisions: Sequence[HumanDecision], readers: int = 1) -> dict[str, HumanDecision]:
    """The decision that stands for each settled criterion; open and disputed ones are absent."""
    settled = {
        key: final_decision(ruled, readers) for key, ruled in _by_criterion(decisions).items()
    }
    return {key: decision for key, decision in settled.items() if decision is not None}


def progress(
    criterion_ids: Iterable[str], decisions: Sequence[HumanDecision], readers: int = 1
) -> Progress:
    """How far the criteria of a grid are decided."""
    ids = tuple(criterion_ids)
    settled = standing(decisions, readers)
    disputed = {key for key, ruled in _by_criterion(decisions).items() if is_disputed(ruled)}
    return Progress(
        settled=tuple(i for i in ids if i in settled),
        disputed=tuple(i for i in ids if i in disputed),
        open=tuple(i for i in ids if i not in disputed and i not in settled),
    )


def _by_criterion(decisions: Sequence[HumanDecision]) -> Mapping[str, list[HumanDecision]]:
    ruled: dict[str, list[HumanDecision]] = {}
    for decision in decisions:
        ruled.setdefault(decision.criterion_id, []).append(decision)
    return ruled


def _check_draft_is_on_screen(
    store: ReviewStore,
    dossier_id: str,
    epreuve: str,
    criterion_id: str,
    draft: CriterionFinding | None,
) -> None:
    """A ruling is about the draft that is shown now, not about one that has been replaced."""
    if draft is not None and (draft.criterion_id, draft.epreuve) != (criterion_id, epreuve):
        raise _refusal("la proposition présentée est celle d'un autre critère.")
    shown = store.current_finding(dossier_id, epreuve, criterion_id)
    if draft is not None and shown is None:
        raise _refusal("la proposition présentée n'appartient pas à ce dossier.")
    if _key(shown) != _key(draft):
        raise _refusal(
            "la proposition a été refaite pendant votre lecture. Relisez la nouvelle, puis décidez."
        )


def _key(finding: Finding | None) -> str:
    return finding.provenance.key if isinstance(finding, CriterionFinding) else ""


def _decided_verdict(
    action: Action, verdict: Verdict | None, draft: CriterionFinding | None, reason: str
) -> Verdict:
    if action == "accept":
        return _confirmed_verdict(verdict, draft)
    if verdict is None:
        raise _refusal("choisissez un verdict.")
    if action == "blind":
        return _blind_verdict(verdict, draft)
    if action == "override" and draft is not None and verdict is draft.verdict:
        raise _refusal(
            "le verdict choisi est celui de la proposition. Confirmez-la ; un commentaire "
            "peut l'accompagner."
        )
    if not reason:
        raise _refusal("donnez le motif (il est obligatoire quand on s'écarte de la proposition).")
    return verdict


def _blind_verdict(verdict: Verdict, draft: CriterionFinding | None) -> Verdict:
    if draft is None:
        raise _refusal(
            "il n'y a pas de proposition à découvrir pour ce critère. Donnez votre verdict avec "
            "son motif."
        )
    return verdict


def _withdrawn_verdict(last: HumanDecision | None) -> Verdict:
    if last is None:
        raise _refusal("vous n'avez pas de décision à annuler pour ce critère.")
    return last.verdict


def _check_nothing_is_new(name: str, previous: Sequence[HumanDecision], seen: int | None) -> None:
    own = [d for d in previous if d.assessor == name]
    if seen is not None and seen != len(own):
        raise DecisionConflict(f"{len(own)} rulings, {seen} seen")


def _confirmed_verdict(verdict: Verdict | None, draft: CriterionFinding | None) -> Verdict:
    if draft is None:
        raise _refusal(
            "il n'y a pas de proposition à confirmer pour ce critère. Choisissez un verdict et "
            "donnez son motif."
        )
    if verdict is not None and verdict is not draft.verdict:
        raise _refusal(
            "le verdict choisi n'est pas celui de la proposition. Pour vous en écarter, "
            "modifiez-la en donnant un motif."
        )
    return draft.verdict


def _check_there_is_a_dispute(name: str, previous: Sequence[HumanDecision]) -> None:
    """An adjudication comes from a third person, after two others have ruled differently."""
    disputants = [d for d in latest_by_assessor(previous).values() if d.action != "adjudicate"]
    if len({d.verdict for d in disputants}) < 2:
        raise _refusal(
            "il n'y a pas de désaccord à arbitrer : il faut que deux évaluateurs aient rendu des "
            "verdicts différents."
        )
    if name in {d.assessor for d in disputants}:
        raise _refusal("l'arbitrage revient à une autre personne que les évaluateurs en désaccord.")


def _clean(text: str) -> str:
    """NFC, without what no one typed: control characters and broken surrogates."""
    whole = text.encode("utf-8", "replace").decode()
    kept = (c for c in whole if c in "\n\t" or unicodedata.category(c) != "Cc")
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _refusal(cause_fr: str) -> DecisionRefused:
    return DecisionRefused(cause_fr, cause=cause_fr)
