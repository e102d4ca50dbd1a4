"""One gate for all the requests of a process to a server: how many at once, how fast, how many.

A provider limits requests and tokens per minute, for the account and not for a thread. The gate
keeps within what the settings say or what the server's own headers tell, slows down when refusals
become frequent rather than at each of them, and counts everything that goes through.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from assistant.adapters.openai_waiting import LONGEST_WAIT_SECONDS, retry_after_seconds
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Usage
from assistant.shared_ports import Pace

_TOO_MANY: Final = 429
#: What answers are looked at to tell a limit from a glitch, and the share of refusals that does.
_WINDOW: Final = 16
_LIMITED_SHARE: Final = 0.25
_SLOWER: Final = 0.6
#: The share of a minute's allowance that may go at once.
_BURST_SHARE: Final = 1 / 6
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Allowance:
    """A token bucket: `per_minute` units, a part of them at once. Not thread-safe by itself."""

    def __init__(self, per_minute: int, now: float) -> None:
        self.per_minute = per_minute
        self._most = max(1.0, per_minute * _BURST_SHARE)
        self._left = self._most
        self._at = now

    def wait(self, wanted: float, now: float) -> float:
        """Seconds until that much may go; a wish beyond the whole bucket waits for a full one."""
        self._left = min(self._most, self._left + (now - self._at) * self.per_minute / 60)
        self._at = now
        lacking = min(wanted, self._most) - self._left
        return max(0.0, lacking * 60 / self.per_minute)

    def take(self, wanted: float) -> None:
        self._left -= wanted


class SharedPace:
    """One provider's turns, taken with the other processes of the same database."""

    def __init__(
        self, pace: Pace, provider: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._pace = pace
        self._provider = provider
        self._sleep = sleep

    def wait(self, tokens: int, requests_per_minute: int, tokens_per_minute: int) -> None:
        """Until it is one's turn. Limits of 0 are unknown; pauses are kept all the same."""
        seconds = self._pace.claim(
            self._provider,
            tokens,
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
        )
        if seconds > 0:
            self._sleep(seconds)

    def hold(self, seconds: float) -> None:
        """The server asked for a pause: it is everyone's."""
        self._pace.hold(self._provider, seconds)


class TrafficGate:
    """Thread-safe. Units: `most` requests at once; limits per minute, 0 for none known.

    `shared`: the turns of several processes. `clock` is replaced in tests.
    """

    def __init__(
        self,
        most: int,
        *,
        requests_per_minute: int = 0,
        tokens_per_minute: int = 0,
        clock: Callable[[], float] = time.monotonic,
        shared: "SharedPace | None" = None,
    ) -> None:
        self._shared = shared
        self._most = most
        self._limit = float(most)
        self._clock = clock
        self._changed = threading.Condition()
        self._inside = 0
        self._not_before = 0.0
        self._recent: deque[bool] = deque(maxlen=_WINDOW)
        self._total = Traffic()
        now = clock()
        self._requests = Allowance(requests_per_minute, now) if requests_per_minute else None
        self._tokens = Allowance(tokens_per_minute, now) if tokens_per_minute else None
        self._told = bool(requests_per_minute), bool(tokens_per_minute)

    @property
    def total(self) -> Traffic:
        """All that went through so far."""
        with self._changed:
            return self._total

    @property
    def at_once(self) -> int:
        """How many requests may be under way now."""
        with self._changed:
            return max(1, int(self._limit))

    @contextmanager
    def passage(self, tokens: int) -> Iterator[None]:
        """Wait for one's turn, then let one request through. Units: `tokens` of the prompt."""
        self._enter(tokens)
        if self._shared is not None:
            self._shared.wait(tokens, *self._known_limits())
        started = self._clock()
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._total += Traffic(requests=1, seconds=self._clock() - started)
                self._changed.notify_all()

    def received(self, usage: Usage) -> None:
        """A reply came, usable or not: it is paid for."""
        with self._changed:
            self._total += Traffic(usage=usage)

    def repeated(self) -> None:
        """A request will be made again."""
        with self._changed:
            self._total += Traffic(waited=1)

    def observe(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer's status and headers."""
        with self._changed:
            self._learn_limits(headers)
            self._recent.append(status == _TOO_MANY)
            refused = sum(self._recent)
            window = min(_WINDOW, max(4, int(self._limit)))
            if status == _TOO_MANY and refused >= _LIMITED_SHARE * window and len(self._recent) > 1:
                self._slow_down(headers)
            elif status < 400:
                self._limit = min(float(self._most), self._limit + 1 / max(1.0, self._limit))
            pause = self._not_before - self._clock()
            self._changed.notify_all()
        if self._shared is not None and pause > 0:
            self._shared.hold(pause)

    def _known_limits(self) -> tuple[int, int]:
        """Requests and tokens per minute, as the settings or the server told them; 0: unknown."""
        with self._changed:
            known = (self._requests, self._tokens)
        requests, tokens = (each.per_minute if each is not None else 0 for each in known)
        return requests, tokens

    def _slow_down(self, headers: Mapping[str, str]) -> None:
        """Refusals are frequent: the limit is the account's, so everyone waits and fewer go."""
        self._limit = max(1.0, self._limit * _SLOWER)
        self._recent.clear()
        asked = retry_after_seconds(headers)
        if asked is not None and asked <= LONGEST_WAIT_SECONDS:
            self._not_before = max(self._not_before, self._clock() + asked)

    def _learn_limits(self, headers: Mapping[str, str]) -> None:
        """`x-ratelimit-*`: what an account may do, and what is left of it.

        Source: OpenAI's documentation of rate limits; vLLM, Azure and others send the same names.
        """
        now = self._clock()
        by_settings = self._told
        for position, name in enumerate(("requests", "tokens")):
            limit = _whole(headers.get(f"x-ratelimit-limit-{name}"))
            current = self._requests if name == "requests" else self._tokens
            if (
                limit
                and not by_settings[position]
                and (current is None or current.per_minute != limit)
            ):
                allowance = Allowance(limit, now)
                if name == "requests":
                    self._requests = allowance
                else:
                    self._tokens = allowance
            left = _whole(headers.get(f"x-ratelimit-remaining-{name}"))
            reset = _seconds(headers.get(f"x-ratelimit-reset-{name}"))
            if left == 0 and 0 < reset <= LONGEST_WAIT_SECONDS:
                self._not_before = max(self._not_before, now + reset)

    def _enter(self, tokens: int) -> None:
        with self._changed:
            while (wait := self._wait(tokens)) is not None:
                self._changed.wait(wait or None)
            self._inside += 1
            if self._requests is not None:
                self._requests.take(1)
            if self._tokens is not None:
                self._tokens.take(tokens)

    def _wait(self, tokens: int) -> float | None:
        """Seconds to wait before trying again; 0 until someone leaves; None when one may go."""
        if self._inside >= max(1, int(self._limit)):
            return 0.0
        now = self._clock()
        wait = max(
            self._not_before - now,
            self._requests.wait(1, now) if self._requests is not None else 0.0,
            self._tokens.wait(tokens, now) if self._tokens is not None else 0.0,
        )
        return wait if wait > 0 else None


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and value.strip().isdigit() else None


def _seconds(value: str | None) -> float:
    """« 6m0s », « 20ms » or plain seconds, as seconds; 0 for anything else."""
    if not value:
        return 0.0
    if found := _DURATION.findall(value):
        return sum(float(number) * _UNITS[unit] for number, unit in found)
    return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else 0.0
