"""Pages without a usable text layer: when to recognise them, and what to make of the result."""

import time
from typing import Final

from ingest.formats.ocr import OCR_MISSING_FR, OcrEngine, OcrFailed, OcrFinder, OcrResult
from ingest.formats.pdf_model import PageFrame, Word
from ingest.formats.pdf_page import Picture, SeenPage, is_legible
from ingest.formats.pdf_text import words_of
from ingest.types import HiddenReason

#: A text layer with fewer characters is a stamp or a page number on a scan.
_FEW: Final = 30
#: Share of the page that an image covers on a scan; of one with a text layer of its own.
_MOST, _WHOLE = 0.5, 0.8
#: Without any text, an image smaller than that is a logo on an empty page; that many shapes may
#: be letters turned into drawings.
_SOME_IMAGE, _MANY_SHAPES = 0.05, 150
#: Share of the hidden layer's words that the image must show too.
_AGREEMENT: Final = 0.5
_LONG_WORD: Final = 4
#: Words in so small a number prove nothing.
_ENOUGH_WORDS: Final = 5

SLOW_FR: Final = "temps total de reconnaissance de caractères dépassé pour ce fichier"


class Recogniser:
    """Runs OCR within a total time. The engine is looked for when the first page needs it."""

    def __init__(self, find: OcrFinder, seconds: float) -> None:
        self._find = find
        self.seconds_left = seconds
        self._engine: OcrEngine | None = None
        self._looked = False

    @property
    def available(self) -> bool:
        if not self._looked:
            self._engine, self._looked = self._find(), True
        return self._engine is not None

    @property
    def engine_name(self) -> str:
        """Program and version; empty while no page needed one."""
        return self._engine.name if self._engine else ""

    def recognise(self, picture: Picture, *, one_block: bool = False) -> OcrResult:
        """Raises `OcrFailed`: no engine, no time left, or what the engine says."""
        if not self.available or self._engine is None:
            raise OcrFailed("no engine", OCR_MISSING_FR)
        if self.seconds_left <= 0:
            raise OcrFailed("no time left", SLOW_FR)
        start = time.monotonic()
        try:
            return self._engine.recognise(picture.png(), dpi=picture.dpi, one_block=one_block)
        finally:
            self.seconds_left -= time.monotonic() - start


def needs_recognition(seen: SeenPage) -> bool:
    """Whether what a person reads on the page is (nearly) all in images or unknown glyphs."""
    visible = seen.visible
    characters = sum(len(word.text) for word in visible)
    if visible and not is_legible(visible):
        return True
    if characters == 0:
        return seen.image_share >= _SOME_IMAGE or seen.drawn.shapes >= _MANY_SHAPES
    return characters < _FEW and seen.image_share >= _MOST


def scanned_layer(seen: SeenPage) -> list[Word]:
    """The words that a scanner put, unseen, over or under the image of the page; often none."""
    if seen.image_share < _WHOLE or sum(len(word.text) for word in seen.visible) >= _FEW:
        return []
    reasons = (HiddenReason.INVISIBLE_RENDERING, HiddenReason.COVERED)
    layer = [word for word in seen.words if word.hidden in reasons]
    return layer if len(layer) >= _ENOUGH_WORDS else []


def agrees(layer: list[Word], recognised: OcrResult) -> bool:
    """Whether a hidden text layer says what the image shows."""
    shown = set(words_of(" ".join(word.text for word in recognised.words)))
    said = {word for word in words_of(" ".join(w.text for w in layer)) if len(word) >= _LONG_WORD}
    return not said or len(said & shown) >= _AGREEMENT * len(said)


def without_known(result: OcrResult, known: list[Word], frame: PageFrame) -> OcrResult:
    """Recognised words, less those that stand where the text layer has one already."""
    boxes = [frame.box(word.rect) for word in known]

    def is_new(x: float, y: float) -> bool:
        return not any(b.left <= x <= b.right and b.top <= y <= b.bottom for b in boxes)

    kept = [
        word
        for word in result.words
        if is_new((word.left + word.right) / 2, (word.top + word.bottom) / 2)
    ]
    return OcrResult(words=tuple(kept))
