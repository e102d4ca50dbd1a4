"""Computed checks: what can be recomputed from a candidate's files, without any model.

Each check is a small pure function over extracted documents. It is silent when the extraction is
doubtful: a doubt never speaks against a candidate.
"""

from collections.abc import Sequence

from assistant.checks.context import CheckContext
from assistant.checks.registry import CHECKS
from assistant.domain.case import ComparedPiece
from assistant.domain.finding import CheckOutcome, CheckResult
from assistant.domain.rubric import Certification, Criterion, Rubric
from ingest.types import Document

__all__ = ["CHECKS", "run_checks"]


def run_checks(
    criterion: Criterion,
    rubric: Rubric,
    certification: Certification,
    deliverables: Sequence[Document],
    pieces: Sequence[ComparedPiece],
) -> tuple[CheckResult, ...]:
    """Run the checks whose codes the criterion lists; a code we do not know is passed over."""
    results: list[CheckResult] = []
    for code in dict.fromkeys(criterion.controles.codes):
        if check := CHECKS.get(code):
            context = CheckContext(
                code=code,
                criterion=criterion,
                rubric=rubric,
                certification=certification,
                deliverables=tuple(deliverables),
                pieces=tuple(pieces),
            )
            results += _merged(list(check(context)))
    return tuple(results)


def _merged(results: list[CheckResult]) -> list[CheckResult]:
    """What conforms is told in one result per attendu and strength; each gap keeps its own."""
    kept: list[CheckResult] = []
    conforming: dict[tuple[str, int | None], int] = {}
    for result in results:
        key = (result.strength, result.attendu)
        if result.outcome is not CheckOutcome.OK:
            kept.append(result)
        elif key not in conforming:
            conforming[key] = len(kept)
            kept.append(result)
        else:
            first = kept[conforming[key]]
            seen = {(e.sha256, e.start, e.end): e for e in (*first.observed, *result.observed)}
            kept[conforming[key]] = first.model_copy(
                update={
                    "message_fr": f"{first.message_fr}\n{result.message_fr}",
                    "observed": tuple(seen.values()),
                }
            )
    return kept
