"""Computed checks: what can be recomputed from a candidate's files, without any model.

Each check is a small pure function over extracted documents. It is silent when the extraction is
doubtful: a doubt never speaks against a candidate.
"""

from collections.abc import Sequence
from typing import Final

from assistant.checks.context import CheckContext
from assistant.checks.registry import CHECKS
from assistant.domain.case import ComparedPiece
from assistant.domain.finding import CheckOutcome, CheckResult
from assistant.domain.rubric import Certification, Criterion, Rubric
from ingest.types import Document

__all__ = ["CHECKS", "run_checks"]

#: Conforming messages shown one by one; the rest is counted.
SHOWN: Final = 6


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
    conforming: dict[tuple[str, int | None], list[CheckResult]] = {}
    for result in results:
        if result.outcome is CheckOutcome.OK:
            conforming.setdefault((result.strength, result.attendu), []).append(result)
        else:
            kept.append(result)
    return kept + [_joined(group) for group in conforming.values()]


def _joined(group: list[CheckResult]) -> CheckResult:
    """One result for several: the first messages, and how many more there are."""
    lines = list(dict.fromkeys(result.message_fr for result in group))
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], f"… et {len(lines) - SHOWN} autres vérifications conformes."]
    seen = {(e.sha256, e.start, e.end): e for result in group for e in result.observed}
    return group[0].model_copy(
        update={"message_fr": "\n".join(lines), "observed": tuple(seen.values())[: 3 * SHOWN]}
    )
