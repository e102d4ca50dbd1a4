"""Accounts, sessions and the rules of log-in: pure, so that a table of cases tests them."""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, Field

from assistant.domain.person import LOCAL_PERSON_ID, Person, Role
from ingest.types import Frozen

PASSWORD_MIN: Final = 12
#: Longer is refused before hashing: a password is not a way to keep the machine busy.
PASSWORD_MAX: Final = 256
#: Failures that cost no wait: people mistype. Whole offices may share one address.
FREE_FAILURES_OF_ACCOUNT: Final = 5
FREE_FAILURES_OF_ADDRESS: Final = 30
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(minutes=15)
#: Failures older than this are forgotten.
FORGIVEN_AFTER: Final = timedelta(hours=24)

_LOGIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])?")
_RESERVED: Final = frozenset({LOCAL_PERSON_ID})
_MIN_DIFFERENT: Final = 5
_COMMON: Final = re.compile(
    r"(?:mot ?de ?passe|password|azerty|qwerty|123456|bonjour|motdepasse|admin|preuve)"
)


class Account(Frozen):
    """A person who may log in. `id` is what they type and never changes, like `name`.

    `password_hash` is empty for an account that only a reverse proxy vouches for.
    """

    id: str
    name: str = Field(min_length=1)
    role: Role
    active: bool = True
    password_hash: str = Field(default="", repr=False)
    created_at: AwareDatetime

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=self.name, role=self.role)


class Session(Frozen):
    """A log-in that lasts. The token itself is only in the person's browser.

    `token_hash` is its SHA-256, in hexadecimal.
    """

    token_hash: str
    account_id: str
    created_at: AwareDatetime
    seen_at: AwareDatetime

    def lasts(self, now: datetime, *, idle: timedelta, absolute: timedelta) -> bool:
        """Whether the session is still good; a clock set back does not make it last longer."""
        age, rest = now - self.created_at, now - self.seen_at
        return abs(age) < absolute and abs(rest) < idle


class Attempts(Frozen):
    """Log-ins that failed in a row, for one account or from one address."""

    failures: int = 0
    last_at: AwareDatetime | None = None

    def wait(self, now: datetime, free: int) -> timedelta:
        """How long until the next attempt is looked at; zero when it is now.

        A clock set back never makes it longer than the whole wait.
        """
        if self.last_at is None:
            return timedelta(0)
        whole = wait_after(self.failures, free)
        return min(whole, max(timedelta(0), self.last_at + whole - now))

    def after_failure(self, now: datetime) -> "Attempts":
        forgotten = self.last_at is not None and now - self.last_at > FORGIVEN_AFTER
        return Attempts(failures=1 if forgotten else self.failures + 1, last_at=now)


def wait_after(failures: int, free: int) -> timedelta:
    """The wait that a number of failures in a row calls for: it doubles, up to 15 minutes."""
    if failures < free:
        return timedelta(0)
    doublings = min(failures - free, 10)
    wait: timedelta = _FIRST_WAIT * 2**doublings
    return min(wait, _LONGEST_WAIT)


def login_name(typed: str) -> str:
    """What a person typed as their identifier, in the form under which it is kept."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def login_problem(name: str) -> str:
    """What is wrong with a new identifier, in French; empty when it can be used."""
    if name in _RESERVED:
        return f"« {name} » est réservé."
    if not _LOGIN.fullmatch(name):
        return (
            "il ne comporte que des lettres sans accent, des chiffres, et « . _ @ + - » à "
            "l'intérieur, 64 caractères au plus."
        )
    return ""


def password_problem(password: str, login: str, name: str) -> str:
    """What is wrong with a new password, in French; empty when it can be used."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if len(password) < PASSWORD_MIN:
        return (
            f"il compte moins de {PASSWORD_MIN} caractères. Une phrase de quelques mots convient."
        )
    if len(password) > PASSWORD_MAX:
        return f"il dépasse {PASSWORD_MAX} caractères."
    if len(set(folded)) < _MIN_DIFFERENT:
        return "il répète toujours les mêmes caractères."
    known = [login, *name.casefold().split()]
    rest = folded
    for word in known:
        rest = rest.replace(word, "") if len(word) > 2 else rest
    if len(_COMMON.sub("", rest)) < PASSWORD_MIN // 2:
        return "il tient surtout à votre nom ou à des mots que tout le monde essaie."
    return ""


def same_password(typed: str) -> str:
    """A password in the form that is hashed: the same keys give the same bytes everywhere."""
    return unicodedata.normalize("NFC", typed)
