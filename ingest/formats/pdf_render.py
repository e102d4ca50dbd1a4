"""Draws a page with passages highlighted, as proof of where a quote stands."""

import io
from collections.abc import Iterable
from typing import Final

import pypdfium2 as pdfium
from PIL import Image, ImageChops, ImageDraw

from ingest.errors import CorruptedFile
from ingest.formats.pdf_guard import PageGuard, PageRefused
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_open import OpenPdf, open_pdf
from ingest.formats.pdf_raster import Pixels, RenderingTimeout, fitting_scale, render
from ingest.types import Box, SourceFile

#: Units: pixels per point. 144 dpi: legible on any screen.
DEFAULT_SCALE: Final = 2.0
_SECONDS: Final = 10.0
_MARKER: Final = (255, 232, 100)
_OUTLINE: Final = (214, 120, 0)
#: Units: points around the words.
_MARGIN: Final = 1.5


def render_page(
    file: SourceFile, page: int, *, boxes: Iterable[Box] = (), scale: float = DEFAULT_SCALE
) -> bytes:
    """A PNG of a page (counted from 1), with those of the boxes that stand on it highlighted.

    Units: `scale` in pixels per point, lowered for a page that would be huge.
    Raises: what `open_pdf` raises; `CorruptedFile` when there is no such page or it cannot be
    drawn.
    """
    limits = PdfLimits()
    opened = open_pdf(file, limits)
    try:
        pixels, scale = _drawn(opened, page, scale, limits)
    except (PageRefused, RenderingTimeout, pdfium.PdfiumError, IndexError) as error:
        raise CorruptedFile(f"page {page}: {error}", filename=file.filename) from error
    finally:
        opened.close()
    image = Image.fromarray(pixels)
    return as_png(highlighted(image, [box for box in boxes if box.page == page], scale))


def _drawn(opened: OpenPdf, page: int, scale: float, limits: PdfLimits) -> tuple[Pixels, float]:
    """The page's pixels and the scale they were drawn at.

    Raises: `IndexError`, `PageRefused`, `RenderingTimeout`, `PdfiumError`.
    """
    if not 1 <= page <= opened.page_count:
        raise IndexError("no such page")
    structure = opened.structure_of(page)
    if structure is not None:
        PageGuard(limits).check(structure)
    handle = opened.load(page, with_notes=True)
    try:
        scale = fitting_scale(handle, scale)
        return render(handle, scale=scale, seconds=_SECONDS), scale
    finally:
        handle.close()


def highlighted(image: Image.Image, boxes: list[Box], scale: float) -> Image.Image:
    """Marker over the words, as on paper: what is dark stays dark."""
    if not boxes:
        return image
    marker = Image.new("RGB", image.size, "white")
    places = [_place(box, image.size, _MARGIN * scale) for box in boxes]
    draw = ImageDraw.Draw(marker)
    for place in places:
        draw.rectangle(place, fill=_MARKER)
    marked = ImageChops.multiply(image, marker)
    draw = ImageDraw.Draw(marked)
    for place in places:
        draw.rectangle(place, outline=_OUTLINE, width=max(1, round(scale / 2)))
    return marked


def _place(box: Box, size: tuple[int, int], margin: float) -> tuple[float, float, float, float]:
    width, height = size
    return (
        box.left * width - margin,
        box.top * height - margin,
        box.right * width + margin,
        box.bottom * height + margin,
    )


def as_png(image: Image.Image) -> bytes:
    """The image as a PNG file."""
    png = io.BytesIO()
    image.save(png, "PNG", optimize=False)
    return png.getvalue()
