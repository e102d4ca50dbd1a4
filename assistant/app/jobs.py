"""Reviews that run beside the page: closing or reloading it stops nothing."""

import logging
import threading
from typing import Final

from assistant.app.application import App
from assistant.domain.finding import Finding, FindingFailure, JudgeName
from assistant.errors import ReadingStopped
from ingest.errors import UserFacingError
from ingest.types import Frozen

_LOG: Final = logging.getLogger(__name__)


class JobState(Frozen):
    """How far a review is. `error_fr` is set when it stopped as a whole."""

    running: bool
    done: int
    total: int
    failed: int = 0
    error_fr: str = ""


class JobBoard:
    """At most one running review per dossier and épreuve. Thread-safe."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._states: dict[tuple[str, str], JobState] = {}
        self._stopping: set[tuple[str, str]] = set()
        self._threads: dict[tuple[str, str], threading.Thread] = {}
        self._lock = threading.Lock()

    def state(self, dossier_id: str, epreuve: str) -> JobState | None:
        """The latest state in this process; None when nothing ran."""
        with self._lock:
            return self._states.get((dossier_id, epreuve))

    @property
    def busy(self) -> bool:
        """Whether anything runs."""
        with self._lock:
            return any(state.running for state in self._states.values())

    def start(self, dossier_id: str, epreuve: str, judge: JudgeName) -> bool:
        """Start a review unless one is running. Raises: `UnknownEpreuve`."""
        total = len(self._app.rubric(epreuve).criteres)
        place = (dossier_id, epreuve)
        with self._lock:
            current = self._states.get(place)
            if current is not None and current.running:
                return False
            self._states[place] = JobState(running=True, done=0, total=total)
            self._stopping.discard(place)
        thread = threading.Thread(
            target=self._run, args=(*place, judge), name=f"examen-{epreuve}", daemon=True
        )
        self._threads[place] = thread
        thread.start()
        return True

    def wait(self, dossier_id: str, epreuve: str) -> None:
        """Return once nothing runs on this épreuve any more."""
        thread = self._threads.get((dossier_id, epreuve))
        if thread is not None:
            thread.join()

    def stop(self, dossier_id: str, epreuve: str) -> None:
        """Let a running review end at its next criterion, and return once it has."""
        with self._lock:
            self._stopping.add((dossier_id, epreuve))
        self.wait(dossier_id, epreuve)

    def _run(self, dossier_id: str, epreuve: str, judge: JudgeName) -> None:
        place = (dossier_id, epreuve)
        error_fr = "Le pré-examen s'est arrêté sur une erreur imprévue ; voyez le journal."
        try:
            dossier = self._app.library.reopen(dossier_id)
            self._app.review(
                dossier, epreuve, judge=judge, on_result=lambda f, _kept: self._count(place, f)
            )
            error_fr = ""
        except UserFacingError as error:
            _LOG.warning("review of %s stopped: %s", epreuve, error)
            error_fr = error.user_message
        finally:  # an unforeseen failure still ends the job on screen, and crashes loudly here
            with self._lock:
                state = self._states[place]
                self._states[place] = state.model_copy(
                    update={"running": False, "error_fr": error_fr}
                )

    def _count(self, place: tuple[str, str], finding: Finding) -> None:
        failed = int(isinstance(finding, FindingFailure))
        with self._lock:
            state = self._states[place]
            self._states[place] = state.model_copy(
                update={"done": state.done + 1, "failed": state.failed + failed}
            )
            stopping = place in self._stopping
        if stopping:
            raise ReadingStopped("asked to stop")
