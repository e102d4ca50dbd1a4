"""`preuve stats`: what the desk's use tells, in the terminal or for another program."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assistant.agreement import agreed
from assistant.cli.common import application, console, write_file
from assistant.cli.french import Command

if TYPE_CHECKING:
    from assistant.domain.statistics import Shift, Statistics

_NOTHING_FR: Final = "Personne n'a encore décidé d'un critère : il n'y a rien à compter."


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("stats", cls=Command)(stats)


def stats(
    epreuve: Annotated[
        str, typer.Option("--epreuve", "-e", help="Une épreuve seulement, par exemple E9.1.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Sortie JSON, pour un programme.")
    ] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Écrire les chiffres par critère dans ce fichier.")
    ] = None,
    readers: Annotated[
        bool,
        typer.Option(
            "--par-personne",
            help="Montrer aussi, par personne, les confirmations faites sans rien ouvrir "
            "(pour la présidence du jury).",
        ),
    ] = False,
) -> None:
    """Compte les accords, les écarts et le temps, critère par critère."""
    with application() as app:
        from assistant.app import build_statistics
        from assistant.reporting.statistics import statistics_csv, statistics_json

        if epreuve:
            app.rubric(epreuve)
        desk = build_statistics(app)
        figures = desk.figures(epreuve)
        if csv_file is not None:
            path = write_file(csv_file, statistics_csv(figures, desk.least), private=True)
            typer.echo(f"Écrit : {path}", err=as_json)
        if as_json:
            typer.echo(statistics_json(figures, desk.least, readers=readers))
        elif csv_file is None:
            _show(figures, desk.least)
        if readers and not as_json:
            _show_readers(figures, desk.quick)


def _show(figures: "Statistics", least: int) -> None:
    from rich.markup import escape
    from rich.table import Table

    from assistant.reporting.statistics import seconds_fr, share_fr

    if not figures.readings:
        typer.echo(_NOTHING_FR)
        return
    table = Table(expand=False)
    for title in ("Critère", "Avec la proposition", "Avant de la voir", "Entre deux", "Temps"):
        table.add_column(title, overflow="fold")
    for one in figures.criteria:
        shares = (share_fr(s, least) for s in (one.with_draft, one.blind, one.people))
        table.add_row(escape(one.criterion_id), *shares, seconds_fr(one.median_seconds))
    total = (share_fr(s, least) for s in (figures.with_draft, figures.blind, figures.people))
    table.add_section()
    table.add_row("Tous les critères", *total, "")
    console().print(table)
    for origin in figures.origins:
        made = " · ".join(filter(None, (origin.origin.model, origin.origin.prompt)))
        version = f"{made}, grille {origin.origin.rubric_version}"
        typer.echo(f"{version} : {share_fr(origin.with_draft, least)}")
    typer.echo(_shift_fr(figures.shift))
    typer.echo(
        "Accord, intervalle à 95 % (Wilson). L'assistant n'est jamais compté comme un évaluateur."
    )


def _shift_fr(shift: "Shift") -> str:
    if not shift.blind:
        return "Aucun verdict n'a été rendu et confirmé à l'aveugle."
    return agreed(
        f"À l'aveugle : {shift.blind} verdict(s), dont {shift.contradicted} que la proposition "
        f"contredisait ; {shift.kept} gardé(s), {shift.joined} ralliement(s), "
        f"{shift.elsewhere} vers un troisième verdict."
    )


def _show_readers(figures: "Statistics", quick: float) -> None:
    from assistant.reporting.statistics import seconds_fr

    typer.echo(
        f"Confirmations en {quick:g} s au plus, sans rien ouvrir (une information, pas un "
        "reproche) :"
    )
    for one in figures.readers:
        typer.echo(
            f"{one.person} : {one.untouched.count} sur "
            + agreed(f"{one.untouched.size} confirmation(s), ")
            + f"temps médian {seconds_fr(one.median_seconds)}"
        )
