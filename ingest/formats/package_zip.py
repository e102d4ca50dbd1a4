"""Judges the directory of a zip before anything is unpacked."""

import re
import struct
import zipfile
import zlib
from typing import Final

from ingest.errors import EncryptedFile, FileTooLarge, UnsafeFile
from ingest.limits import megabytes
from ingest.types import Frozen, SourceFile

_MIB: Final = 1024 * 1024
#: What `zipfile` raises on damaged or crafted archives.
BAD_ZIP: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OSError,
)


class PackageLimits(Frozen):
    """What a package may unpack to.

    Units: bytes; `max_ratio` is unpacked over packed size, looked at only when more than
    `ratio_floor_bytes` come out (small repetitive XML compresses very well).
    """

    max_entries: int = 10_000
    max_unpacked_bytes: int = 512 * _MIB
    max_xml_bytes: int = 64 * _MIB
    max_ratio: float = 200.0
    ratio_floor_bytes: int = 16 * _MIB


def judged_entries(
    file: SourceFile, archive: zipfile.ZipFile, limits: PackageLimits
) -> dict[str, zipfile.ZipInfo]:
    """The entries by clean name, once sizes, names and methods are found acceptable."""
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > limits.max_entries:
        raise UnsafeFile(
            f"{len(infos)} entries", filename=file.filename, cause=f"{len(infos)} éléments"
        )
    _refuse_bombs(file, infos, limits)
    entries: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for info in infos:
        name = _clean_name(info.filename, file.filename)
        if name.lower() in seen:
            raise UnsafeFile(f"twice {name!r}", filename=file.filename, cause="élément en double")
        seen.add(name.lower())
        entries[name] = info
    return entries


def _refuse_bombs(file: SourceFile, infos: list[zipfile.ZipInfo], limits: PackageLimits) -> None:
    if any(info.flag_bits & 0x1 for info in infos):
        raise EncryptedFile("encrypted zip entries", filename=file.filename)
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        # Office writes no other method, and their decompressors cannot be bounded.
        raise UnsafeFile("compression", filename=file.filename, cause="compression inhabituelle")
    unpacked = sum(info.file_size for info in infos)
    if unpacked > limits.max_unpacked_bytes:
        raise too_large(file.filename, unpacked, limits.max_unpacked_bytes)
    if unpacked > limits.ratio_floor_bytes and unpacked > limits.max_ratio * len(file.data):
        raise too_large(file.filename, unpacked, int(limits.max_ratio * len(file.data)))


def _clean_name(name: str, filename: str) -> str:
    """A part's name with forward slashes. Some producers write Windows ones."""
    clean = name.replace("\\", "/")
    if clean.startswith("/") or ".." in clean.split("/") or re.match(r"[A-Za-z]:", clean):
        raise UnsafeFile(f"entry {name!r}", filename=filename, cause="chemin hors de l'archive")
    return clean


def too_large(filename: str, size: int, limit: int) -> FileTooLarge:
    """The refusal of what unpacks to more than a limit. Units: bytes."""
    return FileTooLarge(
        f"{size} bytes unpacked",
        filename=filename,
        size=f"{megabytes(size)} une fois décompressé",
        limit=megabytes(limit),
    )
