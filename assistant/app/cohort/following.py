"""Cohorts followed from the page: how far each is, and the state of each criterion.

Only states are told, never a verdict: whoever reads blind may look here.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from assistant.app.cohort.desk import CohortDesk
from assistant.domain.cohort import CriterionState, DossierPlan, SpendingRecord
from assistant.errors import UnknownCohort
from ingest.types import Frozen

#: Without a sign for this long, and without an end, a run is taken for interrupted.
_SILENCE: Final = timedelta(minutes=10)
#: Units: bytes. More than any line of a run's journal.
_LAST_LINES: Final = 8192


class RunState(StrEnum):
    """What a cohort's last run is doing."""

    NEVER = "pas encore lancée"
    RUNNING = "en cours"
    ENDED = "terminée"
    STOPPED = "arrêtée avant la fin"
    SILENT = "interrompue, sans doute"


class FollowedDossier(Frozen):
    """One candidate's criteria of one épreuve, in the grid's order."""

    dossier_id: str
    states: tuple[tuple[str, CriterionState], ...]


class CohortProgress(Frozen):
    """How far a cohort is. `counts` are those of its criteria by state.

    `left` is what a run under way should still take, None when nobody can tell; `spent_eur` None:
    no price is known. `seen_at` is the last run's last sign.
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

    @property
    def criteria(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.criteria - self.counts.get(CriterionState.TO_DO, 0)


class CohortFollower:
    """Reads what the store and the runs' journals say; starts nothing, holds no lock."""

    def __init__(self, desk: CohortDesk) -> None:
        self._desk = desk

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
        state, seen_at = self._run_state(cohort_id)
        costs = [r.traffic.usage.cost_eur for r in spending]
        known = [cost for cost in costs if cost is not None]
        return CohortProgress(
            id=cohort_id,
            label=_label(plans),
            dossiers=len(plans),
            epreuves=tuple(sorted({one.epreuve for plan in plans for one in plan.criteria})),
            counts=dict(counts),
            state=state,
            seen_at=seen_at,
            spent_eur=sum(known) if known else None,
            requests=sum(r.traffic.requests for r in spending),
            left=self._left(counts, spending) if state is RunState.RUNNING else None,
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

    def _run_state(self, cohort_id: str) -> tuple[RunState, datetime | None]:
        """From the last line of the runs' journal, where it is kept at its usual place."""
        path = self._desk.settings.data_dir / "cohortes" / cohort_id / "journal.jsonl"
        last = _last_line(path)
        if last is None:
            return RunState.NEVER, None
        seen_at = datetime.fromisoformat(last["a"])
        if last["quoi"] == "fin":
            whole = last.get("arret") == "terminé"
            return (RunState.ENDED if whole else RunState.STOPPED), seen_at
        quiet = self._desk.clock.now() - seen_at > _SILENCE
        return (RunState.SILENT if quiet else RunState.RUNNING), seen_at


def _label(plans: tuple[DossierPlan, ...]) -> str:
    return Path(plans[0].folder).parent.name


def _last_line(path: Path) -> dict[str, str] | None:
    """The last whole line; None before any, and when a crash left nothing that can be read."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - _LAST_LINES))
            lines = stream.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and "a" in told and "quoi" in told:
            return told
    return None
