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
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", home / "log"]
        subprocess.run([*control, "-o", options, "start"], user=user, check=True)
        try:
            yield str(home)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], user=user, check=True)


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
