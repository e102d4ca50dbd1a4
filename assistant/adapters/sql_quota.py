"""Port `Quota` on SQLAlchemy: a count per person and per day that two windows cannot outrun."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_facts import upsert
from assistant.adapters.sql_models import Base


class SelfCheckUseRow(Base):
    """How often a person (a digest) has used the self-check on a day (ISO date)."""

    __tablename__ = "self_check_uses"

    person: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    uses: Mapped[int]


class SqlQuota:
    """Raises: `StoreUnavailable` or one of its kinds, from every method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, person: str, day: str) -> int:
        """How many uses are counted. `day`: an ISO date."""
        found = self._database.read(
            lambda session: session.scalar(
                select(SelfCheckUseRow.uses).filter_by(person=person, day=day)
            )
        )
        return found or 0

    def take(self, person: str, day: str, limit: int) -> bool:
        """Count one use, unless `limit` is reached. Earlier days are forgotten."""

        def work(session: Session) -> bool:
            place = {"person": person, "day": day}
            # The row exists before it is held: two first uses meet on it.
            upsert(session, SelfCheckUseRow, place, {"uses": 0}, replace=False)
            row = session.scalars(
                select(SelfCheckUseRow).filter_by(**place).with_for_update()
            ).one()
            if row.uses >= limit:
                return False
            row.uses += 1
            session.execute(delete(SelfCheckUseRow).where(SelfCheckUseRow.day < day))
            return True

        return self._database.write(work)
