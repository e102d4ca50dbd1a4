"""The `preuve` command. Each command parses, calls one use case, and shows the result.

Exit codes: 0 all done; 1 an expected error, nothing done; 2 wrong usage; 3 done in part (a file
or a criterion failed, the rest is kept); 130 interrupted (what was finished is kept).
"""

import sys
from typing import Annotated

import typer

from assistant.cli import (
    accounts,
    audit,
    batch,
    conformity,
    decide,
    doctor,
    erase,
    evaluate,
    export,
    extract,
    french,
    locate,
    page,
    purge,
    requests,
    review,
    rubrics,
    show,
    stats,
    switch,
    worker,
)
from assistant.cli.common import EXPECTED_ERROR
from assistant.errors import disk_failure

cli = typer.Typer(
    name="preuve",
    cls=french.Group,
    help=(
        "Pré-examine les dossiers d'une certification, critère par critère, preuves à l'appui. "
        "L'assistant propose ; une personne décide."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"preuve {version('preuve')}")
        raise typer.Exit


@cli.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Affiche la version et quitte.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options communes."""


for _register in (
    review,
    batch,
    worker,
    show,
    decide,
    export,
    extract,
    locate,
    erase,
    purge,
    stats,
    switch,
    evaluate,
    conformity,
    doctor,
    page,
):
    _register.register(cli)
cli.add_typer(rubrics.app, name="rubrics", cls=french.Group)
cli.add_typer(audit.app, name="audit", cls=french.Group)
cli.add_typer(accounts.app, name="comptes", cls=french.Group)
cli.add_typer(requests.app, name="requests", cls=french.Group)


def main() -> None:
    """Entry point of the `preuve` command."""
    command = typer.main.get_command(cli)
    try:
        code = command.main(standalone_mode=False)
    except french.USAGE_ERROR as error:
        typer.echo(french.usage_message(error), err=True)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        typer.echo(
            "Interrompu. Ce qui était terminé est conservé : relancez pour continuer.", err=True
        )
        sys.exit(130)
    except OSError as error:
        foreseen = disk_failure(error)
        if foreseen is None:
            raise
        typer.echo(f"Erreur : {foreseen.user_message}", err=True)
        sys.exit(EXPECTED_ERROR)
    sys.exit(code if isinstance(code, int) else 0)
