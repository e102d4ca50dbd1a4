"""The journal's last hash, kept in a file of its own beside the database.

Whoever cuts the end of the journal off must also know of this file. It is no lock and no proof by
itself: copying the head elsewhere (`preuve audit tete`) is what makes it one.
"""

import json
import os
import secrets
import threading
from pathlib import Path

from assistant.domain.journal import EMPTY_HEAD, JournalHead
from assistant.errors import StoreDamaged, StoreUnavailable
from ingest.errors import system_cause_fr


class HeadFile:
    """A small JSON file, replaced whole.

    Raises: `StoreUnavailable` from `keep`, when the folder cannot be written. What the head vouches
    for is in the database by then: the same act again finds it done.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._kept = 0

    def keep(self, head: JournalHead) -> None:
        """Remember a head, unless this process has already remembered a later one."""
        with self._lock:
            if head.seq <= self._kept:
                return
            try:
                # A database on a server has made no folder here.
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._replace(head.model_dump_json())
            except OSError as error:
                raise StoreUnavailable(
                    str(error), cause=system_cause_fr(error), path=str(self._path.parent)
                ) from error
            self._kept = head.seq

    def _replace(self, text: str) -> None:
        draft = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)

    def read(self) -> JournalHead:
        """The head that was kept; the empty head when there is no file.

        Raises: `StoreDamaged` when the file is not one of ours.
        """
        try:
            return JournalHead.model_validate(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return EMPTY_HEAD
        except ValueError as error:
            raise StoreDamaged(
                str(error), cause="ce n'est pas une tête de journal", path=str(self._path)
            ) from error
