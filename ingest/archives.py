"""Unpacks a dossier handed in as a .zip, in memory: no path of the archive is ever written to."""

import io
import lzma
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    IngestError,
    UnsafeFile,
    WrongExtension,
)
from ingest.formats.encoding import decode_text
from ingest.formats.sniff import Kind, sniff
from ingest.limits import megabytes
from ingest.types import Frozen, SourceFile

_MIB: Final = 1024 * 1024
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
_MADE_ON_UNIX: Final = 3
_METHODS: Final = (
    zipfile.ZIP_STORED,
    zipfile.ZIP_DEFLATED,
    zipfile.ZIP_BZIP2,
    zipfile.ZIP_LZMA,
)
_READ_AT_ONCE: Final = 64 * 1024
#: Units: characters. Longest name that every file system takes, and that a screen shows.
_LONGEST_NAME: Final = 150

#: What systems and programs leave behind.
_LITTER: Final = re.compile(
    r"(?:__MACOSX/.*|(?:.*/)?(?:\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini|~\$[^/]*|\.~lock\.[^/]*))",
    re.IGNORECASE,
)
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_UNSHOWABLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)

BAD_ZIP: Final = (
    lzma.LZMAError,
    MemoryError,  # an entry asks for a dictionary of gigabytes, which the system refuses
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


class ArchiveLimits(Frozen):
    """What an archive may hold, nested ones included.

    Units: bytes; `max_ratio` is unpacked over packed size of one entry, looked at only past
    `ratio_floor_bytes`; `max_depth` counts the archives around a file.
    """

    max_files: int = 500
    max_file_bytes: int = 100 * _MIB
    max_total_bytes: int = 500 * _MIB
    max_ratio: float = 200.0
    ratio_floor_bytes: int = 8 * _MIB
    max_depth: int = 2


def unpack(
    file: SourceFile, *, limits: ArchiveLimits | None = None
) -> tuple[tuple[SourceFile, ...], tuple[IngestError, ...]]:
    """The files of a .zip, and what could not be taken out of it, each with its reason.

    Names are the base names; where two files have the same one, whatever its case, their folder
    comes before it: « annexes - bilan.pdf ». An archive inside the archive is unpacked too, one
    inside that one is refused.
    Raises: `EmptyFile`, `WrongExtension`, `CorruptedFile`, `UnsafeFile` (too many files),
    `FileTooLarge` (in all): what condemns the archive as a whole.
    """
    unpacking = _Unpacking(file, limits or ArchiveLimits())
    unpacking.open(file, folder=PurePosixPath(), depth=1)
    return tuple(_renamed(unpacking.files)), tuple(unpacking.errors)


class _Unpacking:
    """One run: what was taken out so far, and what it weighs."""

    def __init__(self, outermost: SourceFile, limits: ArchiveLimits) -> None:
        self._outermost = outermost
        self._limits = limits
        self._entries = 0
        self._bytes = 0
        self.files: list[tuple[PurePosixPath, bytes]] = []
        self.errors: list[IngestError] = []
        self._condemnation: IngestError | None = None  # an error that stops everything

    def open(self, file: SourceFile, *, folder: PurePosixPath, depth: int) -> None:
        """Take the files out of an archive. Raises what condemns it as a whole."""
        _require_zip(file)
        try:
            with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
                self._all(archive, folder, depth)
        except BAD_ZIP as error:
            raise CorruptedFile(f"zip: {error}", filename=file.filename) from error

    def _all(self, archive: zipfile.ZipFile, folder: PurePosixPath, depth: int) -> None:
        infos = [info for info in archive.infolist() if not is_litter(info)]
        self._entries += len(infos)
        if self._entries > self._limits.max_files:
            self._condemnation = UnsafeFile(
                f"{self._entries} files",
                filename=self._outermost.filename,
                cause=f"plus de {self._limits.max_files} fichiers dans l'archive",
            )
            raise self._condemnation
        for info in infos:
            try:
                self._one(archive, info, folder, depth)
            except BAD_ZIP as error:
                name = shown_name(_name(info))
                self.errors.append(CorruptedFile(f"entry: {error}", filename=name))
            except IngestError as error:
                if error is self._condemnation:
                    raise
                self.errors.append(error)

    def _one(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: PurePosixPath, depth: int
    ) -> None:
        path = entry_path(info)
        name = shown_name(path.name)
        refuse_links_and_locks(info, name)
        data = self._read(archive, info, name)
        if path.suffix.lower() != ".zip":
            self.files.append((folder / path, data))
        elif depth >= self._limits.max_depth:
            raise UnsafeFile(
                "nested", filename=name, cause="archives imbriquées les unes dans les autres"
            )
        else:
            inner = SourceFile.from_bytes(name, data)
            self.open(inner, folder=folder / path.with_suffix(""), depth=depth + 1)

    def _read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
        """An entry's bytes, read no further than the limits: its declared size may lie."""
        limits = self._limits
        by_ratio = max(limits.ratio_floor_bytes, limits.max_ratio * max(1, info.compress_size))
        data = bytearray()
        with archive.open(info) as stream:
            while piece := stream.read(_READ_AT_ONCE):
                data += piece
                if len(data) > by_ratio:
                    # What was unpacked in vain counts too: many such entries condemn the archive.
                    self._bytes += len(data)
                    raise UnsafeFile("ratio", filename=name, cause="taux de compression anormal")
                if len(data) > limits.max_file_bytes:
                    raise _too_large(name, limits.max_file_bytes)
                if self._bytes + len(data) > limits.max_total_bytes:
                    self._condemnation = _too_large(
                        self._outermost.filename, limits.max_total_bytes
                    )
                    raise self._condemnation
        self._bytes += len(data)
        return bytes(data)


def _too_large(name: str, limit: int) -> FileTooLarge:
    return FileTooLarge(
        "unpacked size",
        filename=name,
        size=f"plus de {megabytes(limit)} une fois décompressé",
        limit=megabytes(limit),
    )


def _require_zip(file: SourceFile) -> None:
    if not file.data:
        raise EmptyFile("0 bytes", filename=file.filename)
    kind = sniff(file.data)
    if kind is Kind.BINARY:
        raise CorruptedFile("not a zip", filename=file.filename)
    if kind is not Kind.ZIP:
        raise WrongExtension(
            kind.name, filename=file.filename, suffix=file.suffix, actual=kind.value
        )


def is_litter(info: zipfile.ZipInfo) -> bool:
    """A folder's own entry, or what a system or an office program left behind."""
    return info.filename.endswith("/") or _LITTER.fullmatch(_name(info)) is not None


def _name(info: zipfile.ZipInfo) -> str:
    """An entry's name, with forward slashes.

    Without the UTF-8 mark, `zipfile` reads DOS characters; programs write others there too.
    """
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        name = decode_text(name.encode("cp437", errors="replace")).text
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def entry_path(info: zipfile.ZipInfo) -> PurePosixPath:
    """Where an entry goes. Raises: `UnsafeFile` when that is outside the archive."""
    name = _name(info)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(name):
        shown = shown_name(path.name)
        raise UnsafeFile(f"path {name!r}", filename=shown, cause="chemin hors de l'archive")
    return path


def refuse_links_and_locks(info: zipfile.ZipInfo, name: str) -> None:
    """Raises: `UnsafeFile` for a link or an unusual compression; `EncryptedFile`."""
    mode = info.external_attr >> 16
    if info.create_system == _MADE_ON_UNIX and mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise UnsafeFile("not a regular file", filename=name, cause="lien vers un autre fichier")
    if info.flag_bits & _ENCRYPTED:
        raise EncryptedFile("encrypted entry", filename=name)
    if info.compress_type not in _METHODS:
        raise UnsafeFile("method", filename=name, cause="compression inhabituelle")


def shown_name(name: str) -> str:
    """A name fit for a screen: no control, no bidirectional mark, not too long."""
    clean = _UNSHOWABLE.sub("", name).strip(" .") or "sans nom"
    if len(clean) <= _LONGEST_NAME:
        return clean
    suffix = PurePosixPath(clean).suffix[:20]
    return clean[: _LONGEST_NAME - len(suffix)] + suffix


def _renamed(files: list[tuple[PurePosixPath, bytes]]) -> Iterator[SourceFile]:
    """Each file under a name of its own, its folders added only where they are needed."""
    counts: dict[str, int] = {}
    for path, _ in files:
        key = shown_name(path.name).casefold()
        counts[key] = counts.get(key, 0) + 1
    given: set[str] = set()
    for path, data in files:
        name = shown_name(path.name)
        if counts[name.casefold()] > 1:
            name = shown_name(" - ".join(path.parts))
        number, unique = 1, name
        while unique.casefold() in given:
            number += 1
            unique = f"{PurePosixPath(name).stem} ({number}){PurePosixPath(name).suffix}"
        given.add(unique.casefold())
        yield SourceFile.from_bytes(unique, data)
