"""Port `RetentionStore` on SQLAlchemy."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, func, select, update
from sqlalchemy.orm import Session

from assistant.adapters.sql_answers import GivenAnswerRow
from assistant.adapters.sql_cohort_models import CohortBatchRow, CohortPlanRow, CohortSpendingRow
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_journal import SqlJournal
from assistant.adapters.sql_models import DossierRow, JournalRow
from assistant.domain.journal import ERASED_ENTRIES, JournalAction, JournalEvent

_OF_A_COHORT: Final = (CohortPlanRow, CohortSpendingRow, CohortBatchRow)


class SqlRetention:
    """Raises: `StoreUnavailable` or one of its kinds, from every method."""

    def __init__(self, database: Database, journal: SqlJournal) -> None:
        self._database = database
        self._journal = journal

    def last_uses(self) -> dict[str, datetime]:
        return self._database.read(_last_uses)

    def answered(self) -> frozenset[str]:
        statement = select(GivenAnswerRow.dossier_id).distinct()
        return frozenset(self._database.read(lambda session: list(session.scalars(statement))))

    def forget_answers(self, dossier_ids: Collection[str], event: JournalEvent) -> int:
        about = GivenAnswerRow.dossier_id.in_(sorted(dossier_ids))
        return self._forget((delete(GivenAnswerRow).where(about),), event)

    def cohorts(self) -> dict[str, datetime]:
        return self._database.read(_cohorts)

    def forget_cohorts(self, cohort_ids: Collection[str], event: JournalEvent) -> int:
        ids = sorted(cohort_ids)
        return self._forget(
            tuple(delete(row).where(row.cohort_id.in_(ids)) for row in _OF_A_COHORT), event
        )

    def old_entries(self, before: datetime) -> int:
        counted = select(func.count()).select_from(JournalRow).where(_old(before))
        return self._database.read(lambda session: session.scalar(counted)) or 0

    def forget_entries(self, before: datetime, event: JournalEvent) -> int:
        def work(session: Session) -> tuple[int, JournalEvent]:
            places = list(
                session.scalars(select(JournalRow.seq).where(_old(before)).order_by(JournalRow.seq))
            )
            session.execute(update(JournalRow).where(_old(before)).values(content=None, salt=None))
            listed = ",".join(map(str, places))
            return len(places), event.model_copy(
                update={"facts": {**event.facts, ERASED_ENTRIES: listed}}
            )

        return self._write(work)

    def _forget(self, statements: tuple[Delete, ...], event: JournalEvent) -> int:
        def work(session: Session) -> tuple[int, JournalEvent]:
            done = [cast("CursorResult[Any]", session.execute(one)).rowcount for one in statements]
            return sum(done), event

        return self._write(work)

    def _write(self, work: Callable[[Session], tuple[int, JournalEvent]]) -> int:
        def whole(session: Session) -> tuple[int, tuple[JournalEvent, ...]]:
            count, event = work(session)
            counted = {**event.facts, "nombre": str(count)}
            return count, (event.model_copy(update={"facts": counted}),)

        return self._journal.write(whole)[0]


def _old(before: datetime) -> ColumnElement[bool]:
    """Entries about no dossier, whose content is there. What an erasure says is never erased."""
    return (
        (JournalRow.dossier_id == "")
        & JournalRow.content.is_not(None)
        & (JournalRow.action != JournalAction.ERASURE.value)
        & (JournalRow.at < before.astimezone(UTC).isoformat())
    )


def _last_uses(session: Session) -> dict[str, datetime]:
    read = select(DossierRow.id, DossierRow.updated_at)
    found = {dossier: updated for dossier, updated in session.execute(read)}
    told = select(JournalRow.dossier_id, func.max(JournalRow.at)).group_by(JournalRow.dossier_id)
    for dossier, at in session.execute(told):
        if dossier in found:
            found[dossier] = max(found[dossier], datetime.fromisoformat(at))
    return found


def _cohorts(session: Session) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for cohort, moment in (
        *session.execute(select(CohortSpendingRow.cohort_id, CohortSpendingRow.started_at)),
        *session.execute(select(CohortBatchRow.cohort_id, CohortBatchRow.sent_at)),
    ):
        found[cohort] = max(found.get(cohort, moment), moment)
    return found
