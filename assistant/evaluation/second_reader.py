"""Reads files a second time by a way of its own, to see whether a quote is really in them.

No reader is shared with `ingest`: office files are unzipped and all their text nodes put end to
end, PDF text comes from another library, plain formats from their bytes. Only letters and digits
are compared, since layout, spaces and punctuation are where two readers honestly differ.
"""

import datetime as dt
import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from lxml import etree
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ingest.types import Channel

_OFFICE: Final = frozenset({".docx", ".pptx", ".xlsx", ".odt", ".ods", ".odp"})
_PLAIN: Final = frozenset({".txt", ".md", ".csv", ".html", ".htm", ".eml"})
_PIECES: Final = re.compile(r"\n| \| ")
_LIST_LABEL: Final = re.compile(r"^\s*(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)°]\s+")
_DATE: Final = re.compile(r"^(\d{2})/(\d{2})/(\d{4})$")
_NUMBER: Final = re.compile(r"^(-?\d{1,3}(?: \d{3})+|-?\d+)(?:[.,](\d+))?\s*[%€]?$")
_STORED_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_PAGE_NUMBER: Final = re.compile(r"\W+\d{1,4}\s*$")
_SPREADSHEET_EPOCH: Final = dt.date(1899, 12, 30)  # day 0 of a workbook's dates
_TAG: Final = re.compile(r"<[^>]*>")
#: XML attributes that hold what a reader sees: names of sheets, values of cells.
_SHOWN_ATTRIBUTES: Final = frozenset({"name", "value", "date-value", "string-value"})
_MIN_TEXT: Final = 20  # a file with fewer letters has no text layer to speak of


class SecondReading:
    """The letters and digits of a file, as another reader sees them.

    `numbers`: the values a workbook stores, of which a person sees a rounded form.
    """

    def __init__(self, streams: Iterable[str], numbers: Iterable[float] = ()) -> None:
        self._text = "\0".join(_squeeze(stream) for stream in streams)
        self._numbers = tuple(numbers)

    @property
    def has_text(self) -> bool:
        return len(self._text) >= _MIN_TEXT

    def holds(self, quote: str, channel: Channel = Channel.BODY) -> bool:
        """Whether the quote is there, whole or line by line and cell by cell.

        In headers and footers, page numbers are left out: the office program computes them.
        """
        if self._has(quote):
            return True
        if channel in (Channel.HEADER, Channel.FOOTER):
            quote = _PAGE_NUMBER.sub("", quote)
        return all(self._has_piece(piece) for piece in _PIECES.split(quote))

    def _has_piece(self, piece: str) -> bool:
        return any(self._has(form) for form in _stored_forms(piece)) or self._has_rounded(piece)

    def _has(self, text: str) -> bool:
        return _squeeze(text) in self._text

    def _has_rounded(self, piece: str) -> bool:
        shown = _NUMBER.match(piece.strip())
        if not shown:
            return False
        whole, decimals = shown.group(1).replace(" ", ""), shown.group(2) or ""
        value, digits = float(f"{whole}.{decimals or 0}"), len(decimals)
        scale = 100 if "%" in piece else 1
        return any(round(number * scale, digits) == value for number in self._numbers)


def read_again(path: Path) -> SecondReading | None:
    """None when no second reader opens the file, or when it has no text of its own (a scan)."""
    suffix = path.suffix.lower()
    try:
        if suffix in _OFFICE:
            streams = list(_office_streams(path.read_bytes()))
            reading = SecondReading(streams, _numbers_of(streams) if suffix == ".xlsx" else ())
        elif suffix == ".pdf":
            reading = SecondReading(_pdf_streams(path.read_bytes()))
        elif suffix in _PLAIN:
            reading = SecondReading(_plain_streams(path.read_bytes()))
        else:
            return None
    except (OSError, zipfile.BadZipFile, etree.XMLSyntaxError, PyPdfError):
        return None
    return reading if reading.has_text else None


def _office_streams(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".xml"):
                # No entity is resolved and nothing is fetched: the file is a stranger's.
                parser = etree.XMLParser(resolve_entities=False, no_network=True)
                yield "\n".join(_texts(etree.fromstring(archive.read(name), parser)))


def _numbers_of(streams: Iterable[str]) -> Iterator[float]:
    for stream in streams:
        for line in stream.splitlines():
            if _STORED_NUMBER.fullmatch(line):
                yield float(line)


def _texts(root: "etree._Element") -> Iterator[str]:
    for element in root.iter():
        for name, value in element.attrib.items():
            if etree.QName(name).localname in _SHOWN_ATTRIBUTES:
                yield str(value)
        if isinstance(element.tag, str) and element.text:
            yield element.text
        if element.tail:
            yield element.tail


def _pdf_streams(data: bytes) -> Iterator[str]:
    pages = PdfReader(io.BytesIO(data)).pages
    yield "".join(page.extract_text() for page in pages)


def _plain_streams(data: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "cp1252"):
        text = data.decode(encoding, errors="replace")
        yield text
        yield html.unescape(_TAG.sub("", text))


def _stored_forms(piece: str) -> Iterator[str]:
    """The ways a file may keep what a person reads as this piece.

    A list's number is computed by the office program, and a workbook's date is a count of days:
    neither stands in the file as read.
    """
    yield piece
    yield _LIST_LABEL.sub("", piece)
    if found := _DATE.match(piece.strip()):
        day, month, year = map(int, found.groups())
        yield str((dt.date(year, month, day) - _SPREADSHEET_EPOCH).days)


def _squeeze(text: str) -> str:
    """Letters and digits only, compatibility forms and case folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
