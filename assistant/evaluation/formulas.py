"""The figures' formulas, over counts that add up over candidates.

Each takes counts along the last axis, whatever axes come before, and gives nan when there is
nothing to say. Where a kept library has the metric, its value is the one that is published
(`scores`); the formulas here give the replicates of the bootstrap, and a test holds the two equal.
"""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from assistant.domain.verdict import Verdict
from assistant.evaluation import scores
from assistant.evaluation.run import Row

Counts = npt.NDArray[np.float64]
#: A table of verdicts: rows are the gold ones, columns the drafts, failures last.
GOLD: Final = tuple(Verdict)
DRAFTS: Final = (*(verdict.value for verdict in Verdict), scores.FAILURE)
MET, PARTIAL, NOT_MET, UNKNOWN = (GOLD.index(verdict) for verdict in GOLD)
DEFECTS: Final = [PARTIAL, NOT_MET]
ORDERED: Final = [GOLD.index(verdict) for verdict in scores.ORDERED]
_SHAPE: Final = (len(GOLD), len(DRAFTS))
_STEPS: Final = np.subtract.outer(np.arange(3.0), np.arange(3.0))  # gold rank minus draft rank


def table_of(rows: Iterable[Row]) -> Counts:
    """The table of verdicts of some rows."""
    return np.asarray(np.sum([cell(row) for row in rows], axis=0)).reshape(_SHAPE)


def cell(row: Row) -> Counts:
    """One row as a table of verdicts, flattened."""
    table = np.zeros(_SHAPE)
    draft = row.draft.value if row.draft else scores.FAILURE
    table[GOLD.index(row.gold), DRAFTS.index(draft)] = 1.0
    return table.ravel()


def tables(counts: Counts) -> Counts:
    """The flattened counts as tables of verdicts."""
    return counts.reshape(*counts.shape[:-1], *_SHAPE)


def _sum(table: Counts) -> Counts:
    return np.asarray(table.sum(axis=(-2, -1)))


def agreement(counts: Counts) -> Counts:
    """Share on the diagonal."""
    table = tables(counts)
    return np.asarray(np.trace(table, axis1=-2, axis2=-1) / _sum(table))


def agreement_when_given(counts: Counts) -> Counts:
    """The same among the drafts that are on the scale."""
    given = tables(counts)[..., ORDERED]
    right = sum(given[..., gold, place] for place, gold in enumerate(ORDERED))
    return np.asarray(right / _sum(given))


def kappa(counts: Counts) -> Counts:
    """Cohen's κ; nan when chance explains all."""
    table = tables(counts)
    total = _sum(table)
    observed = np.trace(table, axis1=-2, axis2=-1) / total
    golds, drafts = table.sum(axis=-1), table.sum(axis=-2)[..., : len(GOLD)]
    expected = (golds * drafts).sum(axis=-1) / total**2
    return np.asarray((observed - expected) / (1 - expected))


def ordered(counts: Counts) -> Counts:
    """The part of the table that is on the scale on both sides."""
    return tables(counts)[..., ORDERED, :][..., ORDERED]


def quadratic_kappa(counts: Counts) -> Counts:
    """κ with quadratic weights, on the ordered part."""
    table = ordered(counts)
    golds, drafts = table.sum(axis=-1), table.sum(axis=-2)
    expected = golds[..., :, None] * drafts[..., None, :] / _sum(table)[..., None, None]
    return np.asarray(1 - _sum(_STEPS**2 * table) / _sum(_STEPS**2 * expected))


def leniency(counts: Counts) -> Counts:
    """Mean of draft rank minus gold rank, on the ordered part."""
    table = ordered(counts)
    return np.asarray(_sum(-_STEPS * table) / _sum(table))


def _mean_over_gold(per_verdict: Counts, table: Counts) -> Counts:
    """The mean over the verdicts that the gold labels hold."""
    held = table.sum(axis=-1) > 0
    kept = np.where(held, per_verdict, 0.0).sum(axis=-1)
    return np.asarray(kept / held.sum(axis=-1))


def macro_f1(counts: Counts) -> Counts:
    """Mean F1 over the verdicts that the gold labels hold."""
    table = tables(counts)
    right = np.diagonal(table, axis1=-2, axis2=-1)
    either = table.sum(axis=-1) + table.sum(axis=-2)[..., : len(GOLD)]
    return _mean_over_gold(2 * right / either, table)


def balanced_accuracy(counts: Counts) -> Counts:
    """Mean recall over the verdicts that the gold labels hold."""
    table = tables(counts)
    right = np.diagonal(table, axis1=-2, axis2=-1)
    return _mean_over_gold(right / table.sum(axis=-1), table)


def share_of(golds: list[int], drafts: list[int]) -> Callable[[Counts], Counts]:
    """Share of those gold verdicts that were drafted so."""

    def of(counts: Counts) -> Counts:
        among = tables(counts)[..., golds, :]
        return np.asarray(_sum(among[..., drafts]) / _sum(among))

    return of


def size_of(golds: list[int]) -> Callable[[Counts], float]:
    """How many rows have those gold verdicts."""
    return lambda counts: float(tables(counts)[golds].sum())


def drafted(drafts: list[int]) -> Callable[[Counts], Counts]:
    """Share of all rows that were drafted so."""

    def of(counts: Counts) -> Counts:
        table = tables(counts)
        return np.asarray(_sum(table[..., drafts]) / _sum(table))

    return of


def justified_abstention(counts: Counts) -> Counts:
    """Share of the abstentions that the gold labels make too."""
    abstained = tables(counts)[..., UNKNOWN]
    return np.asarray(abstained[..., UNKNOWN] / abstained.sum(axis=-1))


def every_row(counts: Counts) -> float:
    """All rows."""
    return float(counts.sum())


def words(rows: Iterable[Row]) -> tuple[list[str], list[str]]:
    """Gold and drafted verdicts, as words."""
    pairs = [(r.gold.value, r.draft.value if r.draft else scores.FAILURE) for r in rows]
    return [gold for gold, _ in pairs], [draft for _, draft in pairs]


def ranks(rows: Iterable[Row]) -> tuple[list[int], list[int]]:
    """Gold and drafted ranks, of the rows that are on the scale on both sides."""
    both = [(scores.RANK.get(r.gold), scores.RANK.get(r.draft) if r.draft else None) for r in rows]
    pairs = [(g, d) for g, d in both if g is not None and d is not None]
    return [gold for gold, _ in pairs], [draft for _, draft in pairs]


def ratio(found: Callable[[Row], tuple[float, float]]) -> Callable[[Row], Counts]:
    """Counts a (numerator, denominator) on each row."""
    return lambda row: np.array(found(row), dtype=np.float64)


def ratio_of(counts: Counts) -> Counts:
    """The summed numerators over the summed denominators."""
    return np.asarray(counts[..., 0] / counts[..., 1])


def ratio_size(counts: Counts) -> float:
    """The summed denominators."""
    return float(counts[1])


def known(value: float | None) -> tuple[float, float]:
    """A yes, a no or a share, counted once; nothing when it is not known."""
    return (0.0, 0.0) if value is None else (float(value), 1.0)
