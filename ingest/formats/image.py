"""Reads images: their text by OCR, and what their file says besides the picture."""

import io
import re
import struct
import warnings
from collections.abc import Iterator
from typing import Final

from PIL import ExifTags, Image, ImageOps

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.ocr import (
    OCR_MISSING_FR,
    OcrFailed,
    OcrFinder,
    add_ocr_blocks,
    find_tesseract,
)
from ingest.formats.ooxml_image import image_size
from ingest.types import (
    Channel,
    Document,
    HiddenReason,
    ImageInfo,
    Locator,
    PageSize,
    SourceFile,
    UnreadPart,
)

#: Units: pixels. An A4 page scanned at 600 dpi has 35 million.
MAX_PIXELS: Final = 60_000_000
#: Units: characters kept of a text hidden in the file.
_LONGEST_TEXT: Final = 5000
_POINTS_PER_INCH: Final = 72.0
_USUAL_DPI: Final = 96.0

_FORMATS: Final = ("PNG", "JPEG")
#: What Pillow raises on damaged or crafted images.
_DAMAGED: Final = (
    OSError,
    ValueError,
    SyntaxError,
    struct.error,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
)
#: EXIF fields that hold words → their French name. Windows writes some in UTF-16.
_EXIF_TEXTS: Final[dict[int, str]] = {
    ExifTags.Base.ImageDescription: "description",
    ExifTags.Base.Artist: "auteur",
    ExifTags.Base.Copyright: "droits",
    ExifTags.Base.Software: "logiciel",
    ExifTags.Base.XPTitle: "titre",
    ExifTags.Base.XPComment: "commentaire",
    ExifTags.Base.XPSubject: "sujet",
    ExifTags.Base.XPKeywords: "mots-clés",
    ExifTags.Base.XPAuthor: "auteur",
    ExifTags.Base.UserComment: "commentaire",
}
_XML_TAG: Final = re.compile(r"<[^>]*>")


def read_image(file: SourceFile, *, find_ocr: OcrFinder = find_tesseract) -> Document:
    """Read a .png or .jpg: one page, whose text is what OCR finds, with boxes.

    Without OCR, or when it fails, the whole image is an unread part.
    Raises: `CorruptedFile`, `FileTooLarge` (more than `MAX_PIXELS`).
    """
    builder = DocumentBuilder(file, format_name=file.suffix.lstrip(".").replace("jpeg", "jpg"))
    place = Locator(file=file.filename, page=1)
    with _opened(file) as image:
        pixels, dpi = _upright(file, image), _resolution(image)
        scale = _POINTS_PER_INCH / (dpi or _USUAL_DPI)
        builder.page_sizes.append(PageSize(width=image.width * scale, height=image.height * scale))
        builder.images.append(
            ImageInfo(
                locator=place,
                width=image.width,
                height=image.height,
                content_type=Image.MIME.get(image.format or "", ""),
                sha256=file.sha256,
                bytes_count=len(file.data),
            )
        )
        for label, text in _texts(image):
            properties = place.model_copy(update={"page": None, "channel": Channel.PROPERTIES})
            builder.metadata.setdefault(label, text)
            builder.hide(f"{label} : {text}", HiddenReason.PROPERTY, properties)
    builder.unit_name_fr, builder.unit_count = "pages", 1
    _recognise(pixels, builder, place, find_ocr, dpi)
    return builder.build()


def _recognise(
    pixels: bytes,
    builder: DocumentBuilder,
    place: Locator,
    find_ocr: OcrFinder,
    dpi: int | None,
) -> None:
    engine = find_ocr()
    if engine is None:
        reason = OCR_MISSING_FR
        builder.unread.append(UnreadPart(locator=place, reason_fr=reason, weight=1.0))
        return
    try:
        result = engine.recognise(pixels, dpi=dpi)
    except OcrFailed as error:
        builder.unread.append(UnreadPart(locator=place, reason_fr=error.reason_fr, weight=1.0))
        return
    add_ocr_blocks(builder, result, place)
    if result.words:
        builder.ocr_confidence[1] = result.confidence
        builder.metadata["reconnaissance de caractères"] = engine.name


def _opened(file: SourceFile) -> Image.Image:
    """The image, decoded once so that damage is known. Its size is judged before."""
    try:
        with warnings.catch_warnings():
            # The size is judged below, by a stricter limit than Pillow's.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(file.data), formats=_FORMATS)
        _judge_size(file, image.width, image.height)
        image.load()
    except Image.DecompressionBombError:
        width, height = image_size(file.data) or (0, 0)
        raise _too_large(file, width, height) from None
    except _DAMAGED as error:
        raise CorruptedFile(f"image: {error}", filename=file.filename) from error
    return image


def _judge_size(file: SourceFile, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large(file, width, height)


def _too_large(file: SourceFile, width: int, height: int) -> FileTooLarge:
    return FileTooLarge(
        f"{width} × {height} pixels",
        filename=file.filename,
        size=f"{width} × {height} pixels",
        limit=f"{MAX_PIXELS // 1_000_000} millions de pixels",
    )


def _upright(file: SourceFile, image: Image.Image) -> bytes:
    """The image as it is shown: telephones store it lying, and say so in the EXIF fields."""
    if image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
        return file.data
    turned = io.BytesIO()
    ImageOps.exif_transpose(image).save(turned, format="PNG")
    return turned.getvalue()


def _resolution(image: Image.Image) -> int | None:
    """Dots per inch when the file says something sensible, for the OCR and the page's size."""
    dpi = image.info.get("dpi")
    horizontal = float(dpi[0]) if isinstance(dpi, tuple) and dpi else 0.0
    return round(horizontal) if 50 <= horizontal <= 1200 else None


def _texts(image: Image.Image) -> Iterator[tuple[str, str]]:
    """The texts kept in the file beside the picture: EXIF, PNG texts, JPEG comment, XMP."""
    try:
        exif = image.getexif()
        fields = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    except _DAMAGED:
        fields = {}
    found = [(_EXIF_TEXTS[tag], v) for tag, v in fields.items() if tag in _EXIF_TEXTS]
    # Pillow keeps PNG's text chunks among other things in `info`: those are strings.
    found += [(str(key), v) for key, v in image.info.items() if isinstance(v, str)]
    found += [(key, image.info[key]) for key in ("comment", "xmp") if key in image.info]
    for label, value in found:
        text = _XML_TAG.sub(" ", _as_text(value))[:_LONGEST_TEXT].strip()
        if any(char.isalpha() for char in text):
            yield label, text


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        if value[1:2] == b"\0":
            return value.decode("utf-16-le", errors="replace").rstrip("\0")
        # EXIF comments start with the name of their encoding, in eight bytes.
        return value.removeprefix(b"ASCII\0\0\0").decode("utf-8", errors="replace")
    return str(value)
