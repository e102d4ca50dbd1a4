"""What the submitter and the workers of a cohort on several machines must have in common."""

import hashlib
import json
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.app.cohort.purse import dearer
from assistant.cohort import Estimate
from assistant.domain.finding import EngineId
from assistant.errors import EngineNeedsServer, SettingsInvalid
from assistant.pricing import EuroPrice
from assistant.reading import build_reader
from assistant.settings import Settings
from assistant.shared_ports import SharedRuns, Sharing
from ingest.cache import reading_signature

if TYPE_CHECKING:
    from assistant.app.cohort.desk import CohortDesk

_WAIT_SECONDS: Final = 0.5


def required_sharing(desk: "CohortDesk") -> Sharing:
    """Raises: `EngineNeedsServer` without a shared database or the library of the queue."""
    if desk.sharing is None:
        problem = (
            "PREUVE_DATABASE_URL est vide : la base est un fichier, que les autres machines ne "
            "voient pas."
        )
        raise EngineNeedsServer("no server", problem=problem)
    if find_spec("procrastinate") is None:
        problem = (
            "la bibliothèque de la file n'est pas installée : pip install 'preuve[postgresql]'."
        )
        raise EngineNeedsServer("no procrastinate", problem=problem)
    return desk.sharing


def required_root(settings: Settings) -> Path:
    """The folder that all machines see. Raises: `SettingsInvalid`."""
    root = settings.dossiers_dir
    if root is None:
        problem = (
            "écrivez dans PREUVE_DOSSIERS_DIR le dossier partagé qui contient les cohortes ; il "
            "doit être au même chemin sur toutes les machines."
        )
        raise SettingsInvalid("no root", problem=problem)
    if not root.is_dir():
        problem = (
            f"PREUVE_DOSSIERS_DIR : le dossier « {root} » n'est pas visible d'ici. Montez le "
            "partage, au même chemin que sur les autres machines."
        )
        raise SettingsInvalid(str(root), problem=problem)
    return root.resolve()


def queue_name(desk: "CohortDesk", engine: EngineId) -> str:
    """The queue of those who have the settings that decide a finding, and the same root.

    A digest: it says nothing of what it stands for. Raises: as `required_root`.
    """
    material = [
        engine.model_dump(mode="json"),
        desk.tools,
        desk.rubrics.certification.content_hash,
        sorted(rubric.content_hash for rubric in desk.rubrics.rubrics),
        reading_signature(build_reader(desk.settings).limits),
        str(required_root(desk.settings)),
    ]
    digest = hashlib.sha256(json.dumps(material, sort_keys=True).encode()).hexdigest()
    return f"preuve-{digest[:12]}"


class SharedPurse:
    """One dossier's part of a budget that several workers draw from. A `Reserve`.

    When only others hold what is missing, it waits for what they give back. `stopped` ends that.
    """

    def __init__(
        self,
        runs: SharedRuns,
        cohort_id: str,
        dossier_id: str,
        budget: float | None,
        price: EuroPrice | None,
        *,
        stopped: Callable[[], bool],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._runs = runs
        self._place = (cohort_id, dossier_id)
        self._budget = budget
        self._price = price
        self._stopped = stopped
        self._sleep = sleep
        self._reserved = 0.0

    def __enter__(self) -> "SharedPurse":
        """What a dead worker had set aside for this dossier is free again."""
        self._clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def reserve(self, estimate: Estimate) -> float | None:
        if self._budget is None or self._price is None:
            return 0.0
        wanted = self._price.cost(dearer(estimate.usage))
        while not self._runs.reserve(*self._place, wanted, self._budget):
            if self._reserved > 0 or self._stopped() or not self._held_by_others():
                return None
            self._sleep(_WAIT_SECONDS)
        self._reserved += wanted
        return wanted

    def release(self, reserved: float) -> None:
        if reserved:
            self._reserved -= reserved
            self._runs.release(*self._place, reserved)

    def _held_by_others(self) -> bool:
        return self._runs.reserved(self._place[0]) > 1e-9

    def _clear(self) -> None:
        if self._budget is not None:
            self._runs.release(*self._place)
