"""What a cohort's results are made of: small rows, so that a large cohort fits in memory."""

from collections.abc import Iterable, Sequence

from pydantic import AwareDatetime

from assistant.cohort import Closeness
from assistant.cohort.outliers import Outliers
from assistant.domain.assessment import Signature
from assistant.domain.cohort import SpendingRecord
from assistant.domain.finding import CriterionFinding, FindingFailure
from assistant.domain.report import CriterionEntry, Report
from assistant.domain.verdict import Verdict
from assistant.reporting.labels import count_fr, engine_fr, fr, moment_fr
from ingest.types import Frozen


class ColumnHead(Frozen):
    """A criterion, as a column's head."""

    id: str
    group_fr: str
    text_fr: str


class ResultCell(Frozen):
    """One criterion of one candidate. `draft` None: failed (`failure_fr` says why) or not drafted.

    `decision` is what people have settled, never a draft; `justification_fr` is fit to be printed
    for the candidate.
    """

    draft: Verdict | None = None
    decision: Verdict | None = None
    disputed: bool = False
    failure_fr: str = ""
    justification_fr: str = ""


class ResultRow(Frozen):
    """One épreuve of one candidate: a cell for each criterion, in the grid's order."""

    dossier_id: str
    name: str
    epreuve: str
    cells: tuple[ResultCell, ...]
    signature: Signature | None = None
    made_by_fr: tuple[str, ...] = ()

    @property
    def decided(self) -> int:
        return sum(cell.decision is not None for cell in self.cells)


class EpreuveTable(Frozen):
    """One épreuve of the cohort. `labels` gives the scale's words by verdict."""

    epreuve: str
    title_fr: str
    rubric_fr: str
    labels: dict[Verdict, str]
    heads: tuple[ColumnHead, ...]
    rows: tuple[ResultRow, ...]


class Problem(Frozen):
    """What was not drafted, why, and where. `criterion_id` empty: the dossier as a whole."""

    dossier_id: str
    name: str
    epreuve: str = ""
    criterion_id: str = ""
    message_fr: str


class CohortResults(Frozen):
    """All that the exports of a cohort show. `named`: whether candidates' names may be written.

    `closeness` None: the candidates' texts were not compared.
    """

    cohort_id: str
    label: str
    made_at: AwareDatetime
    named: bool
    candidates: int
    tables: tuple[EpreuveTable, ...]
    problems: tuple[Problem, ...] = ()
    spending: tuple[SpendingRecord, ...] = ()
    closeness: Closeness | None = None
    outliers: Outliers = Outliers()

    @property
    def made_by_fr(self) -> tuple[str, ...]:
        """The engines and grids that the drafts come from, each once."""
        said = (made for table in self.tables for row in table.rows for made in row.made_by_fr)
        return tuple(dict.fromkeys(said))

    @property
    def state_fr(self) -> tuple[str, ...]:
        """How far the cohort is, in two lines."""
        rows = [row for table in self.tables for row in table.rows]
        cells = [cell for row in rows for cell in row.cells]
        drafted = sum(cell.draft is not None for cell in cells)
        decided = sum(cell.decision is not None for cell in cells)
        signed = sum(row.signature is not None for row in rows)
        return (
            f"Arrêté le {moment_fr(self.made_at)}. Identifiant de la cohorte : {self.cohort_id}.",
            f"{count_fr(self.candidates, 'candidat')}, "
            f"{count_fr(len(rows), 'épreuve rendue', 'épreuves rendues')}, "
            f"{count_fr(len(cells), 'critère')} : {count_fr(drafted, 'proposition')}, "
            f"{count_fr(decided, 'décision')} ; "
            f"{count_fr(signed, 'épreuve finalisée', 'épreuves finalisées')} par un évaluateur, "
            f"{count_fr(len(self.problems), 'échec')} à traiter.",
        )

    @property
    def names_fr(self) -> str:
        """Whether names are written, and where they stand otherwise."""
        if self.named:
            return "Ce fichier contient les noms des dossiers : gardez-le sur cette machine."
        return (
            "Les candidats sont désignés par l'identifiant de leur dossier ; la table des "
            "pseudonymes reste sur la machine où la cohorte a été examinée."
        )


def result_row(report: Report, *, name: str, signature: Signature | None) -> ResultRow:
    """The few words that the exports keep of a report."""
    made = (_made_by(e.finding) for e in report.entries if isinstance(e.finding, CriterionFinding))
    return ResultRow(
        dossier_id=report.dossier.id,
        name=name,
        epreuve=report.rubric.id,
        cells=tuple(_cell(entry) for entry in report.entries),
        signature=signature,
        made_by_fr=tuple(dict.fromkeys(made)),
    )


def table_of(report: Report, rows: Sequence[ResultRow]) -> EpreuveTable:
    """The table of an épreuve; `report` is any of its reports."""
    return EpreuveTable(
        epreuve=report.rubric.id,
        title_fr=report.rubric.titre,
        rubric_fr=f"grille {report.rubric.id}, version {report.rubric.version}",
        labels={verdict: report.certification.libelle(verdict) for verdict in Verdict},
        heads=tuple(
            ColumnHead(id=e.criterion.id, group_fr=group.titre, text_fr=e.criterion.texte)
            for group in report.groups
            for e in group.entries
        ),
        rows=tuple(rows),
    )


def failures_of(report: Report, *, name: str) -> Iterable[Problem]:
    """The criteria whose draft failed, with what to do."""
    for entry in report.entries:
        if isinstance(entry.finding, FindingFailure):
            yield Problem(
                dossier_id=report.dossier.id,
                name=name,
                epreuve=report.rubric.id,
                criterion_id=entry.criterion.id,
                message_fr=entry.finding.message_fr,
            )


def draft_word(table: EpreuveTable, cell: ResultCell) -> str:
    """The draft in the scale's words; « Échec » when it failed, a dash when there is none."""
    if cell.draft is not None:
        return table.labels[cell.draft]
    return "Échec" if cell.failure_fr else "—"


def decision_word(table: EpreuveTable, cell: ResultCell) -> str:
    """The decision in the scale's words; empty while people have settled nothing."""
    if cell.decision is not None:
        return table.labels[cell.decision]
    return "En désaccord" if cell.disputed else ""


def model_fr(run: SpendingRecord) -> str:
    """Which model a run asked; the embedded engine asks none."""
    return run.model.split("|")[0] or "moteur embarqué"


def cost_fr(run: SpendingRecord) -> str:
    """« 12,50 € »; what was asked of no model costs nothing, and an unknown price is said."""
    cost = run.traffic.usage.cost_eur
    if cost is None:
        return "inconnu" if run.traffic.requests else "aucun"
    return fr(f"{cost:.2f} €".replace(".", ","))


def _cell(entry: CriterionEntry) -> ResultCell:
    draft = entry.finding
    return ResultCell(
        draft=draft.verdict if isinstance(draft, CriterionFinding) else None,
        decision=entry.decision.verdict if entry.decision is not None else None,
        disputed=entry.disputed,
        failure_fr=draft.message_fr if isinstance(draft, FindingFailure) else "",
        justification_fr=entry.printed_justification,
    )


def _made_by(finding: CriterionFinding) -> str:
    made = finding.provenance
    return f"{engine_fr(made.engine)} ; grille {made.rubric}, version {made.rubric_version}"
