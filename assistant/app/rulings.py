"""What an evaluator does at the desk: rule, undo, submit, sign, reopen."""

from typing import Final

from assistant.app.application import App
from assistant.app.desk_views import Reader
from assistant.app.workbench import Workbench
from assistant.closing import canonical_record, obstacles, record_hash
from assistant.decisions import assessor_name
from assistant.domain.assessment import (
    Assessment,
    AssessmentEvent,
    EventKind,
    Seat,
    Worksheet,
)
from assistant.domain.decision import Action, HumanDecision, latest_by_assessor
from assistant.domain.finding import CriterionFinding
from assistant.domain.report import CriterionEntry, Report
from assistant.domain.verdict import Verdict
from assistant.errors import DecisionRefused, ReadingRefused, UnknownCriterion
from ingest.types import Frozen

_SEATS: Final[dict[str, Seat]] = {"first": "first", "second": "second", "arbiter": "arbiter"}


class Ruling(Frozen):
    """What a person sends: their verdict (None confirms the draft) and their words.

    `key`: the draft that was on their screen; `seen`: how many of their own rulings it showed;
    `sheet_version`: the worksheet's version that these words are. Units: `seconds` on the
    criterion; `looks`: proofs looked at.
    """

    criterion_id: str
    verdict: Verdict | None = None
    reason_id: str = ""
    reason: str = ""
    comment: str = ""
    justification: str = ""
    key: str = ""
    seen: int = 0
    sheet_version: int = 0
    visit: str = ""
    seconds: float = 0.0
    looks: int = 0


class Rulings:
    """Records what people do; each act is checked against who holds the épreuve."""

    def __init__(self, app: App, workbench: Workbench) -> None:
        self._app = app
        self._workbench = workbench
        self._assessments = app.assessments
        self._clock = app.clock

    def rule(self, reader: Reader, dossier_id: str, epreuve: str, ruling: Ruling) -> HumanDecision:
        """Record a verdict. Taking the first ruling takes the free seat.

        Raises: `ReadingRefused`, `DecisionRefused`, `DecisionConflict`, `ReadingChanged`,
        `UnknownCriterion`, `StoreUnavailable`.
        """
        report, hidden = self._workbench.report(reader, dossier_id, epreuve)
        entry = _entry(report, ruling.criterion_id)
        seat = self._sit(reader, report)
        action, verdict = _action(seat, entry, ruling, ruling.criterion_id in hidden)
        decision = self._app.decide(
            dossier_id,
            ruling.criterion_id,
            epreuve=epreuve,
            assessor=reader.name,
            action=action,
            verdict=verdict,
            reason="" if action == "accept" else self._reason(ruling),
            reason_id="" if action == "accept" else ruling.reason_id,
            comment=ruling.comment,
            justification=_own_words(ruling, entry),
            shown_key=None if action == "blind" else ruling.key,
            seen=ruling.seen,
        )
        self._forget(reader, dossier_id, epreuve, ruling)
        self._count(reader, ruling, action)
        return decision

    def undo(
        self, reader: Reader, dossier_id: str, epreuve: str, criterion_id: str, seen: int
    ) -> HumanDecision:
        """Take back this person's last ruling on a criterion; what they said before stands again.

        Raises: as `rule` does.
        """
        report, _ = self._workbench.report(reader, dossier_id, epreuve)
        _entry(report, criterion_id)
        self._sit(reader, report)
        return self._app.decide(
            dossier_id,
            criterion_id,
            epreuve=epreuve,
            assessor=reader.name,
            action="withdraw",
            seen=seen,
        )

    def require_free(self, person: str, dossier_id: str, epreuve: str) -> None:
        """Refuse a ruling made outside of the desk that the desk would not take from this person.

        Raises: `ReadingRefused` for a signed épreuve, one that others hold, one that two people
        read, and a person whose first reading is blind: there, the order of things matters.
        """
        assessment = self._workbench.assessment(dossier_id, epreuve)
        reader = Reader(name=person)
        _require_unsigned(assessment)
        if self._app.rubrics.certification.relecture.evaluateurs > 1:
            raise _refusal("elle est lue par deux personnes : décidez au poste d'évaluation.")
        if self._workbench.is_blind(reader):
            raise _refusal("votre première lecture se fait sans la proposition, au poste.")
        if assessment.holders and person not in assessment.holders:
            raise _refusal(self._why_not(reader, assessment))

    def settle(
        self,
        person: str,
        dossier_id: str,
        epreuve: str,
        criterion_id: str,
        verdict: Verdict | None,
        *,
        reason: str,
        comment: str,
    ) -> HumanDecision:
        """Arbitrate outside of the desk, by the desk's rules: after both readings, by a third.

        Raises: as `rule` does.
        """
        seen = self._app.store.decisions(dossier_id, epreuve)
        name = assessor_name(person, seen)
        own = [d for d in seen if d.assessor == name and d.criterion_id == criterion_id]
        draft = self._app.store.current_finding(dossier_id, epreuve, criterion_id)
        ruling = Ruling(
            criterion_id=criterion_id,
            verdict=verdict,
            reason=reason,
            comment=comment,
            key=draft.provenance.key if isinstance(draft, CriterionFinding) else "",
            seen=len(own),
        )
        arbiter = Reader(name=name, decides=False, arbitrates=True, finalises=False)
        return self.rule(arbiter, dossier_id, epreuve, ruling)

    # Seats and steps

    def _sit(self, reader: Reader, report: Report, seen: int | None = None) -> Seat:
        """The seat from which this person rules, taken if it was free. Raises: `ReadingRefused`."""
        assessment = self._workbench.assessment(report.dossier.id, report.rubric.id)
        _require_unsigned(assessment)
        seat = _SEATS.get(self._workbench.seat_for(reader, assessment, report) or "")
        if seat is None:
            raise _refusal(self._why_not(reader, assessment))
        if assessment.seat_of(reader.name) is None:
            self._append(reader, assessment, "take", seat=seat, seen=seen)
        return seat

    def release(self, reader: Reader, dossier_id: str, epreuve: str, version: int) -> Assessment:
        """Give the seat back, while no ruling stands from it. Raises: `ReadingRefused`."""
        report, _ = self._workbench.report(reader, dossier_id, epreuve)
        assessment = self._workbench.assessment(dossier_id, epreuve)
        seat = assessment.seat_of(reader.name)
        if seat is None:
            raise _refusal("vous ne tenez pas cette épreuve.")
        if any(reader.name in latest_by_assessor(entry.decisions) for entry in report.entries):
            raise _refusal("vous y avez décidé. Annulez vos décisions avant de la rendre.")
        return self._append(reader, assessment, "release", seat=seat, seen=version)

    def take(self, reader: Reader, dossier_id: str, epreuve: str, version: int) -> Assessment:
        """Hold the épreuve before ruling on anything. Raises: `ReadingRefused`."""
        report, _ = self._workbench.report(reader, dossier_id, epreuve)
        self._sit(reader, report, seen=version)
        return self._workbench.assessment(dossier_id, epreuve)

    def submit(self, reader: Reader, dossier_id: str, epreuve: str, version: int) -> Assessment:
        """Say that this person's first reading is finished. Raises: `ReadingRefused`."""
        view = self._workbench.desk(reader, dossier_id, epreuve)
        if not view.may_submit:
            raise _refusal(
                "une lecture se soumet une seule fois, quand vous avez décidé de tous les critères."
            )
        return self._append(reader, view.assessment, "submit", seen=version)

    def finalise(self, reader: Reader, dossier_id: str, epreuve: str, version: int) -> Assessment:
        """Sign: the record of every decision is hashed, kept and locked.

        Raises: `ReadingRefused` with what is left to do; `ReadingChanged`.
        """
        report, _ = self._workbench.report(reader, dossier_id, epreuve)
        assessment = self._workbench.assessment(dossier_id, epreuve)
        if assessment.signature is not None:
            raise _refusal("cette épreuve est déjà finalisée.")
        if not reader.finalises or assessment.seat_of(reader.name) is None:
            raise _refusal("seules les personnes qui ont lu cette épreuve la finalisent.")
        sheets = self._assessments.worksheets(dossier_id, epreuve, reader.name)
        marks = {key for key, sheet in sheets.items() if sheet.to_review}
        left = obstacles(report, assessment, marks)
        if left:
            raise _refusal("il reste " + ", ".join(o.cause_fr for o in left) + ".")
        record = canonical_record(report, assessment)
        decisions = sum(len(entry.decisions) for entry in report.entries)
        return self._append(
            reader, assessment, "finalise", record=record, seen=version, decisions=decisions
        )

    def reopen(
        self, reader: Reader, dossier_id: str, epreuve: str, version: int, reason: str
    ) -> Assessment:
        """Unlock a signed épreuve. Raises: `ReadingRefused` without a reason."""
        assessment = self._workbench.assessment(dossier_id, epreuve)
        if assessment.signature is None:
            raise _refusal("cette épreuve n'est pas finalisée.")
        if not reader.finalises:
            raise _refusal("votre rôle ne permet pas de rouvrir une épreuve.")
        if not reason.strip():
            raise _refusal("dites pourquoi vous rouvrez cette épreuve.")
        return self._append(reader, assessment, "reopen", reason=reason.strip(), seen=version)

    def _append(
        self,
        reader: Reader,
        assessment: Assessment,
        kind: EventKind,
        *,
        seat: Seat | None = None,
        reason: str = "",
        record: str = "",
        seen: int | None = None,
        decisions: int | None = None,
    ) -> Assessment:
        event = AssessmentEvent(
            dossier_id=assessment.dossier_id,
            epreuve=assessment.epreuve,
            kind=kind,
            person=reader.name,
            at=self._clock.now(),
            seat=seat,
            reason=reason,
            record=record,
            sha256=record_hash(record) if record else "",
        )
        version = assessment.version if seen is None else seen
        return self._assessments.append_event(event, seen=version, decisions=decisions)

    def _why_not(self, reader: Reader, assessment: Assessment) -> str:
        if reader.name in assessment.submitted:
            return "vous avez soumis votre lecture ; elle ne change plus."
        if reader.arbitrates and not reader.decides:
            return (
                "elle vous est confiée pour arbitrer, ce qui attend que les lectures soient "
                "soumises et se contredisent."
            )
        if not reader.decides:
            return "votre rôle ne permet pas de décider."
        readers = self._app.rubrics.certification.relecture.evaluateurs
        holders = " et ".join(assessment.holders_told(reader.name, readers))
        return f"cette épreuve est lue par {holders}."

    # What goes with a ruling

    def _reason(self, ruling: Ruling) -> str:
        """The reason of the list and its author's words, as one sentence."""
        words = " ".join(ruling.reason.split())
        motif = self._app.rubrics.certification.relecture.motif(ruling.reason_id)
        if motif is None:
            return words
        if motif.precision and not words:
            raise DecisionRefused(
                "no words with the reason",
                cause=f"précisez en quelques mots le motif « {motif.libelle} ».",
            )
        return f"{motif.libelle} : {words}" if words else motif.libelle

    def _forget(self, reader: Reader, dossier_id: str, epreuve: str, ruling: Ruling) -> None:
        """Clear the worksheet that became a ruling, unless another window wrote on it since."""
        place = (dossier_id, epreuve, ruling.criterion_id, reader.name)
        cleared = Worksheet(version=ruling.sheet_version)
        self._assessments.save_worksheet(*place, cleared)

    def _count(self, reader: Reader, ruling: Ruling, action: Action) -> None:
        if ruling.visit:
            self._assessments.update_visit(
                ruling.visit,
                reader.name,
                seconds=ruling.seconds,
                looks=ruling.looks,
                outcome=action,
                untouched=action == "accept" and ruling.looks == 0,
            )


def _entry(report: Report, criterion_id: str) -> CriterionEntry:
    for entry in report.entries:
        if entry.criterion.id == criterion_id:
            return entry
    raise UnknownCriterion(criterion_id, criterion=criterion_id, epreuve=report.rubric.id)


def _action(
    seat: Seat, entry: CriterionEntry, ruling: Ruling, hidden: bool
) -> tuple[Action, Verdict | None]:
    draft = entry.finding if isinstance(entry.finding, CriterionFinding) else None
    if hidden:
        if ruling.verdict is None:
            raise DecisionRefused("blind", cause="donnez d'abord votre propre verdict.")
        return "blind", ruling.verdict
    verdict = ruling.verdict or (draft.verdict if draft else None)
    if seat == "arbiter":
        return "adjudicate", verdict
    if ruling.verdict is None or (draft is not None and ruling.verdict is draft.verdict):
        return "accept", verdict
    return "override", verdict


def _own_words(ruling: Ruling, entry: CriterionEntry) -> str:
    """The justification, when it is not the draft's own."""
    draft = entry.finding.printable_rationale if isinstance(entry.finding, CriterionFinding) else ""
    words = ruling.justification.strip()
    return "" if words == draft.strip() else words


def _require_unsigned(assessment: Assessment) -> None:
    if assessment.signature is not None:
        raise _refusal("cette épreuve est finalisée. Rouvrez-la d'abord, en disant pourquoi.")


def _refusal(cause_fr: str) -> ReadingRefused:
    return ReadingRefused(cause_fr, cause=cause_fr)
