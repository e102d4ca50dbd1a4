"""Entrusts a cohort to workers on any number of machines, and follows what they do."""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.app.cohort.cohort import Cohort
from assistant.app.cohort.overview import CohortPlan, PlannedDossier, RunReport, Stop
from assistant.app.cohort.places import open_place
from assistant.app.cohort.running import Witness
from assistant.app.cohort.sharing import queue_name, required_root, required_sharing
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Finding, FindingFailure
from assistant.domain.shared_run import RunState, SharedRun, SharedTask, TaskState, Ticket
from assistant.errors import CohortInvalid

if TYPE_CHECKING:
    from assistant.app.cohort.desk import CohortDesk

#: How long a run without any worker is followed.
_PATIENCE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 1.0
_CONTINUED_FR: Final = (
    "Le suivi est interrompu ; les postes de travail continuent. Relancez la même commande pour "
    "suivre, ou ajoutez --annuler pour les arrêter."
)
_CANCELLED_FR: Final = "Le travail des postes a été annulé. Ce qui est fait est conservé."
_NOBODY_FR: Final = (
    "Aucun poste de travail n'écoute avec ces réglages ({queue}){others}. Les dossiers attendent "
    "dans la file : démarrez « preuve worker » (mêmes moteur, modèle, consigne, grilles et "
    "PREUVE_DOSSIERS_DIR), puis relancez la même commande pour suivre."
)
_OTHERS_FR: Final = " ; {count} ont d'autres réglages"
_LOST_FR: Final = (
    "Les postes de travail ont renoncé à ce dossier après plusieurs erreurs imprévues."
)

#: What is on screen for a criterion: a finding's key, or the moment of a failure.
_Shown = dict[tuple[str, str], str]


def cancel(desk: "CohortDesk", path: Path) -> bool:
    """Have the workers stop a cohort; False when they had nothing of it.

    Raises: `EngineNeedsServer`, `CohortInvalid`, `StoreUnavailable`.
    """
    sharing = required_sharing(desk)
    cohort_id = open_place(path, desk.settings).id
    found = sharing.runs.run(cohort_id)
    if found is None or not sharing.runs.cancel(cohort_id):
        return False
    sharing.queue().withdraw(found[0].queue, found[0].run_id)
    return True


class Entrusted:
    """A cohort that workers run; used as `Cohort` is.

    Raises, when built: `EngineNeedsServer`, `SettingsInvalid`, `CohortInvalid` for a cohort that
    other machines do not see.
    """

    def __init__(
        self,
        desk: "CohortDesk",
        cohort: Cohort,
        *,
        sleep: Callable[[float], None] = time.sleep,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._desk = desk
        self._cohort = cohort
        self._sharing = required_sharing(desk)
        self._sleep = sleep
        self._patience = patience_seconds
        root = required_root(desk.settings)
        if not cohort.root.resolve().is_relative_to(root):
            problem = (
                f"les autres machines ne la voient pas. Placez-la, décompressée, dans « {root} » "
                "(PREUVE_DOSSIERS_DIR)."
            )
            raise CohortInvalid(str(cohort.root), path=cohort.root.name, problem=problem)
        self.queue = queue_name(desk, cohort.engine)

    def run(
        self,
        plan: CohortPlan,
        witness: Witness,
        *,
        budget_eur: float | None = None,
        limit: int | None = None,
    ) -> RunReport:
        """Put in the queue what is not there yet, and follow until it is done.

        As `Cohort.run`. `KeyboardInterrupt` ends the following, not the work.
        """
        self._cohort.require_price(budget_eur)
        dossiers = plan.to_do[:limit]
        if not dossiers:
            return RunReport(stop=Stop.DONE, drafted=0)
        run = self._entrust(dossiers, budget_eur)
        following = _Following(self._desk, self._sharing_tasks, run, dossiers, witness)
        started = time.monotonic()
        stop, message = self._follow(run, following)
        return following.report(stop, message, plan.pending, time.monotonic() - started)

    def _entrust(self, dossiers: Sequence[PlannedDossier], budget_eur: float | None) -> SharedRun:
        """An open run that asks for the same is joined; any other is replaced."""
        queue = self._sharing.queue()
        queue.prepare()
        wanted = SharedRun(
            cohort_id=self._cohort.id,
            run_id=secrets.token_hex(8),
            queue=self.queue,
            submitted_at=self._cohort.clock.now(),
            epreuve=self._cohort.epreuve,
            budget_eur=budget_eur,
        )
        ids = [dossier.dossier_id for dossier in dossiers]
        found = self._sharing.runs.run(self._cohort.id)
        if found is not None and found[1] is RunState.OPEN:
            if self._is_same(found[0], wanted, ids) and queue.left(self.queue, found[0].run_id):
                return found[0]
            queue.withdraw(found[0].queue, found[0].run_id)
        self._sharing.runs.open(wanted, ids)
        queue.submit(
            self.queue,
            [Ticket(cohort_id=wanted.cohort_id, dossier_id=i, run_id=wanted.run_id) for i in ids],
        )
        return wanted

    def _is_same(self, run: SharedRun, wanted: SharedRun, ids: Sequence[str]) -> bool:
        same = {"run_id": run.run_id, "submitted_at": run.submitted_at}
        known = {task.dossier_id for task in self._sharing_tasks()}
        return wanted.model_copy(update=same) == run and known.issuperset(ids)

    def _sharing_tasks(self) -> tuple[SharedTask, ...]:
        return self._sharing.runs.tasks(self._cohort.id)

    def _follow(self, run: SharedRun, following: "_Following") -> tuple[Stop, str]:
        queue, alone = self._sharing.queue(), 0.0
        try:
            while True:
                following.look()
                if self._state(run) is RunState.CANCELLED:
                    return Stop.INTERRUPTED, _CANCELLED_FR
                if following.over or not queue.left(self.queue, run.run_id):
                    following.look()
                    return following.stop, ""
                alone = 0.0 if self._workers() else alone + _LOOK_SECONDS
                if alone > self._patience:
                    return Stop.NOBODY, self._nobody_fr()
                self._sleep(_LOOK_SECONDS)
        except KeyboardInterrupt:
            return Stop.INTERRUPTED, _CONTINUED_FR

    def _state(self, run: SharedRun) -> RunState:
        found = self._sharing.runs.run(run.cohort_id)
        return found[1] if found is not None else RunState.CANCELLED

    def _alive(self) -> dict[str, int]:
        return self._sharing.runs.alive(self._desk.settings.worker_lease_seconds)

    def _workers(self) -> int:
        return self._alive().get(self.queue, 0)

    def _nobody_fr(self) -> str:
        count = sum(self._alive().values())
        others = _OTHERS_FR.format(count=count) if count else ""
        return _NOBODY_FR.format(queue=self.queue, others=others)


class _Following:
    """Tells a `Witness` what workers have done, from what they keep in the store."""

    def __init__(
        self,
        desk: "CohortDesk",
        tasks: Callable[[], Sequence[SharedTask]],
        run: SharedRun,
        dossiers: Sequence[PlannedDossier],
        witness: Witness,
    ) -> None:
        self._desk = desk
        self._tasks = tasks
        self._run = run
        self._witness = witness
        self._dossiers = {dossier.dossier_id: dossier for dossier in dossiers}
        self._shown = {d.dossier_id: dict(self._drafts(d)[0]) for d in dossiers}
        self._before = self._spent()
        self._opened: set[str] = set()
        self._closed: dict[str, SharedTask] = {}
        self._drafted = 0
        self._failures: Counter[str] = Counter()
        self._causes: dict[str, str] = {}

    @property
    def over(self) -> bool:
        return len(self._closed) == len(self._dossiers)

    @property
    def stop(self) -> Stop:
        stops = {task.stop for task in self._closed.values()}
        return Stop.BUDGET if Stop.BUDGET.value in stops else Stop.DONE

    def look(self) -> None:
        """Tell what has happened since the last look."""
        for task in self._tasks():
            dossier = self._dossiers.get(task.dossier_id)
            if dossier is None or task.dossier_id in self._closed:
                continue
            if task.state is not TaskState.WAITING:
                self._tell(dossier, task)

    def _tell(self, dossier: PlannedDossier, task: SharedTask) -> None:
        if task.unopened_fr:
            self._closed[task.dossier_id] = task
            self._witness.unopened(dossier, task.unopened_fr)
            return
        if task.dossier_id not in self._opened:
            self._opened.add(task.dossier_id)
            self._witness.opened(dossier)
        self._tell_findings(dossier)
        if task.state is TaskState.DONE:
            self._closed[task.dossier_id] = task
            self._witness.closed(dossier)

    def _tell_findings(self, dossier: PlannedDossier) -> None:
        known = self._shown[dossier.dossier_id]
        now, findings = self._drafts(dossier)
        traffic = self._traffic()
        for place, mark in now.items():
            if known.get(place) == mark:
                continue
            known[place] = mark
            finding = findings[place]
            if isinstance(finding, FindingFailure):
                self._failures[finding.error] += 1
                self._causes.setdefault(finding.error, finding.message_fr)
            else:
                self._drafted += 1
            self._witness.done(dossier.dossier_id, finding, traffic)

    def _drafts(self, dossier: PlannedDossier) -> tuple[_Shown, dict[tuple[str, str], Finding]]:
        findings = {
            (epreuve, criterion_id): finding
            for epreuve in dossier.epreuves
            for criterion_id, finding in self._desk.store.current_findings(
                dossier.dossier_id, epreuve
            ).items()
        }
        marks = {place: _mark(finding) for place, finding in findings.items()}
        return marks, findings

    def _spent(self) -> Traffic:
        records = self._desk.cohorts.spending(self._run.cohort_id)
        mine = [r.traffic for r in records if r.run_id.startswith(f"{self._run.run_id}.")]
        return sum(mine, Traffic())

    def _traffic(self) -> Traffic:
        return self._spent() - self._before

    def report(self, stop: Stop, message_fr: str, pending: int, seconds: float) -> RunReport:
        """What was done while it was followed."""
        lost = 0
        if stop is Stop.DONE:  # the queue is empty: what is not told now never will be
            for dossier_id in self._dossiers.keys() - self._closed.keys():
                lost += 1
                self._witness.unopened(self._dossiers[dossier_id], _LOST_FR)
        unopened = sum(bool(task.unopened_fr) for task in self._closed.values())
        return RunReport(
            stop=stop,
            drafted=self._drafted,
            failures=dict(self._failures),
            causes_fr=self._causes,
            unopened=unopened + lost,
            left=max(0, pending - self._drafted - sum(self._failures.values())),
            traffic=self._traffic(),
            seconds=seconds,
            message_fr=message_fr,
        )


def _mark(finding: Finding) -> str:
    if isinstance(finding, FindingFailure):
        return finding.failed_at.isoformat()
    return finding.provenance.key
