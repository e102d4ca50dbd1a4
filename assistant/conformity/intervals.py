"""How sure a share is when it stands on a handful of cases."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Share:
    """`agreed` of `size` cases, with Wilson's interval at 95 % (Wilson 1927).

    It holds for independent cases: here, of different candidates nearly always. It is wide on one
    to three cases, and that is what it is for.
    """

    agreed: int
    size: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound, between 0 and 1."""
        share = self.agreed / self.size
        weight = _Z**2 / self.size
        middle = (share + weight / 2) / (1 + weight)
        half = _Z * sqrt(share * (1 - share) / self.size + weight / (4 * self.size)) / (1 + weight)
        return max(0.0, middle - half), min(1.0, middle + half)
