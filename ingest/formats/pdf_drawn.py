"""What is drawn on a page besides text: straight rules, painted rectangles, images."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.formats.pdf_model import PageFrame, Rect, turned
from ingest.formats.pdf_words import Affine, apply, apply_to_rect

#: Units: points. A painted shape this thin is a rule.
_RULE_THICKNESS: Final = 3.0
#: Units: points. Shorter rules belong to drawings, not to tables.
_SHORTEST_RULE: Final = 6.0
#: Units: points off the horizontal or vertical that a straight rule may be.
_STRAIGHT: Final = 0.7
_MAX_SEGMENTS: Final = 200
_MAX_DEPTH: Final = 20
_IDENTITY: Final[Affine] = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Image:
    """An image as placed on the page; `handle` is pdfium's object, valid while the page is."""

    rect: Rect
    handle: Any


@dataclass(slots=True)
class Drawn:
    """Rules and images of a page, in displayed coordinates (points, origin top left).

    `across` and `down` are the horizontal and vertical edges: rules, and the sides of painted
    or framed rectangles. `shapes` counts the painted objects, those in forms included; `forms`
    says that there are forms.
    """

    across: list[Rect] = field(default_factory=list)
    down: list[Rect] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    shapes: int = 0
    forms: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing but text is drawn, straight on the page."""
        return not (self.images or self.shapes or self.forms)

    def turned(self, frame: PageFrame) -> "Drawn":
        """The rules as they stand in the layout of a turned page; images are left out."""
        if not frame.turns:
            return self
        size = frame.width, frame.height
        across = [turned(rect, *size, frame.turns) for rect in self.across]
        down = [turned(rect, *size, frame.turns) for rect in self.down]
        across, down = (down, across) if frame.turns % 2 else (across, down)
        return Drawn(across=across, down=down, shapes=self.shapes)


def read_drawn(page: pdfium.PdfPage, to_display: Affine, *, max_objects: int) -> Drawn:
    """Walk the page's objects, those of forms included, up to `max_objects` of them."""
    drawn = Drawn(forms=_has_forms(page))
    for index, (handle, placed) in enumerate(_objects(page, to_display)):
        if index >= max_objects:
            break
        kind = pdfium_c.FPDFPageObj_GetType(handle)
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            drawn.shapes += 1
            _add_path(drawn, handle, placed)
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            drawn.images.append(Image(apply_to_rect(placed, _bounds(handle)), handle))
        elif kind == pdfium_c.FPDF_PAGEOBJ_SHADING:
            drawn.shapes += 1
    return drawn


def _objects(page: pdfium.PdfPage, to_display: Affine) -> Iterator[tuple[Any, Affine]]:
    """Every object that is not a form, with what places it on the displayed page."""
    count = pdfium_c.FPDFPage_CountObjects(page.raw)
    for index in range(count):
        handle = pdfium_c.FPDFPage_GetObject(page.raw, index)
        yield from _unfolded(handle, to_display, _MAX_DEPTH)


def _has_forms(page: pdfium.PdfPage) -> bool:
    handles = (
        pdfium_c.FPDFPage_GetObject(page.raw, index)
        for index in range(pdfium_c.FPDFPage_CountObjects(page.raw))
    )
    form = pdfium_c.FPDF_PAGEOBJ_FORM
    return any(pdfium_c.FPDFPageObj_GetType(handle) == form for handle in handles)


def _unfolded(handle: Any, placed: Affine, depth: int) -> Iterator[tuple[Any, Affine]]:
    if pdfium_c.FPDFPageObj_GetType(handle) != pdfium_c.FPDF_PAGEOBJ_FORM:
        yield handle, placed
    elif depth:
        inner = _compose(_matrix(handle), placed)
        for index in range(max(0, pdfium_c.FPDFFormObj_CountObjects(handle))):
            yield from _unfolded(pdfium_c.FPDFFormObj_GetObject(handle, index), inner, depth - 1)


def _add_path(drawn: Drawn, handle: Any, placed: Affine) -> None:
    x0, y0, x1, y1 = apply_to_rect(placed, _bounds(handle))
    if y1 - y0 <= _RULE_THICKNESS and x1 - x0 >= _SHORTEST_RULE:
        middle = (y0 + y1) / 2
        drawn.across.append((x0, middle, x1, middle))
    elif x1 - x0 <= _RULE_THICKNESS and y1 - y0 >= _SHORTEST_RULE:
        middle = (x0 + x1) / 2
        drawn.down.append((middle, y0, middle, y1))
    elif x1 - x0 > _RULE_THICKNESS and y1 - y0 > _RULE_THICKNESS:
        _add_sides(drawn, handle, placed)


def _add_sides(drawn: Drawn, handle: Any, placed: Affine) -> None:
    """Straight sides of a larger path: a cell's frame or background, a whole grid."""
    placed = _compose(_matrix(handle), placed)
    start = last = (0.0, 0.0)
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(_MAX_SEGMENTS, pdfium_c.FPDFPath_CountSegments(handle))):
        segment = pdfium_c.FPDFPath_GetPathSegment(handle, index)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = apply(placed, x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            start = point
        elif kind == pdfium_c.FPDF_SEGMENT_LINETO:
            _add_side(drawn, last, point)
        if pdfium_c.FPDFPathSegment_GetClose(segment):
            _add_side(drawn, point, start)
        last = point


def _add_side(drawn: Drawn, one: tuple[float, float], other: tuple[float, float]) -> None:
    (x0, x1), (y0, y1) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    if y1 - y0 <= _STRAIGHT and x1 - x0 >= _SHORTEST_RULE:
        drawn.across.append((x0, y0, x1, y0))
    elif x1 - x0 <= _STRAIGHT and y1 - y0 >= _SHORTEST_RULE:
        drawn.down.append((x0, y0, x0, y1))


def _bounds(handle: Any) -> Rect:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium_c.FPDFPageObj_GetBounds(handle, left, bottom, right, top):
        return 0.0, 0.0, 0.0, 0.0
    return left.value, bottom.value, right.value, top.value


def _matrix(handle: Any) -> Affine:
    matrix = pdfium_c.FS_MATRIX()
    if not pdfium_c.FPDFPageObj_GetMatrix(handle, matrix):
        return _IDENTITY
    return matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f


def _compose(first: Affine, then: Affine) -> Affine:
    """The transformation that does one and then the other."""
    a, b, c, d, e, f = first
    origin = apply(then, e, f)
    ta, tb, tc, td, _, _ = then
    return (
        a * ta + b * tc,
        a * tb + b * td,
        c * ta + d * tc,
        c * tb + d * td,
        origin[0],
        origin[1],
    )
