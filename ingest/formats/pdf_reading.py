"""Goes through the pages of a PDF within the time allowed; each ends read, recognised or unread."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import pypdfium2 as pdfium

from ingest.formats.ocr import OcrFailed, OcrFinder, OcrResult
from ingest.formats.pdf_extras import PageExtras, read_page_extras
from ingest.formats.pdf_furniture import PageContent
from ingest.formats.pdf_guard import DAMAGED_FR, PageGuard, PageRefused
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_model import Word
from ingest.formats.pdf_open import OpenPdf
from ingest.formats.pdf_page import Picture, SeenPage, content_of, is_legible, look_at, picture_of
from ingest.formats.pdf_raster import RenderingTimeout
from ingest.formats.pdf_recognised import Grey, recognised_content
from ingest.formats.pdf_replaced import hide_lies
from ingest.formats.pdf_scan import (
    Recogniser,
    agrees,
    needs_recognition,
    scanned_layer,
    without_known,
)
from ingest.types import Channel, Locator, PageSize

#: Units: seconds of OCR that checking the text layers of scans may take per file.
_CHECKING_SECONDS: Final = 60.0
LATE_FR: Final = "temps de lecture dépassé pour ce fichier"
SLOW_DRAWING_FR: Final = "page trop longue à dessiner pour la reconnaissance de caractères"
LIE_FR: Final = "le texte enregistré n'est pas celui que la page montre"
CUT_FR: Final = "page vide dans un fichier dont la fin manque"


class Layer(StrEnum):
    """What became of the text that a scanner had put behind the image of a page."""

    NONE = "none"
    CHECKED = "checked"  # our own OCR finds it too
    UNCHECKED = "unchecked"
    DENIED = "denied"  # the image shows something else


@dataclass(slots=True)
class PageReading:
    """What was read of one page, before the whole document is known.

    `unread_fr` says why (part of) the page could not be read; empty when it was. `confidence`,
    0 to 100, is that of OCR.
    """

    number: int
    size: PageSize
    seen: SeenPage | None = None
    contents: list[PageContent] = field(default_factory=list)
    layer: Layer = Layer.NONE
    confidence: float | None = None
    unread_fr: str = ""
    extras: PageExtras = field(default_factory=PageExtras)


class PdfReading:
    """Reads the pages of one open file."""

    def __init__(
        self, opened: OpenPdf, filename: str, *, ocr: OcrFinder, limits: PdfLimits
    ) -> None:
        self._opened = opened
        self._filename = filename
        self._limits = limits
        self._guard = PageGuard(limits)
        self._recogniser = Recogniser(ocr, limits.ocr_seconds)
        self._checking = _CHECKING_SECONDS

    @property
    def ocr_name(self) -> str:
        """The engine that recognised pages; empty when none was needed."""
        return self._recogniser.engine_name

    def pages(self) -> Iterator[PageReading]:
        """Every page in order, those that come too late unread."""
        count = self._opened.page_count
        allowed = max(self._limits.seconds, self._limits.seconds_per_page * count)
        for number in range(1, count + 1):
            reading = PageReading(number, self._size(number))
            start, recognising = time.monotonic(), self._recogniser.seconds_left
            if allowed <= 0:
                reading.unread_fr = LATE_FR
            else:
                self._read(reading)
            # OCR has a time of its own.
            recognising -= self._recogniser.seconds_left
            allowed -= time.monotonic() - start - recognising
            yield reading

    def _size(self, number: int) -> PageSize:
        """As displayed; A4 when the file does not tell."""
        try:
            width, height = self._opened.pdf.get_page_size(number - 1)
        except pdfium.PdfiumError:
            return PageSize(width=595.28, height=841.89)
        return PageSize(width=round(width, 2), height=round(height, 2))

    def _read(self, reading: PageReading) -> None:
        structure = self._opened.structure_of(reading.number)
        try:
            if structure is not None:
                reading.extras = read_page_extras(structure)
                self._guard.check(structure)
            page = self._opened.load(reading.number, with_notes=reading.extras.drawn)
            try:
                self._look(reading, page)
            finally:
                page.close()
        except PageRefused as refusal:
            reading.unread_fr = refusal.reason_fr
        except pdfium.PdfiumError:
            reading.unread_fr = DAMAGED_FR

    def _look(self, reading: PageReading, page: pdfium.PdfPage) -> None:
        place = Locator(file=self._filename, page=reading.number)
        seen = look_at(page, reading.number, place, self._limits)
        reading.seen, reading.unread_fr = seen, seen.unread_fr
        recognised = None
        lies = hide_lies(seen.words, self._opened.structure_of(reading.number))
        if layer := scanned_layer(seen):
            reading.layer, recognised = self._judge_layer(reading, page, layer)
        elif lies or needs_recognition(seen):
            recognised = self._recognise(reading, page)
            if lies and reading.unread_fr:
                reading.unread_fr = f"{LIE_FR} ; {reading.unread_fr}"
        elif self._opened.truncated and not seen.words and not seen.drawn.images:
            reading.unread_fr = CUT_FR
        words = seen.visible if is_legible(seen.visible) else []
        content = content_of(seen, words)
        if reading.layer in (Layer.CHECKED, Layer.UNCHECKED):
            content.channel = Channel.OCR
        reading.contents = [content, recognised] if recognised else [content]

    def _judge_layer(
        self, reading: PageReading, page: pdfium.PdfPage, layer: list[Word]
    ) -> tuple[Layer, PageContent | None]:
        """Whether the text that a scanner put behind the image is kept; what replaces it.

        It is when our own OCR finds it on the image, or when there is none to ask.
        """
        opinion = self._second_opinion(page)
        if opinion is not None and not agrees(layer, opinion[1]):
            return Layer.DENIED, self._kept(reading, *opinion)
        for word in layer:
            word.hidden = None
        if opinion is None:
            return Layer.UNCHECKED, None
        reading.confidence = opinion[1].confidence
        return Layer.CHECKED, None

    def _second_opinion(self, page: pdfium.PdfPage) -> tuple[Picture, OcrResult] | None:
        """What our own OCR reads, while there is an engine and time."""
        if not self._recogniser.available or self._checking <= 0:
            return None
        before = self._recogniser.seconds_left
        try:
            picture = picture_of(page)
            return picture, self._recogniser.recognise(picture)
        except (OcrFailed, RenderingTimeout):
            return None
        finally:
            self._checking -= before - self._recogniser.seconds_left

    def _recognise(self, reading: PageReading, page: pdfium.PdfPage) -> PageContent | None:
        try:
            picture = picture_of(page)
            return self._kept(reading, picture, self._recogniser.recognise(picture))
        except OcrFailed as failure:
            reading.unread_fr = failure.reason_fr
        except RenderingTimeout:
            reading.unread_fr = SLOW_DRAWING_FR
        return None

    def _kept(self, reading: PageReading, picture: Picture, result: OcrResult) -> PageContent:
        """Recognised words laid out, save those that the text layer gives already."""
        assert reading.seen is not None
        seen = reading.seen
        if result.words:
            reading.confidence = result.confidence
        known = seen.visible if is_legible(seen.visible) else []
        result = without_known(result, known, seen.frame)

        def reread(grey: Grey) -> OcrResult:
            try:
                return self._recogniser.recognise(Picture(grey, picture.dpi), one_block=True)
            except OcrFailed:
                return OcrResult(words=())

        return recognised_content(result, picture.grey, seen.frame, reread)
