"""Cohorts followed from the page: how far each is, and the state of each criterion.

Only states are told, never a verdict: whoever reads blind may look here.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from assistant.app.cohort.cohort import JOURNAL, sightings_of
from assistant.app.cohort.desk import CohortDesk
from assistant.app.cohort.overview import Stop
from assistant.cohort import Anomaly, across, of_dossier
from assistant.domain.cohort import CriterionState, DossierPlan, SpendingRecord
from assistant.domain.finding import JudgeName
from assistant.errors import UnknownCohort
from ingest.types import Frozen

#: Units: bytes. More than any line of a run's journal.
_LAST_LINES: Final = 8192


class RunState(StrEnum):
    """What a cohort's last run is doing."""

    NEVER = "pas encore lancée"
    READING = "lecture des dossiers"
    RUNNING = "en cours"
    PAUSED = "en pause"
    PARTIAL = "arrêtée, il en reste"
    ENDED = "terminée"
    STOPPED = "arrêtée avant la fin"
    SILENT = "interrompue"


class FollowedDossier(Frozen):
    """One candidate's criteria of one épreuve, in the grid's order."""

    dossier_id: str
    states: tuple[tuple[str, CriterionState], ...]


class Foreseen(Frozen):
    """What a run would do and take, as its plan foresaw it. Units: seconds; euros, None unknown."""

    judge: JudgeName
    criteria: int
    requests: int
    seconds: float
    cost_eur: float | None = None

    @property
    def left(self) -> timedelta:
        return timedelta(seconds=self.seconds)


class FailureCause(Frozen):
    """Criteria that failed for one cause, in the cohort's order."""

    message_fr: str
    places: tuple[tuple[str, str, str], ...]  # dossier, épreuve, criterion


class CohortProgress(Frozen):
    """How far a cohort is. `counts` are those of its criteria by state.

    `left` is what a run under way should still take, None when nobody can tell; `spent_eur` None:
    no price is known. `seen_at` is the last run's last sign. `foreseen` is what the last plan says
    a run would take, when nothing has run since.
    """

    id: str
    label: str
    dossiers: int
    epreuves: tuple[str, ...]
    counts: Mapping[CriterionState, int]
    state: RunState
    seen_at: datetime | None = None
    spent_eur: float | None = None
    requests: int = 0
    left: timedelta | None = None
    foreseen: "Foreseen | None" = None

    @property
    def under_way(self) -> bool:
        return self.state in (RunState.READING, RunState.RUNNING)

    @property
    def criteria(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.criteria - self.counts.get(CriterionState.TO_DO, 0)


class CohortFollower:
    """Reads what the store and the runs' journals say; starts nothing.

    `under_way` says whether a run is, on this machine.
    """

    def __init__(self, desk: CohortDesk, under_way: Callable[[str], bool] | None = None) -> None:
        self._desk = desk
        self._under_way = under_way or desk.is_open

    def cohorts(self) -> tuple[CohortProgress, ...]:
        """Every cohort planned here. Raises: `StoreUnavailable`."""
        return tuple(self.progress(cohort_id) for cohort_id in self._desk.cohorts.cohorts())

    def progress(self, cohort_id: str) -> CohortProgress:
        """Raises: `UnknownCohort`, `StoreUnavailable`."""
        plans = self._plans(cohort_id)
        states = self._desk.cohorts.states(cohort_id)
        counts = Counter(
            states.get((plan.dossier_id, one.epreuve, one.criterion_id), CriterionState.TO_DO)
            for plan in plans
            for one in plan.criteria
        )
        spending = self._desk.cohorts.spending(cohort_id)
        run = _LastRun.read(self._desk.settings.data_dir / "cohortes" / cohort_id / JOURNAL)
        state = self._run_state(run, cohort_id, bool(counts.get(CriterionState.TO_DO)))
        costs = [r.traffic.usage.cost_eur for r in spending]
        known = [cost for cost in costs if cost is not None]
        return CohortProgress(
            id=cohort_id,
            label=_label(plans),
            dossiers=len(plans),
            epreuves=tuple(sorted({one.epreuve for plan in plans for one in plan.criteria})),
            counts=dict(counts),
            state=state,
            seen_at=run.seen_at,
            spent_eur=sum(known) if known else None,
            requests=sum(r.traffic.requests for r in spending),
            left=self._left(counts, spending) if state is RunState.RUNNING else None,
            foreseen=run.foreseen,
        )

    def epreuve(self, cohort_id: str, epreuve: str) -> tuple[FollowedDossier, ...]:
        """The dossiers that answer an épreuve, in the cohort's order.

        Raises: `UnknownCohort`, `StoreUnavailable`.
        """
        states = self._desk.cohorts.states(cohort_id)
        rows: defaultdict[str, list[tuple[str, CriterionState]]] = defaultdict(list)
        for plan in self._plans(cohort_id):
            for one in plan.criteria:
                if one.epreuve == epreuve:
                    key = (plan.dossier_id, epreuve, one.criterion_id)
                    state = states.get(key, CriterionState.TO_DO)
                    rows[plan.dossier_id].append((one.criterion_id, state))
        return tuple(FollowedDossier(dossier_id=d, states=tuple(s)) for d, s in rows.items())

    def _plans(self, cohort_id: str) -> tuple[DossierPlan, ...]:
        plans = self._desk.cohorts.plans(cohort_id)
        if not plans:
            raise UnknownCohort(cohort_id, cohort=cohort_id)
        return plans

    def _left(
        self, counts: Mapping[CriterionState, int], spending: tuple[SpendingRecord, ...]
    ) -> timedelta | None:
        last = spending[-1] if spending else None
        if last is None or last.criteria == 0:
            return None
        elapsed = self._desk.clock.now() - last.started_at
        return elapsed / last.criteria * counts.get(CriterionState.TO_DO, 0)

    def _run_state(self, run: "_LastRun", cohort_id: str, left: bool) -> RunState:
        if self._under_way(cohort_id):
            return RunState.RUNNING if run.begun else RunState.READING
        if run.begun:
            return RunState.SILENT
        match run.stop:
            case "":
                return RunState.NEVER
            case Stop.DONE:
                return RunState.PARTIAL if left else RunState.ENDED
            case Stop.PAUSED | Stop.INTERRUPTED:
                return RunState.PAUSED
        return RunState.STOPPED

    def anomalies(self, cohort_id: str) -> tuple[Anomaly, ...]:
        """What a person should look at, as the plans kept show it.

        Raises: `UnknownCohort`, `StoreUnavailable`.
        """
        plans = self._plans(cohort_id)
        sightings = [sighting for plan in plans for sighting in sightings_of(plan)]
        alone = tuple(anomaly for plan in plans for anomaly in of_dossier(plan))
        return (*alone, *across(sightings, [(p.dossier_id, p.epreuves) for p in plans]))

    def failures(self, cohort_id: str) -> tuple[FailureCause, ...]:
        """What could not be examined, by cause, the most frequent first.

        Raises: `UnknownCohort`, `StoreUnavailable`.
        """
        order = {plan.dossier_id: n for n, plan in enumerate(self._plans(cohort_id))}
        causes: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for dossier_id, failure in self._desk.cohorts.failures(cohort_id):
            place = (dossier_id, failure.epreuve, failure.criterion_id)
            causes[failure.message_fr].append(place)
        found = [
            FailureCause(
                message_fr=message, places=tuple(sorted(places, key=lambda p: (order[p[0]], p)))
            )
            for message, places in causes.items()
        ]
        return tuple(sorted(found, key=lambda cause: (-len(cause.places), cause.message_fr)))


class _LastRun(Frozen):
    """What a cohort's journal ends on. `begun`: a run has begun and not said that it ended."""

    begun: bool = False
    stop: str = ""
    seen_at: datetime | None = None
    foreseen: Foreseen | None = None

    @classmethod
    def read(cls, path: Path) -> "_LastRun":
        """From the last lines; nothing before any, nor when a crash left none to be read."""
        foreseen: Foreseen | None = None
        for line in _last_lines(path):
            if line["quoi"] == "preparation":
                foreseen = foreseen or _foreseen(line)
                continue
            return cls(
                begun=line["quoi"] != "fin",
                stop=line.get("arret", ""),
                seen_at=datetime.fromisoformat(line["a"]),
                foreseen=foreseen,
            )
        return cls(foreseen=foreseen)


def _foreseen(line: dict[str, Any]) -> Foreseen:
    return Foreseen(
        judge=line["moteur"],
        criteria=line["a_faire"],
        requests=line["demandes"],
        seconds=line["secondes"],
        cost_eur=line["cout_eur"],
    )


def _label(plans: tuple[DossierPlan, ...]) -> str:
    return Path(plans[0].folder).parent.name


def _last_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The last whole lines, the latest first; those that a crash cut are passed over."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _LAST_LINES))
            lines = stream.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return
    for line in reversed(lines):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and "a" in told and "quoi" in told:
            yield told
