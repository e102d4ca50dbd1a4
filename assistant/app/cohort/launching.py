"""Runs started and paused from the page.

Each is the `preuve batch` command in a process of its own: it outlives the page and the server,
and whoever prefers a terminal may take over.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.app.auditing import Auditor
from assistant.app.cohort.places import LISTS, open_place, origin, own_folder
from assistant.app.cohort_traces import SAID
from assistant.cohort import parse_euros
from assistant.domain.finding import JudgeName
from assistant.domain.journal import JournalAction
from assistant.errors import BudgetUnusable, CohortBusy, CohortInvalid, UnknownCohort
from ingest.types import Frozen

if TYPE_CHECKING:
    from assistant.app.cohort.desk import CohortDesk

#: Units: characters. What a run says is short; a flood of it is cut.
_MOST_SAID: Final = 6000


class RunForm(Frozen):
    """How a person wants a cohort run. `estimate`: say what it would take, and do nothing.

    `budget` as it was typed, empty for none; `pilot`: the first dossiers only, 0 for all.
    """

    judge: JudgeName
    estimate: bool = False
    budget: str = ""
    pilot: int = 0

    def options(self) -> list[str]:
        """As the command takes them. Raises: `BudgetUnusable`."""
        told = ["--judge", self.judge, "--quiet"]
        if self.estimate:
            return [*told, "--dry-run"]
        if self.budget:
            euros = parse_euros(self.budget)
            if euros is None:
                problem = "écrivez une somme en euros, par exemple 25 ou 12,50."
                raise BudgetUnusable(self.budget, budget=self.budget, problem=problem)
            told += ["--budget", f"{euros:g}eur"]
        return [*told, "--pilot", str(self.pilot)] if self.pilot else [*told, "--yes"]


class Launched(Frozen):
    """A cohort that this server has started a run of."""

    cohort_id: str
    label: str
    under_way: bool


class CohortLauncher:
    """For the people of one server. Thread-safe."""

    def __init__(self, desk: "CohortDesk", audit: Auditor) -> None:
        self._desk = desk
        self._audit = audit
        self._lock = threading.Lock()
        self._started: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}

    def offered(self) -> tuple[str, ...]:
        """What may be prepared by name: the folders, archives and lists of `dossiers_dir`."""
        root = self._desk.settings.dossiers_dir
        if root is None or not root.is_dir():
            return ()
        found = (p for p in root.iterdir() if not p.name.startswith(".") and not p.is_symlink())
        return tuple(sorted(p.name for p in found if p.is_dir() or p.suffix.lower() in _FILES))

    def prepare_offered(self, name: str, form: RunForm, person: str) -> str:
        """Prepare one of those that are offered. As `prepare`."""
        root = self._desk.settings.dossiers_dir
        if root is None or name not in self.offered():
            raise CohortInvalid(name, path=name, problem="elle n'est plus dans la liste.")
        return self.prepare(root / name, form, person)

    def prepare(self, path: Path, form: RunForm, person: str) -> str:
        """Begin to read a cohort; gives its id.

        Raises: `CohortInvalid`, `CohortBusy`, `AssistantStopped`, `StoreUnavailable`; an
        `IngestError` for an archive that is refused.
        """
        path = path.expanduser()
        if not path.is_absolute():
            problem = "écrivez son chemin complet, depuis la racine du disque."
            raise CohortInvalid(str(path), path=str(path), problem=problem)
        cohort_id = open_place(path, self._desk.settings).id
        self._launch(cohort_id, path, form, person)
        return cohort_id

    def start(self, cohort_id: str, form: RunForm, person: str) -> None:
        """Run, or run again, a cohort that is known here.

        Raises: `UnknownCohort`, `CohortInvalid`, `CohortBusy`, `CohortEntrusted`,
        `BudgetUnusable`, `AssistantStopped`, `StoreUnavailable`.
        """
        plans = self._desk.cohorts.plans(cohort_id)
        if not plans:
            raise UnknownCohort(cohort_id, cohort=cohort_id)
        folder = Path(plans[0].folder).parent
        path = origin(own_folder(self._desk.settings, cohort_id)) or folder
        if open_place(path, self._desk.settings).id != cohort_id:
            problem = "elle a changé de place ou de contenu : préparez-la à nouveau."
            raise CohortInvalid(cohort_id, path=path.name, problem=problem)
        self._desk.require_not_entrusted(cohort_id, path.name)
        self._launch(cohort_id, path, form, person)

    def pause(self, cohort_id: str, person: str) -> None:
        """Have a run ask nothing more. Nothing happens when none is under way.

        Raises: `UnknownCohort`, `StoreUnavailable`.
        """
        if not self._desk.cohorts.plans(cohort_id):
            raise UnknownCohort(cohort_id, cohort=cohort_id)
        if self.under_way(cohort_id):
            self._audit.log(JournalAction.COHORT_PAUSE, person, cohorte=cohort_id)
            self._desk.pauses(cohort_id).ask()

    def under_way(self, cohort_id: str) -> bool:
        """Whether a run is, by this server or by any command of this machine."""
        with self._lock:
            started = self._started.get(cohort_id)
        if started is not None and started[1].poll() is None:
            return True
        return self._desk.is_open(cohort_id)

    def launched(self) -> tuple[Launched, ...]:
        """What this server has started, in that order."""
        with self._lock:
            started = tuple(self._started.items())
        return tuple(
            Launched(cohort_id=cohort_id, label=label, under_way=process.poll() is None)
            for cohort_id, (label, process) in started
        )

    def said(self, cohort_id: str) -> str:
        """What the last run started from the page had to say, in French; empty when nothing."""
        path = own_folder(self._desk.settings, cohort_id) / SAID
        try:
            with path.open(encoding="utf-8", errors="replace") as stream:
                return stream.read(_MOST_SAID).strip()
        except FileNotFoundError:
            return ""

    def _launch(self, cohort_id: str, path: Path, form: RunForm, person: str) -> None:
        self._desk.allowed()
        command = [sys.executable, "-m", "assistant.cli", "batch", *form.options(), str(path)]
        said = own_folder(self._desk.settings, cohort_id) / SAID
        with self._lock:
            before = self._started.get(cohort_id)
            if (before and before[1].poll() is None) or self._desk.is_open(cohort_id):
                raise CohortBusy(cohort_id, path=path.name)
            self._audit.log(
                JournalAction.COHORT_RUN,
                person,
                cohorte=cohort_id,
                moteur=form.judge,
                estimation="oui" if form.estimate else "non",
                budget=form.budget,
                pilote=str(form.pilot or ""),
            )
            said.touch(mode=0o600)
            with said.open("wb") as out:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env={**_inherited(), **self._desk.settings.environment()},
                    start_new_session=True,  # the server's Ctrl-C is not theirs
                )
            self._started[cohort_id] = (path.name, process)


def _inherited() -> dict[str, str]:
    """This process's environment but our settings, which are handed over as they were read."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREUVE_")}


_FILES: Final = (".zip", *LISTS)
