"""`preuve review`: draft the criteria of one or more dossiers."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assistant.cli.common import DONE_IN_PART, application, console
from assistant.cli.french import Command
from assistant.cli.tables import findings_table, verdict_counts
from assistant.domain.dossier import AssignmentSource, Dossier, FileRole
from assistant.domain.finding import Finding, FindingFailure, JudgeName
from assistant.dossiers import Assignment
from assistant.errors import NoDeliverable, SettingsInvalid
from ingest.errors import UserFacingError

if TYPE_CHECKING:
    from assistant.app import App


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("review", cls=Command)(review)


def review(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="DOSSIER...", help="Dossiers de candidats, ou fichiers d'un seul."),
    ],
    epreuve: Annotated[
        str, typer.Option("--epreuve", "-e", help="N'examiner que cette épreuve, ex. E1.2.")
    ] = "",
    judge: Annotated[
        JudgeName | None,
        typer.Option(
            "--judge", "-j", help="Moteur embarqué (embedded) ou modèle de langage (llm)."
        ),
    ] = None,
    fichier: Annotated[
        list[str] | None,
        typer.Option(
            "--fichier",
            "-f",
            metavar="NOM=EPREUVE|brief|annexe",
            help="Ce qu'est un fichier ; répétable. Ex. -f charte.docx=E1.3 -f note.pdf=brief.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Écrit les propositions en JSON sur la sortie standard.")
    ] = False,
) -> None:
    """Pré-examine un dossier. Ce sont des propositions : l'évaluateur décide."""
    with application() as app:
        given = _assignments(fichier or ())
        results = [
            _review_one(app, group, given, epreuve, judge, quiet=as_json)
            for group in _dossiers(paths)
        ]
    if as_json:
        typer.echo(json.dumps([result.as_json() for result in results], ensure_ascii=False))
    if any(result.incomplete for result in results):
        raise typer.Exit(DONE_IN_PART if any(r.findings for r in results) else 1)


class Outcome:
    """What became of one dossier."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.dossier: Dossier | None = None
        self.findings: dict[str, tuple[Finding, ...]] = {}
        self.errors: list[str] = []

    @property
    def incomplete(self) -> bool:
        """Whether a file, an épreuve or a criterion failed."""
        failed = any(isinstance(f, FindingFailure) for fs in self.findings.values() for f in fs)
        return bool(self.errors) or failed or bool(self.dossier and self.dossier.failures)

    def as_json(self) -> dict[str, object]:
        dossier = self.dossier
        return {
            "dossier": dossier.id if dossier else None,
            "source": self.label,
            "fichiers": [f.model_dump(mode="json") for f in dossier.files] if dossier else [],
            "fichiers_illisibles": (
                [f.model_dump(mode="json") for f in dossier.failures] if dossier else []
            ),
            "erreurs": self.errors,
            "epreuves": {
                epreuve: [f.model_dump(mode="json") for f in findings]
                for epreuve, findings in self.findings.items()
            },
        }


def _dossiers(paths: Iterable[Path]) -> list[list[Path]]:
    """Each folder is a dossier; loose files together make one."""
    folders = [[path] for path in paths if not path.is_file()]
    files = [path for path in paths if path.is_file()]
    return [*folders, files] if files else folders


def _assignments(options: Iterable[str]) -> dict[str, Assignment]:
    given: dict[str, list[str]] = {}
    for option in options:
        name, separator, what = option.rpartition("=")
        if not separator or not name or not what:
            problem = f"--fichier attend NOM=EPREUVE, reçu « {option} »."
            raise SettingsInvalid(problem, problem=problem)
        given.setdefault(unicodedata.normalize("NFC", name), []).append(what)
    return {name: _assignment(whats) for name, whats in given.items()}


def _assignment(whats: list[str]) -> Assignment:
    for role in (FileRole.BRIEF, FileRole.ANNEX):
        if role.value in whats:
            return Assignment(role=role, source=AssignmentSource.GIVEN)
    return Assignment(
        role=FileRole.DELIVERABLE, epreuves=tuple(whats), source=AssignmentSource.GIVEN
    )


def _review_one(
    app: "App",
    group: list[Path],
    given: Mapping[str, Assignment],
    epreuve: str,
    judge: JudgeName | None,
    *,
    quiet: bool,
) -> Outcome:
    """One bad dossier stops none of the others: its error is told and kept."""
    outcome = Outcome(group[0].name if len(group) == 1 else f"{len(group)} fichiers")
    out = console()
    try:
        folder = group[0]
        if folder.is_file():
            folder = Path(app.library.record(app.library.deposit(group).id).folder)
        outcome.dossier = dossier = app.open(folder, given=given, epreuve=epreuve)
        if not quiet:
            _show_files(out, outcome.label, dossier)
        _tell_failures(dossier)
        for one in (epreuve,) if epreuve else _reviewable(dossier):
            outcome.findings[one] = _review_epreuve(app, dossier, one, judge, out, quiet=quiet)
    except UserFacingError as error:
        outcome.errors.append(error.user_message)
        typer.echo(f"Erreur : {error.user_message}", err=True)
    return outcome


def _reviewable(dossier: Dossier) -> tuple[str, ...]:
    if not dossier.epreuves:
        raise NoDeliverable(
            "no épreuve recognised",
            dossier=dossier.id,
            cause="Aucun fichier n'a été reconnu comme livrable d'une épreuve.",
        )
    return dossier.epreuves


def _review_epreuve(
    app: "App",
    dossier: Dossier,
    epreuve: str,
    judge: JudgeName | None,
    out: Console,
    *,
    quiet: bool,
) -> tuple[Finding, ...]:
    total = len(app.rubric(epreuve).criteres)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=quiet,
    )
    with progress:
        task = progress.add_task(f"Épreuve {epreuve}", total=total)
        findings = app.review(
            dossier, epreuve, judge=judge, on_result=lambda _f, _kept: progress.advance(task)
        )
    if not quiet:
        rubric = app.rubric(epreuve)
        out.print(f"\n[bold]Épreuve {epreuve}[/bold] — {rubric.titre}")
        out.print(findings_table(app.rubrics.certification, rubric, findings))
        out.print(verdict_counts(app.rubrics.certification, findings))
    for finding in findings:
        if isinstance(finding, FindingFailure):
            typer.echo(f"Échec {finding.criterion_id} : {finding.message_fr}", err=True)
    return findings


def _show_files(out: Console, label: str, dossier: Dossier) -> None:
    from rich.markup import escape

    out.print(f"\n[bold]Dossier {escape(label)}[/bold] (identifiant {dossier.id})")
    for file in dossier.files:
        what = ", ".join(file.epreuves) or file.role.value
        out.print(f"  {escape(file.filename)} → {what} [dim]({file.source.value})[/dim]")


def _tell_failures(dossier: Dossier) -> None:
    for failure in dossier.failures:
        typer.echo(f"Fichier non lu : {failure.message_fr}", err=True)
