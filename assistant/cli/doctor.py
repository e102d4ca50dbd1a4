"""`preuve doctor`: what is configured, what works, what is missing."""

import json
from typing import Annotated

import typer
from rich.markup import escape

from assistant.cli.common import EXPECTED_ERROR, console
from assistant.cli.french import Command


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("doctor", cls=Command)(doctor)


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="Sortie JSON, pour un programme.")
    ] = False,
) -> None:
    """Dit ce qui est configuré, ce qui marche et ce qui manque."""
    from assistant.app.diagnosis import diagnose

    checks = diagnose()
    if as_json:
        typer.echo(json.dumps([c.model_dump(mode="json") for c in checks], ensure_ascii=False))
    else:
        marks = {"ok": "[green]✓[/green]", "info": "[cyan]·[/cyan]", "manque": "[red]✗[/red]"}
        for check in checks:
            console().print(f"{marks[check.state]} {escape(check.name)} : {escape(check.message)}")
    if any(check.state == "manque" for check in checks):
        raise typer.Exit(EXPECTED_ERROR)
