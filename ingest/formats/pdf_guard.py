"""Weighs each page before pdfium draws it.

pdfium never returns from a form that draws itself, nor from ten levels of forms that each draw
the next one ten times, and it unpacks streams and images without asking how large they are. Here
the same pages are walked with pypdf, whose decompression is bounded, and only their cost is added
up: bytes of content, forms counted as often as they are drawn.
"""

import re
import zlib
from collections import Counter
from typing import Final

from pypdf import PageObject
from pypdf.errors import LimitReachedError
from pypdf.generic import DictionaryObject, PdfObject, StreamObject

from ingest.formats.pdf_limits import PYPDF_FAILURES, PdfLimits
from ingest.formats.pdf_objects import (
    as_dictionary,
    entries,
    identity,
    items,
    name_of,
    number,
    resolved,
)

_DRAWS: Final = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+Do(?![^\s/<>\[\](){}%])")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")

TOO_COMPLEX_FR: Final = "page volontairement ou accidentellement trop complexe à dessiner"
LOOP_FR: Final = "page qui se contient elle-même"
DAMAGED_FR: Final = "page endommagée"
IMAGE_TOO_LARGE_FR: Final = "page contenant une image démesurée"


class PageRefused(Exception):
    """A page that must not reach pdfium. `reason_fr` says why, for an `UnreadPart`."""

    def __init__(self, reason_fr: str) -> None:
        super().__init__(reason_fr)
        self.reason_fr = reason_fr


class PageGuard:
    """Weighs the pages of one file; what pages share is weighed once."""

    def __init__(self, limits: PdfLimits) -> None:
        self._limits = limits
        self._costs: dict[int, int] = {}

    def check(self, page: PageObject) -> None:
        """Raises `PageRefused` when drawing the page would cost too much or never end."""
        try:
            self._spend(self._cost_of_page(page))
        except LimitReachedError as error:
            raise PageRefused(TOO_COMPLEX_FR) from error
        except PYPDF_FAILURES as error:
            raise PageRefused(DAMAGED_FR) from error

    def _cost_of_page(self, page: PageObject) -> int:
        resources = as_dictionary(page.get("/Resources"))
        cost = self._cost_of_content(_page_content(page), resources, ())
        for annotation in items(page.get("/Annots")):
            for form in _appearances(as_dictionary(annotation)):
                cost += self._cost_of_form(form, resources, ())
        return cost

    def _cost_of_content(
        self, content: bytes, resources: DictionaryObject, above: tuple[int, ...]
    ) -> int:
        """Bytes that are interpreted to draw `content`, once."""
        cost = len(content)
        self._spend(cost)
        drawn = Counter(_unescaped(name) for name in _DRAWS.findall(content))
        for name, xobject in entries(resources, "/XObject"):
            if count := drawn[name]:
                cost += count * self._cost_of_xobject(xobject, resources, above)
                self._spend(cost)
        for form in _forms_used(resources):
            cost += self._cost_of_form(form, resources, above)
        for _, font in entries(resources, "/Font"):
            cost += self._cost_of_font(font, above)
        return cost

    def _cost_of_xobject(
        self, xobject: DictionaryObject, inherited: DictionaryObject, above: tuple[int, ...]
    ) -> int:
        if name_of(xobject.get("/Subtype")) == "/Image":
            pixels = number(xobject.get("/Width"), 0) * number(xobject.get("/Height"), 0)
            if pixels > self._limits.max_image_pixels:
                raise PageRefused(IMAGE_TOO_LARGE_FR)
            return 0
        return self._cost_of_form(xobject, inherited, above)

    def _cost_of_form(
        self, form: DictionaryObject, inherited: DictionaryObject, above: tuple[int, ...]
    ) -> int:
        """A form without resources of its own uses those of what draws it."""
        key = self._entered(form, above)
        if key not in self._costs:
            self._check_tiles(form)
            resources = as_dictionary(form.get("/Resources")) or inherited
            self._costs[key] = self._cost_of_content(_data(form), resources, (*above, key))
        return self._costs[key]

    def _cost_of_font(self, font: DictionaryObject, above: tuple[int, ...]) -> int:
        """Glyphs of a Type 3 font are small content streams, with resources of their own."""
        key = self._entered(font, above)
        if key not in self._costs:
            self._costs[key] = 0
            for stream in _font_programs(font):
                self._spend(_inflated_size(stream, self._limits.max_page_bytes))
            if name_of(font.get("/Subtype")) == "/Type3":
                glyphs = as_dictionary(font.get("/CharProcs")).values()
                content = b"\n".join(_data(as_dictionary(glyph)) for glyph in glyphs)
                resources = as_dictionary(font.get("/Resources"))
                self._costs[key] = self._cost_of_content(content, resources, (*above, key))
        return self._costs[key]

    def _entered(self, owner: DictionaryObject, above: tuple[int, ...]) -> int:
        """The key of a form or font that is about to be entered, from those that led to it."""
        key = identity(owner)
        if key in above:
            raise PageRefused(LOOP_FR)
        if len(above) >= self._limits.max_form_depth:
            raise PageRefused(TOO_COMPLEX_FR)
        return key

    def _check_tiles(self, pattern: DictionaryObject) -> None:
        """A tiling pattern with minute steps is drawn millions of times to fill a page."""
        if number(pattern.get("/PatternType"), 0) != 1:
            return
        matrix = [number(value, 0) for value in items(pattern.get("/Matrix"))]
        a, b, c, d = matrix[:4] if len(matrix) == 6 else (1.0, 0.0, 0.0, 1.0)
        tile = number(pattern.get("/XStep"), 1) * number(pattern.get("/YStep"), 1)
        if abs(tile * (a * d - b * c)) < self._limits.min_tile_area:
            raise PageRefused(TOO_COMPLEX_FR)

    def _spend(self, cost: int) -> None:
        if cost > self._limits.max_page_bytes:
            raise PageRefused(TOO_COMPLEX_FR)


def _page_content(page: PageObject) -> bytes:
    return b"\n".join(_data(as_dictionary(part)) for part in items(page.get("/Contents")))


def _data(stream: DictionaryObject) -> bytes:
    """A stream unpacked (pypdf stops at its own limit), empty for what is not a stream."""
    return stream.get_data() if isinstance(stream, StreamObject) else b""


def _unescaped(name: bytes) -> str:
    plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), name)
    return "/" + plain.decode("utf-8", errors="replace")


def _appearances(annotation: DictionaryObject) -> list[DictionaryObject]:
    """The forms that may draw an annotation: /AP holds a stream per state, or one of states."""
    found = []
    for state in as_dictionary(annotation.get("/AP")).values():
        inner = as_dictionary(state)
        nested = [] if isinstance(inner, StreamObject) else inner.values()
        found += [inner, *(as_dictionary(form) for form in nested)]
    return [form for form in found if isinstance(form, StreamObject)]


def _forms_used(resources: DictionaryObject) -> list[DictionaryObject]:
    """Tiling patterns and soft masks: forms that are drawn without `Do`."""
    patterns = [pattern for _, pattern in entries(resources, "/Pattern")]
    masks = [
        as_dictionary(as_dictionary(state.get("/SMask")).get("/G"))
        for _, state in entries(resources, "/ExtGState")
    ]
    return [form for form in (*patterns, *masks) if isinstance(form, StreamObject)]


def _font_programs(font: DictionaryObject) -> list[StreamObject]:
    """The streams that pdfium unpacks to use a font."""
    found: list[PdfObject | None] = [
        resolved(font.get("/ToUnicode")),
        resolved(font.get("/Encoding")),
    ]
    for owner in (font, *(as_dictionary(f) for f in items(font.get("/DescendantFonts")))):
        descriptor = as_dictionary(owner.get("/FontDescriptor"))
        found += [resolved(descriptor.get(f"/FontFile{kind}")) for kind in ("", "2", "3")]
        found.append(resolved(owner.get("/CIDToGIDMap")))
    return [stream for stream in found if isinstance(stream, StreamObject)]


def _inflated_size(stream: StreamObject, limit: int) -> int:
    """Unpacked size in bytes, counted no further than just above `limit`."""
    filters = [name_of(name) for name in items(stream.get("/Filter"))]
    if filters != ["/FlateDecode"]:
        return len(_data(stream))
    inflater = zlib.decompressobj()
    return len(inflater.decompress(stream._data, limit + 1))
