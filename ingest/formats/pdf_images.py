"""The images of a page: size, kind, fingerprint, alternative text."""

import ctypes
import hashlib
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.formats.pdf_drawn import Image
from ingest.types import ImageInfo, Locator

#: Filter of the stream → media type of its bytes as they are.
_TYPES: Final = {"DCTDecode": "image/jpeg", "JPXDecode": "image/jp2"}
_MAX_HASHED: Final = 32 * 1024 * 1024
_MAX_IMAGES: Final = 200
_MAX_ELEMENTS: Final = 5_000
_MAX_DEPTH: Final = 50
_LONGEST: Final = 4_000
#: Units: pixels. Smaller images are spacers and rules.
_SMALLEST: Final = 4


def read_images(
    page: pdfium.PdfPage, images: list[Image], locator: Locator
) -> tuple[list[ImageInfo], list[str]]:
    """What the images of a page are, and the alternative texts that no image claims."""
    texts = dict(_alternative_texts(page))
    infos = []
    for image in images[:_MAX_IMAGES]:
        width, height = _pixel_size(image.handle)
        if min(width, height) < _SMALLEST:
            continue
        mark = pdfium_c.FPDFPageObj_GetMarkedContentID(image.handle)
        data, content_type = _raw_data(image.handle)
        infos.append(
            ImageInfo(
                locator=locator,
                alt_text=texts.pop(mark, ""),
                width=width,
                height=height,
                content_type=content_type,
                sha256=hashlib.sha256(data).hexdigest() if data else "",
                bytes_count=len(data) if data else None,
            )
        )
    return infos, [text for text in texts.values() if text]


def _pixel_size(handle: Any) -> tuple[int, int]:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    pdfium_c.FPDFImageObj_GetImagePixelSize(handle, width, height)
    return width.value, height.value


def _raw_data(handle: Any) -> tuple[bytes, str]:
    """The stored bytes of an image, and their media type when they are a file of their own."""
    size = pdfium_c.FPDFImageObj_GetImageDataRaw(handle, None, 0)
    if not 0 < size <= _MAX_HASHED:
        return b"", ""
    buffer = ctypes.create_string_buffer(size)
    pdfium_c.FPDFImageObj_GetImageDataRaw(handle, buffer, size)
    if pdfium_c.FPDFImageObj_GetImageFilterCount(handle) != 1:
        return buffer.raw, ""
    name = ctypes.create_string_buffer(32)
    pdfium_c.FPDFImageObj_GetImageFilter(handle, 0, name, len(name))
    return buffer.raw, _TYPES.get(name.value.decode("ascii", errors="replace"), "")


def _alternative_texts(page: pdfium.PdfPage) -> Iterator[tuple[int, str]]:
    """Alternative texts of the page's structure, by the marked content they describe.

    Those that describe none have negative keys.
    """
    tree = pdfium_c.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return
    try:
        roots = [
            pdfium_c.FPDF_StructTree_GetChildAtIndex(tree, index)
            for index in range(pdfium_c.FPDF_StructTree_CountChildren(tree))
        ]
        pending = [(element, 0, "") for element in reversed(roots)]
        for visited in range(_MAX_ELEMENTS):
            if not pending:
                return
            element, depth, inherited = pending.pop()
            if not element:
                continue
            text = _alternative_text(element) or inherited
            marks = list(_marks(element))
            children = _children(element) if depth < _MAX_DEPTH else []
            if text:
                yield from ((mark, text) for mark in marks)
                if not marks and not children:
                    yield -1 - visited, text
            pending += [(child, depth + 1, text) for child in reversed(children)]
    finally:
        pdfium_c.FPDF_StructTree_Close(tree)


def _children(element: Any) -> list[Any]:
    count = pdfium_c.FPDF_StructElement_CountChildren(element)
    children = (pdfium_c.FPDF_StructElement_GetChildAtIndex(element, i) for i in range(count))
    return [child for child in children if child]


def _marks(element: Any) -> Iterator[int]:
    for index in range(max(0, pdfium_c.FPDF_StructElement_GetMarkedContentIdCount(element))):
        mark = pdfium_c.FPDF_StructElement_GetMarkedContentIdAtIndex(element, index)
        if mark >= 0:
            yield mark


def _alternative_text(element: Any) -> str:
    size = pdfium_c.FPDF_StructElement_GetAltText(element, None, 0)
    if not 2 < size <= _LONGEST:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium_c.FPDF_StructElement_GetAltText(element, buffer, size)
    return buffer.raw.decode("utf-16-le", errors="replace").rstrip("\0")
