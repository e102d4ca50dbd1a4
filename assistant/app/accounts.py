"""Who may come in: accounts, log-in, sessions. The command line and the site call these."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from assistant.account_ports import AccountStore, Grants, Passwords
from assistant.domain.account import (
    FORGIVEN_AFTER,
    FREE_FAILURES_OF_ACCOUNT,
    FREE_FAILURES_OF_ADDRESS,
    PASSWORD_MAX,
    Account,
    Session,
    login_name,
    login_problem,
    password_problem,
)
from assistant.domain.journal import JournalAction, JournalEvent
from assistant.domain.person import Person, Role
from assistant.errors import (
    AccountRefused,
    LoginFailed,
    LoginPaused,
    PasswordRefused,
    UnknownAccount,
)
from assistant.ports import Clock, Journal

#: A session is marked as seen at most this often: reading a page is not a write.
_TOUCH_EVERY: Final = timedelta(minutes=1)


class Accounts:
    """The people of one installation.

    Units: `idle` and `absolute`, how long a session lasts unused and in all.
    """

    def __init__(
        self,
        store: AccountStore,
        passwords: Passwords,
        clock: Clock,
        journal: Journal,
        *,
        idle: timedelta,
        absolute: timedelta,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._clock = clock
        self._journal = journal
        self._idle = idle
        self._absolute = absolute

    # Accounts

    def exist(self) -> bool:
        """Whether anyone has an account: from then on, nobody comes in without one."""
        return self._store.exist()

    def all(self) -> tuple[Account, ...]:
        """Every account, by identifier."""
        return self._store.accounts()

    def add(self, login: str, name: str, role: Role, password: str | None) -> Account:
        """`password` is None for an account that only a reverse proxy vouches for.

        Raises: `AccountRefused`, `AccountExists`, `PasswordRefused`.
        """
        login, name = login_name(login), " ".join(name.split())
        problem = login_problem(login) or ("" if name else "le nom est vide.")
        if problem:
            raise AccountRefused(login, login=login, problem=problem)
        hashed = "" if password is None else self._hash(password, login, name)
        account = Account(
            id=login, name=name, role=role, password_hash=hashed, created_at=self._clock.now()
        )
        self._store.add(account)
        self._log(JournalAction.ACCOUNT, login, acte="ajouté", role=role.value)
        return account

    def set_active(self, login: str, active: bool) -> Account:
        """Close or reopen an account; its sessions end at once. Raises: `UnknownAccount`."""
        return self._change(login, active=active)

    def set_role(self, login: str, role: Role) -> Account:
        """Raises: `UnknownAccount`."""
        return self._change(login, role=role)

    def set_password(self, login: str, password: str) -> Account:
        """Raises: `UnknownAccount`, `PasswordRefused`."""
        account = self._known(login)
        hashed = self._hash(password, account.id, account.name)
        changed = self._change(login, password_hash=hashed)
        self._store.forgive(_subject("compte", account.id), "")
        return changed

    # Log-in

    def log_in(self, login: str, password: str, address: str) -> str:
        """A new session's token, for the browser alone.

        Unknown identifier, wrong password and closed account are told alike, in the same time.
        Raises: `LoginFailed`, `LoginPaused`.
        """
        login, now = login_name(login), self._clock.now()
        subject = _subject("compte", login)
        self._count(subject, address, now)
        account = self._store.account(login)
        kept = account.password_hash if account is not None else ""
        right = len(password) <= PASSWORD_MAX and self._passwords.matches(password, kept)
        if account is None or not right or not account.active:
            self._log(JournalAction.LOGIN_REFUSED, "inconnu", compte=subject)
            raise LoginFailed(subject)
        self._log(JournalAction.LOGIN, account.id)
        self._store.forgive(subject, _subject("adresse", address))
        if self._passwords.is_weak(kept):
            self._store.save_hash(account.id, self._passwords.hash(password))
        return self._open(account.id, now)

    def change_password(self, person: Person, old: str, new: str, address: str) -> str:
        """Every session ends, and the token of a new one is given.

        Raises: `LoginFailed` for a wrong `old`, `LoginPaused`, `PasswordRefused`.
        """
        now = self._clock.now()
        subject = _subject("compte", person.id)
        self._count(subject, address, now)
        account = self._known(person.id)
        if len(old) > PASSWORD_MAX or not self._passwords.matches(old, account.password_hash):
            raise LoginFailed(subject)
        self._store.forgive(subject, _subject("adresse", address))
        self.set_password(person.id, new)
        return self._open(person.id, now)

    def log_out(self, token: str) -> None:
        """The session ends on the server too."""
        self._store.close_session(_hashed(token))

    def of_session(self, token: str) -> Person | None:
        """Whose session this is; None when it is over, or was never one."""
        found = self._store.session(_hashed(token)) if token else None
        if found is None:
            return None
        session, account = found
        now = self._clock.now()
        if not session.lasts(now, idle=self._idle, absolute=self._absolute):
            self._store.close_session(session.token_hash)
            return None
        if not account.active:
            return None
        if abs(now - session.seen_at) >= _TOUCH_EVERY:
            self._store.touch(session.token_hash, now)
        return account.person

    def vouched_for(self, login: str) -> Person | None:
        """The person that a trusted proxy names; None without an active account."""
        account = self._store.account(login_name(login))
        return account.person if account is not None and account.active else None

    def find(self, login: str) -> Account:
        """Raises: `UnknownAccount`."""
        return self._known(login)

    # What the methods above share

    def _count(self, subject: str, address: str, now: datetime) -> None:
        wait = self._store.count_attempt(
            {
                subject: FREE_FAILURES_OF_ACCOUNT,
                _subject("adresse", address): FREE_FAILURES_OF_ADDRESS,
            },
            now,
            forgotten_before=now - FORGIVEN_AFTER,
        )
        if wait > 0:
            raise LoginPaused(subject, wait=_in_words(wait))

    def _open(self, account_id: str, now: datetime) -> str:
        token = secrets.token_urlsafe(32)
        session = Session(
            token_hash=_hashed(token), account_id=account_id, created_at=now, seen_at=now
        )
        self._store.open_session(session, stale_before=now - max(self._idle, self._absolute))
        return token

    def _hash(self, password: str, login: str, name: str) -> str:
        problem = password_problem(password, login, name)
        if problem:
            raise PasswordRefused(login, problem=problem)
        return self._passwords.hash(password)

    def _known(self, login: str) -> Account:
        account = self._store.account(login_name(login))
        if account is None:
            raise UnknownAccount(login, login=login)
        return account

    def _change(self, login: str, **changes: object) -> Account:
        account = self._known(login).model_copy(update=changes)
        self._store.replace(account)
        # Which of these changed, never to what a password was.
        self._log(JournalAction.ACCOUNT, account.id, acte="modifié", quoi=",".join(sorted(changes)))
        return account

    def _log(self, action: JournalAction, actor: str, **facts: str) -> None:
        event = JournalEvent(action=action, actor=actor, at=self._clock.now(), facts=facts)
        self._journal.append(event)


@dataclass(frozen=True)
class People:
    """Who may come in, and what each may see."""

    accounts: Accounts
    grants: Grants


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _subject(kind: str, value: str) -> str:
    """What failures are counted under: the table holds neither identifiers nor addresses."""
    return sha256(f"{kind}\n{value}".encode()).hexdigest()


def _in_words(seconds: float) -> str:
    if seconds <= 60:
        return f"{max(1, round(seconds))} s"
    return f"{-(-round(seconds) // 60)} min"
