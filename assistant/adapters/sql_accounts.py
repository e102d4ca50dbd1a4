"""Port `AccountStore` on the tables of `sql_account_models`."""

from datetime import datetime

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.orm import Session as Work

from assistant.adapters.sql_account_models import AccountRow, AttemptsRow, SessionRow
from assistant.adapters.sql_engine import Database
from assistant.domain.account import Account, Attempts, Session
from assistant.domain.person import Role
from assistant.errors import AccountExists


class SqlAccountStore:
    """Accounts and what belongs to them, beside the findings and decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Accounts

    def exist(self) -> bool:
        return self._database.read(lambda work: bool(work.scalar(select(exists(AccountRow.id)))))

    def accounts(self) -> tuple[Account, ...]:
        """All of them, by identifier."""
        rows = self._database.read(
            lambda work: work.scalars(select(AccountRow).order_by(AccountRow.id)).all()
        )
        return tuple(_account(row) for row in rows)

    def account(self, account_id: str) -> Account | None:
        row = self._database.read(lambda work: work.get(AccountRow, account_id))
        return None if row is None else _account(row)

    def add(self, account: Account) -> None:
        """Raises: `AccountExists` when its identifier or its name is taken."""

        def work(work: Work) -> None:
            # Compared here: databases do not agree on the case of accented letters.
            known = work.execute(select(AccountRow.id, AccountRow.name)).all()
            name = account.name.casefold()
            if any(row.id == account.id or row.name.casefold() == name for row in known):
                raise AccountExists(account.id, login=account.id, name=account.name)
            work.add(AccountRow(**account.model_dump(mode="python")))

        self._database.write(work)

    def replace(self, account: Account) -> None:
        """Keep a changed account; every session of it ends."""

        def work(work: Work) -> None:
            work.merge(AccountRow(**account.model_dump(mode="python")))
            work.execute(delete(SessionRow).where(SessionRow.account_id == account.id))

        self._database.write(work)

    def save_hash(self, account_id: str, password_hash: str) -> None:
        """The same password under today's parameters: sessions go on."""
        self._database.write(
            lambda work: work.execute(
                update(AccountRow)
                .where(AccountRow.id == account_id)
                .values(password_hash=password_hash)
            )
        )

    # Sessions

    def open_session(self, session: Session, *, stale_before: datetime) -> None:
        """Keep a new session, and forget those not seen since `stale_before`."""

        def work(work: Work) -> None:
            work.execute(delete(SessionRow).where(SessionRow.seen_at < stale_before))
            work.add(SessionRow(**session.model_dump(mode="python")))

        self._database.write(work)

    def session(self, token_hash: str) -> tuple[Session, Account] | None:
        """A session and its account, active or not."""
        statement = (
            select(SessionRow, AccountRow)
            .join(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(SessionRow.token_hash == token_hash)
        )
        row = self._database.read(lambda work: work.execute(statement).one_or_none())
        if row is None:
            return None
        kept, account = row
        session = Session(
            token_hash=kept.token_hash,
            account_id=kept.account_id,
            created_at=kept.created_at,
            seen_at=kept.seen_at,
        )
        return session, _account(account)

    def touch(self, token_hash: str, now: datetime) -> None:
        self._database.write(
            lambda work: work.execute(
                update(SessionRow).where(SessionRow.token_hash == token_hash).values(seen_at=now)
            )
        )

    def close_session(self, token_hash: str) -> None:
        self._database.write(
            lambda work: work.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))
        )

    # Attempts

    def count_attempt(
        self, subjects: dict[str, int], now: datetime, *, forgotten_before: datetime
    ) -> float:
        """Count an attempt as failed before it is looked at, unless one must wait.

        `subjects`: what is counted, with its free failures. Counting first, in one transaction,
        keeps a burst of simultaneous attempts from being looked at together.
        Returns: the seconds to wait; 0 when the attempt is counted and may be looked at.
        """

        def work(work: Work) -> float:
            if self._database.dialect == "postgresql":  # SQLite's writers are alone already
                work.execute(text("LOCK TABLE login_attempts IN SHARE ROW EXCLUSIVE MODE"))
            work.execute(delete(AttemptsRow).where(AttemptsRow.last_at < forgotten_before))
            known = {name: _attempts(work.get(AttemptsRow, name)) for name in subjects}
            wait = max(
                known[name].wait(now, free).total_seconds() for name, free in subjects.items()
            )
            if wait > 0:
                return wait
            for name, attempts in known.items():
                after = attempts.after_failure(now)
                work.merge(AttemptsRow(subject=name, failures=after.failures, last_at=now))
            return 0.0

        return self._database.write(work)

    def forgive(self, account: str, address: str) -> None:
        """A log-in that succeeded: the account starts afresh, the address gets its attempt back.

        The address keeps its other failures, or an attacker with one account of their own could
        wash them away.
        """

        def work(work: Work) -> None:
            work.execute(delete(AttemptsRow).where(AttemptsRow.subject == account))
            work.execute(
                update(AttemptsRow)
                .where(AttemptsRow.subject == address, AttemptsRow.failures > 0)
                .values(failures=AttemptsRow.failures - 1)
            )

        self._database.write(work)


def _account(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        active=row.active,
        password_hash=row.password_hash,
        created_at=row.created_at,
    )


def _attempts(row: AttemptsRow | None) -> Attempts:
    return Attempts() if row is None else Attempts(failures=row.failures, last_at=row.last_at)
