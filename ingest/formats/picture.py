"""A page or an embedded image as pixels that may be shown elsewhere: bounded, without metadata.

What comes out is drawn anew: no EXIF, no comment, no colour profile, no thumbnail, no text layer
of the file goes along.
"""

import io
from collections.abc import Sequence
from typing import Final

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageOps

from ingest.errors import PictureUnavailable
from ingest.formats.image import MAX_PIXELS
from ingest.formats.package import open_package
from ingest.formats.pdf_guard import PageGuard, PageRefused
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_open import open_pdf
from ingest.formats.pdf_raster import RenderingTimeout, fitting_scale, render
from ingest.formats.proof import boxes_of_every
from ingest.types import Box, Frozen, SourceFile
from ingest.wire import Cover

_PACKAGES: Final = frozenset({".docx", ".pptx", ".xlsx", ".xlsm", ".odt", ".odp", ".ods"})
_DECODED: Final = ("PNG", "JPEG", "GIF", "BMP")
#: Units: bytes. A part of a package larger than that is not looked at.
_LARGEST_PART: Final = 64 * 1024 * 1024
_SECONDS: Final = 10.0
_POINTS_PER_PAGE: Final = 842.0  # the long side of A4
_QUALITIES: Final = (88, 75, 60)
_SHRINK: Final = 0.75
_FEWEST: Final = 64
_NAMES_FR: Final = "elle porte des noms ou des données personnelles qui n'ont pas pu être cachés"
_PAINT: Final = (128, 128, 128)
_MARGIN: Final = 2  # pixels around the words
#: What Pillow raises on damaged images.
_DAMAGED: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    TypeError,
    KeyError,
    OverflowError,
    Image.DecompressionBombError,
)


class PictureLimits(Frozen):
    """How large a picture may be. Units: `side` in pixels, the longer one; bytes."""

    side: int = 1280
    max_bytes: int = 400_000


def page_picture(
    file: SourceFile, page: int, limits: PictureLimits, covers: Sequence[Cover] = ()
) -> bytes:
    """A page of a PDF (counted from 1), or an image file, as a PNG or a JPEG.

    Raises: what `open_pdf` raises; `PictureUnavailable` when there is no such page, or it cannot be
    drawn, or words that must be painted over cannot be found on it.
    """
    if file.suffix == ".pdf":
        return _bounded(_pdf_page(file, page, limits, covers), limits)
    boxes = [_painted(file, page, cover, ()) for cover in covers]
    return _bounded(_painted_over(_decoded(file, file.data), boxes), limits)


def embedded_picture(file: SourceFile, sha256: str, limits: PictureLimits) -> bytes:
    """The image of an office file whose bytes have this fingerprint, as a PNG or a JPEG.

    Raises: what `open_package` raises; `PictureUnavailable` when no image has it or it cannot be
    decoded (a vector drawing, say).
    """
    if file.suffix not in _PACKAGES:
        raise _refused(file, "no images", "ce format n'en contient pas")
    package = open_package(file)
    for name in package.names:
        if 0 < package.size(name) <= _LARGEST_PART and not name.lower().endswith((".xml", ".rels")):
            data = package.read(name)
            if SourceFile.from_bytes(name, data).sha256 == sha256:
                return _bounded(_decoded(file, data), limits)
    raise _refused(file, "no such image", "cette image n'y est pas")


def _refused(file: SourceFile, detail: str, cause: str) -> PictureUnavailable:
    return PictureUnavailable(detail, filename=file.filename, cause=cause)


def _painted(file: SourceFile, page: int, cover: Cover, found: Sequence[Box]) -> Sequence[Box]:
    """Where to paint: over the words, else over their blocks.

    Raises: `PictureUnavailable` when they are on the page and nobody knows where.
    """
    boxes = found or [box for box in cover.boxes if box.page == page]
    if cover.here and not boxes:
        raise _refused(file, f"page {page}: words to cover not found", _NAMES_FR)
    return boxes


def _painted_over(image: Image.Image, places: Sequence[Sequence[Box]]) -> Image.Image:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    for box in (box for boxes in places for box in boxes):
        left, top = box.left * width - _MARGIN, box.top * height - _MARGIN
        right, bottom = box.right * width + _MARGIN, box.bottom * height + _MARGIN
        draw.rectangle((left, top, max(left, right), max(top, bottom)), fill=_PAINT)
    return image


def _pdf_page(
    file: SourceFile, page: int, limits: PictureLimits, covers: Sequence[Cover]
) -> Image.Image:
    pdf_limits = PdfLimits()
    opened = open_pdf(file, pdf_limits)
    try:
        if not 1 <= page <= opened.page_count:
            raise _refused(file, f"no page {page}", f"il n'y a pas de page {page}")
        structure = opened.structure_of(page)
        if structure is not None:
            PageGuard(pdf_limits).check(structure)
        handle = opened.load(page, with_notes=True)
        try:
            scale = fitting_scale(handle, max(1.0, limits.side / _POINTS_PER_PAGE))
            image = Image.fromarray(render(handle, scale=scale, seconds=_SECONDS))
        finally:
            handle.close()
        found = boxes_of_every(opened, page, [cover.text for cover in covers])
        return _painted_over(image, [_painted(file, page, c, found[c.text]) for c in covers])
    except (PageRefused, RenderingTimeout, pdfium.PdfiumError) as error:
        raise _refused(file, f"page {page}: {error}", "elle ne se dessine pas") from error
    finally:
        opened.close()


def _decoded(file: SourceFile, data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=_DECODED) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise _refused(file, "too large", "elle est trop grande")
            return ImageOps.exif_transpose(opened).convert("RGBA")
    except _DAMAGED as error:
        raise _refused(file, f"image: {error}", "elle ne se décode pas") from error


def _bounded(image: Image.Image, limits: PictureLimits) -> bytes:
    """As a PNG when it is light enough, else as a JPEG, smaller and smaller."""
    seen = image.convert("RGBA")
    seen.thumbnail((limits.side, limits.side))
    clean = Image.new("RGB", seen.size, "white")  # a new image has no metadata to write
    clean.paste(seen, mask=seen.getchannel("A"))
    data = _written(clean, "PNG")
    while len(data) > limits.max_bytes:
        for quality in _QUALITIES:
            data = _written(clean, "JPEG", quality=quality)
            if len(data) <= limits.max_bytes:
                return data
        if max(clean.size) <= _FEWEST:
            break
        clean = clean.resize([max(1, int(side * _SHRINK)) for side in clean.size])
    return data


def _written(image: Image.Image, kind: str, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
