"""Risk against coverage: how often drafts are wrong when only the most settled are kept."""

from collections.abc import Sequence
from typing import Final

from assistant.domain.verdict import Verdict
from assistant.evaluation.run import Row
from ingest.types import Frozen

#: Edges of the bands of `Row.certainty`, highest first.
_BANDS: Final = ((1.0, "tout est tranché"), (0.75, "presque tout"), (0.5, "à moitié"), (0.0, "peu"))


class CoveragePoint(Frozen):
    """Keeping drafts at least that settled: share of all criteria kept, share of those wrong."""

    certainty: float
    coverage: float
    risk: float
    kept: int


class Band(Frozen):
    """What drafts of a band of certainty were worth: how many, how many right."""

    label_fr: str
    low: float
    size: int
    right: int


def curve(rows: Sequence[Row]) -> tuple[CoveragePoint, ...]:
    """From the most settled drafts to all of them; abstentions are never kept."""
    given = [row for row in rows if _is_given(row)]
    points = []
    for level in sorted({row.certainty for row in given if row.certainty is not None})[::-1]:
        kept = [row for row in given if row.certainty is not None and row.certainty >= level]
        wrong = sum(row.draft is not row.gold for row in kept)
        points.append(
            CoveragePoint(
                certainty=level,
                coverage=len(kept) / len(rows),
                risk=wrong / len(kept),
                kept=len(kept),
            )
        )
    return tuple(points)


def area(points: Sequence[CoveragePoint]) -> float | None:
    """Mean risk along the curve, each point weighed by the coverage it adds; lower is better."""
    if not points:
        return None
    total, before = 0.0, 0.0
    for point in points:
        total += point.risk * (point.coverage - before)
        before = point.coverage
    return total / before


def bands(rows: Sequence[Row]) -> tuple[Band, ...]:
    """What each band of certainty meant on this set: agreement measured, never promised."""
    found, above = [], 1.01
    for low, label in _BANDS:
        own = [
            row
            for row in rows
            if _is_given(row) and row.certainty is not None and low <= row.certainty < above
        ]
        right = sum(row.draft is row.gold for row in own)
        found.append(Band(label_fr=label, low=low, size=len(own), right=right))
        above = low
    return tuple(band for band in found if band.size)


def _is_given(row: Row) -> bool:
    return row.draft not in (None, Verdict.NOT_ASSESSABLE)
