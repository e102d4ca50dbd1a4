"""The database itself: how it is opened, and how work is done on it in whole transactions."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from assistant.adapters.sql_errors import Place, explain
from assistant.adapters.sql_schema import bring_up_to_date, is_up_to_date
from assistant.errors import StoreBusy, StoreServerUnavailable, StoreUnavailable
from ingest.errors import system_cause_fr

T = TypeVar("T")

#: Each attempt already waits for `busy_timeout`; the retries cover the few cases in which SQLite
#: does not call its busy handler (recovery, a switch of journal mode).
_ATTEMPTS: Final = 3
_PAUSE_SECONDS: Final = 0.05
_WRITES: Final = {"preuve_writes": True}


class Database:
    """A SQLite file or a PostgreSQL database, with the schema of this version.

    Units: `busy_timeout` in seconds, for one attempt.
    Raises: `StoreUnavailable` (or one of its kinds) from every method.
    """

    def __init__(self, target: str | Path, *, busy_timeout: float) -> None:
        url = _url(target)
        self.place = _place(url)
        if url.get_backend_name() == "sqlite":
            self._engine = _sqlite_engine(url, busy_timeout, self.place)
        else:
            self._engine = _server_engine(url, busy_timeout, self.place)
        self._writing = self._engine.execution_options(**_WRITES)
        self.dialect = self._engine.dialect.name
        try:
            # Asked first without the write lock: a database that is up to date opens at once,
            # whoever is writing to it.
            if not self.read(lambda session: is_up_to_date(session.connection(), self.place)):
                self.write(lambda session: bring_up_to_date(session.connection(), self.place))
        except StoreUnavailable:
            self.close()
            raise

    def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` on one consistent view of the database."""
        return self._attempt(self._engine, work)

    def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one transaction: when this returns, it is on the disk.

        `work` may run several times, each time on a database without its previous attempt.
        """
        return self._attempt(self._writing, work)

    @contextmanager
    def lock(self, number: int) -> Iterator[bool]:
        """Hold one of the server's advisory locks on a connection of its own; False if taken.

        The server lets it go when the connection ends, whatever ended it. PostgreSQL only.
        """
        with self._once_connected() as connection:
            try:
                yield bool(connection.scalar(select(func.pg_try_advisory_lock(number))))
            finally:
                connection.invalidate()  # not given back to the pool with its lock

    @contextmanager
    def _once_connected(self) -> Iterator[Connection]:
        try:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        except DBAPIError as error:
            raise explain(error, self.place) or error from error
        with connection:
            yield connection

    def compact(self) -> None:
        """Leave no trace of what was deleted in the database's own files.

        SQLite's file is rewritten and its log emptied; PostgreSQL rewrites the tables (what its
        server keeps in its own logs and backups is beyond us).
        Raises: `StoreBusy` when another program holds the database.
        """
        connection = self._engine.raw_connection()
        try:
            if self.dialect == "sqlite":
                _compact_sqlite(connection.cursor(), self.place)
            else:
                connection.driver_connection.autocommit = True  # type: ignore[union-attr]
                connection.cursor().execute("VACUUM (FULL)")
        finally:
            connection.invalidate()

    def close(self) -> None:
        self._engine.dispose()

    def _attempt(self, engine: Engine, work: Callable[[Session], T]) -> T:
        for attempt in range(1, _ATTEMPTS):
            try:
                return self._once(engine, work)
            except StoreBusy:
                time.sleep(_PAUSE_SECONDS * attempt)
        return self._once(engine, work)

    def _once(self, engine: Engine, work: Callable[[Session], T]) -> T:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                return work(session)
        except PoolTimeout as error:
            raise StoreBusy(
                str(error), cause="trop de tâches simultanées", path=self.place.name
            ) from error
        except DBAPIError as error:
            failure = explain(error, self.place)
            if failure is None:
                raise
            raise failure from error


def _url(target: str | Path) -> URL:
    if isinstance(target, str) and "://" in target:
        url = make_url(target)
        # psycopg 3, whatever SQLAlchemy's own default is.
        plain = url.drivername in ("postgresql", "postgres")
        return url.set(drivername="postgresql+psycopg") if plain else url
    return URL.create("sqlite", database=str(Path(target).absolute()))


def _place(url: URL) -> Place:
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or ":memory:")
        return Place(name=str(path), folder=str(path.parent))
    name = f"{url.host or 'localhost'}/{url.database or ''}"
    return Place(name=name, folder=name)


def _server_engine(url: URL, busy_timeout: float, place: Place) -> Engine:
    try:
        # The ping finds the connections that a restart of the server has cut.
        engine = create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StoreServerUnavailable(
            str(error),
            cause=f"le pilote Python « {error.name} » n'est pas installé",
            path=place.name,
        ) from error

    @event.listens_for(engine, "begin")
    def limit_waits(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(busy_timeout * 1000)}")

    return engine


def _sqlite_engine(url: URL, busy_timeout: float, place: Place) -> Engine:
    _make_private_file(Path(url.database or ""), place)
    # No isolation level: the driver leaves transactions to the « begin » event below.
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": busy_timeout})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        try:
            _configure_sqlite(connection)
        except sqlite3.Error:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Writers take the lock at once: a reader that becomes a writer half-way may be refused
        # without any wait.
        writes = connection.get_execution_options().get("preuve_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _configure_sqlite(connection: sqlite3.Connection) -> None:
    # The switch to WAL needs the file alone, and stays in the file: ask only when needed.
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit returns when the log is on the disk, so that a power cut loses nothing
    # acknowledged. `fullfsync` makes macOS flush the drive's own cache too.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten at once.
    connection.execute("PRAGMA secure_delete = ON")


def _compact_sqlite(cursor: Any, place: Place) -> None:
    try:
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise StoreBusy(str(error), cause="effacement en cours", path=place.name) from error
    if busy:
        raise StoreBusy("checkpoint", cause="effacement en cours", path=place.name)


def _make_private_file(path: Path, place: Place) -> None:
    """Create the file for its owner only: it holds candidates' words."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable(
            str(error), cause=f"{place.name} : {system_cause_fr(error)}", path=place.folder
        ) from error
