"""What a cohort on several machines needs from the outside, beside `ports`."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from assistant.domain.shared_run import RunState, SharedRun, SharedTask, Ticket


class Pace(Protocol):
    """A provider's limits, counted once for all processes. Raises `StoreUnavailable`."""

    def claim(
        self, provider: str, tokens: int, *, requests_per_minute: int, tokens_per_minute: int
    ) -> float:
        """Take the next turn; seconds until it comes. Limits of 0 are unknown."""
        ...

    def hold(self, provider: str, seconds: float) -> None:
        """Nobody's turn comes before that."""
        ...


class SharedRuns(Protocol):
    """Runs that several machines work on. Raises `StoreUnavailable` from any method."""

    def holding(self, cohort_id: str) -> AbstractContextManager[bool]:
        """Hold a cohort against other machines; False when one of them holds it."""
        ...

    def open(self, run: SharedRun, dossier_ids: Collection[str]) -> None:
        """Keep a run with its dossiers; those of an earlier run of the cohort are forgotten."""
        ...

    def run(self, cohort_id: str) -> tuple[SharedRun, RunState] | None:
        """The cohort's last run."""
        ...

    def cancel(self, cohort_id: str) -> bool:
        """Have the workers stop; False when nothing was open."""
        ...

    def tasks(self, cohort_id: str) -> tuple[SharedTask, ...]:
        """The last run's dossiers, by id."""
        ...

    def keep_task(self, ticket: Ticket, task: SharedTask) -> None:
        """Replace; the run is done when its last dossier is. Nothing for another run's ticket."""
        ...

    def seen(self, worker_id: str, queue: str) -> None:
        """This worker is alive, now."""
        ...

    def gone(self, worker_id: str) -> None:
        """This worker has stopped."""
        ...

    def alive(self, seconds: float) -> dict[str, int]:
        """How many workers each queue has, of those seen within that time."""
        ...

    def reserve(
        self, cohort_id: str, dossier_id: str, wanted_eur: float, budget_eur: float
    ) -> bool:
        """Set money aside for a dossier, unless all that is set aside and spent forbids it."""
        ...

    def reserved(self, cohort_id: str) -> float:
        """What is set aside for all the cohort's dossiers. Units: euros."""
        ...

    def release(self, cohort_id: str, dossier_id: str, eur: float | None = None) -> None:
        """Give back what was set aside; None: all of the dossier's."""
        ...


class WorkQueue(Protocol):
    """Where tickets wait. Raises `StoreServerUnavailable`."""

    def prepare(self) -> None:
        """Make what the queue needs in the database, once."""
        ...

    def submit(self, queue: str, tickets: Sequence[Ticket]) -> int:
        """Put tickets in, those that wait already excepted; how many were."""
        ...

    def left(self, queue: str, run_id: str) -> int:
        """How many of a run's tickets wait or are worked on."""
        ...

    def withdraw(self, queue: str, run_id: str) -> int:
        """Take out those that wait; how many were."""
        ...

    def serve(
        self,
        queue: str,
        handle: Callable[[Ticket], bool],
        *,
        beat: Callable[[], None],
        interrupt: Callable[[], None],
        gives_up: Callable[[], bool],
        lease_seconds: float,
    ) -> None:
        """Work until SIGTERM, SIGINT, or `gives_up`.

        `handle` returns False for a ticket to put back. `beat` is called a few times per lease,
        `interrupt` when the ticket under way should be put back. The ticket of a worker that has
        not been heard of for `lease_seconds` is given to another.
        """
        ...


class Sharing(NamedTuple):
    """What an installation shares with others. `queue` is opened when it is used."""

    runs: SharedRuns
    pace: Pace
    queue: Callable[[], WorkQueue]
