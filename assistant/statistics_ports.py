"""What the statistics read: everything that people did at the desk, in a few queries."""

from collections.abc import Mapping
from typing import Protocol

from assistant.domain.statistics import Origin, Reading


class DeskRecords(Protocol):
    """Raises `StoreUnavailable` from any method."""

    def readings(self) -> tuple[Reading, ...]:
        """Every épreuve that somebody ruled on or opened."""
        ...

    def origins(self) -> Mapping[str, Origin]:
        """What made each draft that a person ruled on, by the draft's key."""
        ...
