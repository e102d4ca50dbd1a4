"""Intervals by resampling candidates: criteria of one candidate are not independent trials."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from assistant.evaluation.catalogue import Statistic, counted
from assistant.evaluation.formulas import Counts
from assistant.evaluation.run import Row
from ingest.types import Frozen

REPLICATES: Final = 2000
#: Below these, an interval would promise more than the sample can tell.
MIN_CANDIDATES: Final = 5
MIN_SIZE: Final = 20
_SEED: Final = 20260301
_TAILS: Final = (2.5, 97.5)


class Interval(Frozen):
    """A 95 % percentile interval, in the figure's own unit."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def too_small(statistic: Statistic, rows: Sequence[Row]) -> str:
    """Why no interval is given, in French; empty when one can be."""
    concerned = [row for row in rows if statistic.size(statistic.count(row)) > 0]
    candidates, size = len({row.candidate for row in concerned}), _size(statistic, concerned)
    if candidates < MIN_CANDIDATES:
        return f"{counted(candidates, 'candidat')}, il en faut {MIN_CANDIDATES}"
    if size < MIN_SIZE:
        return f"{counted(size, 'observation')}, il en faut {MIN_SIZE}"
    return ""


def _size(statistic: Statistic, rows: Sequence[Row]) -> int:
    return round(statistic.size(statistic.counts(rows))) if rows else 0


def interval(statistic: Statistic, rows: Sequence[Row]) -> Interval | None:
    """The interval of a figure; None when the sample is too small."""
    if too_small(statistic, rows):
        return None
    return _percentiles(_replicates(statistic, _by_candidate(statistic, rows)))


def difference(
    statistic: Statistic, before: Sequence[Row], after: Sequence[Row]
) -> Interval | None:
    """The interval of `after` minus `before`, the same candidates drawn on both sides.

    None when the sample is too small. Both runs must have the same rows, in the same order.
    """
    if too_small(statistic, before) or too_small(statistic, after):
        return None
    old = _replicates(statistic, _by_candidate(statistic, before))
    new = _replicates(statistic, _by_candidate(statistic, after))
    return _percentiles(new - old)


def _by_candidate(statistic: Statistic, rows: Sequence[Row]) -> Counts:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.candidate, []).append(row)
    return np.stack([statistic.counts(own) for own in groups.values()])


def _replicates(statistic: Statistic, counts: Counts) -> Counts:
    with np.errstate(divide="ignore", invalid="ignore"):
        return statistic.of(_weights(len(counts)) @ counts)


@lru_cache(maxsize=64)
def _weights(candidates: int) -> Counts:
    """How often each candidate is drawn in each replicate; the same draws every time."""
    draws = np.random.default_rng(_SEED).multinomial(
        candidates, [1 / candidates] * candidates, size=REPLICATES
    )
    return draws.astype(np.float64)


def _percentiles(values: Counts) -> Interval | None:
    kept = values[np.isfinite(values)]
    if not len(kept):
        return None
    low, high = np.percentile(kept, _TAILS)
    return Interval(low=float(low), high=float(high))
