"""A budget that is not crossed: what is under way counts as spent until its price is known."""

from collections.abc import Callable
from typing import Protocol

from assistant.cohort import Estimate
from assistant.domain.finding import Usage
from assistant.pricing import EuroPrice

#: A unit may turn out dearer than foreseen: it is set aside for more than its estimate.
_MORE_INPUT, _MORE_OUTPUT = 1.15, 1.6


class Reserve(Protocol):
    """What a budget sets aside for a unit before it is asked about. Units: euros."""

    def reserve(self, estimate: Estimate) -> float | None:
        """Set a unit's price aside; None when the budget has no room left for it."""
        ...

    def release(self, reserved: float) -> None:
        """The unit is over, what it cost is in what was spent."""
        ...


class Purse:
    """Not thread-safe: one thread decides what is asked.

    Units: euros. `before` is what earlier runs have spent, `spent` what this one has so far.
    """

    def __init__(
        self,
        budget: float | None,
        price: EuroPrice | None,
        *,
        before: float,
        spent: Callable[[], float],
    ) -> None:
        self._budget = budget
        self._price = price
        self._before = before
        self._spent = spent
        self._reserved = 0.0

    def reserve(self, estimate: Estimate) -> float | None:
        """Set a unit's price aside; None when the budget has no room left for it."""
        if self._budget is None or self._price is None:
            return 0.0
        wanted = self._price.cost(dearer(estimate.usage))
        if self._before + self._spent() + self._reserved + wanted > self._budget:
            return None
        self._reserved += wanted
        return wanted

    def release(self, reserved: float) -> None:
        """The unit is over, what it cost is in what was spent."""
        self._reserved -= reserved


def dearer(usage: Usage) -> Usage:
    """A unit's usage, should it turn out dearer than foreseen."""
    return usage.model_copy(
        update={
            "input_tokens": round(usage.input_tokens * _MORE_INPUT),
            "output_tokens": round(usage.output_tokens * _MORE_OUTPUT),
        }
    )
