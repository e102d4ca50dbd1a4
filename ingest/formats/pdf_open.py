"""Opens a PDF with pdfium (what is on the pages) and pypdf (what surrounds them)."""

import io
import logging
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pypdf import PageObject, PdfReader

from ingest.errors import (
    CorruptedFile,
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    NothingReadable,
    WrongExtension,
)
from ingest.formats.pdf_limits import PYPDF_FAILURES, PdfLimits
from ingest.formats.sniff import Kind, sniff
from ingest.types import SourceFile

# pypdf tells the log about every flaw of a file; what matters here ends in a warning or an error.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)

_TAIL: Final = 2048


@dataclass(slots=True)
class OpenPdf:
    """A PDF opened twice. `reader` is None when pypdf cannot make sense of the file.

    `truncated` says that the end of the file is missing.
    """

    pdf: pdfium.PdfDocument
    reader: PdfReader | None
    truncated: bool
    opened_by_empty_password: bool

    @property
    def page_count(self) -> int:
        return len(self.pdf)

    def structure_of(self, page: int) -> PageObject | None:
        """What pypdf knows of a page (counted from 1); None when it does not know it."""
        if self.reader is None:
            return None
        try:
            return self.reader.pages[page - 1]
        except PYPDF_FAILURES:
            return None

    def load(self, page: int, *, with_notes: bool) -> pdfium.PdfPage:
        """A page (counted from 1), its notes and field values made part of it when asked.

        Raises: `PdfiumError` when it is damaged.
        """
        loaded = self.pdf[page - 1]
        if with_notes:
            # Where nothing can be flattened, the page stays as it was.
            pdfium_c.FPDFPage_Flatten(loaded.raw, pdfium_c.FLAT_NORMALDISPLAY)
            loaded.close()
            loaded = self.pdf[page - 1]
        if loaded.get_width() <= 0 or loaded.get_height() <= 0:
            loaded.close()
            raise pdfium.PdfiumError("page without a size")
        return loaded

    def close(self) -> None:
        self.pdf.close()


def open_pdf(file: SourceFile, limits: PdfLimits) -> OpenPdf:
    """Open a PDF that nobody vouches for.

    Raises: `EmptyFile`, `WrongExtension`, `EncryptedFile`, `CorruptedFile`, `FileTooLarge` (too
    many pages), `NothingReadable` (none).
    """
    _require_pdf(file)
    pdf = _open_pdfium(file)
    if (count := len(pdf)) > limits.max_pages:
        pdf.close()
        raise FileTooLarge(
            f"{count} pages",
            filename=file.filename,
            size=f"{count} pages",
            limit=f"{limits.max_pages} pages",
        )
    return OpenPdf(
        pdf=pdf,
        reader=_open_reader(pdf),
        truncated=b"%%EOF" not in file.data[-_TAIL:],
        opened_by_empty_password=pdfium_c.FPDF_GetSecurityHandlerRevision(pdf.raw) >= 0,
    )


def _require_pdf(file: SourceFile) -> None:
    if not file.data:
        raise EmptyFile("0 bytes", filename=file.filename)
    kind = sniff(file.data)
    if kind is Kind.BINARY:
        raise CorruptedFile("no PDF header", filename=file.filename)
    if kind is not Kind.PDF:
        raise WrongExtension(
            f"{file.suffix} holds {kind.name}",
            filename=file.filename,
            suffix=file.suffix,
            actual=kind.value,
        )


def _open_reader(pdf: pdfium.PdfDocument) -> PdfReader | None:
    """Pypdf's view of the file, None when it has none.

    It reads what pdfium would write: a damaged file that two parsers repair differently could
    show pypdf a page without danger, and pdfium another one.
    """
    copy = io.BytesIO()
    try:
        pdf.save(copy, flags=pdfium_c.FPDF_REMOVE_SECURITY)
        return PdfReader(copy)
    except (*PYPDF_FAILURES, pdfium.PdfiumError):
        return None


def _is_without_pages(data: bytes) -> bool:
    """Whether a file that pdfium does not open is whole, and has no page."""
    try:
        return len(PdfReader(io.BytesIO(data)).pages) == 0
    except PYPDF_FAILURES:
        return False


def _open_pdfium(file: SourceFile) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(file.data)
    except pdfium.PdfiumError as error:
        if _is_without_pages(file.data):
            raise NothingReadable(
                "no page",
                filename=file.filename,
                cause="il ne contient aucune page",
                mend="Enregistrez-le à nouveau depuis le logiciel d'origine, puis déposez-le.",
            ) from error
        if error.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise EncryptedFile(str(error), filename=file.filename) from error
        raise CorruptedFile(str(error), filename=file.filename) from error
    # So that the values of form fields and the notes typed on pages can become part of them.
    pdf.init_forms()
    return pdf
