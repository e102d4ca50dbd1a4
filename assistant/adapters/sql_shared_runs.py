"""Port `SharedRuns` on SQLAlchemy, for PostgreSQL: what several machines must agree on."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from assistant.adapters import sql_json
from assistant.adapters.sql_cohort_models import CohortSpendingRow
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_facts import upsert
from assistant.adapters.sql_shared_models import (
    SharedReservationRow,
    SharedRunRow,
    SharedTaskRow,
    SharedWorkerRow,
)
from assistant.domain.cohort import SpendingRecord
from assistant.domain.shared_run import RunState, SharedRun, SharedTask, TaskState, Ticket

#: Workers that stopped without saying so are forgotten after that.
_FORGOTTEN_AFTER: Final = timedelta(days=1)


class SqlSharedRuns:
    """Implements `SharedRuns`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def holding(self, cohort_id: str) -> Iterator[bool]:
        """The server lets go of the lock by itself when the process or its machine dies."""
        digest = hashlib.sha256(f"preuve/cohorte/{cohort_id}".encode()).digest()
        with self._database.lock(int.from_bytes(digest[:8], signed=True)) as held:
            yield held

    def open(self, run: SharedRun, dossier_ids: Collection[str]) -> None:
        def write(session: Session) -> None:
            key = {"cohort_id": run.cohort_id}
            values = {
                "run_id": run.run_id,
                "state": RunState.OPEN.value,
                "body": sql_json.dump(run),
            }
            upsert(session, SharedRunRow, key, values)
            session.execute(delete(SharedTaskRow).filter_by(**key))
            session.execute(delete(SharedReservationRow).filter_by(**key))
            for dossier_id in dossier_ids:
                session.add(_task_row(run, SharedTask(dossier_id=dossier_id)))

        self._database.write(write)

    def run(self, cohort_id: str) -> tuple[SharedRun, RunState] | None:
        row = self._database.read(lambda session: session.get(SharedRunRow, cohort_id))
        run = None if row is None else sql_json.load(SharedRun, row.body)
        return None if row is None or run is None else (run, RunState(row.state))

    def cancel(self, cohort_id: str) -> bool:
        statement = (
            update(SharedRunRow)
            .filter_by(cohort_id=cohort_id, state=RunState.OPEN.value)
            .values(state=RunState.CANCELLED.value)
            .returning(SharedRunRow.cohort_id)
        )
        return self._database.write(lambda session: session.scalar(statement)) is not None

    def tasks(self, cohort_id: str) -> tuple[SharedTask, ...]:
        statement = (
            select(SharedTaskRow.body)
            .filter_by(cohort_id=cohort_id)
            .order_by(SharedTaskRow.dossier_id)
        )
        bodies = self._database.read(lambda session: session.scalars(statement).all())
        tasks = [sql_json.load(SharedTask, body) for body in bodies]
        return tuple(task for task in tasks if task is not None)

    def keep_task(self, ticket: Ticket, task: SharedTask) -> None:
        mine = {"cohort_id": ticket.cohort_id, "run_id": ticket.run_id}

        def write(session: Session) -> None:
            # One at a time: of two last dossiers, one must see that it is the last.
            run = session.scalar(select(SharedRunRow).filter_by(**mine).with_for_update())
            if run is None:
                return
            session.execute(
                update(SharedTaskRow)
                .filter_by(**mine, dossier_id=task.dossier_id)
                .values(state=task.state.value, body=sql_json.dump(task))
            )
            undone = select(func.count()).select_from(SharedTaskRow).filter_by(**mine)
            undone = undone.where(SharedTaskRow.state != TaskState.DONE.value)
            if run.state == RunState.OPEN.value and not session.scalar(undone):
                run.state = RunState.DONE.value

        self._database.write(write)

    def seen(self, worker_id: str, queue: str) -> None:
        def write(session: Session) -> None:
            # The server's clock: those of the machines may not agree.
            values = {"queue": queue, "seen_at": session.scalar(select(func.now()))}
            upsert(session, SharedWorkerRow, {"worker_id": worker_id}, values)
            forgotten = SharedWorkerRow.seen_at < func.now() - _FORGOTTEN_AFTER
            session.execute(delete(SharedWorkerRow).where(forgotten))

        self._database.write(write)

    def gone(self, worker_id: str) -> None:
        statement = delete(SharedWorkerRow).filter_by(worker_id=worker_id)
        self._database.write(lambda session: session.execute(statement))

    def alive(self, seconds: float) -> dict[str, int]:
        statement = (
            select(SharedWorkerRow.queue, func.count())
            .where(SharedWorkerRow.seen_at > func.now() - timedelta(seconds=seconds))
            .group_by(SharedWorkerRow.queue)
        )
        rows = self._database.read(lambda session: session.execute(statement).all())
        return {queue: count for queue, count in rows}

    def reserve(
        self, cohort_id: str, dossier_id: str, wanted_eur: float, budget_eur: float
    ) -> bool:
        def write(session: Session) -> bool:
            # One at a time for a cohort: two workers must not both take the last euro.
            session.scalar(select(SharedRunRow).filter_by(cohort_id=cohort_id).with_for_update())
            others = _set_aside(session, cohort_id)
            if _spent(session, cohort_id) + others + wanted_eur > budget_eur:
                return False
            _change(session, cohort_id, dossier_id, wanted_eur)
            return True

        return self._database.write(write)

    def reserved(self, cohort_id: str) -> float:
        return self._database.read(lambda session: _set_aside(session, cohort_id))

    def release(self, cohort_id: str, dossier_id: str, eur: float | None = None) -> None:
        def write(session: Session) -> None:
            if eur is None:
                place = {"cohort_id": cohort_id, "dossier_id": dossier_id}
                session.execute(delete(SharedReservationRow).filter_by(**place))
            else:
                _change(session, cohort_id, dossier_id, -eur)

        self._database.write(write)


def _task_row(run: SharedRun, task: SharedTask) -> SharedTaskRow:
    return SharedTaskRow(
        cohort_id=run.cohort_id,
        dossier_id=task.dossier_id,
        run_id=run.run_id,
        state=task.state.value,
        body=sql_json.dump(task),
    )


def _set_aside(session: Session, cohort_id: str) -> float:
    total = select(func.sum(SharedReservationRow.eur)).filter_by(cohort_id=cohort_id)
    return session.scalar(total) or 0.0


def _spent(session: Session, cohort_id: str) -> float:
    bodies = session.scalars(select(CohortSpendingRow.body).filter_by(cohort_id=cohort_id)).all()
    records = [sql_json.load(SpendingRecord, body) for body in bodies]
    return sum(record.traffic.usage.cost_eur or 0.0 for record in records if record is not None)


def _change(session: Session, cohort_id: str, dossier_id: str, eur: float) -> None:
    place = {"cohort_id": cohort_id, "dossier_id": dossier_id}
    upsert(session, SharedReservationRow, place, {"eur": 0.0}, replace=False)
    session.execute(
        update(SharedReservationRow).filter_by(**place).values(eur=SharedReservationRow.eur + eur)
    )
