"""`preuve arret`, `preuve reprise`: the stop button of the whole assistant."""

from typing import Annotated

import typer

from assistant.cli.common import application
from assistant.cli.french import Command


def register(cli: typer.Typer) -> None:
    """Add the two commands."""
    cli.command("arret", cls=Command)(stop)
    cli.command("reprise", cls=Command)(start)


_Author = Annotated[str, typer.Option("--par", help="Votre nom, gardé au journal.")]


def stop(
    reason: Annotated[
        str, typer.Option("--motif", help="Pourquoi, en quelques mots, gardé au journal.")
    ] = "",
    author: _Author = "",
) -> None:
    """Arrête l'assistant : plus de proposition, plus d'envoi à un modèle ; on décide toujours."""
    with application() as app:
        person = author or app.settings.assessor or "poste local"
        if app.switch.stop(person, app.clock.now(), reason.strip()):
            typer.echo("Assistant arrêté, pour tous les postes. Les décisions restent possibles.")
            typer.echo("« preuve reprise » le remet en marche.")
            return
        halt = app.switch.halt()
        since = f" depuis le {halt.at.astimezone():%d/%m/%Y à %H:%M}" if halt else ""
        typer.echo(f"L'assistant était déjà arrêté{since}.")


def start(author: _Author = "") -> None:
    """Remet l'assistant en marche après « preuve arret »."""
    with application() as app:
        person = author or app.settings.assessor or "poste local"
        started = app.switch.start(person, app.clock.now())
        typer.echo("Assistant remis en marche." if started else "L'assistant n'était pas arrêté.")
