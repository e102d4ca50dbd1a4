"""`preuve extract`: what is read of a file, and what is not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from assistant.cli.common import console
from assistant.cli.files import opened
from assistant.cli.french import Command
from assistant.domain.extraction import ExtractionReport

_LONGEST = 200


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("extract", cls=Command)(extract)


def extract(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier à lire.")],
    text: Annotated[
        bool, typer.Option("--texte", help="Écrit le texte lu, bloc par bloc, avec les places.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--relire", help="Lit le fichier à nouveau, sans ce qui est gardé.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Sortie JSON ; avec --texte, le document entier.")
    ] = False,
) -> None:
    """Dit ce qui est lu d'un fichier : parties, texte masqué, passages signalés, non lu."""
    with opened(file, cached=not fresh) as (_, document):
        if as_json:
            whole = document if text else ExtractionReport.of(document)
            typer.echo(whole.model_dump_json())
        elif text:
            for block in document.blocks:
                typer.echo(f"[{block.locator}] {block.text}")
        else:
            _show(ExtractionReport.of(document))


def _show(report: ExtractionReport) -> None:
    out = console()
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _counts(report):
        table.add_row(escape(name), escape(value))
    out.print(table)
    for title, lines in _lists(report):
        if lines:
            out.print(f"\n[bold]{escape(title)}[/bold]")
        for line in lines:
            out.print(f"  {escape(line)}")


def _counts(report: ExtractionReport) -> Iterator[tuple[str, str]]:
    yield "Fichier", f"{report.filename} ({report.format})"
    yield "Empreinte SHA-256", report.sha256
    if report.unit_count is not None:
        yield (report.unit_name_fr or "parties").capitalize(), str(report.unit_count)
    yield "Lu", f"{report.coverage * 100:.0f} %"
    yield "Mots", f"{report.words}{f' ({report.language})' if report.language else ''}"
    yield "Blocs", f"{report.blocks}, dont {report.headings} titres"
    yield "Tableaux", str(report.tables)
    yield "Images", f"{report.images}, dont {report.images_without_alt} sans texte alternatif"
    yield "Suivi", f"{report.comments} commentaires, {report.deletions} suppressions suivies"
    if report.ocr_pages:
        mean = sum(report.ocr_pages.values()) / len(report.ocr_pages)
        yield "Texte reconnu", f"{len(report.ocr_pages)} pages, confiance moyenne {mean:.0f} %"
    for name, value in report.metadata.items():
        yield f"Propriété « {name} »", _short(value)


def _lists(report: ExtractionReport) -> Iterator[tuple[str, list[str]]]:
    yield "Non lu", list(report.unread_fr)
    yield (
        "Passages signalés (ne prouvent rien)",
        [f"« {_short(f.text)} » — {f.reason_fr} ({f.place_fr})" for f in report.flags],
    )
    yield (
        "Hors de la page (jamais pris en compte)",
        [f"« {_short(h.text)} » — {h.reason_fr} ({h.place_fr})" for h in report.hidden],
    )
    yield "Avertissements", list(report.warnings_fr)
    yield "Liens (jamais ouverts)", list(report.links)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
