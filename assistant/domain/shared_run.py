"""A cohort entrusted to workers on several machines: ids and states, never a name."""

from enum import StrEnum

from pydantic import AwareDatetime

from ingest.types import Frozen


class Ticket(Frozen):
    """One dossier of one run, as it waits in the queue."""

    cohort_id: str
    dossier_id: str
    run_id: str


class SharedRun(Frozen):
    """One cohort as it was entrusted. `queue` names the settings that its workers must have.

    `epreuve`, when not empty, is the only one that matters. Units: euros.
    """

    cohort_id: str
    run_id: str
    queue: str
    submitted_at: AwareDatetime
    epreuve: str = ""
    budget_eur: float | None = None


class RunState(StrEnum):
    """How far a run is; only an open one is worked on."""

    OPEN = "ouvert"
    CANCELLED = "annulé"
    DONE = "fini"


class TaskState(StrEnum):
    """How far a dossier is."""

    WAITING = "en attente"
    STARTED = "en cours"
    DONE = "fini"


class SharedTask(Frozen):
    """One dossier of a run. `unopened_fr` says why it could not be opened.

    `stop` is why its worker ended before its last criterion, empty when it did not.
    """

    dossier_id: str
    state: TaskState = TaskState.WAITING
    stop: str = ""
    unopened_fr: str = ""
