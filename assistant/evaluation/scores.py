"""Agreement between two lists of verdicts, by a kept library (scikit-learn).

The library is an optional part of the installation: it is imported when a figure is asked for.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any, Final

from assistant.domain.verdict import Verdict
from assistant.errors import EvaluationNeedsLibrary

#: The ordered scale; what is not assessable is on no scale.
ORDERED: Final = (Verdict.NOT_MET, Verdict.PARTIALLY_MET, Verdict.MET)
RANK: Final = {verdict: rank for rank, verdict in enumerate(ORDERED)}
#: How a failed draft is named among the drafts.
FAILURE: Final = "echec"


def require_library() -> None:
    """Raises: `EvaluationNeedsLibrary` when the library is not installed."""
    _metrics()


def cohen_kappa(gold: Sequence[str], drafts: Sequence[str]) -> float | None:
    """Unweighted κ over all labels; None when nothing varies, since chance explains all."""
    if len({*gold, *drafts}) < 2:
        return None
    return _number(_metrics().cohen_kappa_score(list(gold), list(drafts)))


def quadratic_kappa(gold: Sequence[int], drafts: Sequence[int], levels: int = 3) -> float | None:
    """κ with quadratic weights on ranks from 0 to `levels` - 1; None when nothing varies."""
    if len({*gold, *drafts}) < 2:
        return None
    labels = list(range(levels))
    return _number(
        _metrics().cohen_kappa_score(list(gold), list(drafts), labels=labels, weights="quadratic")
    )


def macro_f1(gold: Sequence[str], drafts: Sequence[str]) -> float | None:
    """Mean F1 of the verdicts that the gold labels hold; a verdict never drafted counts zero."""
    if not gold:
        return None
    return _number(
        _metrics().f1_score(
            list(gold), list(drafts), labels=sorted(set(gold)), average="macro", zero_division=0.0
        )
    )


def balanced_accuracy(gold: Sequence[str], drafts: Sequence[str]) -> float | None:
    """Mean recall of the verdicts that the gold labels hold."""
    if not gold:
        return None
    return _number(
        _metrics().recall_score(
            list(gold), list(drafts), labels=sorted(set(gold)), average="macro", zero_division=0.0
        )
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _metrics() -> Any:
    try:
        with warnings.catch_warnings():  # what its own dependencies announce at import is not ours
            warnings.simplefilter("ignore")
            from sklearn import metrics
    except ImportError as error:
        raise EvaluationNeedsLibrary(str(error), library="scikit-learn") from error
    return metrics
