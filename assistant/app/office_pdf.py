"""A Word file of ours as PDF, through the LibreOffice of this machine."""

from assistant.errors import PdfNeedsOffice
from ingest.layout import LayoutFailed, OfficeLayout
from ingest.types import SourceFile


def pdf_of(name: str, docx: bytes, office: OfficeLayout | None) -> bytes:
    """The same pages. Raises: `PdfNeedsOffice`."""
    if office is None:
        raise PdfNeedsOffice("no soffice", cause="n'est pas installé")
    try:
        return office.pdf(SourceFile.from_bytes(name, docx)).data
    except LayoutFailed as error:
        raise PdfNeedsOffice(str(error), cause="n'a pas pu le mettre en page") from error
