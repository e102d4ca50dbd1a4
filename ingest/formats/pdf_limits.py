"""How much of a PDF is read, and what pypdf may raise on a broken one."""

import struct
import zlib
from typing import Final

from pypdf.errors import PyPdfError

from ingest.types import Frozen

_MIB: Final = 1024 * 1024

#: Foreseen on damaged or hostile files: pypdf checks little before it indexes, casts or recurses.
PYPDF_FAILURES: Final = (
    PyPdfError,
    ValueError,  # UnicodeError included
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    OSError,
    EOFError,
    zlib.error,
    struct.error,
)


class PdfLimits(Frozen):
    """What one file may cost.

    Units: seconds for the whole file (`seconds` at least, `seconds_per_page` for each page
    above), OCR counted apart; `page_seconds` for looking at one page; bytes of content streams
    once decompressed, forms counted each time they are drawn; pixels of one image;
    square points of a pattern's tile.
    """

    max_pages: int = 2000
    seconds: float = 8.0
    seconds_per_page: float = 0.15
    page_seconds: float = 3.0
    ocr_seconds: float = 900.0
    max_page_bytes: int = 32 * _MIB
    max_form_depth: int = 20
    min_tile_area: float = 0.01
    max_image_pixels: int = 120_000_000
    max_objects: int = 30_000
    max_characters: int = 100_000
