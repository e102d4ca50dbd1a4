"""What accounts need from the outside, as a handful of Protocols."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Protocol

from assistant.domain.access import Grant, Link
from assistant.domain.account import Account, Session
from assistant.domain.journal import JournalEvent
from assistant.domain.person import Person


class Passwords(Protocol):
    """Hashes passwords slowly, so that a stolen table tells nothing soon."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, kept: str) -> bool:
        """Whether it is the password. An empty `kept` takes as long and never matches."""
        ...

    def is_weak(self, kept: str) -> bool:
        """Whether a hash was made with lighter parameters than today's."""
        ...


class Entitlements(Protocol):
    """Who is linked to which épreuve of which dossier; an empty épreuve is the whole of it."""

    def links(self, person: Person, dossier_id: str, epreuve: str | None = None) -> Set[Link]:
        """The person's links to the épreuve, or to any of the dossier's when none is named.

        None for a dossier that does not exist.
        """
        ...

    def linked(self, person: Person) -> Mapping[tuple[str, str], Set[Link]] | None:
        """Every (dossier, épreuve) the person is linked to, in one question; None: all of them."""
        ...


class Grants(Entitlements, Protocol):
    """Links that are given and taken away."""

    def grant(self, person_id: str, dossier_id: str, link: Link, epreuve: str = "") -> None: ...

    def withdraw(self, person_id: str, dossier_id: str, link: Link, epreuve: str = "") -> None: ...

    def assign(
        self,
        dossier_id: str,
        grants: Iterable[Grant],
        events: tuple[JournalEvent, ...],
        *,
        seen: Iterable[Grant],
    ) -> None:
        """Replace who reads and settles a dossier, and write it down, at once or not at all.

        `seen`: who did, when the change was thought of. Raises: `ReadingChanged` when it is
        someone else by now.
        """
        ...

    def of_dossier(self, dossier_id: str) -> tuple[Grant, ...]:
        """Who is linked to a dossier."""
        ...

    def all(self) -> tuple[Grant, ...]:
        """Every link of the installation, by dossier."""
        ...


class AccountStore(Protocol):
    """Accounts, sessions and failed log-ins. Raises `StoreUnavailable` from any method."""

    def exist(self) -> bool:
        """Whether there is any account, active or not."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """All of them, by identifier."""
        ...

    def account(self, account_id: str) -> Account | None: ...

    def add(self, account: Account) -> None:
        """Raises: `AccountExists` when its identifier or its name is taken."""
        ...

    def replace(self, account: Account) -> None:
        """Keep a changed account; every session of it ends."""
        ...

    def save_hash(self, account_id: str, password_hash: str) -> None:
        """The same password under today's parameters: sessions go on."""
        ...

    def open_session(self, session: Session, *, stale_before: datetime) -> None:
        """Keep a new session, and forget those not seen since `stale_before`."""
        ...

    def session(self, token_hash: str) -> tuple[Session, Account] | None:
        """A session and its account, active or not."""
        ...

    def touch(self, token_hash: str, now: datetime) -> None: ...

    def close_session(self, token_hash: str) -> None: ...

    def count_attempt(
        self, subjects: dict[str, int], now: datetime, *, forgotten_before: datetime
    ) -> float:
        """Count an attempt as failed before it is looked at, unless one must wait.

        `subjects`: what is counted, with its free failures. Returns: the seconds to wait; 0 when
        the attempt is counted and may be looked at.
        """
        ...

    def forgive(self, account: str, address: str) -> None:
        """A log-in that succeeded: the account starts afresh, the address gets its attempt back."""
        ...
