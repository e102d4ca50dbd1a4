"""From the rows of a run to its figures: overall, by part, épreuve, group and criterion."""

from collections.abc import Callable, Sequence
from typing import Final

from assistant.evaluation import bootstrap, coverage, formulas
from assistant.evaluation.baselines import BASELINES, BaselineName, baseline
from assistant.evaluation.bootstrap import Interval
from assistant.evaluation.catalogue import BY_ID, STATISTICS, VERDICTS, Statistic
from assistant.evaluation.comparison import Difference, differences
from assistant.evaluation.recall import ATTENDU_DEPTH, CRITERION_DEPTH
from assistant.evaluation.run import Row, Run
from assistant.evaluation.sets import PARTS, Part
from ingest.types import Frozen

#: The name of both parts together.
WHOLE: Final = "tout"
#: What a judge must do better than those who know nothing.
COMPARED: Final = tuple(
    BY_ID[name]
    for name in (
        "agreement",
        "kappa",
        "kappa_quadratic",
        "macro_f1",
        "balanced_accuracy",
        "defect_recall",
    )
)


class Measure(Frozen):
    """One figure. `size`: how many observations; `note_fr` says what is withheld, and why."""

    id: str
    value: float | None
    size: int
    interval: Interval | None = None
    note_fr: str = ""


class RecallPoint(Frozen):
    """Share of the gold citations found among the k first passages."""

    k: int
    recall: float


class Spent(Frozen):
    """What the drafts used. Units: tokens, euros (None without a price), seconds of judging."""

    criteria: int
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_eur: float | None
    seconds: float


class Slice(Frozen):
    """The figures of some rows. `confusion`: gold verdicts by drafts, failures last."""

    id: str
    label_fr: str
    rows: int
    candidates: int
    measures: tuple[Measure, ...]
    confusion: tuple[tuple[int, ...], ...] = ()

    def __getitem__(self, statistic: str) -> Measure:
        """Raises `KeyError` for a figure this slice does not hold."""
        for measure in self.measures:
            if measure.id == statistic:
                return measure
        raise KeyError(statistic)


class PartFigures(Frozen):
    """All that is said of one part of the set, or of the whole of it.

    `gaps`: the judge's figures minus each baseline's, candidates drawn in pairs.
    """

    part: str
    overall: Slice
    baselines: dict[BaselineName, Slice]
    gaps: dict[BaselineName, tuple[Difference, ...]]
    epreuves: tuple[Slice, ...]
    groups: tuple[Slice, ...]
    criteria: tuple[Slice, ...]
    risk_curve: tuple[coverage.CoveragePoint, ...]
    risk_area: float | None
    bands: tuple[coverage.Band, ...]
    recall_criterion: tuple[RecallPoint, ...]
    recall_attendu: tuple[RecallPoint, ...]


class Figures(Frozen):
    """The figures of a run, part by part, then on all of it."""

    parts: tuple[PartFigures, ...]
    spent: Spent

    def part(self, name: str) -> PartFigures:
        """Raises `KeyError` when the run holds nothing of that part."""
        for part in self.parts:
            if part.part == name:
                return part
        raise KeyError(name)


def measure(run: Run, *, baselines: Sequence[BaselineName] = BASELINES) -> Figures:
    """Every figure of a run. Raises: `EvaluationNeedsLibrary`."""
    drafted = {name: baseline(name, run.rows) for name in baselines}
    held = {name: rows for name, rows in drafted.items() if rows is not None}
    present = [part for part in PARTS if any(row.part == part for row in run.rows)]
    parts = [_part(part, run.rows, held) for part in present]
    if len(present) > 1:
        parts.append(_part(None, run.rows, held))
    return Figures(parts=tuple(parts), spent=_spent(run.rows))


def _part(
    part: Part | None, rows: Sequence[Row], held: dict[BaselineName, tuple[Row, ...]]
) -> PartFigures:
    """The figures of a part; of all rows without one."""
    own = _of(part, rows)
    points = coverage.curve(own)
    return PartFigures(
        part=part or WHOLE,
        overall=slice_of(WHOLE, "Ensemble", own, STATISTICS),
        baselines={
            key: slice_of(key, key, _of(part, guessed), VERDICTS) for key, guessed in held.items()
        },
        gaps={key: differences(_of(part, g), own, COMPARED) for key, g in held.items()},
        epreuves=_slices(own, lambda row: row.epreuve),
        groups=_slices(own, lambda row: row.group),
        criteria=_slices(own, lambda row: row.criterion),
        risk_curve=points,
        risk_area=coverage.area(points),
        bands=coverage.bands(own),
        recall_criterion=_recall_criterion(own),
        recall_attendu=_recall_attendu(own),
    )


def _of(part: Part | None, rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if part is None or row.part == part]


def _slices(rows: Sequence[Row], key: Callable[[Row], str]) -> tuple[Slice, ...]:
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=key):
        groups.setdefault(key(row), []).append(row)
    return tuple(slice_of(name, name, own, STATISTICS) for name, own in groups.items())


def slice_of(
    slice_id: str, label_fr: str, rows: Sequence[Row], statistics: Sequence[Statistic]
) -> Slice:
    """The figures of some rows, at least one."""
    table = formulas.table_of(rows)
    return Slice(
        id=slice_id,
        label_fr=label_fr,
        rows=len(rows),
        candidates=len({row.candidate for row in rows}),
        measures=tuple(_measure(statistic, rows) for statistic in statistics),
        confusion=tuple(tuple(int(cell) for cell in line) for line in table),
    )


def _measure(statistic: Statistic, rows: Sequence[Row]) -> Measure:
    size = round(statistic.size(statistic.counts(rows)))
    if why := statistic.withheld(rows):
        return Measure(id=statistic.id, value=None, size=size, note_fr=why)
    value = statistic.value(rows)
    if value is None:
        note = "rien ne varie : le hasard explique tout"
        return Measure(id=statistic.id, value=None, size=size, note_fr=note)
    return Measure(
        id=statistic.id,
        value=value,
        size=size,
        interval=bootstrap.interval(statistic, rows),
        note_fr=bootstrap.too_small(statistic, rows),
    )


def _recall_criterion(rows: Sequence[Row]) -> tuple[RecallPoint, ...]:
    ranks = [row.retrieval.rank for row in rows if row.retrieval]
    return _recall(ranks, CRITERION_DEPTH)


def _recall_attendu(rows: Sequence[Row]) -> tuple[RecallPoint, ...]:
    hits = [row.retrieval for row in rows if row.retrieval]
    return _recall([hit.attendu_rank for hit in hits if hit.attendu is not None], ATTENDU_DEPTH)


def _recall(ranks: Sequence[int | None], depth: int) -> tuple[RecallPoint, ...]:
    if not ranks:
        return ()
    return tuple(
        RecallPoint(k=k, recall=sum(r is not None and r <= k for r in ranks) / len(ranks))
        for k in range(1, depth + 1)
    )


def _spent(rows: Sequence[Row]) -> Spent:
    """Each draft once, even when two files of an épreuve carry labels for it."""
    drafts = {(row.candidate, row.epreuve, row.criterion): row for row in rows}.values()
    costs = [row.usage.cost_eur for row in drafts if row.usage.cost_eur is not None]
    return Spent(
        criteria=len(drafts),
        calls=sum(row.usage.calls for row in drafts),
        input_tokens=sum(row.usage.input_tokens for row in drafts),
        cached_tokens=sum(row.usage.cached_tokens for row in drafts),
        output_tokens=sum(row.usage.output_tokens for row in drafts),
        cost_eur=round(sum(costs), 6) if costs else None,
        seconds=round(sum(row.seconds for row in drafts), 3),
    )
