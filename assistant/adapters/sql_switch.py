"""Port `Switch` on SQLAlchemy: one row, which a draft is kept under and every request asks."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_facts import upsert
from assistant.adapters.sql_journal import SqlJournal
from assistant.adapters.sql_models import Base
from assistant.domain.halt import Halt
from assistant.domain.journal import JournalAction, JournalEvent
from assistant.errors import AssistantStopped

_ONLY: Final = {"id": 1}
_ON: Final = {"stopped": 0, "person": "", "at": None, "reason": ""}


class SwitchRow(Base):
    """The switch: `stopped` is 1 while the assistant may not work."""

    __tablename__ = "assistant_switch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stopped: Mapped[int]
    person: Mapped[str]
    at: Mapped[datetime | None]
    reason: Mapped[str]


class SqlSwitch:
    """Raises: `StoreUnavailable` or one of its kinds, from every method."""

    def __init__(self, database: Database, journal: SqlJournal) -> None:
        self._database = database
        self._journal = journal

    def halt(self) -> Halt | None:
        return self._database.read(_halt)

    def require_on(self) -> None:
        self._database.read(refuse_when_stopped)

    def stop(self, person: str, at: datetime, reason: str = "") -> bool:
        values = {"stopped": 1, "person": person, "at": at, "reason": reason}
        event = JournalEvent(
            action=JournalAction.STOP, actor=person, at=at, facts={"motif": reason}
        )
        return self._turn(values, event)

    def start(self, person: str, at: datetime) -> bool:
        return self._turn(_ON, JournalEvent(action=JournalAction.START, actor=person, at=at))

    def _turn(self, values: dict[str, object], event: JournalEvent) -> bool:
        def work(session: Session) -> tuple[bool, tuple[JournalEvent, ...]]:
            # The row exists before it is held: two people who press at once meet on it.
            upsert(session, SwitchRow, _ONLY, _ON, replace=False)
            row = session.scalars(select(SwitchRow).filter_by(**_ONLY).with_for_update()).one()
            if row.stopped == values["stopped"]:
                return False, ()
            for name, value in values.items():
                setattr(row, name, value)
            return True, (event,)

        return self._journal.write(work)[0]


def refuse_when_stopped(session: Session) -> None:
    """Raises: `AssistantStopped`, in a transaction under way."""
    halt = _halt(session)
    if halt is not None:
        raise AssistantStopped(
            f"by {halt.person}", since=f"{halt.at.astimezone():%d/%m/%Y à %H:%M}"
        )


def _halt(session: Session) -> Halt | None:
    row = session.get(SwitchRow, 1)
    if row is None or not row.stopped or row.at is None:
        return None
    return Halt(person=row.person, at=row.at, reason=row.reason)
