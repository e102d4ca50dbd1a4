"""What changed between two runs over the same labels, and what of it is more than noise."""

from collections.abc import Sequence

from assistant.domain.verdict import Verdict
from assistant.errors import MeasuresInvalid
from assistant.evaluation import bootstrap
from assistant.evaluation.bootstrap import Interval
from assistant.evaluation.catalogue import STATISTICS, Statistic
from assistant.evaluation.run import Row, Run
from ingest.types import Frozen


class Difference(Frozen):
    """One figure on both sides. `beyond_noise`: None when the sample is too small to tell.

    `interval` is that of `after` minus `before`, the same candidates drawn on both sides.
    """

    id: str
    before: float | None
    after: float | None
    interval: Interval | None = None
    note_fr: str = ""

    @property
    def change(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def beyond_noise(self) -> bool | None:
        return self.interval.excludes_zero if self.interval else None


class Flip(Frozen):
    """A criterion whose draft is not the same in both runs."""

    candidate: str
    criterion: str
    gold: Verdict
    before: Verdict | None
    after: Verdict | None

    @property
    def became_right(self) -> bool:
        return self.after is self.gold

    @property
    def became_wrong(self) -> bool:
        return self.before is self.gold


class Comparison(Frozen):
    """Two runs side by side, on the rows that both have."""

    rows: int
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]


def compare(before: Run, after: Run, *, name: str = "") -> Comparison:
    """Figure by figure and criterion by criterion; `name` is what errors call the first run.

    Raises: `MeasuresInvalid` when the labels are not the same; `EvaluationNeedsLibrary`.
    """
    old, new = common_rows(before, after, name=name)
    flips = tuple(
        Flip(
            candidate=a.candidate,
            criterion=a.criterion,
            gold=a.gold,
            before=b.draft,
            after=a.draft,
        )
        for b, a in zip(old, new, strict=True)
        if b.draft is not a.draft
    )
    return Comparison(rows=len(new), differences=differences(old, new, STATISTICS), flips=flips)


def common_rows(before: Run, after: Run, *, name: str = "") -> tuple[list[Row], list[Row]]:
    """The rows that both runs have, in the same order.

    Raises: `MeasuresInvalid` when the labels are not the same, or no row is common.
    """
    path = name or before.set.name
    if before.set.labels_hash != after.set.labels_hash:
        problem = (
            f"elles portent sur d'autres étiquettes (« {before.set.name} » version "
            f"{before.set.version}, au lieu de « {after.set.name} » version {after.set.version})."
        )
        raise MeasuresInvalid(problem, path=path, problem=problem)
    olds = {row.key: row for row in before.rows}
    new = [row for row in after.rows if row.key in olds]
    if not new:
        problem = "elles n'ont aucun critère en commun avec les autres (parties différentes ?)."
        raise MeasuresInvalid(problem, path=path, problem=problem)
    return [olds[row.key] for row in new], new


def differences(
    before: Sequence[Row], after: Sequence[Row], statistics: Sequence[Statistic]
) -> tuple[Difference, ...]:
    """The figures of two lists of the same rows, those that say nothing on either side left out."""
    found = (_difference(statistic, before, after) for statistic in statistics)
    return tuple(d for d in found if d.before is not None or d.after is not None)


def _difference(statistic: Statistic, before: Sequence[Row], after: Sequence[Row]) -> Difference:
    values = [
        None if statistic.withheld(rows) else statistic.value(rows) for rows in (before, after)
    ]
    if None in values:
        return Difference(id=statistic.id, before=values[0], after=values[1])
    note = bootstrap.too_small(statistic, before) or bootstrap.too_small(statistic, after)
    return Difference(
        id=statistic.id,
        before=values[0],
        after=values[1],
        interval=bootstrap.difference(statistic, before, after),
        note_fr=note,
    )
