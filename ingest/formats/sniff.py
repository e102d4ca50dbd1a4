"""Tells what a file really is from its bytes, whatever its name says."""

import codecs
import io
import re
import struct
import zipfile
import zlib
from enum import StrEnum
from typing import Final

from ingest.formats.package_kinds import OLE_MAGIC, ole_has_stream, package_format


class Kind(StrEnum):
    """What the bytes are, in words an assessor understands."""

    DOCX = "un document Word (.docx)"
    PPTX = "une présentation PowerPoint (.pptx)"
    XLSX = "un classeur Excel (.xlsx)"
    XLSB = "un classeur Excel binaire (.xlsb)"
    ODT = "un texte OpenDocument (.odt)"
    ODS = "un classeur OpenDocument (.ods)"
    ODP = "une présentation OpenDocument (.odp)"
    ODG = "un dessin OpenDocument (.odg)"
    PDF = "un document PDF (.pdf)"
    PNG = "une image PNG (.png)"
    JPEG = "une image JPEG (.jpg)"
    HTML = "une page web (.html)"
    EML = "un courriel (.eml)"
    TEXT = "un fichier texte (.txt)"
    XML = "un fichier XML (.xml)"
    RTF = "un texte RTF (.rtf)"
    DOC = "un ancien document Word (.doc)"
    XLS = "un ancien classeur Excel (.xls)"
    PPT = "une ancienne présentation PowerPoint (.ppt)"
    MSG = "un courriel Outlook (.msg)"
    OLE = "un ancien fichier Office"
    OLE_ENCRYPTED = "un fichier Office protégé par un mot de passe"
    EPUB = "un livre numérique (.epub)"
    IWORK = "un document Apple (Pages, Numbers ou Keynote)"
    ZIP = "une archive ZIP (.zip)"
    RAR = "une archive RAR (.rar)"
    SEVEN_ZIP = "une archive 7-Zip (.7z)"
    GZIP = "une archive gzip (.gz)"
    GIF = "une image GIF (.gif)"
    WEBP = "une image WebP (.webp)"
    BMP = "une image BMP (.bmp)"
    TIFF = "une image TIFF (.tiff)"
    HEIC = "une photo HEIC (.heic)"
    SVG = "un dessin SVG (.svg)"
    VIDEO = "une vidéo"
    AUDIO = "un enregistrement sonore"
    EXE = "un programme"
    BINARY = "un fichier binaire de type inconnu"


_PACKAGES: Final = {
    "docx": Kind.DOCX,
    "pptx": Kind.PPTX,
    "xlsx": Kind.XLSX,
    "xlsb": Kind.XLSB,
    "odt": Kind.ODT,
    "ods": Kind.ODS,
    "odp": Kind.ODP,
    "odg": Kind.ODG,
}

#: Longer than « PK », with which a text may well start.
_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_SIGNATURES: Final = (
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"{\\rtf", Kind.RTF),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"\x1f\x8b", Kind.GZIP),
    (b"\x7fELF", Kind.EXE),
    (b"ID3\x03\0", Kind.AUDIO),
    (b"ID3\x04\0", Kind.AUDIO),
    (b"OggS", Kind.AUDIO),
    (b"\x1aE\xdf\xa3", Kind.VIDEO),
)

#: A signature further in: (offset, bytes).
_INNER_SIGNATURES: Final = (
    ((0, b"RIFF"), (8, b"WEBP"), Kind.WEBP),
    ((0, b"RIFF"), (8, b"WAVE"), Kind.AUDIO),
    ((0, b"RIFF"), (8, b"AVI "), Kind.VIDEO),
    ((4, b"ftyp"), (8, b"heic"), Kind.HEIC),
    ((4, b"ftyp"), (8, b"mif1"), Kind.HEIC),
    ((4, b"ftyp"), (8, b"M4A "), Kind.AUDIO),
    ((4, b"ftyp"), (4, b"ftyp"), Kind.VIDEO),
    ((0, b"BM"), (6, b"\0\0\0\0"), Kind.BMP),
    ((0, b"MZ"), (3, b"\0"), Kind.EXE),
)

_OLE_STREAMS: Final = (
    ("EncryptedPackage", Kind.OLE_ENCRYPTED),
    ("WordDocument", Kind.DOC),
    ("Workbook", Kind.XLS),
    ("Book", Kind.XLS),
    ("PowerPoint Document", Kind.PPT),
    ("__properties_version1.0", Kind.MSG),
)

_BAD_ZIP: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,  # an encrypted entry
    ValueError,
    OSError,
)

_WIDE_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: How far a signature, a declaration or a mail header is looked for, in bytes.
_HEAD: Final = 4096
_PDF_HEADER_WITHIN: Final = 1024
_MAX_DESCRIPTION: Final = 4 * 1024 * 1024

_MARKUP_START: Final = re.compile(r"\s*(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*", re.DOTALL)
_MAIL_HEADER: Final = re.compile(r"^([A-Za-z][A-Za-z0-9-]*):(?: |$)", re.MULTILINE)
_MAIL_WRITTEN_BY_SOFTWARE: Final = frozenset({"mime-version", "message-id", "received"})
_MAIL_WRITTEN_BY_PEOPLE: Final = frozenset({"from", "to", "subject", "date"})


def sniff(data: bytes) -> Kind:
    """What the bytes are. Damaged content keeps the kind that its first bytes announce."""
    if data.startswith(_ZIP_STARTS):
        return _sniff_zip(data)
    if data.startswith(OLE_MAGIC):
        return next((kind for name, kind in _OLE_STREAMS if ole_has_stream(data, name)), Kind.OLE)
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        return Kind.PDF
    for magic, kind in _SIGNATURES:
        if data.startswith(magic):
            return kind
    for (at_1, magic_1), (at_2, magic_2), kind in _INNER_SIGNATURES:
        if data.startswith(magic_1, at_1) and data.startswith(magic_2, at_2):
            return kind
    return _sniff_text(data[:_HEAD])


def looks_like_mail(data: bytes) -> bool:
    """Whether the file starts with e-mail headers, even the few that a person would type."""
    return _mail_headers(_decoded(data[:_HEAD]) or "") & _MAIL_WRITTEN_BY_PEOPLE != set()


def _sniff_zip(data: bytes) -> Kind:
    """An office package says what it is in `mimetype` or in `[Content_Types].xml`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _kind_of_archive(archive)
    except _BAD_ZIP:
        # Too damaged to say more: the reader of the announced format will explain.
        return Kind.ZIP


def _kind_of_archive(archive: zipfile.ZipFile) -> Kind:
    names = {name.lower(): name for name in archive.namelist()}
    for part in ("mimetype", "[content_types].xml"):
        if part not in names or archive.getinfo(names[part]).file_size > _MAX_DESCRIPTION:
            continue
        described = archive.read(names[part]).decode("utf-8", errors="replace")
        if "application/epub+zip" in described:
            return Kind.EPUB
        if (found := package_format(described)) is not None:
            return _PACKAGES[found]
    return Kind.IWORK if any(name.endswith(".iwa") for name in names) else Kind.ZIP


def _sniff_text(head: bytes) -> Kind:
    text = _decoded(head)
    if text is None:
        return Kind.BINARY
    if _mail_headers(text) & _MAIL_WRITTEN_BY_SOFTWARE:
        return Kind.EML
    declared_xml = text.lstrip().startswith("<?xml")
    start = text[_end_of_preamble(text) :][:20].lower()
    if start.startswith(("<!doctype html", "<html")):
        return Kind.HTML
    if start.startswith("<svg"):
        return Kind.SVG
    return Kind.XML if declared_xml else Kind.TEXT


def _end_of_preamble(text: str) -> int:
    found = _MARKUP_START.match(text)
    return found.end() if found else 0


def _decoded(head: bytes) -> str | None:
    """The start of a text in any usual encoding; None when it is not text."""
    head = head.removeprefix(codecs.BOM_UTF8)
    text = head.decode(_width_encoding(head), errors="ignore").lstrip("\ufeff")
    # Every byte means something in Latin-1: what tells text apart is its few control characters.
    controls = sum(char < " " and char not in "\t\n\r\f\v" for char in text)
    return text if controls <= len(text) * 0.01 else None


def _width_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32 when marks or zeros say so; else one byte per character."""
    for mark, encoding in _WIDE_MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.05 * half else "latin-1"


def _mail_headers(text: str) -> set[str]:
    """Names of the header fields before the first empty line, when the file starts with one."""
    block = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    if not _MAIL_HEADER.match(block):
        return set()
    return {name.lower() for name in _MAIL_HEADER.findall(block)}
