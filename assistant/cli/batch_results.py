"""What `preuve batch` hands over: the results' files, once the cohort is run or as it stands."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli.common import write_file

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.app.cohort import CohortPlan
    from assistant.cli.batch_screen import BatchScreen


@dataclass(frozen=True, slots=True)
class ResultsWanted:
    """Which files are asked for. `folder` None: none of them."""

    folder: Path | None
    epreuve: str
    named: bool
    grids: bool

    def write(self, app: "App", plan: "CohortPlan", screen: "BatchScreen") -> None:
        """Write them, for their owner's eyes only; their paths go to stderr.

        Raises: `SettingsInvalid` when one cannot be written, `StoreUnavailable`.
        """
        from assistant.app.cohort import results as cohort_results

        if self.folder is None:
            return
        with screen.comparing() as on_dossier:
            closeness = cohort_results.compare_texts(
                app, plan, epreuve=self.epreuve, on_dossier=on_dossier
            )
        results = cohort_results.collect_results(
            app, plan, named=self.named, epreuve=self.epreuve, closeness=closeness
        )
        for name, data in cohort_results.result_files(results).items():
            _told(write_file(self.folder / name, data, private=True))
        if self.grids:
            for name, data in cohort_results.grids(app, results):
                write_file(self.folder / "grilles" / name, data, private=True)
            _told(self.folder / "grilles")


def _told(path: Path) -> None:
    typer.echo(f"Écrit : {path}", err=True)
