"""Pages as pixels, with a time limit."""

import ctypes
import math
import time
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

#: Units: pixels of a rendering. An A4 page at 300 dpi has 8.7 million.
MAX_PIXELS: Final = 12_000_000
#: Units: pixels. A page may be a hair high and a mile wide.
MAX_SIDE: Final = 16_000

#: Rows, columns, then blue, green and red.
Pixels = npt.NDArray[np.uint8]


class RenderingTimeout(Exception):
    """The page is not drawn after the seconds allowed."""


def fitting_scale(page: pdfium.PdfPage, scale: float, max_pixels: int = MAX_PIXELS) -> float:
    """`scale` (pixels per point), or less when the page is so large that it must be."""
    width, height = float(page.get_width()), float(page.get_height())
    return min(scale, math.sqrt(max_pixels / (width * height)), MAX_SIDE / max(width, height))


def render(page: pdfium.PdfPage, *, scale: float, seconds: float) -> Pixels:
    """Draw a page on white. The scale must fit (`fitting_scale`).

    Raises: `RenderingTimeout`. One object alone, however slow, is drawn to its end.
    """
    width = max(1, round(page.get_width() * scale))
    height = max(1, round(page.get_height() * scale))
    bitmap = pdfium.PdfBitmap.new_native(width, height, pdfium_c.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    flags = pdfium_c.FPDF_REVERSE_BYTE_ORDER
    try:
        status = pdfium_c.FPDF_RenderPageBitmap_Start(
            bitmap.raw, page.raw, 0, 0, width, height, 0, flags, _pause_after(seconds)
        )
        if status == pdfium_c.FPDF_RENDER_TOBECONTINUED:
            raise RenderingTimeout(f"page not drawn after {seconds} s")
        return np.array(bitmap.to_numpy(), copy=True)
    finally:
        pdfium_c.FPDF_RenderPage_Close(page.raw)
        bitmap.close()


def _pause_after(seconds: float) -> Any:
    """What pdfium asks between two objects: whether to stop."""
    deadline = time.monotonic() + seconds
    ask = dict(pdfium_c.IFSDK_PAUSE._fields_)["NeedToPauseNow"]
    pause = pdfium_c.IFSDK_PAUSE()
    pause.version = 1
    pause.NeedToPauseNow = ask(lambda _pause: int(time.monotonic() > deadline))
    return ctypes.pointer(pause)
