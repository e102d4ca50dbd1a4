"""What every command shares: the application, the French error on stderr, exit codes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from rich.console import Console

from assistant.errors import SettingsInvalid, disk_failure
from assistant.settings import Settings
from ingest.errors import UserFacingError, system_cause_fr

if TYPE_CHECKING:
    from assistant.app import App

EXPECTED_ERROR: Final = 1
DONE_IN_PART: Final = 3


def console(*, errors: bool = False) -> Console:
    """Where results go; `errors`: the standard error, when the output holds JSON and nothing else.

    Rich drops colours and boxes by itself when it is not a terminal.
    """
    return Console(highlight=False, soft_wrap=False, stderr=errors)


@contextmanager
def application() -> "Iterator[App]":
    """The application; an expected failure ends the command with its French message."""
    from assistant.app import build_app  # the help must not wait for the database's libraries

    try:
        yield build_app(Settings.load())
    except UserFacingError as error:
        typer.echo(f"Erreur : {error.user_message}", err=True)
        raise typer.Exit(EXPECTED_ERROR) from error


def write_file(path: Path, data: bytes, *, private: bool = False) -> Path:
    """Write a file and its folder; `private`: for their owner's eyes only.

    Raises: `SettingsInvalid`, `DiskUnusable`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        if private:
            path.touch(mode=0o600)
            path.chmod(0o600)
        path.write_bytes(data)
    except OSError as error:
        if foreseen := disk_failure(error):
            raise foreseen from error
        problem = f"« {path} » ne peut pas être écrit ({system_cause_fr(error)})."
        raise SettingsInvalid(problem, problem=problem) from error
    return path


def write_export(
    app: "App", path: Path, data: bytes, dossiers: Iterable[str], *, private: bool = False
) -> Path:
    """Write a file that holds words of these dossiers, and note where: an erasure will look for it.

    Raises: `SettingsInvalid`, `DiskUnusable`.
    """
    write_file(path, data, private=private)
    note_export(app, path, dossiers)
    return path


def note_export(app: "App", path: Path, dossiers: Iterable[str]) -> None:
    """Note where such a file was written. Raises: `SettingsInvalid`, `DiskUnusable`."""
    try:
        app.holdings.written.note(path, dossiers)
    except OSError as error:
        if foreseen := disk_failure(error):
            raise foreseen from error
        problem = f"Le registre des fichiers écrits ne peut pas l'être ({system_cause_fr(error)})."
        raise SettingsInvalid(problem, problem=problem) from error
