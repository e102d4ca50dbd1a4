"""Figures in French, the same in every output."""

from collections.abc import Sequence
from typing import Final

from assistant.domain.finding import EngineId
from assistant.evaluation.baselines import LABELS as BASELINE_LABELS
from assistant.evaluation.baselines import NAMES as BASELINE_NAMES
from assistant.evaluation.bootstrap import Interval
from assistant.evaluation.catalogue import BY_ID
from assistant.evaluation.comparison import Difference
from assistant.evaluation.figures import Measure, Slice, Spent
from assistant.evaluation.gate import GateCheck

NOTHING: Final = "—"
PART_LABELS: Final = {
    "regarder": "Partie à regarder (réglages faits dessus)",
    "garder": "Partie gardée (jamais regardée pour régler)",
    "tout": "Les deux parties",
}
VERDICT_LABELS: Final = ("acquis", "partiel", "non acquis", "non évaluable", "échec")
_NBSP: Final = "\u00a0"
_MINUS: Final = "\u2212"

__all__ = ["BASELINE_LABELS", "BASELINE_NAMES"]


def number(value: float | None, kind: str) -> str:
    """« 45,5 % », « 0,27 » or « −0,14 »; a dash when there is no figure."""
    if value is None:
        return NOTHING
    if kind == "share":
        return f"{_decimal(100 * value, 1)}{_NBSP}%"
    sign = "+" if kind == "ranks" and value > 0 else ""
    return sign + _decimal(value, 2)


def _decimal(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".replace(".", ",")
    if float(f"{value:.{digits}f}") == 0:
        return text.lstrip("-")
    return text.replace("-", _MINUS)


def measure_text(measure: Measure) -> str:
    """The figure, or a dash."""
    return number(measure.value, BY_ID[measure.id].kind)


def interval_text(interval: Interval | None, kind: str) -> str:
    """« 37,0 % à 54,0 % »; empty without an interval."""
    if interval is None:
        return ""
    return f"{number(interval.low, kind)} à {number(interval.high, kind)}"


def baseline_text(baseline: Slice, statistic: str) -> str:
    """A baseline's figure; empty for one that a baseline cannot have."""
    known = {measure.id for measure in baseline.measures}
    return measure_text(baseline[statistic]) if statistic in known else ""


def measure_note(measure: Measure) -> str:
    """The interval, or why there is none."""
    return interval_text(measure.interval, BY_ID[measure.id].kind) or measure.note_fr


def why_no_interval(overall: Slice) -> str:
    """Why no figure at all has an interval, when that is so."""
    if any(measure.interval for measure in overall.measures):
        return ""
    return next((m.note_fr for m in overall.measures if m.value is not None), "")


def change_text(difference: Difference) -> str:
    """The change, signed; shares in points."""
    return NOTHING if difference.change is None else _change(difference.change, difference.id)


def _change(value: float, statistic: str) -> str:
    sign = "+" if value > 0 else ""
    if BY_ID[statistic].kind == "share":
        return f"{sign}{_decimal(100 * value, 1)}{_NBSP}pt"
    return sign + _decimal(value, 2)


def noise_text(difference: Difference) -> str:
    """Whether the change is more than noise, in French."""
    if difference.interval is None:
        return difference.note_fr or "on ne peut pas le dire"
    low, high = difference.interval.low, difference.interval.high
    shown = f"{_change(low, difference.id)} à {_change(high, difference.id)}"
    word = "au-delà du bruit" if difference.beyond_noise else "dans le bruit"
    return f"{word} (écart : {shown})"


def gate_text(check: GateCheck) -> str:
    """One sentence on a guarded figure."""
    statistic = BY_ID[check.id]
    kind = statistic.kind
    said = f"{statistic.label_fr} : {number(check.before, kind)} → {number(check.after, kind)}"
    tolerance = f"tolérance {number(check.tolerance, kind)} ({check.noise_fr})"
    return f"{said}, {tolerance}."


def engine_text(engine: EngineId) -> str:
    """« moteur embarqué embedded/1, consigne embedded_cues.v1 (17856cf6ac57) »."""
    kind = "moteur embarqué" if engine.engine == "embedded" else "modèle de langage"
    parts = [f"{kind} {engine.version}"]
    if engine.model:
        parts.append(f"modèle {engine.model}")
    if engine.prompt:
        parts.append(f"consigne {engine.prompt} ({engine.prompt_hash[:12]})")
    if mode := engine.parameters.get("mode"):
        parts.append(f"manière « {mode} »")
    return ", ".join(parts)


def spent_text(spent: Spent) -> str:
    """Tokens, cost and time, in one sentence."""
    cost = "coût inconnu" if spent.cost_eur is None else f"{_decimal(spent.cost_eur, 2)} €"
    if not spent.calls:
        cost = "aucun appel de modèle"
    return (
        f"{spent.criteria} critères ; {spent.calls} appels ; {thousands(spent.input_tokens)} "
        f"tokens lus dont {thousands(spent.cached_tokens)} en cache, "
        f"{thousands(spent.output_tokens)} écrits ; {cost} ; "
        f"{_decimal(spent.seconds, 1)} s de jugement."
    )


def thousands(count: int) -> str:
    """« 12 345 » with a thin no-break space."""
    return f"{count:,}".replace(",", "\u202f")


def most_confused(confusion: Sequence[Sequence[int]], limit: int = 3) -> list[str]:
    """The commonest disagreements, in words."""
    cells = [
        (count, gold, draft)
        for gold, line in enumerate(confusion)
        for draft, count in enumerate(line)
        if count and gold != draft
    ]
    ranked = sorted(cells, key=lambda cell: (-cell[0], cell[1], cell[2]))[:limit]
    return [
        f"{count} fois « {VERDICT_LABELS[gold]} » dit « {VERDICT_LABELS[draft]} »"
        for count, gold, draft in ranked
    ]
