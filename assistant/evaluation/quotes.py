"""Whether the quotes that a draft shows are in the files, by an independent reading."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from assistant.domain.finding import CriterionFinding, Evidence
from assistant.evaluation.run import QuoteCheck
from assistant.evaluation.second_reader import SecondReading, read_again
from ingest.types import Document


class QuoteInspector:
    """Checks quotes against a dossier's files, read again from disk.

    `documents` were extracted anew by another installation; `read_again` shares no reader with
    it.
    """

    def __init__(self, folder: Path, documents: Iterable[Document]) -> None:
        self._folder = folder
        self._documents = {document.sha256: document for document in documents}
        self._readings: dict[str, SecondReading | None] = {}

    def inspect(self, finding: CriterionFinding) -> QuoteCheck:
        """Count the quotes shown, and those found again in each way."""
        shown = tuple(shown_quotes(finding))
        readings = [(evidence, self._reading(evidence.filename)) for evidence in shown]
        readable = [(evidence, reading) for evidence, reading in readings if reading]
        return QuoteCheck(
            shown=len(shown),
            reread=sum(self._is_same_slice(evidence) for evidence in shown),
            second_readable=len(readable),
            second_read=sum(r.holds(e.quote, e.locator.channel) for e, r in readable),
        )

    def _is_same_slice(self, evidence: Evidence) -> bool:
        document = self._documents.get(evidence.sha256)
        return document is not None and (
            document.text[evidence.start : evidence.end] == evidence.quote
        )

    def _reading(self, filename: str) -> SecondReading | None:
        if filename not in self._readings:
            self._readings[filename] = read_again(self._folder / filename)
        return self._readings[filename]


def shown_quotes(finding: CriterionFinding) -> Iterator[Evidence]:
    """All that a screen or an export shows as the candidate's words."""
    yield from finding.evidence
    for check in finding.checks:
        yield from check.observed
    yield from finding.search.nearest
