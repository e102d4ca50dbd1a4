"""The register of files written outside the installation: grids, workbooks, requests.

It lets an erasure find them again. It stays on this machine, for its owner's eyes only: a path may
hold a name.
"""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ingest.types import Frozen

_REGISTER: Final = "fichiers-ecrits.jsonl"
_READ_AT_ONCE: Final = 1 << 20


class WrittenFile(Frozen):
    """A file as it was written, and the dossiers whose words are in it."""

    path: str
    sha256: str
    dossiers: tuple[str, ...]

    @property
    def there(self) -> bool:
        return Path(self.path).is_file() and not Path(self.path).is_symlink()

    @property
    def unchanged(self) -> bool:
        """Whether it is still what was written, and not somebody's own version of it."""
        return self.there and _digest(Path(self.path)) == self.sha256


class WrittenFiles:
    """One line for each file; the last one counts. Every method raises: `OSError`."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _REGISTER

    def note(self, path: Path, dossiers: Iterable[str]) -> None:
        """A file that was just written."""
        written = WrittenFile(
            path=str(path.resolve()), sha256=_digest(path), dossiers=tuple(sorted(dossiers))
        )
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        with self._path.open("a", encoding="utf-8") as register:
            register.write(f"{written.model_dump_json()}\n")

    def about(self, dossiers: Collection[str]) -> tuple[WrittenFile, ...]:
        """The files still there that hold words of one of these dossiers."""
        last = {written.path: written for written in self._lines()}
        return tuple(
            written
            for written in last.values()
            if not set(written.dossiers).isdisjoint(dossiers) and written.there
        )

    def forget(self, dossiers: Collection[str]) -> None:
        """Take these dossiers out of the register, and the files that only they were in."""
        kept = []
        for written in self._lines():
            others = tuple(one for one in written.dossiers if one not in dossiers)
            if others:
                kept.append(written.model_copy(update={"dossiers": others}))
        if not self._path.is_file():
            return
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{one.model_dump_json()}\n" for one in kept), encoding="utf-8")
        draft.replace(self._path)

    def _lines(self) -> Iterator[WrittenFile]:
        if not self._path.is_file():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                yield WrittenFile.model_validate_json(line)
            except ValidationError:  # cut short by a kill or a full disk: the others hold
                continue


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_READ_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
