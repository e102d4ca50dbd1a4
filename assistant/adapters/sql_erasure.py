"""Erases all that the database holds about some dossiers, and leaves a tombstone in the journal."""

import hashlib
from collections.abc import Collection
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, CursorResult, Table, delete, insert, select, update
from sqlalchemy.orm import Session

# Imported so that every table is known, whoever made it.
from assistant.adapters import (
    sql_account_models,
    sql_answers,
    sql_cohort_models,
    sql_desk_models,
    sql_quota,
    sql_shared_models,
    sql_switch,
)
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_journal import SqlJournal
from assistant.adapters.sql_models import Base, DossierRow, ErasureRow, JournalRow
from assistant.domain.journal import ERASED_ENTRIES, JournalAction, JournalEvent
from assistant.ports import Clock

#: Tables that hold nothing about one candidate, and why. A test refuses a table that has neither
#: a `dossier_id` nor a line here.
KEPT: Final = {
    "dossiers": "deleted by its own id",
    "accounts": "a person's account is closed by its owner or an administrator",
    "sessions": "an account's open sessions: no dossier",
    "login_attempts": "addresses and counts of failed log-ins: no dossier",
    "self_check_uses": "digests of accounts and counts; a draft is deleted by its owner",
    "cohort_spending": "tokens and cost of a run: no dossier",
    "cohort_batches": "identifiers of the provider and finding keys, which are digests",
    "shared_runs": "a cohort as it was entrusted to workers: no dossier",
    "shared_workers": "workers that are alive: no dossier",
    "provider_pace": "the turns of requests to a provider: no dossier",
    "reader_preferences": "how an evaluator likes to work",
    "assistant_switch": "who stopped the assistant, and why: no dossier",
}
_ALL_MODELS: Final = (
    sql_account_models,
    sql_answers,
    sql_cohort_models,
    sql_desk_models,
    sql_quota,
    sql_shared_models,
    sql_switch,
)


class SqlEraser:
    """Deletes dossiers for good. Raises: `StoreUnavailable` or one of its kinds."""

    def __init__(self, database: Database, journal: SqlJournal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    def erase(self, dossier_ids: Collection[str], *, actor: str, reason: str) -> int:
        """Delete every row about these dossiers, in one transaction; gives how many.

        The journal keeps its chain: the contents of the dossiers' entries are taken away, and a
        new entry says which. `compact` must follow for the deleted bytes to be gone.
        """
        ids = sorted(set(dossier_ids))

        def work(session: Session) -> tuple[int, tuple[JournalEvent, ...]]:
            deleted = _delete_rows(session, ids)
            emptied = _empty_entries(session, ids)
            return deleted, (self._tombstone(ids, emptied, actor, reason),)

        return self._journal.write(work)[0]

    def held(self, dossier_ids: Collection[str]) -> dict[str, list[dict[str, str]]]:
        """Every row about these dossiers, by table."""
        return self._database.read(lambda session: held_rows(session, sorted(set(dossier_ids))))

    def compact(self) -> None:
        """Leave no byte of what was deleted in the database's files. Raises: `StoreBusy`."""
        self._database.compact()

    def _tombstone(
        self, ids: list[str], emptied: list[int], actor: str, reason: str
    ) -> JournalEvent:
        return JournalEvent(
            action=JournalAction.ERASURE,
            actor=actor,
            at=self._clock.now(),
            facts={
                "dossiers": ",".join(tombstone_name(dossier) for dossier in ids),
                ERASED_ENTRIES: ",".join(map(str, emptied)),
                "motif": reason,
            },
        )


def tombstone_name(dossier_id: str) -> str:
    """What the journal remembers of an erased dossier's id: enough to answer « was it erased? »."""
    return hashlib.sha256(f"preuve/efface/{dossier_id}".encode()).hexdigest()[:16]


def keyed_tables() -> list[Table]:
    """The tables that say which dossier a row is about, those that refer to others first."""
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if "dossier_id" in table.columns and table.name not in ("journal", "erasures")
    ]


def _delete_rows(session: Session, ids: list[str]) -> int:
    if not ids:
        return 0
    session.execute(insert(ErasureRow), [{"dossier_id": dossier} for dossier in ids])
    statements = [delete(table).where(table.c.dossier_id.in_(ids)) for table in keyed_tables()]
    statements.append(delete(DossierRow).where(DossierRow.id.in_(ids)))
    deleted = [cast("CursorResult[Any]", session.execute(one)).rowcount for one in statements]
    session.execute(delete(ErasureRow))
    return sum(deleted)


def _empty_entries(session: Session, ids: list[str]) -> list[int]:
    about = JournalRow.dossier_id.in_(ids)
    places = list(session.scalars(select(JournalRow.seq).where(about).order_by(JournalRow.seq)))
    session.execute(update(JournalRow).where(about).values(content=None, salt=None, dossier_id=""))
    return places


def held_rows(session: Session, ids: list[str]) -> dict[str, list[dict[str, str]]]:
    """Every row about these dossiers, by table, as texts: what a person may ask to see."""
    tables = [*keyed_tables(), Base.metadata.tables["journal"]]
    found = {t.name: _texts(session, t, t.c.dossier_id.in_(ids)) for t in tables}
    dossiers = Base.metadata.tables["dossiers"]
    found["dossiers"] = _texts(session, dossiers, dossiers.c.id.in_(ids))
    return {name: rows for name, rows in found.items() if rows}


def _texts(session: Session, table: Table, about: ColumnElement[bool]) -> list[dict[str, str]]:
    rows = session.execute(select(table).where(about)).mappings()
    return [{name: "" if v is None else str(v) for name, v in row.items()} for row in rows]
