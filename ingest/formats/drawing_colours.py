"""Colours and fills of DrawingML: themes, their mapping on a slide, tints and transparency."""

import colorsys
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple, Self

from ingest.formats.colours import BLACK, WHITE, Colour, is_lost_in, parse_colour
from ingest.formats.docx_xml import Element, integer, local
from ingest.formats.drawing import A

_OFFICE: Final[Mapping[str, Colour]] = {
    "dk1": BLACK,
    "lt1": WHITE,
    "dk2": (31, 73, 125),
    "lt2": (238, 236, 225),
}
_USUAL_MAP: Final[Mapping[str, str]] = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_COLOUR_TAGS: Final = frozenset({"srgbClr", "schemeClr", "sysClr", "prstClr", "scrgbClr", "hslClr"})
#: Contrast under which no reader tells a text from its background, whatever its hue.
_NO_CONTRAST: Final = 1.1
#: Opacity, 0 to 1: below the first nothing is seen, from the second nothing shows through.
CLEAR: Final = 0.1
SOLID: Final = 0.95


class Paint(NamedTuple):
    """A colour and its opacity, 0 to 1."""

    colour: Colour
    opacity: float = 1.0


class Fill(NamedTuple):
    """What fills a shape or a letter.

    `paints`: one colour, or the stops of a gradient; empty for « none » and for what has no
    single colour (`kind` « picture » or « other »).
    """

    kind: str
    paints: tuple[Paint, ...] = ()

    @property
    def is_clear(self) -> bool:
        """Whether nothing of it is seen."""
        seen = any(paint.opacity > CLEAR for paint in self.paints)
        return self.kind == "none" or (bool(self.paints) and not seen)

    @property
    def is_opaque(self) -> bool:
        return bool(self.paints) and all(paint.opacity >= SOLID for paint in self.paints)

    @property
    def colours(self) -> tuple[Colour, ...]:
        return tuple(paint.colour for paint in self.paints)


NO_FILL: Final = Fill("none")
WHITE_FILL: Final = Fill("solid", (Paint(WHITE),))


class Theme(NamedTuple):
    """A theme's colours, its background fills, and how a page names them."""

    colours: Mapping[str, Colour]
    backgrounds: tuple[Element, ...] = ()
    mapping: Mapping[str, str] = _USUAL_MAP

    @classmethod
    def read(cls, root: Element | None) -> Self:
        """A theme part, or the Office theme when it is missing."""
        colours = dict(_OFFICE)
        if root is None:
            return cls(colours)
        bare = cls(colours)
        for slot in root.iterfind(f".//{A}clrScheme/*"):
            if (paint := bare.paint(_colour_child(slot))) is not None:
                colours[local(slot)] = paint.colour
        return cls(colours, tuple(root.iterfind(f".//{A}bgFillStyleLst/*")))

    def mapped(self, colour_map: Element | None) -> Self:
        """The theme as a master or a slide sees it (`p:clrMap`, `a:overrideClrMapping`)."""
        if colour_map is None:
            return self
        said = {str(name): str(target) for name, target in colour_map.attrib.items()}
        return self._replace(mapping={**self.mapping, **said})

    def paint(self, element: Element | None, placeholder: Colour | None = None) -> Paint | None:
        """The colour that a `a:srgbClr`, `a:schemeClr`… says; None when it says none."""
        if element is None:
            return None
        base = self._base(element, placeholder)
        return None if base is None else _changed(base, element)

    def fill(self, parent: Element | None, placeholder: Colour | None = None) -> Fill | None:
        """The fill among the children of a `spPr`, `rPr`, `tcPr`…; None when none is said."""
        for child in parent if parent is not None else ():
            if (fill := self.fill_of(child, placeholder)) is not None:
                return fill
        return None

    def fill_of(self, element: Element, placeholder: Colour | None = None) -> Fill | None:
        """A fill element's meaning; None for an element of another kind."""
        kind = local(element)
        if kind == "noFill":
            return NO_FILL
        if kind == "solidFill":
            paint = self.paint(_colour_child(element), placeholder)
            return Fill("other") if paint is None else Fill("solid", (paint,))
        if kind == "gradFill":
            stops = [self.paint(_colour_child(s), placeholder) for s in element.iter(f"{A}gs")]
            return Fill("gradient", tuple(p for p in stops if p)) if all(stops) else Fill("other")
        if kind == "blipFill":
            return Fill("picture")
        return Fill("other") if kind in ("pattFill", "grpFill") else None

    def _base(self, element: Element, placeholder: Colour | None) -> Colour | None:
        kind, value = local(element), element.get("val") or ""
        if kind == "srgbClr":
            return parse_colour(f"#{value}")
        if kind == "schemeClr":
            return placeholder if value == "phClr" else self._named(value)
        if kind == "sysClr":
            last = element.get("lastClr")
            return parse_colour(f"#{last}") if last else (WHITE if value == "window" else BLACK)
        if kind == "prstClr":
            return parse_colour(value)
        if kind == "scrgbClr":
            parts = [_share(element.get(name)) or 0.0 for name in ("r", "g", "b")]
            return _from_unit(*(part ** (1 / 2.2) for part in parts))
        if kind == "hslClr":
            hue = (integer(element.get("hue")) or 0) / 21_600_000
            light, saturation = (_share(element.get(name)) or 0.0 for name in ("lum", "sat"))
            return _from_unit(*colorsys.hls_to_rgb(hue, light, saturation))
        return None

    def _named(self, name: str) -> Colour | None:
        return self.colours.get(self.mapping.get(name, name))


@lru_cache(maxsize=4096)
def is_lost(colour: Colour, grounds: tuple[Colour, ...]) -> bool:
    """Whether a text of that colour melts into each of the colours behind it."""
    return bool(grounds) and all(
        is_lost_in(colour, ground) or _contrast(colour, ground) < _NO_CONTRAST for ground in grounds
    )


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` (0 to 1) of the first colour in the second."""
    return _from_unit(
        *((a * share + b * (1 - share)) / 255 for a, b in zip(first, second, strict=True))
    )


def _colour_child(element: Element) -> Element | None:
    return next((child for child in element if local(child) in _COLOUR_TAGS), None)


def _changed(base: Colour, element: Element) -> Paint:
    """Luminance and opacity changes, near enough to compare colours."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in base))
    opacity = 1.0
    for change in element:
        share = _share(change.get("val"))
        if share is None:
            continue
        if local(change) == "alpha":
            opacity = share
        else:
            light = _relit(local(change), light, share)
    changed = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return Paint(_from_unit(*changed), min(1.0, max(0.0, opacity)))


def _relit(change: str, light: float, share: float) -> float:
    if change in ("lumMod", "shade"):
        return light * share
    if change == "lumOff":
        return light + share
    if change == "lum":
        return share
    return light * share + 1 - share if change == "tint" else light


def _share(text: str | None) -> float | None:
    """A percentage in thousandths (« 50000 ») or written out (« 50% »)."""
    if text and text.endswith("%"):
        whole = integer(text[:-1])
        return None if whole is None else whole / 100
    thousandths = integer(text)
    return None if thousandths is None else thousandths / 100_000


def _from_unit(red: float, green: float, blue: float) -> Colour:
    return _component(red), _component(green), _component(blue)


def _component(share: float) -> int:
    return round(min(1.0, max(0.0, share)) * 255)


def _contrast(first: Colour, second: Colour) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
