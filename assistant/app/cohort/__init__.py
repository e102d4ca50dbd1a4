"""Whole cohorts: planned before a cent is spent, run overnight, resumed after anything."""

from assistant.app.cohort.cohort import Cohort
from assistant.app.cohort.desk import CohortDesk
from assistant.app.cohort.following import CohortFollower, CohortProgress, RunState
from assistant.app.cohort.launching import CohortLauncher, RunForm
from assistant.app.cohort.overview import CohortPlan, PlannedDossier, RunReport, Stop
from assistant.app.cohort.running import Witness

__all__ = [
    "Cohort",
    "CohortDesk",
    "CohortFollower",
    "CohortLauncher",
    "CohortPlan",
    "CohortProgress",
    "PlannedDossier",
    "RunForm",
    "RunReport",
    "RunState",
    "Stop",
    "Witness",
]
