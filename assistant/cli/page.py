"""`preuve ui`: serve the page."""

import runpy
from typing import Annotated

import typer

from assistant.cli.common import application
from assistant.cli.french import Command


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("ui", cls=Command)(ui)


def ui(
    port: Annotated[
        int | None, typer.Option("--port", "-p", help="Port ; par défaut, PREUVE_PORT.")
    ] = None,
    examples: Annotated[
        bool,
        typer.Option("--exemples", help="Pré-examine d'abord les dossiers d'exemple du projet."),
    ] = False,
) -> None:
    """Ouvre la page de l'évaluateur sur cette machine (127.0.0.1)."""
    import os

    if port is not None:
        os.environ["PREUVE_PORT"] = str(port)
    with application() as app:  # the settings, grids and store are checked before anything starts
        if examples:
            from assistant.cli.examples import review_examples

            review_examples(app)
        runpy.run_module("ui", run_name="__main__")
