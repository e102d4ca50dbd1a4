"""Unpacks an archive of folders onto the disk, file by file: a cohort of any size fits.

The rules are those of `ingest.archives`: no path leaves the target, no link, no encrypted entry,
no absurd ratio. Here an entry that breaks them is left out and told; nothing is kept in memory.
"""

import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from ingest.archives import BAD_ZIP, entry_path, is_litter, refuse_links_and_locks, shown_name
from ingest.errors import CorruptedFile, FileTooLarge, IngestError, UnsafeFile, is_of_the_disk
from ingest.limits import megabytes
from ingest.types import Frozen

_READ_AT_ONCE: Final = 256 * 1024
_MB: Final = 1_000_000


class FolderLimits(Frozen):
    """What an archive of folders may hold. Units: bytes; the ratio counts past the floor."""

    max_files: int = 20_000
    max_file_bytes: int = 100 * _MB
    max_total_bytes: int = 20_000 * _MB
    max_ratio: float = 200.0
    ratio_floor_bytes: int = 8 * _MB


def unpack_folders(archive: Path, target: Path, limits: FolderLimits) -> tuple[IngestError, ...]:
    """Write an archive's files under `target`; what could not be taken out, each with its reason.

    Raises: `CorruptedFile`; `UnsafeFile` (too many files); `FileTooLarge` (in all); `OSError` when
    it is the disk that takes nothing more: the archive is not to blame.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            return _Unpacking(opened, archive.name, target, limits).run()
    except BAD_ZIP as error:
        _require_a_disk(error)
        raise CorruptedFile(f"zip: {error}", filename=archive.name) from error


def _require_a_disk(error: Exception) -> None:
    """Raises: the error itself when the disk causes it."""
    if isinstance(error, OSError) and is_of_the_disk(error):
        raise error


class _Unpacking:
    def __init__(
        self, archive: zipfile.ZipFile, name: str, target: Path, limits: FolderLimits
    ) -> None:
        self._archive = archive
        self._name = name
        self._target = target
        self._limits = limits
        self._written = 0
        self._taken: set[str] = set()

    def run(self) -> tuple[IngestError, ...]:
        infos = [info for info in self._archive.infolist() if not is_litter(info)]
        if len(infos) > self._limits.max_files:
            cause = f"plus de {self._limits.max_files} fichiers dans l'archive"
            raise UnsafeFile(f"{len(infos)} files", filename=self._name, cause=cause)
        errors: list[IngestError] = []
        for info in infos:
            try:
                self._one(info)
            except IngestError as error:
                if self._written > self._limits.max_total_bytes:
                    raise
                errors.append(error)
            except BAD_ZIP as error:
                _require_a_disk(error)
                errors.append(CorruptedFile(f"entry: {error}", filename=shown_name(info.filename)))
        return tuple(errors)

    def _one(self, info: zipfile.ZipInfo) -> None:
        path = entry_path(info)
        shown = shown_name(path.name)
        refuse_links_and_locks(info, shown)
        place = PurePosixPath(*(shown_name(part) for part in path.parts))
        if str(place).casefold() in self._taken:
            raise UnsafeFile("twice", filename=shown, cause="deux fichiers du même nom")
        self._taken.add(str(place).casefold())
        target = self._target / place
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._copy(info, target, shown)
        except (IngestError, *BAD_ZIP):
            target.unlink(missing_ok=True)
            raise

    def _copy(self, info: zipfile.ZipInfo, target: Path, shown: str) -> None:
        """Write an entry, read no further than the limits: its declared size may lie."""
        limits = self._limits
        by_ratio = max(limits.ratio_floor_bytes, limits.max_ratio * max(1, info.compress_size))
        size = 0
        with self._archive.open(info) as stream, target.open("wb") as out:
            while piece := stream.read(_READ_AT_ONCE):
                size += len(piece)
                self._written += len(piece)
                if size > by_ratio:
                    raise UnsafeFile("ratio", filename=shown, cause="taux de compression anormal")
                if size > limits.max_file_bytes:
                    raise _too_large(shown, size, limits.max_file_bytes)
                if self._written > limits.max_total_bytes:
                    raise _too_large(self._name, self._written, limits.max_total_bytes)
                out.write(piece)


def only_folder(root: Path) -> Path:
    """Past the folders that hold one folder and nothing else: « cohorte.zip » often has one."""
    while True:
        entries = [entry for entry in root.iterdir() if not entry.name.startswith(".")]
        inside = list(entries[0].iterdir()) if len(entries) == 1 and entries[0].is_dir() else []
        if not any(entry.is_dir() for entry in inside):
            return root
        root = entries[0]


def discard(folder: Path) -> None:
    """Remove a folder that was being written."""
    shutil.rmtree(folder, ignore_errors=True)


def _too_large(name: str, size: int, limit: int) -> FileTooLarge:
    return FileTooLarge(
        "unpacked size", filename=name, size=megabytes(size), limit=megabytes(limit)
    )
