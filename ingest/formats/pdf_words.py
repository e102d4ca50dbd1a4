"""The words of a page with their geometry, from pdfium's character list.

pdfium gives characters in the order of the content stream, with the spaces it infers from gaps.
Calls are what takes time: one per character, the others once per word or text object.
"""

import ctypes
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.formats.pdf_model import PageFrame, Rect, Style, Word, union

_BOLD_NAME: Final = re.compile(r"bold|black|heavy|semi|demi|[-,]bd\b|gras", re.IGNORECASE)
_BOLD_WEIGHT: Final = 600
_INVISIBLE_MODES: Final = frozenset({3, 7})
_STROKED_MODES: Final = frozenset({1, 5})
_FILLED_AND_STROKED: Final = 2
#: pdfium says U+0002 for a hyphen at a line end, 0 or U+FFFE for a glyph without a character.
_UNKNOWN_CODES: Final = frozenset({0, 0xFFFE, 0xFFFF})
UNKNOWN_GLYPH: Final = "\ufffd"
_UNKNOWN_UNITS: Final = re.compile("[\0\ufffe\uffff]")
_ODD_UNITS: Final = re.compile("[\0\ufffe\uffff\ud800-\udfff]")
_RUN: Final = re.compile(r"\S+")
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200e-\u202e\u2066-\u2069\ud800-\udfff\ufb1d-\ufeff]"
)
#: Units: of the font size. A wider gap between two objects is a space.
_GAP: Final = 0.2
_ASCENT, _DESCENT = 0.80, 0.22
#: Units: degrees. Text that leans less reads as upright.
UPRIGHT: Final = 8.0
_TO_DEVICE: Final = 1_000_000

#: `FPDFText_GetTextObject` as an address: pointer objects would take most of the time.
_get_text_object: Final = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium_c.FPDFText_GetTextObject, ctypes.c_void_p).value or 0
)

#: a, b, c, d, e, f: x' = ax + cy + e, y' = bx + dy + f.
Affine = tuple[float, float, float, float, float, float]


class TextReader:
    """Reads the words of one page; must be closed before the page."""

    def __init__(self, page: pdfium.PdfPage, number: int, *, max_characters: int) -> None:
        self._page = page
        self._textpage = page.get_textpage()
        self._raw = self._textpage.raw
        self._max_characters = max_characters
        self.to_display = _display_affine(page)
        self.frame = PageFrame(number, page.get_width(), page.get_height())
        self.objects: dict[int, Any] = {}  # source → pdfium's text object
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._rect = pdfium_c.FS_RECTF()
        self._styles: dict[int, Style] = {}
        self._fonts: dict[int, tuple[str, bool]] = {}

    def close(self) -> None:
        self._textpage.close()

    @property
    def truncated(self) -> bool:
        """Whether the page has more characters than are read."""
        return bool(self._textpage.count_chars() > self._max_characters)

    def is_clipped(self, source: int) -> bool:
        """Whether something cuts out a text object."""
        path = pdfium_c.FPDFPageObj_GetClipPath(self.objects[source])
        return bool(path) and pdfium_c.FPDFClipPath_CountPaths(path) > 0

    def words(self) -> list[Word]:
        """All words in the order of the content stream, what is hidden included."""
        words: list[Word] = []
        units = "".join(map(chr, self._codes()))
        for run in _RUN.finditer(units):
            spaced = True
            for first, end, source in self._objects(units, *run.span()):
                if source:
                    self._add_word(words, units[first:end], (first, end - 1), source, spaced)
                spaced = not source
        return words

    def _objects(self, units: str, first: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Cuts a range without spaces where the text object changes: start, end, source.

        The characters of an object follow each other, save where text runs from right to left.
        """
        source = self._source(first)
        if source == self._source(end - 1) and not _RIGHT_TO_LEFT.search(units, first, end):
            yield first, end, source
            return
        for index in range(first + 1, end):
            found = self._source(index)
            if found != source:
                yield first, index, source
                first, source = index, found
        yield first, end, source

    def _codes(self) -> list[int]:
        """UTF-16 code units of the page, one per character of pdfium."""
        count = min(self._textpage.count_chars(), self._max_characters)
        buffer = (ctypes.c_ushort * (count + 1))()
        written = pdfium_c.FPDFText_GetText(self._raw, 0, count, buffer)
        if written != count + 1:
            return [pdfium_c.FPDFText_GetUnicode(self._raw, index) for index in range(count)]
        codes = list(buffer[:count])
        for index, code in enumerate(codes):
            if code in _UNKNOWN_CODES:  # a hyphen at a line end is told by this call only
                codes[index] = pdfium_c.FPDFText_GetUnicode(self._raw, index) & 0xFFFF
        return codes

    def _source(self, index: int) -> int:
        """The text object of a character; 0 for a space that pdfium has inferred."""
        return _get_text_object(self._raw, index) or 0

    def _add_word(
        self, words: list[Word], units: str, span: tuple[int, int], source: int, spaced: bool
    ) -> None:
        """Append the characters of one object, or join them to the word that they go on."""
        first, last = span
        style = self._styles.get(source) or self._read_style(source, first)
        rect, base = self._place(first, last, style)
        before = words[-1] if words and not spaced else None
        glued = before is not None and _touches(before, rect, base)
        text = _decoded(units)
        if before is not None and glued and before.style == style:
            before.text += text
            before.x0, before.top, before.x1, before.bottom = union([before.rect, rect])
        else:
            words.append(Word(text, *rect, base, style, source, glued=glued))

    def _place(self, first: int, last: int, style: Style) -> tuple[Rect, float]:
        """The rectangle and baseline of characters, as displayed.

        Upright text gets the nominal height of its font: the boxes that fonts declare vary.
        """
        box = self._char_box(first)
        if last != first:
            box = union([box, self._char_box(last)])
        if abs(style.angle) > UPRIGHT:
            return box, box[3]
        pdfium_c.FPDFText_GetCharOrigin(self._raw, first, self._x, self._y)
        base = apply(self.to_display, self._x.value, self._y.value)[1]
        return (box[0], base - _ASCENT * style.size, box[2], base + _DESCENT * style.size), base

    def _char_box(self, index: int) -> Rect:
        rect = self._rect
        pdfium_c.FPDFText_GetLooseCharBox(self._raw, index, rect)
        return apply_to_rect(self.to_display, (rect.left, rect.bottom, rect.right, rect.top))

    def _read_style(self, source: int, index: int) -> Style:
        handle = pdfium_c.FPDFText_GetTextObject(self._raw, index)
        self.objects[source] = handle
        font, bold = self._font(pdfium_c.FPDFTextObj_GetFont(handle))
        mode = pdfium_c.FPDFTextObj_GetTextRenderMode(handle)
        colour, opacity = _colour(handle, stroked=mode in _STROKED_MODES)
        size, angle = self._size_and_angle(index)
        optional, replaced = _marks(handle)
        style = Style(
            size=size,
            font=font,
            bold=bold or mode == _FILLED_AND_STROKED,
            outlined=mode == _FILLED_AND_STROKED,
            colour=colour,
            opacity=opacity,
            painted=mode not in _INVISIBLE_MODES,
            optional=optional,
            replaced=replaced,
            angle=angle,
        )
        self._styles[source] = style
        return style

    def _size_and_angle(self, index: int) -> tuple[float, float]:
        matrix = pdfium_c.FS_MATRIX()
        pdfium_c.FPDFText_GetMatrix(self._raw, index, matrix)
        size = pdfium_c.FPDFText_GetFontSize(self._raw, index) * math.hypot(matrix.c, matrix.d)
        a, b, c, d, _, _ = self.to_display
        along = (matrix.a * a + matrix.b * c, matrix.a * b + matrix.b * d)
        angle = math.degrees(math.atan2(along[1], along[0])) if any(along) else 0.0
        return abs(size), angle

    def _font(self, font: Any) -> tuple[str, bool]:
        """Name and boldness of a font, asked once."""
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in self._fonts:
            buffer = ctypes.create_string_buffer(256)
            pdfium_c.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
            name = buffer.value.decode("utf-8", errors="replace")
            weight = pdfium_c.FPDFFont_GetWeight(font)
            self._fonts[key] = name, bool(_BOLD_NAME.search(name)) or weight >= _BOLD_WEIGHT
        return self._fonts[key]


def _touches(before: Word, rect: Rect, base: float) -> bool:
    """Whether an object follows a word on its line without a gap. Sideways text always does."""
    if abs(before.style.angle) > UPRIGHT:
        return True
    size = before.style.size
    return abs(base - before.base) < 0.5 * size and -0.5 * size < rect[0] - before.x1 < _GAP * size


def _decoded(units: str) -> str:
    """Code units as text; what stands for no character as `UNKNOWN_GLYPH`."""
    if not _ODD_UNITS.search(units):
        return units
    known = _UNKNOWN_UNITS.sub(UNKNOWN_GLYPH, units)
    return known.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _colour(handle: Any, *, stroked: bool) -> tuple[tuple[int, int, int], float]:
    """Colour and opacity of what paints the glyphs."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    ask = pdfium_c.FPDFPageObj_GetStrokeColor if stroked else pdfium_c.FPDFPageObj_GetFillColor
    if not ask(handle, red, green, blue, alpha):
        return (0, 0, 0), 1.0
    return (red.value, green.value, blue.value), alpha.value / 255


def _marks(handle: Any) -> tuple[bool, bool]:
    """Whether a layer (/OC) holds the object, and whether an /ActualText replaces it."""
    size = ctypes.c_ulong()
    buffer = (ctypes.c_ushort * 16)()
    optional = replaced = False
    for index in range(max(0, pdfium_c.FPDFPageObj_CountMarks(handle))):
        mark = pdfium_c.FPDFPageObj_GetMark(handle, index)
        pdfium_c.FPDFPageObjMark_GetName(mark, buffer, ctypes.sizeof(buffer), size)
        name = bytes(buffer)[: size.value].decode("utf-16-le", errors="replace")
        optional = optional or name == "OC\0"
        kind = pdfium_c.FPDFPageObjMark_GetParamValueType(mark, b"ActualText")
        replaced = replaced or kind == pdfium_c.FPDF_OBJECT_STRING
    return optional, replaced


def _display_affine(page: pdfium.PdfPage) -> Affine:
    """From PDF coordinates to the displayed page: rotation and crop box included."""

    def shown(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _TO_DEVICE, _TO_DEVICE, 0, x, y, across, down)
        width, height = page.get_width(), page.get_height()
        return across.value / _TO_DEVICE * width, down.value / _TO_DEVICE * height

    e, f = shown(0, 0)
    right, up = shown(100, 0), shown(0, 100)
    return (
        (right[0] - e) / 100,
        (right[1] - f) / 100,
        (up[0] - e) / 100,
        (up[1] - f) / 100,
        e,
        f,
    )


def apply(affine: Affine, x: float, y: float) -> tuple[float, float]:
    """A transformed point."""
    a, b, c, d, e, f = affine
    return a * x + c * y + e, b * x + d * y + f


def apply_to_rect(affine: Affine, rect: Rect) -> Rect:
    """The upright rectangle around a transformed one."""
    a, b, c, d, e, f = affine
    x0, y0, x1, y1 = rect
    if not b and not c:  # the page is not turned: nearly all of them
        x0, y0, x1, y1 = a * x0 + e, d * y0 + f, a * x1 + e, d * y1 + f
        return (
            x0 if x0 < x1 else x1,
            y0 if y0 < y1 else y1,
            x1 if x0 < x1 else x0,
            y1 if y0 < y1 else y0,
        )
    return (
        min(a * x0, a * x1) + min(c * y0, c * y1) + e,
        min(b * x0, b * x1) + min(d * y0, d * y1) + f,
        max(a * x0, a * x1) + max(c * y0, c * y1) + e,
        max(b * x0, b * x1) + max(d * y0, d * y1) + f,
    )
