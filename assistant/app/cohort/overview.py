"""What is shown of a cohort: its plan before, its state while it runs, its report after."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from assistant.cohort import Anomaly, Calibration, Estimate
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Usage
from assistant.pricing import EuroPrice
from ingest.types import Frozen


class PlannedDossier(Frozen):
    """One candidate, in counts. `pending` criteria are to be drafted, `stale` ones to be shown.

    `unread` ones have no file that could be read: they are failures, to be told as such.
    Stale: drafted before, and replaced on screen since by the draft of another engine or prompt.
    """

    dossier_id: str
    name: str = Field(repr=False)
    folder: Path = Field(repr=False)
    criteria: int
    pending: int
    stale: int = 0
    unread: int = 0
    epreuves: tuple[str, ...] = ()
    problem_fr: str = ""
    estimate: Estimate = Estimate()

    @property
    def to_do(self) -> bool:
        return self.pending > 0 or self.stale > 0


class CohortPlan(Frozen):
    """What a run would do and cost. `price` None: nobody knows what the model costs.

    `spent_eur` is what earlier runs of this cohort have cost.
    """

    cohort_id: str
    label: str
    engine_fr: str
    dossiers: tuple[PlannedDossier, ...]
    anomalies: tuple[Anomaly, ...] = ()
    strays: tuple[str, ...] = ()
    estimate: Estimate = Estimate()
    calibration: Calibration = Calibration()
    price: EuroPrice | None = None
    by_model: bool = False
    spent_eur: float = 0.0
    concurrency: int = 1

    @property
    def to_do(self) -> tuple[PlannedDossier, ...]:
        """The dossiers that a run has something to do for."""
        return tuple(d for d in self.dossiers if d.to_do or d.unread)

    @property
    def criteria(self) -> int:
        return sum(dossier.criteria for dossier in self.dossiers)

    @property
    def pending(self) -> int:
        return sum(dossier.pending for dossier in self.dossiers)

    @property
    def cost_eur(self) -> float | None:
        """What is still to be paid, when the price is known."""
        return self.price.cost(self.estimate.usage) if self.price is not None else None

    @property
    def seconds(self) -> float:
        """How long the run would last."""
        return self.estimate.seconds / max(1, self.concurrency)


class Stop(StrEnum):
    """Why a run ended."""

    DONE = "terminé"
    BUDGET = "budget atteint"
    INTERRUPTED = "interrompu"
    PAUSED = "en pause"
    MODEL = "modèle indisponible"
    NOBODY = "aucun poste de travail"


class RunReport(Frozen):
    """What a run did. `failures` counts failed criteria by the class of their error.

    `causes_fr` gives what was said of the first of each class; it may name a file. `message_fr`
    says what stopped the run, when it did not end by itself.
    """

    stop: Stop
    drafted: int
    failures: Mapping[str, int] = {}
    causes_fr: Mapping[str, str] = Field({}, exclude=True, repr=False)
    unopened: int = 0
    left: int = 0
    traffic: Traffic = Traffic()
    seconds: float = 0.0
    message_fr: str = ""

    @property
    def failed(self) -> int:
        return sum(self.failures.values())

    @property
    def usage(self) -> Usage:
        return self.traffic.usage
