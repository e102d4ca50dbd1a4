"""`preuve export`: the filled-in grid as a file."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.common import application, write_export
from assistant.cli.french import Command
from assistant.domain.report import ExportKind


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("export", cls=Command)(export)


def export(
    dossier: Annotated[str, typer.Argument(help="Identifiant ou chemin du dossier.")],
    epreuve: Annotated[
        str, typer.Option("--epreuve", "-e", help="Épreuve ; sans elle, toutes celles du dossier.")
    ] = "",
    kind: Annotated[ExportKind, typer.Option("--format", "-f", help="docx, pdf ou json.")] = "docx",
    out: Annotated[
        Path, typer.Option("--sortie", "-o", help="Dossier où écrire les grilles.")
    ] = Path(),
) -> None:
    """Écrit la grille remplie ; « BROUILLON » tant que tout n'est pas décidé."""
    with application() as app:
        dossier_id = app.library.resolve(dossier)
        for one in (epreuve,) if epreuve else app.library.record(dossier_id).epreuves:
            name, data = app.export(dossier_id, one, kind)
            typer.echo(str(write_export(app, out / name, data, [dossier_id])))
