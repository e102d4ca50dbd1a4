"""What the commands about one file share: reading it, without database or grids."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from assistant.cli.common import EXPECTED_ERROR
from assistant.reading import read_path
from assistant.settings import Settings
from ingest.errors import UserFacingError
from ingest.types import Document, SourceFile


@contextmanager
def opened(path: Path, *, cached: bool = True) -> Iterator[tuple[SourceFile, Document]]:
    """A file and what was read of it; an expected failure ends the command with its message."""
    try:
        yield read_path(path, Settings.load(), cached=cached)
    except UserFacingError as error:
        typer.echo(f"Erreur : {error.user_message}", err=True)
        raise typer.Exit(EXPECTED_ERROR) from error
