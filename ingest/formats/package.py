"""Opens office packages (OOXML and OpenDocument zips) that nobody vouches for.

Nothing is unpacked to disk. Before any byte is decompressed, the directory of the zip is judged:
sizes, ratio, number of entries, names. XML parts are parsed without DTD, entities or network.
"""

import io
import posixpath
import zipfile
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from lxml import etree

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    WrongExtension,
)
from ingest.formats.allowances import STREAMED_DIVISOR, counted, most_markup
from ingest.formats.package_kinds import package_format
from ingest.formats.package_xml import parse_xml
from ingest.formats.package_zip import BAD_ZIP, PackageLimits, judged_entries, too_large
from ingest.formats.sniff import Kind, sniff
from ingest.types import Frozen, SourceFile

_MIB: Final = 1024 * 1024
_ZIP_MAGIC: Final = b"PK"
_CONTENT_TYPES: Final = "[Content_Types].xml"


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
        self._markup = self._markup_left = most_markup(len(file.data))
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
        except BAD_ZIP as error:
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
                raise too_large(self.filename, size, self._limits.max_xml_bytes)
            data = self.read(name)
            self.spend_markup(name, data)
            self._roots[key] = parse_xml(data, filename=self.filename, part=name)
        return self._roots[key]

    def spend_markup(self, name: str, data: bytes, *, streamed: bool = False) -> None:
        """Count the markup of a part about to be parsed. Raises: `FileTooLarge`.

        What is read as it comes, without being kept, counts for less.
        """
        markup = (data.count(b"<") + data.count(b"=")) // (STREAMED_DIVISOR if streamed else 1)
        if markup > self._markup_left:
            raise FileTooLarge(
                f"{name}: {markup} tags and attributes of {self._markup_left} left",
                filename=self.filename,
                size=f"{counted(markup)} balises et attributs dans « {name} »",
                limit=f"{counted(self._markup)} pour tout le fichier",
            )
        self._markup_left -= markup

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
    except BAD_ZIP as error:
        raise CorruptedFile(f"not a zip: {error}", filename=file.filename) from error
    infos = judged_entries(file, archive, limits)
    package = Package(file, archive, infos, limits)
    _refuse_encrypted_odf(package)
    if expected is not None and package.format != expected:
        raise _not_what_it_says(file, package)
    return package


def _refuse_other_containers(file: SourceFile) -> None:
    if not file.data:
        raise EmptyFile("0 bytes", filename=file.filename)
    if file.data.startswith(_ZIP_MAGIC):
        return
    kind = sniff(file.data)
    if kind is Kind.OLE_ENCRYPTED:
        raise EncryptedFile("OLE EncryptedPackage", filename=file.filename)
    if kind is Kind.BINARY:
        raise CorruptedFile("neither a zip nor anything known", filename=file.filename)
    raise _wrong_extension(file, kind)


def _refuse_encrypted_odf(package: Package) -> None:
    """ODF encrypts part by part and says so in its manifest."""
    manifest = "META-INF/manifest.xml"
    # Old manifests carry a harmless DOCTYPE: they are searched, not parsed.
    if 0 < package.size(manifest) < _MIB and b":encryption-data" in package.read(manifest):
        raise EncryptedFile("ODF encryption-data", filename=package.filename)


def _not_what_it_says(file: SourceFile, package: Package) -> CorruptedFile | WrongExtension:
    if package.format is None and _CONTENT_TYPES in package:
        return CorruptedFile("no main part", filename=file.filename)
    return _wrong_extension(file, sniff(file.data))


def _wrong_extension(file: SourceFile, kind: Kind) -> WrongExtension:
    return WrongExtension(
        f"{file.suffix} holds {kind.name}",
        filename=file.filename,
        suffix=file.suffix,
        actual=kind.value,
    )


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
