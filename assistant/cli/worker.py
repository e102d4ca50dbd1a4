"""`preuve worker`: drafts, on this machine, the dossiers of cohorts that others entrust."""

from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.common import EXPECTED_ERROR, application
from assistant.cli.french import Command
from assistant.domain.finding import JudgeName

if TYPE_CHECKING:
    from assistant.app.cohort.worker import CohortWorker


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("worker", cls=Command)(worker)


def worker(
    judge: Annotated[
        JudgeName | None,
        typer.Option("--judge", "-j", help="Moteur embarqué (embedded) ou modèle (llm)."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="N'écrire que les erreurs.")] = False,
) -> None:
    """Poste de travail : examine les dossiers que « preuve batch --engine procrastinate » confie.

    Lancez-en autant que vous voulez, sur autant de machines que vous voulez.
    """

    def told(line: str) -> None:
        if not quiet:
            typer.echo(line)

    with application() as app:
        from assistant.app.cohort.worker import CohortWorker

        working = CohortWorker(app.cohorts(), judge, told)
        told(f"Poste {working.id}, file {working.queue}. Ctrl+C ou SIGTERM : arrêt propre.")
        working.work()
    _say_why(working)


def _say_why(working: "CohortWorker") -> None:
    """A worker that gave up says what to correct; its dossier is another's."""
    if working.problem_fr:
        typer.echo(
            f"Erreur : {working.problem_fr}\nCe poste s'arrête ; son dossier est rendu à la file.",
            err=True,
        )
        raise typer.Exit(EXPECTED_ERROR)
    typer.echo("Poste arrêté. Ce qui était en cours est gardé ou rendu à la file.", err=True)
