"""`preuve locate`: where a quote stands in a file."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from assistant.cli.common import EXPECTED_ERROR, console
from assistant.cli.files import opened
from assistant.cli.french import Command
from assistant.grounding import evidence_at
from assistant.locating import Place, locate
from assistant.settings import Settings
from ingest.types import Document, SourceFile

_MATCHES_FR = {
    "exact": "mot pour mot",
    "proche": "à quelques lettres près",
    "reconnu": "à quelques lettres près, dans un texte reconnu sur une image",
    "hors page": "hors de la page : ne prouve rien",
}


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("locate", cls=Command)(locate_quote)


def locate_quote(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier où chercher.")],
    quote: Annotated[str, typer.Argument(metavar="CITATION", help="Extrait à retrouver.")],
    image: Annotated[
        Path | None,
        typer.Option(
            "--image",
            metavar="CHEMIN",
            help="Écrit la première page trouvée, extrait surligné (PNG, ou HTML sans page).",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Sortie JSON, pour un programme.")
    ] = False,
) -> None:
    """Dit où se trouve une citation : page, diapositive, cellule, titre, tableau, note."""
    with opened(file) as (source, document):
        places = locate(document, quote)
        if image is not None and places and places[0].start is not None:
            _draw(source, document, places[0], image)
        if as_json:
            typer.echo(json.dumps([p.model_dump(mode="json") for p in places], ensure_ascii=False))
        else:
            for place in places:
                _show(place)
        if not places:
            _tell_absence(document.coverage)
            raise typer.Exit(EXPECTED_ERROR)


def _show(place: Place) -> None:
    out = console()
    how = _MATCHES_FR[place.match]
    if place.reason_fr:
        how = f"{how} ({place.reason_fr})"
    out.print(f"{escape(place.place_fr)}  [dim]{escape(how)}[/dim]", soft_wrap=True)
    out.print(f"  « {escape(place.found)} »", soft_wrap=True)


def _draw(source: SourceFile, document: Document, place: Place, path: Path) -> None:
    from assistant.reading import build_reader, office_layout
    from assistant.rendering import render_evidence

    assert place.start is not None
    assert place.end is not None
    settings = Settings.load()
    evidence = evidence_at(document, place.start, place.end)
    shown = render_evidence(
        source, evidence, build_reader(settings), office=office_layout(settings)
    )
    path = path if shown.kind == "image" else path.with_suffix(".html")
    path.write_bytes(shown.data)
    typer.echo(f"Écrit : {path} ({shown.caption_fr})", err=True)


def _tell_absence(coverage: float) -> None:
    typer.echo("Citation introuvable dans ce fichier.", err=True)
    if coverage < 1.0:
        typer.echo(
            f"Attention : il n'a été lu qu'à {coverage * 100:.0f} % ; voyez « preuve extract ».",
            err=True,
        )
