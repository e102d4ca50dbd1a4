"""`preuve purge`: what is past its time is shown, then forgotten."""

from typing import Annotated, Final

import typer

from assistant.agreement import agreed
from assistant.cli.common import application
from assistant.cli.french import Command
from assistant.domain.retention import DataClass, Due

_SHOWN: Final = 20
_NONE_FR: Final = (
    "Aucune durée n'est réglée (PREUVE_KEEP_DOSSIERS_DAYS et les suivantes) : tout est gardé "
    "jusqu'à « preuve erase », sauf les brouillons d'autocontrôle."
)
_WHAT_FR: Final = {
    DataClass.DOSSIERS: "dossier(s) : propositions, décisions, notes et copies",
    DataClass.DEPOSITS: "copie(s) de fichiers déposés ; propositions et décisions restent",
    DataClass.ANSWERS: "dossier(s) dont des réponses attendent la fin d'un critère",
    DataClass.COHORTS: "cohorte(s) : plan, dépenses et lots ; les dossiers restent",
    DataClass.JOURNAL: "entrée(s) du journal sans dossier : leur texte ; la chaîne reste",
    DataClass.SELF_CHECKS: "brouillon(s) d'autocontrôle",
}


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("purge", cls=Command)(purge)


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "--simuler", help="Dire ce qui partirait, sans rien ôter.")
    ] = False,
    author: Annotated[str, typer.Option("--par", help="Votre nom, gardé au journal.")] = "",
    sure: Annotated[bool, typer.Option("--oui", help="Ne pas demander de confirmation.")] = False,
) -> None:
    """Efface pour de bon ce qui a dépassé sa durée de conservation."""
    with application() as app:
        from assistant.app import build_purge

        purging = build_purge(app)
        if purging.durations.none_given:
            typer.echo(_NONE_FR)
        due = purging.due()
        for one in due:
            typer.echo(_told(one))
        if not due:
            typer.echo("Rien n'a dépassé sa durée de conservation.")
            return
        if dry_run:
            typer.echo("Simulation : rien n'a été effacé.")
            return
        if not sure:
            typer.confirm("Effacer tout cela ? Rien ne pourra être retrouvé.", abort=True)
        left = purging.apply(due, actor=author or app.settings.assessor or "poste local")
        typer.echo("Effacé. Le journal en garde la trace.")
        for folder in left:
            typer.echo(
                f"Le dossier « {folder} » n'appartient pas à preuve : supprimez-le vous-même."
            )


def _told(due: Due) -> str:
    since = f", sans usage depuis le {due.before.astimezone():%d/%m/%Y}" if due.before else ""
    if due.data is DataClass.JOURNAL and due.before:
        since = f", d'avant le {due.before.astimezone():%d/%m/%Y}"
    names = "".join(f"\n  {name}" for name in due.names[:_SHOWN])
    more = agreed(f"\n  et {len(due.names) - _SHOWN} autre(s)") if len(due.names) > _SHOWN else ""
    return agreed(f"{due.count} {_WHAT_FR[due.data]}") + f"{since}{names}{more}"
