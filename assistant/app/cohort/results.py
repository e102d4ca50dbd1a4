"""Writes a cohort's results as files, from what the store holds: nothing is read or judged."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from assistant.app.cohort.closeness import ComparedTexts, compared
from assistant.app.cohort.overview import CohortPlan, PlannedDossier
from assistant.app.desk_views import Reader
from assistant.app.workbench import Workbench
from assistant.cohort.outliers import CohortSpread
from assistant.domain.journal import JournalAction
from assistant.domain.report import Report
from assistant.errors import UnknownDossier
from assistant.reporting.cohort_csv import gradebook_csv, results_csv
from assistant.reporting.cohort_html import cohort_html
from assistant.reporting.cohort_results import (
    CohortResults,
    EpreuveTable,
    Problem,
    ResultRow,
    failures_of,
    result_row,
    table_of,
)
from assistant.reporting.cohort_workbook import results_workbook
from assistant.reporting.outliers import outliers_of, spread_of

if TYPE_CHECKING:
    from assistant.app.application import App


def collect_results(
    app: "App",
    plan: CohortPlan,
    *,
    named: bool = False,
    epreuve: str = "",
    texts: ComparedTexts | None = None,
    before: CohortSpread | None = None,
) -> CohortResults:
    """Drafts, decisions and failures of the plan's dossiers, side by side; written in the journal.

    `epreuve` keeps one épreuve; `texts` is what `compare_texts` found, `before` the
    last cohort's spread.
    Raises: `StoreUnavailable`.
    """
    gathered = _Gathering(app, epreuve)
    for dossier in plan.dossiers:
        gathered.add(dossier)
    cohorts = app.cohorts().cohorts
    tables = gathered.tables
    return CohortResults(
        cohort_id=plan.cohort_id,
        label=plan.label,
        made_at=app.clock.now(),
        named=named,
        candidates=len(plan.dossiers),
        tables=tables,
        problems=tuple(gathered.problems),
        spending=cohorts.spending(plan.cohort_id),
        closeness=texts.closeness if texts is not None else None,
        outliers=outliers_of(tables, texts.lengths if texts is not None else (), before),
    )


def compare_texts(
    app: "App",
    plan: CohortPlan,
    *,
    epreuve: str = "",
    on_dossier: Callable[[int, int], None] | None = None,
) -> ComparedTexts:
    """The passages that candidates of the plan share. Raises: `StoreUnavailable`."""
    opened = partial(app.open, epreuve=epreuve)
    return compared(plan.dossiers, app.rubrics, opened, epreuve=epreuve, on_dossier=on_dossier)


#: The one file that holds nothing about any candidate.
SPREAD: Final = "repartition.json"


def grids(app: "App", results: CohortResults) -> Iterator[tuple[str, str, bytes]]:
    """The grid of each candidate and épreuve, one at a time: the dossier, its name, its bytes."""
    for table in results.tables:
        for row in table.rows:
            yield row.dossier_id, *app.export(row.dossier_id, table.epreuve, "docx")


def result_files(results: CohortResults) -> dict[str, bytes]:
    """The files to be written, by name; names come from the grids, never from a candidate."""
    files = {
        "resultats.xlsx": results_workbook(results),
        "resultats.csv": results_csv(results, "fr"),
        "resultats_virgules.csv": results_csv(results, "simple"),
        SPREAD: spread_of(results.tables).model_dump_json(indent=1).encode(),
    }
    for table in results.tables:
        stem = re.sub(r"[^\w.-]", "_", table.epreuve)
        files[f"moodle_{stem}.csv"] = gradebook_csv(table, named=results.named)
    return files


def report_page(results: CohortResults) -> bytes:
    """All of it as one HTML file that needs nothing else."""
    return cohort_html(results)


class _Gathering:
    """One report at a time: only its few words are kept."""

    def __init__(self, app: "App", epreuve: str) -> None:
        self._app = app
        self._only = epreuve
        self._rows: dict[str, list[ResultRow]] = {}
        self._models: dict[str, Report] = {}
        self.problems: list[Problem] = []

    def add(self, dossier: PlannedDossier) -> None:
        if dossier.problem_fr:
            self._problem(dossier, dossier.problem_fr)
        for epreuve in dossier.epreuves:
            if self._only in ("", epreuve):
                self._epreuve(dossier, epreuve)

    def _epreuve(self, dossier: PlannedDossier, epreuve: str) -> None:
        signature = self._app.assessments.assessment(dossier.dossier_id, epreuve).signature
        try:
            report = self._report(dossier.dossier_id, epreuve, signed=signature is not None)
        except UnknownDossier as error:
            self._problem(dossier, error.user_message)
            return
        self._app.audit.log(
            JournalAction.EXPORT,
            self._app.settings.assessor or "poste local",
            dossier_id=dossier.dossier_id,
            epreuve=epreuve,
            forme="cohorte",
        )
        row = result_row(report, name=dossier.name, signature=signature)
        self._rows.setdefault(epreuve, []).append(row)
        self._models.setdefault(epreuve, report)
        self.problems += failures_of(report, name=dossier.name)

    def _report(self, dossier_id: str, epreuve: str, *, signed: bool) -> Report:
        """What was signed, once it is; the present drafts and decisions before."""
        if signed:
            report, _ = Workbench(self._app).report(Reader(name=""), dossier_id, epreuve)
            return report
        return self._app.report(dossier_id, epreuve)

    def _problem(self, dossier: PlannedDossier, message_fr: str) -> None:
        told = Problem(dossier_id=dossier.dossier_id, name=dossier.name, message_fr=message_fr)
        self.problems.append(told)

    @property
    def tables(self) -> tuple[EpreuveTable, ...]:
        return tuple(table_of(self._models[e], rows) for e, rows in sorted(self._rows.items()))
