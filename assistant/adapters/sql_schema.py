"""Brings a database to the schema of this version, forward only."""

import threading
from typing import Final

from sqlalchemy import Connection, inspect, text

from assistant.adapters.sql_errors import Place
from assistant.errors import StoreDamaged, StoreTooRecent

#: The newest migration; a test compares it with the folder `migrations/versions`.
HEAD: Final = "0011"
#: A name of our own: another program's `alembic_version` must not be taken for ours.
VERSION_TABLE: Final = "preuve_schema"

#: Alembic keeps the migration under way in module globals: one at a time in a process.
_one_migration = threading.Lock()
_ADVISORY_LOCK: Final = 0x70726575  # any number of our own


def is_up_to_date(connection: Connection, place: Place) -> bool:
    """Whether there is nothing to migrate. Raises: `StoreDamaged`."""
    return current_revision(connection, place) == HEAD


def bring_up_to_date(connection: Connection, place: Place) -> None:
    """Run the missing migrations in the connection's transaction, all or nothing.

    The transaction must already hold the write lock: two processes that open a new database
    together migrate it once.
    Raises: `StoreTooRecent`, `StoreDamaged`.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _ADVISORY_LOCK})
    revision = current_revision(connection, place)
    if revision == HEAD:
        return
    _upgrade(connection, revision, place)


def current_revision(connection: Connection, place: Place) -> str | None:
    """The schema's revision, None for an empty database.

    Raises: `StoreDamaged` when it holds someone else's tables.
    """
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
        return None if revision is None else str(revision)
    if tables:
        raise StoreDamaged(
            f"foreign tables: {tables}", cause="il appartient à un autre logiciel", path=place.name
        )
    return None


def _upgrade(connection: Connection, revision: str | None, place: Place) -> None:
    # Imported here: most openings find the schema up to date.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "assistant.adapters:migrations")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreTooRecent(f"revision {revision} is unknown", cause=revision, path=place.name)
    with _one_migration:
        command.upgrade(config, "head")
