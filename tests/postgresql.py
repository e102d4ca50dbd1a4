"""A PostgreSQL server of the tests' own, on a socket of a temporary folder: no network."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

ACCOUNT = "postgres"


def _programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: Debian keeps it out of PATH."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def running_server() -> Iterator[str]:
    """The server's socket folder; the test is skipped where PostgreSQL is not installed."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # The server refuses to run as root.
    user = ACCOUNT if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        if user:
            shutil.chown(home, user)
        data = home / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", ACCOUNT, "-A", "trust", "-E", "UTF8"],
            user=user,
            check=True,
            capture_output=True,
        )
        start(str(home))
        try:
            yield str(home)
        finally:
            stop(str(home))


def start(server: str) -> None:
    """Start the server of that folder, where it was stopped."""
    options = f"-c listen_addresses='' -c unix_socket_directories='{server}' -c fsync=off"
    _control(server, "-o", options, "start")


def stop(server: str) -> None:
    """Stop it at once, as a crash would: what is under way is cut."""
    _control(server, "-m", "immediate", "stop")


def _control(server: str, *arguments: str) -> None:
    programs = _programs()
    assert programs is not None
    home = Path(server)
    command = [programs / "pg_ctl", "-D", home / "data", "-w", "-l", home / "log", *arguments]
    user = ACCOUNT if os.geteuid() == 0 else None
    subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL)


def new_database(server: str) -> str:
    """The address of a new, empty database."""
    name = f"t{secrets.token_hex(6)}"
    admin = create_engine(
        f"postgresql+psycopg://{ACCOUNT}@/postgres?host={server}", isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"postgresql://{ACCOUNT}@/{name}?host={server}"
