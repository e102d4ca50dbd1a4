"""How long to wait before asking an endpoint again, and when to stop."""

import random
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: A server that asks for more than this is not waited for: the person is told instead.
LONGEST_WAIT_SECONDS: Final = 60.0
_FIRST_WAIT_SECONDS: Final = 0.5
LONGEST_BACKOFF_SECONDS: Final = 20.0


class Patience:
    """One answer's right to try again: so many requests, within so many seconds.

    Back-off doubles from half a second and is drawn between half and the whole of its value, so
    that clients refused together do not come back together. `sleep`, `clock` (seconds, monotonic)
    and `jitter` (0 to 1) are replaced in tests.
    """

    def __init__(
        self,
        attempts: int,
        seconds: float,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._attempts = attempts
        self._deadline = clock() + seconds
        self._sleep, self._clock, self._jitter = sleep, clock, jitter
        self._waits = 0
        self.made = 1

    def try_at_once(self) -> bool:
        """Take one more attempt without waiting; False when none is left."""
        if self.made >= self._attempts or self._clock() >= self._deadline:
            return False
        self.made += 1
        return True

    def try_later(self, retry_after: float | None = None) -> bool:
        """Wait, then take one more attempt; False, at once, when there is no point in waiting.

        Units: `retry_after` in seconds, as the server asked. It is never shortened: coming back
        earlier than asked only prolongs the refusal.
        """
        wait = max(self._backoff(), retry_after or 0.0)
        too_long = wait > LONGEST_WAIT_SECONDS or self._clock() + wait >= self._deadline
        if self.made >= self._attempts or too_long:
            return False
        self._sleep(wait)
        self._waits += 1
        self.made += 1
        return True

    def _backoff(self) -> float:
        ceiling = min(LONGEST_BACKOFF_SECONDS, _FIRST_WAIT_SECONDS * 2.0**self._waits)
        return ceiling * (0.5 + self._jitter() / 2)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """The wait a server asks for, in seconds; None when it asks for none that can be read.

    Source: `retry-after-ms` (OpenAI, Azure), else `Retry-After` as seconds or as an HTTP date.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if (seconds := _number(value)) is not None:
        return seconds
    return _seconds_until(value) if value else None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
