"""The cohorts of an installation: opened one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from assistant.app.cases import EpreuveBench
from assistant.app.cohort.cohort import Cohort
from assistant.app.cohort.places import open_place, own_folder
from assistant.domain.dossier import Dossier
from assistant.domain.finding import JudgeName
from assistant.domain.rubric import RubricSet
from assistant.errors import CohortBusy
from assistant.ports import Clock, CohortStore, ReviewStore
from assistant.pricing import EuroPrice
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.app.requests import Correspondence

_LOCK: Final = "verrou"

OpenDossier = Callable[..., Dossier]


class CohortDesk:
    """Opens cohorts of this installation."""

    def __init__(
        self,
        settings: Settings,
        rubrics: RubricSet,
        store: ReviewStore,
        cohorts: CohortStore,
        clock: Clock,
        *,
        opened: OpenDossier,
        bench: Callable[..., EpreuveBench],
        tools: str,
        requests: "Callable[[str, EuroPrice | None], Correspondence]",
    ) -> None:
        self.settings = settings
        self.rubrics = rubrics
        self.store = store
        self.cohorts = cohorts
        self.clock = clock
        self.opened = opened
        self.bench = bench
        self.tools = tools
        self.requests = requests

    @contextmanager
    def cohort(
        self, path: Path, *, epreuve: str = "", judge: JudgeName | None = None
    ) -> Iterator[Cohort]:
        """A cohort, for this process alone as long as it is open.

        Raises: `CohortInvalid`, `CohortBusy`, `ModelNotConfigured`, `SettingsInvalid`; an
        `IngestError` for an archive that is refused.
        """
        place = open_place(path, self.settings)
        lock = FileLock(own_folder(self.settings, place.id) / _LOCK, timeout=0)
        try:
            with lock:
                yield Cohort(self, place, judge or self.settings.judge, epreuve)
        except Timeout as error:
            raise CohortBusy(str(error), path=path.name) from error
