"""`preuve conformite`: the papers of conformity, written from what the program is."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.common import EXPECTED_ERROR, write_file
from assistant.cli.french import Command
from ingest.errors import UserFacingError


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("conformite", cls=Command)(conformity)


def conformity(
    out: Annotated[
        Path, typer.Option("--sortie", "-o", help="Dossier où écrire les papiers.")
    ] = Path("conformite"),
    measures: Annotated[
        Path | None,
        typer.Option(
            "--mesures",
            help="Vos mesures (mesures.json de « preuve eval … --out »), au lieu de celles du "
            "projet.",
        ),
    ] = None,
) -> None:
    """Écrit les papiers de conformité : dossier technique, notices, risques, obligations."""
    from assistant.app.conformity import written_papers

    try:
        for name, text in written_papers(measures).items():
            typer.echo(str(write_file(out / name, text.encode())))
    except UserFacingError as error:
        typer.echo(f"Erreur : {error.user_message}", err=True)
        raise typer.Exit(EXPECTED_ERROR) from error
    typer.echo("Aucun juriste ne les a relus : complétez-les et faites-les relire.")
