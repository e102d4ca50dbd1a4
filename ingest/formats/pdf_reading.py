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
from ingest.formats.pdf_page import SeenPage, as_picture, content_of, is_legible, look_at
from ingest.formats.pdf_raster import RenderingTimeout
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
    content: PageContent | None = None
    recognised: OcrResult | None = None
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
        page = None
        try:
            if structure is not None:
                reading.extras = read_page_extras(structure)
                self._guard.check(structure)
            page = self._load(reading)
            self._look(reading, page)
        except PageRefused as refusal:
            reading.unread_fr = refusal.reason_fr
        finally:
            if page is not None:
                page.close()

    def _load(self, reading: PageReading) -> pdfium.PdfPage:
        """The page, what is noted on it included. Raises `PageRefused`."""
        try:
            page = self._opened.pdf[reading.number - 1]
            if reading.extras.drawn:
                page.flatten()
                page.close()
                page = self._opened.pdf[reading.number - 1]
        except pdfium.PdfiumError as error:
            raise PageRefused(DAMAGED_FR) from error
        if page.get_width() <= 0 or page.get_height() <= 0:
            page.close()
            raise PageRefused(DAMAGED_FR)
        return page

    def _look(self, reading: PageReading, page: pdfium.PdfPage) -> None:
        place = Locator(file=self._filename, page=reading.number)
        seen = look_at(page, reading.number, place, self._limits)
        reading.seen = seen
        if layer := scanned_layer(seen):
            reading.layer = self._judge_layer(reading, page, layer)
        elif needs_recognition(seen):
            self._recognise(reading, page)
        elif self._opened.truncated and not seen.words and not seen.drawn.images:
            reading.unread_fr = CUT_FR
        words = seen.visible if is_legible(seen.visible) else []
        reading.content = content_of(seen, words)
        if reading.layer in (Layer.CHECKED, Layer.UNCHECKED):
            reading.content.channel = Channel.OCR

    def _judge_layer(self, reading: PageReading, page: pdfium.PdfPage, layer: list[Word]) -> Layer:
        """Whether the text that a scanner put behind the image is kept.

        It is when our own OCR finds it on the image, or when there is none to ask.
        """
        result = self._second_opinion(page)
        if result is not None and not agrees(layer, result):
            self._keep(reading, result)
            return Layer.DENIED
        for word in layer:
            word.hidden = None
        if result is None:
            return Layer.UNCHECKED
        reading.confidence = result.confidence
        return Layer.CHECKED

    def _second_opinion(self, page: pdfium.PdfPage) -> OcrResult | None:
        """What our own OCR reads, while there is an engine and time."""
        if not self._recogniser.available or self._checking <= 0:
            return None
        before = self._recogniser.seconds_left
        try:
            return self._recogniser.recognise(*as_picture(page))
        except (OcrFailed, RenderingTimeout):
            return None
        finally:
            self._checking -= before - self._recogniser.seconds_left

    def _recognise(self, reading: PageReading, page: pdfium.PdfPage) -> None:
        try:
            result = self._recogniser.recognise(*as_picture(page))
        except OcrFailed as failure:
            reading.unread_fr = failure.reason_fr
        except RenderingTimeout:
            reading.unread_fr = SLOW_DRAWING_FR
        else:
            self._keep(reading, result)

    def _keep(self, reading: PageReading, result: OcrResult) -> None:
        """Keep recognised words, save those that the text layer gives already."""
        assert reading.seen is not None
        known = reading.seen.visible if is_legible(reading.seen.visible) else []
        reading.recognised = without_known(result, known, reading.seen.frame)
        if result.words:
            reading.confidence = result.confidence
