"""Slides made of a picture, as drawing programs export them: their text is what OCR finds."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ingest.formats.docx_xml import Element, local
from ingest.formats.drawing import A, link_id
from ingest.formats.drawing_geometry import Rect
from ingest.formats.drawing_objects import Objects
from ingest.formats.drawing_output import Output
from ingest.formats.drawing_shapes import Shape, flattened
from ingest.formats.ocr import (
    OCR_MISSING_FR,
    OcrFailed,
    OcrFinder,
    OcrResult,
    OcrWord,
    add_ocr_blocks,
)
from ingest.formats.ooxml_image import image_size

#: A picture of at least this share of a slide without text holds what the slide says.
_LARGE: Final = 0.25
#: Units: pixels. A slide exported for printing has eight million.
_MOST_PIXELS: Final = 60_000_000
#: A picture takes some seconds to recognise.
_MOST_PICTURES: Final = 60


class SlidePicture(NamedTuple):
    """A picture of a slide, by its relationship id, and the surface it takes."""

    link: str
    rect: Rect


class PictureReader:
    """Reads the pictures of slides that have no text of their own."""

    def __init__(self, find_ocr: OcrFinder, size: Rect) -> None:
        self._find_ocr = find_ocr
        self._size = size
        self._left = _MOST_PICTURES

    def read(self, pictures: Sequence[SlidePicture], objects: Objects, output: Output) -> None:
        """Write the text of the large pictures, or mark them unread."""
        large = [p for p in pictures if self._size.share_in(p.rect) >= _LARGE]
        for picture in large:
            reason_fr = self._recognise(picture, objects, output)
            if reason_fr:
                output.unread(reason_fr, objects.weight / len(large))

    def _recognise(self, picture: SlidePicture, objects: Objects, output: Output) -> str:
        """Write what a picture says; why it could not be read, when it could not."""
        data = objects.picture_data(picture.link)
        size = image_size(data) or (0, 0)
        if not 0 < size[0] * size[1] <= _MOST_PIXELS or not data.startswith((b"\x89PNG", b"\xff")):
            return "diapositive faite d'une image qui ne peut pas être ouverte"
        engine = self._find_ocr()
        if engine is None:
            return f"diapositive faite d'une {OCR_MISSING_FR}"
        self._left -= 1
        if self._left < 0:
            return f"diapositive faite d'une image, après {_MOST_PICTURES} autres"
        try:
            result = engine.recognise(data)
        except OcrFailed as error:
            return error.reason_fr
        slide = output.locator.slide or 1
        placed = OcrResult(words=tuple(self._on_slide(w, picture.rect) for w in result.words))
        add_ocr_blocks(output.builder, placed, output.locator, page=slide)
        if placed.words:
            output.builder.ocr_confidence[slide] = placed.confidence
            output.builder.metadata["reconnaissance de caractères"] = engine.name
        return ""

    def _on_slide(self, word: OcrWord, rect: Rect) -> OcrWord:
        """A word whose box is in fractions of the slide rather than of the picture."""
        place = Rect(
            rect.left + word.left * rect.width,
            rect.top + word.top * rect.height,
            rect.left + word.right * rect.width,
            rect.top + word.bottom * rect.height,
        ).box(1, self._size)
        sides = {side: getattr(place, side) for side in ("left", "top", "right", "bottom")}
        return word.model_copy(update=sides)


def pictures_of(root: Element, shapes: Sequence[Shape], size: Rect) -> list[SlidePicture]:
    """The pictures a slide shows: its own background first, then its shapes, back to front."""
    found = []
    for blip in root.iterfind(f"{{*}}cSld/{{*}}bg/{{*}}bgPr/{A}blipFill/{A}blip"):
        found.append(SlidePicture(link_id(blip, "embed") or "", size))
    for shape in flattened(shapes):
        own = _blip(shape)
        if own is not None and shape.rect is not None and not shape.hidden:
            found.append(SlidePicture(link_id(own, "embed") or "", shape.rect))
    return found


def _blip(shape: Shape) -> Element | None:
    """The picture of a `pic`, or the one that fills a shape."""
    holders = (shape.element, shape.element.find("{*}spPr"))
    for fill in (child for holder in holders if holder is not None for child in holder):
        if local(fill) == "blipFill":
            return fill.find(f"{A}blip")
    return None
