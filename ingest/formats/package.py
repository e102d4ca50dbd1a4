"""Opens office packages (OOXML and OpenDocument zips) that nobody vouches for.

Nothing is unpacked to disk. Before any byte is decompressed, the directory of the zip is judged:
sizes, ratio, number of entries, names. XML parts are parsed without DTD, entities or network.
"""

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from lxml import etree

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    UnsafeFile,
    WrongExtension,
)
from ingest.formats.package_kinds import (
    OLE_MAGIC,
    PACKAGE_NAMES_FR,
    ZIP_MAGIC,
    describe_foreign,
    ole_has_stream,
    package_format,
)
from ingest.formats.package_xml import parse_xml
from ingest.types import Frozen, SourceFile

_MIB: Final = 1024 * 1024
_BAD_ZIP: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OSError,
)
_CONTENT_TYPES: Final = "[Content_Types].xml"


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


class Relationship(Frozen):
    """A link from a part to another part or to the outside.

    `kind` is the last word of its type (« image », « footnotes »); `target` is a part name from
    the root of the package, or the address itself when `external`.
    """

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """An opened package. Part names are written without a leading slash: `word/document.xml`.

    Names are matched without regard to case, as the OPC standard wants.
    """

    def __init__(
        self,
        file: SourceFile,
        archive: zipfile.ZipFile,
        infos: Mapping[str, zipfile.ZipInfo],
        limits: PackageLimits,
    ) -> None:
        self.filename = file.filename
        self.names: tuple[str, ...] = tuple(infos)
        self._archive = archive
        self._infos = {name.lower(): info for name, info in infos.items()}
        self._limits = limits
        self._roots: dict[str, etree._Element] = {}
        self._defaults, self._overrides = self._read_content_types()
        self.format: str | None = self._recognise()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._infos

    def size(self, name: str) -> int:
        """Unpacked size in bytes, as declared; 0 for a part that is not there."""
        info = self._infos.get(name.lower())
        return info.file_size if info else 0

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises `KeyError` when absent, `CorruptedFile` when damaged."""
        info = self._infos[name.lower()]
        try:
            with self._archive.open(info) as stream:
                # One more byte than declared would mean that the directory lies.
                data = stream.read(info.file_size + 1)
        except _BAD_ZIP as error:
            raise CorruptedFile(f"{name}: {error}", filename=self.filename) from error
        if len(data) != info.file_size:
            raise CorruptedFile(f"{name}: wrong declared size", filename=self.filename)
        return data

    def xml(self, name: str) -> etree._Element | None:
        """A part's root element, parsed once; None when the part is absent.

        Namespaces of « strict » OOXML are given as their usual, transitional ones. Comments and
        processing instructions are dropped.
        Raises: `CorruptedFile` (not well-formed), `UnsafeFile` (DTD, entities), `FileTooLarge`.
        """
        key = name.lower()
        if key not in self._infos:
            return None
        if key not in self._roots:
            if (size := self.size(name)) > self._limits.max_xml_bytes:
                raise _too_large(self.filename, size, self._limits.max_xml_bytes)
            self._roots[key] = parse_xml(self.read(name), filename=self.filename, part=name)
        return self._roots[key]

    def content_type(self, name: str) -> str:
        """The declared media type of a part; empty when nothing declares it."""
        extension = posixpath.splitext(name)[1].lstrip(".").lower()
        return self._overrides.get(name.lower()) or self._defaults.get(extension, "")

    def relationships(self, part: str = "") -> tuple[Relationship, ...]:
        """What a part (the package itself by default) refers to, in the file's order."""
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return ()
        return tuple(_relationship(e, folder) for e in root.iterfind("{*}Relationship"))

    def related(self, kind: str, part: str = "") -> str | None:
        """The first internal target of that kind which is in the package."""
        for link in self.relationships(part):
            if link.kind == kind and not link.external and link.target in self:
                return link.target
        return None

    @property
    def has_macros(self) -> bool:
        """Whether the file carries VBA or Basic code (never run here)."""
        return any(
            "vbaproject" in name.lower() or name.startswith("Basic/") for name in self.names
        ) or any("macroenabled" in kind.lower() for kind in self._overrides.values())

    def _read_content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        root = self.xml(_CONTENT_TYPES)
        if root is None:
            return {}, {}
        defaults = {
            e.get("Extension", "").lower(): e.get("ContentType", "")
            for e in root.iterfind("{*}Default")
        }
        overrides = {
            e.get("PartName", "").lstrip("/").lower(): e.get("ContentType", "")
            for e in root.iterfind("{*}Override")
        }
        return defaults, overrides

    def _recognise(self) -> str | None:
        if "mimetype" in self and self.size("mimetype") < 200:
            return package_format(self.read("mimetype").decode("ascii", errors="replace"))
        main = self.related("officeDocument")
        return package_format(self.content_type(main)) if main else None


def open_package(
    file: SourceFile, *, expected: str | None = None, limits: PackageLimits | None = None
) -> Package:
    """Open an OOXML or OpenDocument file after judging its container.

    `expected` is the format the caller reads (« docx »); another one is a wrong extension.
    Raises: `EmptyFile`, `EncryptedFile`, `WrongExtension`, `CorruptedFile`, `FileTooLarge`,
    `UnsafeFile`.
    """
    limits = limits or PackageLimits()
    _refuse_other_containers(file)
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.data))
    except _BAD_ZIP as error:
        raise CorruptedFile(f"not a zip: {error}", filename=file.filename) from error
    infos = _judged_entries(file, archive, limits)
    package = Package(file, archive, infos, limits)
    _refuse_encrypted_odf(package)
    if expected is not None and package.format != expected:
        raise _not_what_it_says(file, package)
    return package


def _refuse_other_containers(file: SourceFile) -> None:
    if not file.data:
        raise EmptyFile("0 bytes", filename=file.filename)
    if file.data.startswith(OLE_MAGIC) and ole_has_stream(file.data, "EncryptedPackage"):
        raise EncryptedFile("OLE EncryptedPackage", filename=file.filename)
    if file.data.startswith(ZIP_MAGIC):
        return
    if actual := describe_foreign(file.data):
        raise WrongExtension(actual, filename=file.filename, suffix=file.suffix, actual=actual)
    raise CorruptedFile("neither a zip nor anything known", filename=file.filename)


def _judged_entries(
    file: SourceFile, archive: zipfile.ZipFile, limits: PackageLimits
) -> dict[str, zipfile.ZipInfo]:
    """The entries by clean name, once sizes, names and methods are found acceptable."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
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
        raise _too_large(file.filename, unpacked, limits.max_unpacked_bytes)
    if unpacked > limits.ratio_floor_bytes and unpacked > limits.max_ratio * len(file.data):
        raise _too_large(file.filename, unpacked, int(limits.max_ratio * len(file.data)))


def _clean_name(name: str, filename: str) -> str:
    """A part's name with forward slashes. Some producers write Windows ones."""
    clean = name.replace("\\", "/")
    if clean.startswith("/") or ".." in clean.split("/") or re.match(r"[A-Za-z]:", clean):
        raise UnsafeFile(f"entry {name!r}", filename=filename, cause="chemin hors de l'archive")
    return clean


def _refuse_encrypted_odf(package: Package) -> None:
    """ODF encrypts part by part and says so in its manifest."""
    manifest = "META-INF/manifest.xml"
    # Old manifests carry a harmless DOCTYPE: they are searched, not parsed.
    if 0 < package.size(manifest) < _MIB and b":encryption-data" in package.read(manifest):
        raise EncryptedFile("ODF encryption-data", filename=package.filename)


def _not_what_it_says(file: SourceFile, package: Package) -> CorruptedFile | WrongExtension:
    if package.format is None and _CONTENT_TYPES in package:
        return CorruptedFile("no main part", filename=file.filename)
    actual = PACKAGE_NAMES_FR.get(package.format or "", "une archive ZIP (.zip)")
    return WrongExtension(actual, filename=file.filename, suffix=file.suffix, actual=actual)


def _relationship(element: etree._Element, folder: str) -> Relationship:
    target = element.get("Target", "")
    external = element.get("TargetMode", "") == "External"
    if not external:
        path = unquote(target.partition("#")[0])
        joined = posixpath.join("/", folder, path)
        target = posixpath.normpath(joined).lstrip("/")
    return Relationship(
        id=element.get("Id", ""),
        kind=element.get("Type", "").rpartition("/")[2],
        target=target,
        external=external,
    )


def _too_large(filename: str, size: int, limit: int) -> FileTooLarge:
    return FileTooLarge(
        f"{size} bytes unpacked",
        filename=filename,
        size=f"{_megabytes(size)} une fois décompressé",
        limit=_megabytes(limit),
    )


def _megabytes(size: int) -> str:
    return f"{size / _MIB:.1f} Mo".replace(".", ",")
