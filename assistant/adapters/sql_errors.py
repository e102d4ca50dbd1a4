"""Turns what a database driver raises into the failures that we foresee.

What is not foreseen here (a wrong statement, a broken constraint) is a defect and stays as it is.
"""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from assistant.errors import (
    StoreBusy,
    StoreDamaged,
    StoreServerUnavailable,
    StoreUnavailable,
)
from ingest.types import Frozen


class Place(Frozen):
    """Where the database is, as messages name it: never with a password.

    `folder` is the folder of a SQLite file, or the server's name.
    """

    name: str
    folder: str


_CANNOT_USE_FR: Final = {
    sqlite3.SQLITE_FULL: "le disque est plein",
    sqlite3.SQLITE_READONLY: "le fichier ou son dossier est en lecture seule",
    sqlite3.SQLITE_PERM: "l'accès au fichier est refusé",
    sqlite3.SQLITE_AUTH: "l'accès au fichier est refusé",
    sqlite3.SQLITE_CANTOPEN: "le fichier ne peut pas être ouvert",
    sqlite3.SQLITE_IOERR: "erreur de lecture ou d'écriture sur le disque",
    sqlite3.SQLITE_NOLFS: "le disque n'accepte pas un fichier aussi grand",
    sqlite3.SQLITE_TOOBIG: "une donnée est trop grande pour la base",
    sqlite3.SQLITE_NOMEM: "mémoire insuffisante",
}
_DAMAGED_FR: Final = {
    sqlite3.SQLITE_CORRUPT: "il est endommagé",
    sqlite3.SQLITE_NOTADB: "son contenu n'est pas celui d'une base SQLite",
}
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}

#: PostgreSQL's SQLSTATE, by its longest known beginning.
_SERVER_FR: Final = {
    "08": "la connexion est coupée",
    "25006": "la base est en lecture seule",
    "28": "le compte ou le mot de passe est refusé",
    "3D": "cette base n'existe pas sur le serveur",
    "42501": "le compte n'a pas les droits nécessaires",
    "53": "le disque ou la mémoire du serveur est plein",
    "57": "le serveur s'arrête ou n'accepte pas encore de connexion",
    "58": "erreur du disque du serveur",
}
#: Serialisation failure, deadlock, lock not available.
_SERVER_BUSY: Final = ("40001", "40P01", "55P03")


def explain(error: DBAPIError, place: Place) -> StoreUnavailable | None:
    """The foreseen failure behind a driver's error; None for a defect of ours."""
    if isinstance(error.orig, sqlite3.Error):
        return _explain_sqlite(error.orig, place)
    return _explain_server(error, place)


def _explain_sqlite(error: sqlite3.Error, place: Place) -> StoreUnavailable | None:
    # The low byte is the primary code; errors of the Python module itself carry none.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return StoreBusy(str(error), cause="verrou non obtenu", path=place.name)
    if code in _DAMAGED_FR:
        return StoreDamaged(str(error), cause=_DAMAGED_FR[code], path=place.name)
    if code in _CANNOT_USE_FR:
        return StoreUnavailable(str(error), cause=_CANNOT_USE_FR[code], path=place.folder)
    return None


def _explain_server(error: DBAPIError, place: Place) -> StoreUnavailable | None:
    state = getattr(error.orig, "sqlstate", None)
    if state in _SERVER_BUSY:
        return StoreBusy(str(error.orig), cause="verrou non obtenu", path=place.name)
    if state is None and not _is_connection_loss(error):
        return None
    if state is None:
        cause = "il ne répond pas"
    else:
        cause = next((text for start, text in _SERVER_FR.items() if state.startswith(start)), "")
    if not cause:
        return None
    return StoreServerUnavailable(str(error.orig), cause=cause, path=place.name)


def _is_connection_loss(error: DBAPIError) -> bool:
    """Without a SQLSTATE, a driver's `OperationalError` is about reaching the server."""
    return error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
