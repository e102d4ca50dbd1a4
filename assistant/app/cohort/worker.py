"""`preuve worker`: drafts the dossiers that a submitter, here or elsewhere, has entrusted."""

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.app.cohort.cohort import Cohort
from assistant.app.cohort.ledger import Ledger
from assistant.app.cohort.overview import PlannedDossier, Stop
from assistant.app.cohort.places import Place
from assistant.app.cohort.running import CohortRunner
from assistant.app.cohort.sharing import SharedPurse, queue_name, required_root, required_sharing
from assistant.cohort import CohortSource
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Finding, FindingFailure, JudgeName
from assistant.domain.shared_run import RunState, SharedRun, SharedTask, TaskState, Ticket

if TYPE_CHECKING:
    from assistant.app.cohort.desk import CohortDesk

_UNPLANNED_FR: Final = "Ce dossier n'est plus dans la base : relancez « preuve batch »."
_OUTSIDE_FR: Final = (
    "Ce dossier n'est pas dans PREUVE_DOSSIERS_DIR : le poste de travail ne l'ouvre pas."
)


class CohortWorker:
    """One process. It drafts one dossier at a time, and can be told to stop from any thread.

    `told` is given what a person at the machine wants to know: ids and counts.
    Raises, when built: `EngineNeedsServer`, `SettingsInvalid`, `ModelNotConfigured`.
    """

    def __init__(
        self, desk: "CohortDesk", judge: JudgeName | None, told: Callable[[str], None]
    ) -> None:
        self._desk = desk
        self._name: JudgeName = judge or desk.settings.judge
        self._told = told
        self._sharing = required_sharing(desk)
        self._root = required_root(desk.settings)
        self._cohort = self._opened("", "")
        self._ledger: tuple[str, Cohort, Ledger] | None = None
        self._runner: CohortRunner | None = None
        self._ticket: Ticket | None = None
        self._stopping = threading.Event()
        self.id = f"P-{secrets.token_hex(4)}"
        self.queue = queue_name(desk, self._cohort.engine)
        #: Why the worker gives up: no later request could succeed.
        self.problem_fr = ""

    def work(self) -> None:
        """Until SIGTERM, SIGINT, or a model that refuses everything.

        Raises: `StoreUnavailable`.
        """
        queue = self._sharing.queue()
        queue.prepare()
        self._beat()
        try:
            queue.serve(
                self.queue,
                self.draft,
                beat=self._beat,
                interrupt=self.stop,
                gives_up=lambda: bool(self.problem_fr),
                lease_seconds=self._desk.settings.worker_lease_seconds,
            )
        finally:
            self._sharing.runs.gone(self.id)

    def stop(self) -> None:
        """Ask nothing more, and keep what is under way: its ticket goes back to the queue."""
        self._stopping.set()
        self._interrupt()

    def draft(self, ticket: Ticket) -> bool:
        """One dossier; False when another worker should go on with it."""
        run = self._open_run(ticket)
        if run is None:
            return True  # cancelled, or replaced by another run, meanwhile
        task = SharedTask(dossier_id=ticket.dossier_id, state=TaskState.STARTED)
        self._sharing.runs.keep_task(ticket, task)
        cohort = self._opened(run.cohort_id, run.epreuve)
        planned = cohort.planned(ticket.dossier_id)
        problem = self._problem(planned)
        if planned is None or problem:
            self._end(ticket, Stop.DONE, problem)
            return True
        self._ticket = ticket
        try:
            return self._draft(cohort, run, ticket, planned)
        finally:
            self._ticket = self._runner = None

    def _draft(
        self, cohort: Cohort, run: SharedRun, ticket: Ticket, planned: PlannedDossier
    ) -> bool:
        witness = _Counter()
        purse = SharedPurse(
            self._sharing.runs,
            run.cohort_id,
            ticket.dossier_id,
            run.budget_eur,
            cohort.price,
            stopped=lambda: self._stopping.is_set() or self._open_run(ticket) is None,
        )
        with self._ledger_of(cohort, run) as ledger, purse:
            self._runner = cohort.runner([planned], witness, ledger, purse)
            if self._stopping.is_set():
                self._runner.interrupt()
            report = self._runner.run()
        self._told(f"{ticket.dossier_id} : {witness.told_fr}")
        if report.stop is Stop.MODEL:
            self.problem_fr = report.message_fr
        unfinished = report.stop in (Stop.MODEL, Stop.INTERRUPTED)
        if unfinished and self._open_run(ticket) is not None:
            return False
        self._end(ticket, report.stop, witness.unopened_fr)
        return True

    def _problem(self, planned: PlannedDossier | None) -> str:
        if planned is None:
            return _UNPLANNED_FR
        return "" if planned.folder.resolve().is_relative_to(self._root) else _OUTSIDE_FR

    def _end(self, ticket: Ticket, stop: Stop, unopened_fr: str) -> None:
        task = SharedTask(
            dossier_id=ticket.dossier_id,
            state=TaskState.DONE,
            stop="" if stop is Stop.DONE else stop.value,
            unopened_fr=unopened_fr,
        )
        self._sharing.runs.keep_task(ticket, task)

    def _open_run(self, ticket: Ticket) -> SharedRun | None:
        found = self._sharing.runs.run(ticket.cohort_id)
        if found is None or found[1] is not RunState.OPEN or found[0].run_id != ticket.run_id:
            return None
        return found[0]

    def _opened(self, cohort_id: str, epreuve: str) -> Cohort:
        """The cohort, its judge ready; the last one is kept, with its count of requests."""
        kept: Cohort | None = self.__dict__.get("_cohort")
        if kept is not None and (kept.id, kept.epreuve) == (cohort_id, epreuve):
            return kept
        nowhere = Place(id=cohort_id, source=CohortSource(root=Path(), candidates=()))
        self._cohort = Cohort(self._desk, nowhere, self._name, epreuve)
        return self._cohort

    def _ledger_of(self, cohort: Cohort, run: SharedRun) -> Ledger:
        """What this worker spends on a run, in one record as long as it stays with it."""
        kept = self._ledger
        if kept is not None and kept[0] == run.run_id and kept[1] is cohort:
            return kept[2]
        record = f"{run.run_id}.{self.id}.{secrets.token_hex(4)}"
        ledger = Ledger(cohort, self._desk.cohorts, record)
        self._ledger = (run.run_id, cohort, ledger)
        return ledger

    def _beat(self) -> None:
        """A few times per lease: say that one is alive, hear of a run that is cancelled."""
        self._sharing.runs.seen(self.id, self.queue)
        ticket = self._ticket
        if ticket is not None and self._open_run(ticket) is None:
            self._interrupt()

    def _interrupt(self) -> None:
        runner = self._runner
        if runner is not None:
            runner.interrupt()


class _Counter:
    """A `Witness` of one dossier: counts, for the worker's own screen."""

    def __init__(self) -> None:
        self._drafted = 0
        self._failed = 0
        self.unopened_fr = ""

    @property
    def told_fr(self) -> str:
        if self.unopened_fr:
            return "non ouvert"
        return f"critères examinés : {self._drafted}, échecs : {self._failed}"

    def opened(self, dossier: PlannedDossier) -> None:
        """Nothing to say yet."""

    def unopened(self, dossier: PlannedDossier, message_fr: str) -> None:
        self.unopened_fr = message_fr

    def done(self, dossier_id: str, finding: Finding, traffic: Traffic) -> None:
        if isinstance(finding, FindingFailure):
            self._failed += 1
        else:
            self._drafted += 1

    def closed(self, dossier: PlannedDossier) -> None:
        """It is told once it is over."""
