"""Passwords hashed with argon2id, with RFC 9106's parameters for ordinary machines."""

import secrets
import threading
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assistant.domain.account import same_password

#: Each hash takes 64 MiB: a crowd of log-ins waits rather than fill the memory.
_AT_A_TIME: Final = 2


class Argon2Passwords:
    """Port `Passwords`. `hasher` with other parameters is for tests, which hash by the dozen."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_A_TIME)

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash(secrets.token_hex())

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(same_password(password))

    def matches(self, password: str, kept: str) -> bool:
        """Whether the password is the one; without one kept it takes as long, and is not."""
        with self._turn:
            try:
                self._hasher.verify(kept or self._decoy, same_password(password))
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)

    def is_weak(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)
