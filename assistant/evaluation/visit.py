"""One candidate's dossier, opened once and reviewed épreuve by épreuve."""

from pathlib import Path

from assistant.domain.dossier import Dossier
from assistant.domain.finding import CriterionFinding, Finding
from assistant.errors import NoDeliverable
from assistant.evaluation.labels import GoldLabel
from assistant.evaluation.subject import Bench, Subject


class Visit:
    """Reviews an épreuve the first time that one of its labels asks for it."""

    def __init__(self, folder: Path, dossier: Dossier, subject: Subject) -> None:
        self.folder = folder
        self.dossier = dossier
        self.subject = subject
        self._findings: dict[str, dict[str, Finding] | str] = {}
        self._benches: dict[str, Bench] = {}

    def finding(self, label: GoldLabel) -> CriterionFinding | str:
        """The draft, or the name of the error that prevented it.

        Raises: a `UserFacingError` that concerns more than this épreuve.
        """
        if label.epreuve not in self._findings:
            self._findings[label.epreuve] = self._review(label.epreuve)
        found = self._findings[label.epreuve]
        if isinstance(found, str):
            return found
        finding = found[label.critere]
        return finding if isinstance(finding, CriterionFinding) else finding.error

    def _review(self, epreuve: str) -> dict[str, Finding] | str:
        try:
            findings = self.subject.review(self.dossier, epreuve)
        except NoDeliverable as error:
            return type(error).__name__
        return {finding.criterion_id: finding for finding in findings}

    def bench(self, epreuve: str) -> Bench:
        """The épreuve's retrieval, indexed once."""
        if epreuve not in self._benches:
            self._benches[epreuve] = self.subject.bench(self.dossier, epreuve)
        return self._benches[epreuve]
