"""The product installed in a temporary folder, for measuring it: real store, nothing kept."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from assistant.app import App, build_app, build_switch
from assistant.app.cases import EpreuveBench
from assistant.app.judges import build_index, build_judge
from assistant.domain.decision import HumanDecision
from assistant.domain.dossier import Dossier
from assistant.domain.finding import EngineId, Finding, JudgeName
from assistant.domain.rubric import RubricSet
from assistant.domain.verdict import Verdict
from assistant.settings import Settings
from ingest.errors import UserFacingError

#: Older than any decision of a person, and the same in every run.
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Ruled(NamedTuple):
    """What somebody ruled on one criterion of the dossier of a folder, and why."""

    folder: Path
    epreuve: str
    criterion_id: str
    verdict: Verdict
    reason: str

    def decision(self, dossier_id: str) -> HumanDecision:
        return HumanDecision(
            dossier_id=dossier_id,
            epreuve=self.epreuve,
            criterion_id=self.criterion_id,
            assessor="référence",
            action="adjudicate",
            verdict=self.verdict,
            reason=self.reason or "Appréciation de référence.",
            decided_at=_LONG_AGO,
        )


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

    def remember(self, ruled: Iterable[Ruled]) -> None:
        """Put these rulings in the store, as an installation that has served would hold them."""
        opened: dict[Path, Dossier | None] = {}
        for ruling in ruled:
            if ruling.folder not in opened:
                try:
                    opened[ruling.folder] = self._app.open(ruling.folder)
                except UserFacingError:  # told where the set is checked: no example comes of it
                    opened[ruling.folder] = None
            dossier = opened[ruling.folder]
            if dossier is not None:
                self._app.store.append_decision(ruling.decision(dossier.id))

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
def laboratory(
    settings: Settings, judge: JudgeName, ruled: Iterable[Ruled] = ()
) -> Iterator[Laboratory]:
    """Install the product with these settings, its data in a folder that is deleted at the end.

    `ruled`: rulings that its store holds from the start. Raises: as `build_app` does.
    """
    with tempfile.TemporaryDirectory(prefix="preuve-eval-", ignore_cleanup_errors=True) as folder:
        own = settings.apart(Path(folder))
        lab = Laboratory(build_app(own, switch=build_switch(settings)), judge)
        lab.remember(ruled)
        yield lab
