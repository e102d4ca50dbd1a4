"""What `preuve batch` hands over: the results' files, once the cohort is run or as it stands."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assistant.cli.common import write_export
from assistant.errors import MeasuresInvalid
from ingest.errors import system_cause_fr

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.app.cohort import CohortPlan
    from assistant.cli.batch_screen import BatchScreen
    from assistant.cohort.outliers import CohortSpread
    from assistant.reporting.cohort_results import CohortResults


@dataclass(frozen=True, slots=True)
class ResultsWanted:
    """Which files are asked for. `folder`, `report` None: not these.

    `before` is what the last cohort left to be compared with.
    """

    folder: Path | None
    report: Path | None
    before: "CohortSpread | None"
    epreuve: str
    named: bool
    grids: bool

    def write(self, app: "App", plan: "CohortPlan", screen: "BatchScreen") -> None:
        """Write them, for their owner's eyes only; their paths go to stderr.

        Raises: `SettingsInvalid` when one cannot be written, `StoreUnavailable`.
        """
        from assistant.app.cohort import results as cohort_results

        if self.folder is None and self.report is None:
            return
        with screen.comparing() as on_dossier:
            texts = cohort_results.compare_texts(
                app, plan, epreuve=self.epreuve, on_dossier=on_dossier
            )
        results = cohort_results.collect_results(
            app,
            plan,
            named=self.named,
            epreuve=self.epreuve,
            texts=texts,
            before=self.before,
        )
        if self.report is not None:
            page = cohort_results.report_page(results)
            _told(write_export(app, self.report, page, _dossiers(results), private=True))
        if self.folder is not None:
            self._files(app, self.folder, results)

    def _files(self, app: "App", folder: Path, results: "CohortResults") -> None:
        from assistant.app.cohort import results as cohort_results

        for name, data in cohort_results.result_files(results).items():
            about = () if name == cohort_results.SPREAD else _dossiers(results)
            _told(write_export(app, folder / name, data, about, private=True))
        if self.grids:
            for dossier_id, name, data in cohort_results.grids(app, results):
                write_export(app, folder / "grilles" / name, data, [dossier_id], private=True)
            _told(folder / "grilles")


def _dossiers(results: "CohortResults") -> set[str]:
    return {row.dossier_id for table in results.tables for row in table.rows}


def last_cohort(path: Path | None) -> "CohortSpread | None":
    """What a cohort left in its results (`repartition.json`). Raises: `MeasuresInvalid`."""
    from pydantic import ValidationError

    from assistant.cohort.outliers import CohortSpread

    if path is None:
        return None
    try:
        return CohortSpread.model_validate_json(path.read_bytes())
    except OSError as error:
        problem = f"{system_cause_fr(error)}."
        raise MeasuresInvalid(str(error), path=str(path), problem=problem) from error
    except ValidationError as error:
        problem = "donnez le fichier repartition.json des résultats d'une cohorte."
        raise MeasuresInvalid(str(error), path=str(path), problem=problem) from error


def _told(path: Path) -> None:
    typer.echo(f"Écrit : {path}", err=True)
