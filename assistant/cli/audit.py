"""`preuve audit`: is the journal whole, and how was one appreciation reached."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.agreement import agreed
from assistant.cli.common import EXPECTED_ERROR, application, write_export
from assistant.cli.french import Command, Group

app = typer.Typer(
    cls=Group,
    help="Vérifie le journal, et raconte comment une appréciation a été établie.",
    no_args_is_help=True,
)


@app.command("verify", cls=Command)
def verify(
    head: Annotated[
        str,
        typer.Option(
            "--tete", help="Tête notée auparavant (« 128:ab12… »), pour vérifier jusqu'à elle."
        ),
    ] = "",
) -> None:
    """Cherche toute entrée, proposition ou décision modifiée, supprimée, ajoutée ou déplacée."""
    with application() as built:
        found = built.audit.verify(head)
        for fault in found.faults:
            place = f"Entrée {fault.seq}" if fault.seq else "Base"
            typer.echo(f"{place} : {fault.message_fr}.", err=True)
        counted = agreed(f"{found.entries} entrée(s), dont {found.erased} effacée(s).")
        typer.echo(f"{counted} Tête : {found.head.seq}:{found.head.hash}")
        if not found.sound:
            counted = agreed(f"{len(found.faults)} anomalie(s)")
            typer.echo(
                f"Le journal n'est pas intact : {counted}. Ne modifiez rien, faites une copie de "
                "la base et prévenez la personne responsable.",
                err=True,
            )
            raise typer.Exit(EXPECTED_ERROR)
        typer.echo("Le journal est intact.")


@app.command("tete", cls=Command)
def tete() -> None:
    """Affiche la tête du journal, à noter ailleurs : elle prouvera que rien n'a été coupé."""
    with application() as built:
        head = built.audit.head()
        typer.echo(f"{head.seq}:{head.hash}")


@app.command("explain", cls=Command)
def explain(
    dossier: Annotated[str, typer.Argument(help="Identifiant ou chemin du dossier.")],
    critere: Annotated[str, typer.Argument(help="Critère, ex. E1.2/note-cadrage/CE1.")],
    out: Annotated[
        Path | None, typer.Option("--sortie", "-o", help="Fichier Markdown à écrire.")
    ] = None,
) -> None:
    """Raconte, pour répondre à une réclamation, comment une appréciation a été établie."""
    with application() as built:
        dossier_id = built.library.resolve(dossier)
        text = built.audit.explain(dossier_id, critere)
        if out is None:
            typer.echo(text, nl=False)
        else:
            typer.echo(str(write_export(built, out, text.encode(), [dossier_id])))
