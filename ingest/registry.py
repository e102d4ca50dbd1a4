"""Where files enter: from an extension to a reader, once the bytes are what the name says.

Readers are imported when their format is first met, so that starting costs nothing.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ingest.amounts import reading_within
from ingest.building import TooMuchText
from ingest.conversions import unsupported
from ingest.errors import (
    EmptyFile,
    FileTooLarge,
    NothingReadable,
    WrongExtension,
)
from ingest.formats.admission import require_reasonable_content, require_reasonable_size
from ingest.formats.allowances import counted
from ingest.formats.sniff import Kind, looks_like_mail, sniff
from ingest.limits import ReadingLimits
from ingest.types import Document, SourceFile

Reader = Callable[[SourceFile, ReadingLimits], Document]


def _docx(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.docx import read_docx

    return read_docx(file)


def _pptx(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.pptx import read_pptx

    return read_pptx(file)


def _pdf(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.pdf import read_pdf
    from ingest.formats.pdf_limits import PdfLimits

    return read_pdf(file, limits=PdfLimits(max_pages=limits.max_pages))


def _xlsx(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.xlsx import read_xlsx

    return read_xlsx(file)


def _csv(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.csv_table import read_csv

    return read_csv(file)


def _markdown(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.markdown import read_markdown

    return read_markdown(file)


def _html(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.html import read_html

    return read_html(file)


def _eml(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.eml import read_eml

    return read_eml(file)


def _image(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.image import read_image

    return read_image(file)


def _plain(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.plain import read_text

    return read_text(file)


def _odt(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.odf import read_odt

    return read_odt(file)


def _odp(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.odf import read_odp

    return read_odp(file)


def _ods(file: SourceFile, limits: ReadingLimits) -> Document:
    from ingest.formats.odf import read_ods

    return read_ods(file)


READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        ".docx": _docx,
        ".pdf": _pdf,
        ".pptx": _pptx,
        ".xlsx": _xlsx,
        ".xlsm": _xlsx,
        ".csv": _csv,
        ".odt": _odt,
        ".odp": _odp,
        ".ods": _ods,
        ".md": _markdown,
        ".txt": _plain,
        ".html": _html,
        ".htm": _html,
        ".eml": _eml,
        ".png": _image,
        ".jpg": _image,
        ".jpeg": _image,
    }
)

#: The extensions that can be read, in the order shown to people.
SUPPORTED: Final[tuple[str, ...]] = tuple(READERS)

#: What a container too damaged or too closed to be recognised may still be: its reader explains.
_UNCLEAR_PACKAGE: Final = frozenset({Kind.ZIP, Kind.OLE_ENCRYPTED, Kind.BINARY})
_UNCLEAR: Final = frozenset({Kind.BINARY})
_ANY_TEXT: Final = frozenset({Kind.TEXT, Kind.XML, Kind.SVG, Kind.EML})

#: The kinds of content that each extension may hold.
_EXPECTED: Final[Mapping[str, frozenset[Kind]]] = MappingProxyType(
    {
        ".docx": _UNCLEAR_PACKAGE | {Kind.DOCX},
        ".pptx": _UNCLEAR_PACKAGE | {Kind.PPTX},
        ".xlsx": _UNCLEAR_PACKAGE | {Kind.XLSX},
        ".xlsm": _UNCLEAR_PACKAGE | {Kind.XLSX},
        ".odt": _UNCLEAR_PACKAGE | {Kind.ODT},
        ".ods": _UNCLEAR_PACKAGE | {Kind.ODS},
        ".odp": _UNCLEAR_PACKAGE | {Kind.ODP},
        ".pdf": _UNCLEAR | {Kind.PDF},
        ".png": _UNCLEAR | {Kind.PNG},
        ".jpg": _UNCLEAR | {Kind.JPEG},
        ".jpeg": _UNCLEAR | {Kind.JPEG},
        ".txt": _ANY_TEXT,
        ".md": _ANY_TEXT,
        ".csv": _ANY_TEXT,
        ".html": frozenset({Kind.HTML, Kind.XML, Kind.TEXT}),
        ".htm": frozenset({Kind.HTML, Kind.XML, Kind.TEXT}),
        ".eml": frozenset({Kind.EML, Kind.TEXT}),
    }
)


def read(file: SourceFile, *, limits: ReadingLimits | None = None) -> Document:
    """Read a file whatever its format. A document that comes back has text or unread parts.

    Of the limits, those of size hold here; those of time and memory are the caller's to enforce.
    Raises: an `IngestError` that names the file and the mend: `UnsupportedFormat`, `EmptyFile`,
    `FileTooLarge`, `WrongExtension`, `NothingReadable`, or what the format's reader foresees.
    """
    reader = READERS.get(file.suffix)
    if reader is None:
        raise unsupported(file.filename, file.suffix, supported_fr())
    if not file.data:
        raise EmptyFile("0 bytes", filename=file.filename)
    limits = limits or ReadingLimits()
    require_reasonable_size(file, limits)
    _require_the_announced_kind(file)
    require_reasonable_content(file, limits)
    try:
        with reading_within(limits.amounts):
            document = reader(file, limits)
    except TooMuchText as error:
        raise FileTooLarge(
            str(error),
            filename=file.filename,
            size=f"plus de {counted(limits.amounts.characters)} caractères une fois lu",
            limit=counted(limits.amounts.characters),
        ) from error
    _require_something(document)
    return document


def supported_fr() -> str:
    """« .docx, .pdf, .txt », for messages."""
    return ", ".join(SUPPORTED)


def _require_the_announced_kind(file: SourceFile) -> None:
    kind = sniff(file.data)
    expected = _EXPECTED[file.suffix]
    mail_typed_by_hand = (
        file.suffix == ".eml" and kind is Kind.TEXT and not looks_like_mail(file.data)
    )
    if kind not in expected or mail_typed_by_hand:
        raise WrongExtension(
            f"{file.suffix} holds {kind.name}",
            filename=file.filename,
            suffix=file.suffix,
            actual=kind.value,
        )


def _require_something(document: Document) -> None:
    if document.text or document.unread:
        return
    if document.hidden:
        cause, mend = (
            "tout son texte est masqué ou placé dans des commentaires",
            "Rendez ce texte visible dans le document, puis déposez-le à nouveau.",
        )
    elif document.images:
        cause, mend = (
            "il ne contient que des images",
            "Ajoutez le texte correspondant dans le document, puis déposez-le à nouveau.",
        )
    else:
        cause, mend = (
            "il ne contient aucun texte",
            "Vérifiez que c'est le bon fichier, puis déposez-le à nouveau.",
        )
    raise NothingReadable("no text", filename=document.filename, cause=cause, mend=mend)
