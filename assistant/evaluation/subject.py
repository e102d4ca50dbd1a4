"""What the harness asks of the product: the same use cases as a person's, freshly installed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from assistant.domain.case import Passages
from assistant.domain.dossier import Dossier
from assistant.domain.finding import EngineId, Finding
from assistant.domain.rubric import Criterion, RetrievalSettings, RubricSet


class Bench(Protocol):
    """The retrieval of one épreuve of one dossier."""

    def passages(self, criterion: Criterion, settings: RetrievalSettings | None = None) -> Passages:
        """What is retrieved, with the rubric's settings unless others are tried."""
        ...


class Subject(Protocol):
    """An installation of the product whose store is empty."""

    @property
    def engine(self) -> EngineId:
        """The judge under test. Raises: `ModelNotConfigured`."""
        ...

    @property
    def rubrics(self) -> RubricSet: ...

    def open(self, folder: Path) -> Dossier:
        """Read a candidate's folder. Raises: a `UserFacingError`."""
        ...

    def review(self, dossier: Dossier, epreuve: str) -> tuple[Finding, ...]:
        """Draft every criterion of an épreuve. Raises: a `UserFacingError`."""
        ...

    def bench(self, dossier: Dossier, epreuve: str) -> Bench:
        """Raises: a `UserFacingError`."""
        ...


#: Installs the product anew, for the time of a `with`.
Installer = Callable[[], AbstractContextManager[Subject]]
