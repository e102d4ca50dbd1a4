"""The cohorts of an installation: opened one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from assistant.app.cases import EpreuveBench
from assistant.app.cohort.cohort import Cohort
from assistant.app.cohort.pauses import Pauses
from assistant.app.cohort.places import Place, note_origin, open_place, own_folder
from assistant.domain.dossier import Dossier
from assistant.domain.finding import JudgeName
from assistant.domain.rubric import RubricSet
from assistant.domain.shared_run import RunState
from assistant.errors import CohortBusy, CohortEntrusted
from assistant.ports import Clock, CohortStore, ReviewStore
from assistant.pricing import EuroPrice
from assistant.settings import Settings
from assistant.shared_ports import Sharing

if TYPE_CHECKING:
    from assistant.app.requests import Correspondence

_LOCK: Final = "verrou"
#: Whoever looks whether a cohort is open holds its lock for an instant.
_LOCK_SECONDS: Final = 0.3

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
        sharing: Sharing | None = None,
        allowed: Callable[[], None],
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
        self.sharing = sharing
        self.allowed = allowed

    @contextmanager
    def cohort(
        self, path: Path, *, epreuve: str = "", judge: JudgeName | None = None
    ) -> Iterator[Cohort]:
        """A cohort, for this process alone as long as it is open.

        Raises: `CohortInvalid`, `CohortBusy`, `ModelNotConfigured`, `SettingsInvalid`; an
        `IngestError` for an archive that is refused.
        """
        place = open_place(path, self.settings)
        own = own_folder(self.settings, place.id)
        try:
            with FileLock(own / _LOCK, timeout=_LOCK_SECONDS), self._held(place, path.name):
                note_origin(own, path)
                self.pauses(place.id).forget()
                yield Cohort(self, place, judge or self.settings.judge, epreuve)
        except Timeout as error:
            raise CohortBusy(str(error), path=path.name) from error

    def is_open(self, cohort_id: str) -> bool:
        """Whether a process of this machine has the cohort open."""
        lock = FileLock(own_folder(self.settings, cohort_id) / _LOCK, timeout=0)
        try:
            with lock:
                return False
        except Timeout:
            return True

    def pauses(self, cohort_id: str) -> Pauses:
        """The pauses asked of a cohort's runs."""
        return Pauses(own_folder(self.settings, cohort_id))

    def require_not_entrusted(self, cohort_id: str, label: str) -> None:
        """Raises: `CohortEntrusted` while workers have the cohort."""
        if self.sharing is None:
            return
        found = self.sharing.runs.run(cohort_id)
        if found is not None and found[1] is RunState.OPEN:
            raise CohortEntrusted(cohort_id, path=label)

    @contextmanager
    def _held(self, place: Place, name: str) -> Iterator[None]:
        """Against the other machines on the same database; the lock file is this machine's."""
        if self.sharing is None:
            yield
            return
        with self.sharing.runs.holding(place.id) as alone:
            if not alone:
                raise CohortBusy(place.id, path=name)
            yield
