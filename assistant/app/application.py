"""The use cases of the product, each one method. The page and the command line call these."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant import crediting, decisions, grounding, privacy
from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.app.auditing import Auditor
from assistant.app.benches import model_bench
from assistant.app.calibration import band_tables
from assistant.app.cases import EpreuveBench
from assistant.app.erasing import Holdings
from assistant.app.intake import READER_VERSION
from assistant.app.judges import build_index, build_judge
from assistant.app.library import DossierLibrary
from assistant.app.office_pdf import pdf_of
from assistant.app.runner import EpreuveRunner, OnResult, unreadable_findings
from assistant.domain.bands import BandTable
from assistant.domain.decision import Action, HumanDecision
from assistant.domain.dossier import AssignmentSource, Dossier, FileRole
from assistant.domain.finding import CriterionFinding, Finding, JudgeName
from assistant.domain.journal import JournalAction
from assistant.domain.report import ExportKind, Report, build_report
from assistant.domain.rubric import Rubric, RubricSet
from assistant.domain.verdict import Verdict
from assistant.dossiers import Assignment
from assistant.errors import DecisionRefused, NoDeliverable, UnknownCriterion, UnknownEpreuve
from assistant.ports import (
    AssessmentStore,
    Clock,
    CohortStore,
    DossierRecord,
    Journal,
    Judge,
    ReviewStore,
)
from assistant.pricing import EuroPrice
from assistant.reading import build_reader
from assistant.reporting import grid_docx, report_json
from assistant.settings import Settings
from assistant.shared_ports import Sharing
from assistant.switch_ports import Switch
from ingest.layout import find_office

if TYPE_CHECKING:
    from assistant.app.cohort import CohortDesk
    from assistant.app.requests import Correspondence

#: Part of every finding's key: raise the number when a check or the choice of passages changes.
_CHECKS_VERSION: Final = "checks/5"
_RETRIEVAL_VERSION: Final = "retrieval/2"


class App:
    """One installation: its grids, its store, its settings."""

    def __init__(
        self,
        settings: Settings,
        rubrics: RubricSet,
        store: ReviewStore,
        assessments: AssessmentStore,
        journal: Journal,
        holdings: Holdings,
        clock: Clock,
        cohorts: CohortStore | None = None,
        sharing: Sharing | None = None,
        *,
        switch: Switch,
    ) -> None:
        self.settings = settings
        self.rubrics = rubrics
        self.assessments = assessments
        self.store = store
        self.clock = clock
        self.holdings = holdings
        self.switch = switch
        self.audit = Auditor(journal, clock, self.report)
        self._cohorts = cohorts
        self._sharing = sharing
        self.library = DossierLibrary(
            store,
            rubrics,
            clock,
            data_dir=settings.data_dir,
            max_bytes=settings.max_file_mb * 1_000_000,
            reader=build_reader(settings),
        )

    def rubric(self, epreuve: str) -> Rubric:
        """Raises: `UnknownEpreuve`."""
        try:
            return self.rubrics.rubric(epreuve)
        except KeyError:
            known = ", ".join(self.rubrics.certification.epreuves)
            raise UnknownEpreuve(epreuve, epreuve=epreuve, known=known) from None

    def dossiers(self) -> tuple[DossierRecord, ...]:
        """All known dossiers, most recent first."""
        return self.store.dossiers()

    def open(
        self, folder: Path, *, given: Mapping[str, Assignment] | None = None, epreuve: str = ""
    ) -> Dossier:
        """Read a dossier's folder.

        `given` maps file names to what the caller says they are. With `epreuve`, the deliverables
        that nobody recognised are taken for it.
        Raises: `UnknownEpreuve`, and as `DossierLibrary.open` does.
        """
        said = dict(given or {})
        for assignment in said.values():
            for named in assignment.epreuves:
                self.rubric(named)
        dossier = self.library.open(folder, said)
        if not epreuve:
            return dossier
        self.rubric(epreuve)
        if epreuve in dossier.epreuves:
            return dossier
        unknown = _unrecognised(dossier)
        if not unknown:
            raise NoDeliverable(
                f"nothing for {epreuve}",
                dossier=folder.name,
                cause=f"Aucun fichier n'y est rattaché à l'épreuve {epreuve}.",
            )
        what = Assignment(
            role=FileRole.DELIVERABLE, epreuves=(epreuve,), source=AssignmentSource.GIVEN
        )
        return self.library.open(folder, {**said, **dict.fromkeys(unknown, what)})

    def review(
        self,
        dossier: Dossier,
        epreuve: str,
        *,
        judge: JudgeName | None = None,
        on_result: OnResult | None = None,
    ) -> tuple[Finding, ...]:
        """Draft every criterion of an épreuve, in the grid's order.

        What was drafted before from the same files by the same judge is not drafted again.
        Raises: `UnknownEpreuve`, `NoDeliverable`, `ModelNotConfigured`, `StoreUnavailable`,
        `AssistantStopped`. A model's failure on a criterion is a `FindingFailure` among the
        results.
        """
        rubric = self.rubric(epreuve)
        self.switch.require_on()
        if not dossier.deliverables(epreuve):
            return self._all_unreadable(dossier, rubric, on_result)
        name = judge or self.settings.judge
        concurrency = self.settings.llm_concurrency if name == "llm" else 1
        bench = self.bench(dossier, epreuve, sees=name == "llm")
        return self._runner(bench, self._judge(name), concurrency).run(on_result)

    def bench(self, dossier: Dossier, epreuve: str, *, sees: bool = False) -> EpreuveBench:
        """One épreuve of a dossier, ready to give cases. Raises: `UnknownEpreuve`.

        `sees`: for the language model, with pictures and examples when the settings ask for them.
        """
        rubric = self.rubric(epreuve)
        if not sees:
            return EpreuveBench(dossier, rubric, self.rubrics, self._index)
        return model_bench(
            self.settings, self.store, self.library, self.rubrics, self._index, dossier, rubric
        )

    def requests(self, model: str = "", price: EuroPrice | None = None) -> "Correspondence":
        """The model's requests written rather than sent, their answers read from a file.

        `model` replaces the settings' model; `price`: what the answers were paid, when known.
        Raises: `SettingsInvalid`.
        """
        # Imported here: few commands need the model's side.
        from assistant.app.requests import Correspondence

        bench = partial(self.bench, sees=True)
        return Correspondence(
            self.settings,
            self.rubrics,
            self.store,
            self.library,
            bench,
            self._runner,
            model,
            price,
            allowed=self.switch.require_on,
        )

    def cohorts(self, **changes: object) -> "CohortDesk":
        """Whole cohorts: planned, run, followed. `changes` replaces settings for this use."""
        from assistant.app.cohort import CohortDesk

        assert self._cohorts is not None, "this application was built without cohorts"
        return CohortDesk(
            self.settings.model_copy(update=changes),
            self.rubrics,
            self.store,
            self._cohorts,
            self.clock,
            opened=self.open,
            bench=self.bench,
            tools=self._tools,
            requests=self.requests,
            sharing=self._sharing,
            allowed=self.switch.require_on,
        )

    def report(self, dossier_id: str, epreuve: str) -> Report:
        """Drafts and decisions side by side. Raises: `UnknownDossier`, `UnknownEpreuve`."""
        self.rubric(epreuve)
        return self.report_of(
            dossier_id,
            epreuve,
            self.store.current_findings(dossier_id, epreuve),
            self.store.decisions(dossier_id, epreuve),
        )

    def report_of(
        self,
        dossier_id: str,
        epreuve: str,
        findings: Mapping[str, Finding],
        ruled: Sequence[HumanDecision],
    ) -> Report:
        """A grid of these drafts and rulings. Raises: `UnknownDossier`."""
        summary = self.library.summary(dossier_id)
        now = self.clock.now()
        return build_report(self.rubrics, epreuve, summary, findings, ruled, now, bands=self._bands)

    def decide(
        self,
        dossier_id: str,
        criterion_id: str,
        *,
        epreuve: str,
        assessor: str,
        action: Action,
        verdict: Verdict | None = None,
        reason: str = "",
        reason_id: str = "",
        comment: str = "",
        justification: str = "",
        shown_key: str | None = None,
        seen: int | None = None,
    ) -> HumanDecision:
        """Record a person's ruling; it is on disk when this returns.

        `verdict` may be left out of an `accept`: it is the draft's. `shown_key` names the draft
        that the person was reading: when another has replaced it since, nothing is recorded.
        `seen`: as in `decisions.record`.
        Raises: `DecisionRefused`, `UnknownDossier`, `UnknownEpreuve`, `UnknownCriterion`,
        `StoreUnavailable`.
        """
        self.library.record(dossier_id)
        self.require_criterion(epreuve, criterion_id)
        draft = self.store.current_finding(dossier_id, epreuve, criterion_id)
        if shown_key is not None and shown_key != _draft_key(draft):
            cause = "la proposition a été refaite pendant votre lecture. Relisez-la, puis décidez."
            raise DecisionRefused("another draft was shown", cause=cause)
        return decisions.record(
            self.store,
            self.clock,
            dossier_id=dossier_id,
            epreuve=epreuve,
            criterion_id=criterion_id,
            assessor=assessor,
            action=action,
            verdict=verdict,
            reason=reason,
            reason_id=reason_id,
            comment=comment,
            justification=justification,
            finding=draft,
            seen=seen,
        )

    def export(self, dossier_id: str, epreuve: str, kind: ExportKind) -> tuple[str, bytes]:
        """The grid as a file: its name and its bytes. Raises: `PdfNeedsOffice`; as `report`."""
        report = self.report(dossier_id, epreuve)
        self.audit.log(
            JournalAction.EXPORT,
            self.settings.assessor or "poste local",
            dossier_id=dossier_id,
            epreuve=epreuve,
            forme=kind,
        )
        stem = f"grille_{epreuve}_{dossier_id}_{report.status}"
        if kind == "json":
            return f"{stem}.json", report_json(report).encode()
        if kind == "pdf":
            return f"{stem}.pdf", pdf_of(f"{stem}.docx", grid_docx(report), find_office())
        return f"{stem}.docx", grid_docx(report)

    def note(self, dossier_id: str, criterion_id: str, *, epreuve: str, author: str) -> str:
        """What this person was typing about a criterion; empty when nothing."""
        return self.store.note(dossier_id, epreuve, criterion_id, author)

    def save_note(
        self, dossier_id: str, criterion_id: str, *, epreuve: str, author: str, text: str
    ) -> None:
        """Keep what this person is typing, so that a reload loses nothing."""
        self.store.save_note(dossier_id, epreuve, criterion_id, author, text)

    def finding(self, dossier_id: str, epreuve: str, criterion_id: str) -> CriterionFinding | None:
        """The draft on screen for a criterion; None before a review or after a failure."""
        found = self.store.current_finding(dossier_id, epreuve, criterion_id)
        return found if isinstance(found, CriterionFinding) else None

    def require_criterion(self, epreuve: str, criterion_id: str) -> None:
        """Raises: `UnknownEpreuve`, `UnknownCriterion`."""
        try:
            self.rubric(epreuve).critere(criterion_id)
        except KeyError:
            raise UnknownCriterion(criterion_id, criterion=criterion_id, epreuve=epreuve) from None

    def _all_unreadable(
        self, dossier: Dossier, rubric: Rubric, on_result: OnResult | None
    ) -> tuple[Finding, ...]:
        failures = dossier.failures_for(rubric.id)
        if not failures:
            raise NoDeliverable(
                f"nothing for {rubric.id}",
                dossier=dossier.id,
                cause=f"Aucun fichier n'y est rattaché à l'épreuve {rubric.id}.",
            )
        findings = unreadable_findings(
            [criterion.id for criterion in rubric.criteres],
            rubric.id,
            " ".join(failure.message_fr for failure in failures),
            failures[0].error,
            self.clock,
        )
        for finding in findings:
            self.store.save_finding(dossier.id, finding)
            if on_result is not None:
                on_result(finding, False)
        return findings

    def _runner(self, bench: EpreuveBench, judge: Judge, concurrency: int = 1) -> EpreuveRunner:
        return EpreuveRunner(
            bench,
            judge,
            self.store,
            self.clock,
            tools=self._tools,
            concurrency=concurrency,
            allowed=self.switch.require_on,
        )

    def _judge(self, name: JudgeName) -> Judge:
        return build_judge(name, self.settings, allowed=self.switch.require_on)

    @cached_property
    def _bands(self) -> tuple[BandTable, ...]:
        return band_tables(self.settings)

    @cached_property
    def _index(self) -> ChromaChunkIndex:
        return build_index(self.settings, self.switch.require_on)

    @property
    def _tools(self) -> str:
        versions = (
            READER_VERSION,
            _RETRIEVAL_VERSION,
            _CHECKS_VERSION,
            privacy.VERSION,
            grounding.VERSION,
            crediting.VERSION,
            self._index.embedder_name,
        )
        return ";".join(versions)


def _draft_key(draft: Finding | None) -> str:
    return draft.provenance.key if isinstance(draft, CriterionFinding) else ""


def _unrecognised(dossier: Dossier) -> list[str]:
    doubtful = (AssignmentSource.UNKNOWN, AssignmentSource.CONTENT)
    names = [
        f.filename for f in dossier.files if f.role is FileRole.DELIVERABLE and f.source in doubtful
    ]
    unread = [f.filename for f in dossier.failures if not f.epreuves]
    return [unicodedata.normalize("NFC", name) for name in (*names, *unread)]
