"""A gate: does this run still agree as much, as severely, with as exact quotes as the reference?

A figure moved when it is worse than the reference by more than what rerunning the same thing
changes. The embedded engine is deterministic: rerunning it changes nothing, so any loss counts. A
language model's noise comes from the reruns that either run holds, else from resampling the
candidates.
"""

from collections.abc import Sequence
from statistics import stdev
from typing import Final

from assistant.evaluation import bootstrap
from assistant.evaluation.catalogue import BY_ID, Statistic
from assistant.evaluation.comparison import common_rows
from assistant.evaluation.run import Row, Run
from ingest.types import Frozen

GUARDED: Final = ("agreement", "leniency", "quote_exactness")
_ROUNDING: Final = 1e-9
_SPREADS: Final = 2.0  # standard deviations of a difference that reruns may bring


class GateCheck(Frozen):
    """One guarded figure. `tolerance`: how much worse it may be, and `noise_fr` why."""

    id: str
    before: float | None
    after: float | None
    tolerance: float
    noise_fr: str
    passed: bool


class Gate(Frozen):
    """The guarded figures, and whether all of them held."""

    rows: int
    checks: tuple[GateCheck, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)


def run_gate(reference: Run, run: Run, *, name: str = "") -> Gate:
    """Compare a run with its reference. Raises: `MeasuresInvalid`, as `common_rows` does."""
    before, after = common_rows(reference, run, name=name)
    checks = tuple(_check(BY_ID[guarded], before, after, reference, run) for guarded in GUARDED)
    return Gate(rows=len(after), checks=checks)


def _check(
    statistic: Statistic, before: Sequence[Row], after: Sequence[Row], reference: Run, run: Run
) -> GateCheck:
    old, new = _value(statistic, before), _value(statistic, after)
    tolerance, noise = _tolerance(statistic, before, after, reference, run)
    loss = _loss(statistic, old, new)
    return GateCheck(
        id=statistic.id,
        before=old,
        after=new,
        tolerance=tolerance,
        noise_fr=noise,
        passed=loss <= tolerance + _ROUNDING,
    )


def _value(statistic: Statistic, rows: Sequence[Row]) -> float | None:
    return statistic.value(rows) if statistic.size(statistic.counts(rows)) else None


def _loss(statistic: Statistic, old: float | None, new: float | None) -> float:
    """How much worse the figure is; a figure that can no longer be given is lost altogether."""
    if old is None:
        return 0.0
    if new is None:
        return abs(old) or 1.0
    if statistic.worse_when == "away":  # from zero, or across it
        return abs(new) - abs(old) if new * old >= 0 else abs(new)
    return new - old if statistic.worse_when == "higher" else old - new


def _tolerance(
    statistic: Statistic, before: Sequence[Row], after: Sequence[Row], reference: Run, run: Run
) -> tuple[float, str]:
    if statistic.id == "quote_exactness":
        return 0.0, "aucune tolérance : une citation est dans le fichier ou n'y est pas"
    if spread := _replicate_spread(statistic, reference, run):
        return _SPREADS * spread * 2**0.5, "écart entre reprises d'une même mesure"
    if run.engine.engine == "embedded" or run.replicates or reference.replicates:
        return 0.0, "aucune : les reprises donnent le même résultat"
    noise = bootstrap.difference(statistic, before, after)
    if noise is None:
        return 0.0, "inconnue : échantillon trop petit et aucune reprise (--runs)"
    return (noise.high - noise.low) / 2, "rééchantillonnage des candidats, faute de reprises"


def _replicate_spread(statistic: Statistic, *runs: Run) -> float:
    """The largest standard deviation of the figure over the reruns of either run."""
    spreads = [0.0]
    for run in runs:
        values = [_value(statistic, rows) for rows in _all_runs(run)]
        known = [value for value in values if value is not None]
        if len(known) > 1:
            spreads.append(stdev(known))
    return max(spreads)


def _all_runs(run: Run) -> list[list[Row]]:
    again = [
        [
            row.model_copy(update={"draft": draft})
            for row, draft in zip(run.rows, drafts, strict=True)
        ]
        for drafts in run.replicates
    ]
    return [list(run.rows), *again]
