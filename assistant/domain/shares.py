"""A share counted on a sample, with how far it can be trusted."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import Self

from pydantic import Field, model_validator

from ingest.types import Frozen

#: The quantile of a two-sided interval at 95 %.
_Z = NormalDist().inv_cdf(0.975)


class Share(Frozen):
    """`count` cases out of `size`."""

    count: int = Field(default=0, ge=0)
    size: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_a_part(self) -> Self:
        if self.count > self.size:
            raise ValueError(f"{self.count} of {self.size}")
        return self

    @property
    def value(self) -> float | None:
        """From 0 to 1; None of an empty sample."""
        return self.count / self.size if self.size else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 %; the whole scale for an empty sample.

        It takes the cases for independent of each other.
        """
        if not self.size:
            return 0.0, 1.0
        n, share, z2 = self.size, self.count / self.size, _Z * _Z
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        reach = _Z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        return max(0.0, centre - reach), min(1.0, centre + reach)

    def enough(self, least: int) -> bool:
        """Whether the sample is large enough to be shown as a share."""
        return self.size >= max(1, least)


def share_of(answers: Sequence[bool]) -> Share:
    """How many are true."""
    return Share(count=sum(answers), size=len(answers))
