"""Port `Pace` on SQLAlchemy: one row per provider, by the database's own clock."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_facts import upsert
from assistant.adapters.sql_shared_models import ProviderPaceRow

#: How much of the past may be used: requests of one second at once, no more.
_BURST_SECONDS: Final = 1.0
_MINUTE: Final = 60.0


class SqlPace:
    """For PostgreSQL: a file has one process to pace, which does it in memory.

    The row says when the next turn comes; taking it pushes the next one back. Whoever dies with a
    turn wastes that turn only.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, provider: str, tokens: int, *, requests_per_minute: int, tokens_per_minute: int
    ) -> float:
        """See `Pace`."""

        def work(row: ProviderPaceRow, now: float) -> float:
            turn = max(row.requests_at, now - _BURST_SECONDS)
            if requests_per_minute:
                row.requests_at = turn + _MINUTE / requests_per_minute
            if tokens_per_minute:
                free = max(row.tokens_at, now - _BURST_SECONDS)
                row.tokens_at = free + tokens * _MINUTE / tokens_per_minute
                turn = max(turn, free)
            return max(0.0, turn - now)

        return self._with_row(provider, work)

    def hold(self, provider: str, seconds: float) -> None:
        """See `Pace`."""

        def work(row: ProviderPaceRow, now: float) -> float:
            row.requests_at = max(row.requests_at, now + seconds)
            row.tokens_at = max(row.tokens_at, now + seconds)
            return 0.0

        self._with_row(provider, work)

    def _with_row(self, provider: str, work: Callable[[ProviderPaceRow, float], float]) -> float:
        def held(session: Session) -> float:
            key = {"provider": provider}
            upsert(
                session, ProviderPaceRow, key, {"requests_at": 0.0, "tokens_at": 0.0}, replace=False
            )
            row = session.scalars(select(ProviderPaceRow).filter_by(**key).with_for_update()).one()
            now = session.scalar(select(extract("epoch", func.clock_timestamp())))
            return work(row, float(now or 0.0))

        return self._database.write(held)
