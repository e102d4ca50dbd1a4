"""Port `WorkQueue` on Procrastinate: tickets in the database that holds the findings.

Its tables stand in a schema of their own, away from ours. Arguments are ids: what Procrastinate
writes in its logs and its tables says nothing of a candidate. See docs/adr/0023.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job

from assistant.adapters.sql_engine import Database
from assistant.domain.shared_run import Ticket
from assistant.errors import StoreServerUnavailable

_LOG: Final = logging.getLogger(__name__)
_SCHEMA: Final = "procrastinate"
_TASK: Final = "dossier"
_WAITING: Final = "todo"
_UNFINISHED: Final = (_WAITING, "doing")
#: Numbers of our own among the server's advisory locks.
_PREPARING: Final = 0x70726F63
_RESCUING: Final = 0x72657363
#: A ticket that fails for a reason nobody foresaw is tried again, then left out.
_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 5
#: Beats per lease, and seconds between two looks at the queue when no notification comes.
_BEATS: Final = 5
_POLL_SECONDS: Final = 2.0


class _PutBack(Exception):
    """The ticket is not done, and nobody is at fault. Never seen outside this module."""


class _Retry(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, _PutBack):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts < _ATTEMPTS:
            return RetryDecision(retry_in={"seconds": _PAUSE_SECONDS})
        return None


class ProcrastinateQueue:
    """Implements `WorkQueue`. `url` is that of the store, `database` the store's own."""

    def __init__(self, url: str, database: Database) -> None:
        self._conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._database = database

    def prepare(self) -> None:
        """See `WorkQueue`. Whoever comes second finds it done."""
        with self._reached(), psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_PREPARING,))
            found = connection.execute(
                "SELECT to_regclass(%s)", (f"{_SCHEMA}.procrastinate_jobs",)
            ).fetchone()
            if found is None or found[0] is None:
                connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
                with self._opened() as app:
                    app.schema_manager.apply_schema()

    def submit(self, queue: str, tickets: Sequence[Ticket]) -> int:
        added = 0
        with self._opened() as app:
            for ticket in tickets:
                place = f"{ticket.cohort_id}/{ticket.dossier_id}"
                deferrer = app.configure_task(_TASK, queue=queue, lock=place, queueing_lock=place)
                try:
                    deferrer.defer(**ticket.model_dump())
                except AlreadyEnqueued:
                    continue
                added += 1
        return added

    def left(self, queue: str, run_id: str) -> int:
        with self._opened() as app:
            return sum(len(_jobs(app, queue, run_id, status)) for status in _UNFINISHED)

    def withdraw(self, queue: str, run_id: str) -> int:
        with self._opened() as app:
            waiting = _jobs(app, queue, run_id, _WAITING)
            return sum(
                app.job_manager.cancel_job_by_id(job.id, delete_job=True)
                for job in waiting
                if job.id is not None
            )

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
        """See `WorkQueue`. Raises: `StoreServerUnavailable` when the database is lost."""
        service = _Service(queue, handle, beat, interrupt, gives_up, lease_seconds, self._database)
        with self._reached():
            asyncio.run(service.run(self._app()))
        if not service.asked_to_stop:
            raise self._unavailable("the worker's connection was lost")

    def _app(self) -> App:
        options = {"options": f"-c search_path={_SCHEMA}"}
        connector = PsycopgConnector(conninfo=self._conninfo, kwargs=options)
        return App(connector=connector)

    @contextmanager
    def _opened(self) -> Iterator[App]:
        with self._reached(), self._app().open() as app:
            yield app

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (ConnectorException, psycopg.OperationalError) as error:
            raise self._unavailable(type(error).__name__) from error

    def _unavailable(self, detail: str) -> StoreServerUnavailable:
        cause = "la file des dossiers ne répond pas"
        return StoreServerUnavailable(detail, cause=cause, path=self._database.place.name)


class _Service:
    """One worker's loop: tickets one at a time, heartbeats, and the rescue of others' tickets."""

    def __init__(
        self,
        queue: str,
        handle: Callable[[Ticket], bool],
        beat: Callable[[], None],
        interrupt: Callable[[], None],
        gives_up: Callable[[], bool],
        lease_seconds: float,
        database: Database,
    ) -> None:
        self._queue = queue
        self._handle = handle
        self._beat = beat
        self._interrupt = interrupt
        self._gives_up = gives_up
        self._lease = lease_seconds
        self._database = database
        self._work: asyncio.Task[None] | None = None
        self.asked_to_stop = False

    async def run(self, app: App) -> None:
        """Until it is asked to stop, or the database is lost."""
        app.task(name=_TASK, retry=_Retry())(self._ticket)
        async with app.open_async():
            self._work = asyncio.create_task(
                app.run_worker_async(
                    queues=[self._queue],
                    concurrency=1,
                    delete_jobs="always",  # what is done leaves no trace of who was
                    install_signal_handlers=False,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    update_heartbeat_interval=self._lease / _BEATS,
                    stalled_worker_timeout=self._lease,
                )
            )
            beats = asyncio.create_task(self._keep_beating(app))
            with self._signals(asyncio.get_running_loop()):
                await asyncio.wait([self._work, beats], return_when=asyncio.FIRST_COMPLETED)
            await self._end(beats)

    async def _end(self, beats: asyncio.Task[None]) -> None:
        assert self._work is not None
        self._work.cancel()  # it finishes what it has begun
        beats.cancel()
        for ended in await asyncio.gather(self._work, beats, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _ticket(self, **values: Any) -> None:
        done = await asyncio.to_thread(self._handle, Ticket.model_validate(values))
        if self._gives_up():
            self._stop()
        if not done:
            raise _PutBack

    async def _keep_beating(self, app: App) -> None:
        while True:
            await asyncio.to_thread(self._beat)
            await self._rescue(app)
            await asyncio.sleep(self._lease / _BEATS)

    async def _rescue(self, app: App) -> None:
        """Give the tickets of silent workers to others. One rescuer at a time, see ADR 23."""
        with self._database.lock(_RESCUING) as alone:
            if not alone:
                return
            stalled = await app.job_manager.get_stalled_jobs(
                queue=self._queue, seconds_since_heartbeat=self._lease
            )
            for job in stalled:
                _LOG.warning("%s: taken over", job.task_kwargs.get("dossier_id"))
                await app.job_manager.retry_job(job)

    def _stop(self) -> None:
        self.asked_to_stop = True
        self._interrupt()
        if self._work is not None:
            self._work.cancel()

    @contextmanager
    def _signals(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """SIGTERM and SIGINT: end cleanly. A second SIGINT is not waited for."""

        def asked(number: int, _frame: object) -> None:
            if self.asked_to_stop and number == signal.SIGINT:
                raise KeyboardInterrupt
            loop.call_soon_threadsafe(self._stop)

        before = {n: signal.signal(n, asked) for n in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _jobs(app: App, queue: str, run_id: str, status: str) -> list[Job]:
    found = app.job_manager.list_jobs(queue=queue, task=_TASK, status=status)
    return [job for job in found if job.task_kwargs.get("run_id") == run_id]
