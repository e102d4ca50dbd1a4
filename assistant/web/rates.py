"""How often one person, or one address, may ask for what costs: a token bucket in memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from fastapi import Request
from fastapi.params import Depends
from starlette.requests import HTTPConnection

from assistant.web.errors import TooManyRequests
from assistant.web.site import person_or_none, site_of
from ingest.types import Frozen

#: Beyond this many askers the least recent are forgotten: the memory stays bounded.
_ASKERS: Final = 10_000


class Rate(Frozen):
    """`burst` at once, then one more every `seconds`."""

    burst: int
    seconds: float


RATES: Final[dict[str, Rate]] = {
    "connexion": Rate(burst=20, seconds=6),
    "envoi": Rate(burst=60, seconds=2),
    "pré-examen": Rate(burst=20, seconds=30),
}


class Rates:
    """The buckets of one process. Thread-safe.

    Units: `clock` in seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, kind: str, asker: str) -> None:
        """Count one request of a kind of `RATES`. Raises: `TooManyRequests`."""
        rate, now = RATES[kind], self._clock()
        with self._lock:
            left, seen = self._buckets.pop((kind, asker), (float(rate.burst), now))
            left = min(float(rate.burst), left + (now - seen) / rate.seconds)
            self._buckets[kind, asker] = (max(left - 1, 0.0) if left >= 1 else left, now)
            while len(self._buckets) > _ASKERS:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyRequests(f"{kind} by {asker}")


class _Limited:
    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, request: Request) -> None:
        site_of(request).rates.take(self.kind, asker_of(request))


def limited(kind: str) -> Depends:
    """For `dependencies=[…]` of a route, after its policy; `kind` is one of `RATES`."""
    assert kind in RATES
    return Depends(_Limited(kind))


def asker_of(request: HTTPConnection) -> str:
    """The person, or before log-in the address."""
    person = person_or_none(request)
    return f"personne {person.id}" if person is not None else f"adresse {address_of(request)}"


def address_of(request: HTTPConnection) -> str:
    """Where the request comes from, as a trusted proxy says or as the connection shows."""
    return request.client.host if request.client else ""
