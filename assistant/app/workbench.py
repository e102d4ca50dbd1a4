"""The evaluator's use cases: the queue, a criterion to read, a ruling, a signature.

Everything a person may not see yet (a draft before their blind reading, another reader's rulings)
is left out here, before any page, answer or export is made.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

from assistant.app.application import App
from assistant.app.desk_views import (
    CriterionState,
    CriterionView,
    DeskView,
    GroupStates,
    Reader,
)
from assistant.closing import drafts_of, is_stale, obstacles
from assistant.domain.assessment import Assessment, Visit, Worksheet, reading_state
from assistant.domain.attention import Attention, DraftFacts
from assistant.domain.decision import HumanDecision, latest_by_assessor
from assistant.domain.finding import CriterionFinding, Finding
from assistant.domain.journal import JournalAction
from assistant.domain.queue import QueueLine, queue_line
from assistant.domain.report import CriterionEntry, Report
from assistant.errors import UnknownCriterion

#: What tells nothing of the draft's verdict.
_NEUTRAL: Final = frozenset({Attention.INJECTION, Attention.FAILURE, Attention.COVERAGE})


class Workbench:
    """One installation's desk."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._reviews = app.store
        self._assessments = app.assessments
        self._clock = app.clock
        self._relecture = app.rubrics.certification.relecture

    # The queue

    def queue(self, reader: Reader) -> tuple[QueueLine, ...]:
        """Every épreuve, the most recent dossier first."""
        certification = self._app.rubrics.certification
        totals = {rubric.id: len(rubric.criteres) for rubric in self._app.rubrics.rubrics}
        facts = self._assessments.queue(
            reader.name, readers=self._relecture.evaluateurs, rule=certification.seuils.regle
        )
        blind = self.is_blind(reader)
        lines = (
            queue_line(
                fact,
                reader.name,
                total=totals.get(fact.assessment.epreuve, 0),
                readers=self._relecture.evaluateurs,
                sits=reader.sits,
            )
            for fact in facts
        )
        return tuple(_discreet(line) if blind else line for line in lines)

    def is_blind(self, reader: Reader) -> bool:
        """Whether drafts wait for this person's own verdict."""
        if not reader.decides or self._relecture.aveugle == "jamais":
            return False
        return self._relecture.aveugle == "toujours" or self._assessments.wants_blind(reader.name)

    def choose_blind(self, reader: Reader, blind: bool) -> None:
        """Record what this person prefers; it counts where the certification leaves the choice.

        Written in the journal: whether a draft was hidden is part of how a verdict was reached.
        """
        value = "oui" if blind else "non"
        self._app.audit.log(
            JournalAction.SETTING, reader.name, reglage="lecture à l'aveugle", valeur=value
        )
        self._assessments.save_wants_blind(reader.name, blind)

    def log_export(
        self, reader: Reader, dossier_id: str, epreuve: str, form: str, *, traces: bool
    ) -> None:
        """Write down who takes which form of an épreuve away."""
        self._app.audit.log(
            JournalAction.EXPORT,
            reader.name,
            dossier_id=dossier_id,
            epreuve=epreuve,
            forme=form,
            traces="oui" if traces else "non",
        )

    # An épreuve

    def desk(self, reader: Reader, dossier_id: str, epreuve: str) -> DeskView:
        """The list of criteria and where the reading stands.

        Raises: `UnknownDossier`, `UnknownEpreuve`, `StoreUnavailable`.
        """
        report, hidden = self.report(reader, dossier_id, epreuve)
        return self._view(reader, report, hidden)

    def report(
        self, reader: Reader, dossier_id: str, epreuve: str
    ) -> tuple[Report, frozenset[str]]:
        """The grid as this person may see it, and the criteria whose draft is hidden from them.

        Once signed, the drafts are those that were signed, whatever was made since.
        """
        self._app.rubric(epreuve)
        assessment = self._assessments.assessment(dossier_id, epreuve)
        findings = self._findings(assessment)
        decisions = self._visible(reader, assessment)
        hidden = self._hidden(reader, assessment, findings, decisions)
        shown = {key: found for key, found in findings.items() if key not in hidden}
        return self._app.report_of(dossier_id, epreuve, shown, decisions), hidden

    def assessment(self, dossier_id: str, epreuve: str) -> Assessment:
        return self._assessments.assessment(dossier_id, epreuve)

    def signed_record(self, assessment: Assessment) -> str:
        """The canonical JSON that the current signature is about; empty without one."""
        events = self._assessments.events(assessment.dossier_id, assessment.epreuve)
        return next((e.record for e in reversed(events) if e.kind == "finalise"), "")

    def _findings(self, assessment: Assessment) -> Mapping[str, Finding]:
        current = self._reviews.current_findings(assessment.dossier_id, assessment.epreuve)
        if assessment.signature is None:
            return current
        drafts = drafts_of(self.signed_record(assessment))
        signed = {key: self._reviews.finding(found) for key, found in drafts.items()}
        return {key: finding for key, finding in signed.items() if finding is not None}

    def _visible(self, reader: Reader, assessment: Assessment) -> tuple[HumanDecision, ...]:
        every = self._reviews.decisions(assessment.dossier_id, assessment.epreuve)
        if assessment.shows_others(self._relecture.evaluateurs):
            return every
        return tuple(d for d in every if d.assessor == reader.name)

    def _hidden(
        self,
        reader: Reader,
        assessment: Assessment,
        findings: Mapping[str, Finding],
        decisions: Sequence[HumanDecision],
    ) -> frozenset[str]:
        """Drafts that this person must not see before ruling, and has not been shown yet."""
        if assessment.signature or assessment.seat_of(reader.name) == "arbiter":
            return frozenset()
        if not self.is_blind(reader):
            return frozenset()
        place = (assessment.dossier_id, assessment.epreuve)
        known = self._assessments.drafts_seen(*place, reader.name)
        ruled = {d.criterion_id for d in decisions if d.assessor == reader.name}
        drafted = {key for key, found in findings.items() if isinstance(found, CriterionFinding)}
        return frozenset(drafted - known - ruled)

    def _view(self, reader: Reader, report: Report, hidden: frozenset[str]) -> DeskView:
        place = (report.dossier.id, report.rubric.id)
        assessment = self._assessments.assessment(*place)
        sheets = self._assessments.worksheets(*place, reader.name)
        marks = {key for key, sheet in sheets.items() if sheet.to_review}
        groups = tuple(
            GroupStates(
                titre=group.titre,
                states=tuple(self._state(reader, e, hidden, marks) for e in group.entries),
            )
            for group in report.groups
        )
        readers = self._relecture.evaluateurs
        seat = assessment.seat_of(reader.name)
        open_ = assessment.signature is None
        mine = [s for group in groups for s in group.states if s.mine and not s.waiting]
        submitted = reader.name in assessment.submitted
        return DeskView(
            reader=reader,
            certification=report.certification,
            rubric=report.rubric,
            dossier_id=report.dossier.id,
            assessment=assessment,
            state=reading_state(
                assessment,
                ruled=sum(bool(e.decisions) for e in report.entries),
                disputed=sum(e.disputed for e in report.entries),
                readers=readers,
            ),
            seat=seat,
            may_decide=open_ and self.seat_for(reader, assessment, report) is not None,
            may_submit=(
                open_
                and readers > 1
                and seat in ("first", "second")
                and not submitted
                and len(mine) == len(report.entries)
            ),
            may_finalise=open_ and reader.finalises and seat is not None,
            may_reopen=not open_ and reader.finalises,
            blind=self.is_blind(reader),
            blind_chosen=self._relecture.aveugle == "au choix",
            obstacles=obstacles(report, assessment, marks),
            groups=groups,
        )

    def seat_for(self, reader: Reader, assessment: Assessment, report: Report) -> str | None:
        """The seat from which this person may rule now: theirs, or one that is free for them."""
        readers = self._relecture.evaluateurs
        seat = assessment.seat_of(reader.name)
        if seat in ("first", "second"):
            return None if reader.name in assessment.submitted else seat
        disputed = any(entry.disputed for entry in report.entries)
        if seat == "arbiter":
            return seat if assessment.shows_others(readers) else None
        if reader.decides and not assessment.first:
            return "first"
        if reader.decides and readers > 1 and not assessment.second:
            return "second"
        free = not assessment.arbiter and reader.arbitrates and not _has_read(reader, report)
        return "arbiter" if free and disputed and assessment.shows_others(readers) else None

    def _state(
        self, reader: Reader, entry: CriterionEntry, hidden: frozenset[str], marks: set[str]
    ) -> CriterionState:
        criterion, draft = entry.criterion, entry.finding
        mine = latest_by_assessor(entry.decisions).get(reader.name)
        rule = self._app.rubrics.certification.seuils.regle
        return CriterionState(
            criterion=criterion,
            hidden=criterion.id in hidden,
            failed=draft is not None and not isinstance(draft, CriterionFinding),
            draft=draft.verdict if isinstance(draft, CriterionFinding) else None,
            mine=mine.verdict if mine else None,
            settled=entry.decision.verdict if entry.decision else None,
            waiting=mine is not None and not mine.stands,
            disputed=entry.disputed,
            stale=bool(entry.decisions) and is_stale(entry),
            to_review=criterion.id in marks,
            attention=DraftFacts.of(draft).attention(rule) if draft is not None else (),
        )

    # A criterion

    def criterion(
        self, reader: Reader, dossier_id: str, epreuve: str, criterion_id: str
    ) -> CriterionView:
        """One criterion to read; the visit starts here.

        Raises: as `desk` does; `UnknownCriterion`.
        """
        report, hidden = self.report(reader, dossier_id, epreuve)
        view = self._view(reader, report, hidden)
        for entry, state in zip(report.entries, view.states, strict=True):
            if entry.criterion.id == criterion_id:
                return self._criterion(view, entry, state)
        raise UnknownCriterion(criterion_id, criterion=criterion_id, epreuve=epreuve)

    def _criterion(
        self, view: DeskView, entry: CriterionEntry, state: CriterionState
    ) -> CriterionView:
        name = view.reader.name
        own = [d for d in entry.decisions if d.assessor == name]
        mine = latest_by_assessor(own).get(name)
        draft = entry.finding if isinstance(entry.finding, CriterionFinding) else None
        sheet = self._assessments.worksheet(
            view.dossier_id, view.rubric.id, entry.criterion.id, name
        )
        standing = entry.decision or mine
        printed = standing.justification if standing else ""
        return CriterionView(
            desk=view,
            entry=entry,
            state=state,
            mine=mine,
            blind_verdict=next((d.verdict for d in own if d.action == "blind"), None),
            seen=len(own),
            key=draft.provenance.key if draft else "",
            sheet=sheet,
            visit=self._open_visit(view, entry, draft is not None),
            justification=printed or (draft.printable_rationale if draft else ""),
        )

    def _open_visit(self, view: DeskView, entry: CriterionEntry, shown: bool) -> str:
        visit = Visit(
            id=secrets.token_hex(12),
            dossier_id=view.dossier_id,
            epreuve=view.rubric.id,
            criterion_id=entry.criterion.id,
            person=view.reader.name,
            opened_at=self._clock.now(),
            draft_shown=shown,
        )
        self._assessments.open_visit(visit)
        return visit.id

    def keep(
        self, reader: Reader, dossier_id: str, epreuve: str, criterion_id: str, sheet: Worksheet
    ) -> tuple[bool, Worksheet]:
        """Keep what is being prepared: whether it was accepted, and what is kept now.

        Raises: `UnknownDossier`, `UnknownEpreuve`, `UnknownCriterion`.
        """
        self._app.library.record(dossier_id)
        self._app.require_criterion(epreuve, criterion_id)
        saved = self._assessments.save_worksheet(
            dossier_id, epreuve, criterion_id, reader.name, sheet
        )
        return saved.accepted, saved.worksheet

    def stayed(self, reader: Reader, visit: str, *, seconds: float, looks: int) -> None:
        """How long a visit lasted so far, in seconds, and how many proofs were looked at."""
        self._assessments.update_visit(visit, reader.name, seconds=seconds, looks=looks)


def _has_read(reader: Reader, report: Report) -> bool:
    """Whether this person ruled as a reader, even if they took it back: they settle nothing."""
    return any(
        decision.assessor == reader.name and decision.action != "adjudicate"
        for entry in report.entries
        for decision in entry.decisions
    )


def _discreet(line: QueueLine) -> QueueLine:
    return line.model_copy(
        update={"attention": tuple(item for item in line.attention if item[0] in _NEUTRAL)}
    )
