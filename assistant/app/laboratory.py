"""The product installed in a temporary folder, for measuring it: real store, nothing kept."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.app import App, build_app
from assistant.app.cases import EpreuveBench
from assistant.app.judges import build_index, build_judge
from assistant.domain.dossier import Dossier
from assistant.domain.finding import EngineId, Finding, JudgeName
from assistant.domain.rubric import RubricSet
from assistant.settings import Settings


class Laboratory:
    """An `App` with one judge, whose store starts empty."""

    def __init__(self, app: App, judge: JudgeName) -> None:
        self._app = app
        self._judge = judge
        self._index = build_index(app.settings)

    @property
    def engine(self) -> EngineId:
        """The judge under test. Raises: `ModelNotConfigured`."""
        return build_judge(self._judge, self._app.settings).engine

    @property
    def rubrics(self) -> RubricSet:
        return self._app.rubrics

    def open(self, folder: Path) -> Dossier:
        """Raises: as `App.open` does."""
        return self._app.open(folder)

    def review(self, dossier: Dossier, epreuve: str) -> tuple[Finding, ...]:
        """Raises: as `App.review` does."""
        return self._app.review(dossier, epreuve, judge=self._judge)

    def bench(self, dossier: Dossier, epreuve: str) -> EpreuveBench:
        """The épreuve's retrieval, on its own. Raises: `UnknownEpreuve`."""
        return EpreuveBench(dossier, self._app.rubric(epreuve), self.rubrics, self._index)


@contextmanager
def laboratory(settings: Settings, judge: JudgeName) -> Iterator[Laboratory]:
    """Install the product with these settings, its data in a folder that is deleted at the end.

    Raises: as `build_app` does.
    """
    with tempfile.TemporaryDirectory(prefix="preuve-eval-", ignore_cleanup_errors=True) as folder:
        own = settings.model_copy(update={"data_dir": Path(folder)})
        yield Laboratory(build_app(own), judge)
