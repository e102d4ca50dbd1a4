"""Colours of Word: themes, tints, shadings."""

import colorsys
import re
from collections.abc import Mapping
from typing import Final

from ingest.formats.colours import BLACK, WHITE, Colour
from ingest.formats.docx_xml import W14, A, Element, integer, local, value

_HEX: Final = re.compile(r"#?([0-9a-fA-F]{6})")
_NAMED: Final[Mapping[str, Colour]] = {
    "black": BLACK,
    "white": WHITE,
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "darkRed": (128, 0, 0),
    "darkGreen": (0, 128, 0),
    "darkBlue": (0, 0, 128),
    "darkYellow": (128, 128, 0),
    "darkCyan": (0, 128, 128),
    "darkMagenta": (128, 0, 128),
    "darkGray": (128, 128, 128),
    "lightGray": (192, 192, 192),
}
_OFFICE_THEME: Final[Mapping[str, Colour]] = {
    "dk1": BLACK,
    "lt1": WHITE,
    "dk2": (31, 73, 125),
    "lt2": (238, 236, 225),
}
_THEME_SLOTS: Final[Mapping[str, str]] = {
    "dark1": "dk1",
    "light1": "lt1",
    "dark2": "dk2",
    "light2": "lt2",
    "hyperlink": "hlink",
    "followedHyperlink": "folHlink",
    "text1": "tx1",
    "text2": "tx2",
    "background1": "bg1",
    "background2": "bg2",
}
_USUAL_MAPPING: Final[Mapping[str, str]] = {"tx1": "dk1", "tx2": "dk2", "bg1": "lt1", "bg2": "lt2"}
_MAPPING_ATTRIBUTES: Final = {"t1": "tx1", "t2": "tx2", "bg1": "bg1", "bg2": "bg2"}


def parse_rgb(text: str | None) -> Colour | None:
    """« FF0000 » or a colour name; None for « auto » and whatever is not a colour."""
    if not text:
        return None
    found = _HEX.match(text.strip())
    if found is None:
        return _NAMED.get(text.strip().split(" ")[0])
    digits = found.group(1)
    return (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))


class Theme:
    """The document's colour scheme, seen through its mapping of text and background slots."""

    def __init__(self, theme: Element | None, settings: Element | None) -> None:
        self._colours: dict[str, Colour] = dict(_OFFICE_THEME)
        scheme = None if theme is None else theme.find(f".//{{{A}}}clrScheme")
        for slot in scheme if scheme is not None else ():
            if len(slot) and (colour := self._own_colour(slot[0])) is not None:
                self._colours[local(slot)] = colour
        self._mapping = dict(_USUAL_MAPPING)
        found = None if settings is None else settings.find("{*}clrSchemeMapping")
        for attribute, slot_name in _MAPPING_ATTRIBUTES.items():
            if target := value(found, attribute):
                self._mapping[slot_name] = _THEME_SLOTS.get(target, target)

    def slot(self, name: str) -> Colour | None:
        """A theme colour by its Word or DrawingML name (« background1 », « bg1 », « accent2 »)."""
        short = _THEME_SLOTS.get(name, name)
        return self._colours.get(self._mapping.get(short, short))

    def of_text(self, color: Element | None) -> Colour | None:
        """The colour of a `w:color`; None when automatic, which always contrasts."""
        return None if color is None else self._themed(color, "val", "theme", "themeColor")

    def of_shading(self, shading: Element | None) -> Colour | None:
        """The background that a `w:shd` paints; None when it paints nothing."""
        if shading is None:
            return None
        pattern = value(shading) or "clear"
        fill = self._themed(shading, "fill", "themeFill", "themeFill")
        ink = self._themed(shading, "color", "theme", "themeColor")
        if pattern == "nil":
            return None
        if pattern == "solid":
            return ink or BLACK
        if (share := integer(pattern.removeprefix("pct"))) is not None:
            return _mix(ink or BLACK, fill or WHITE, min(share, 100) / 100)
        return fill

    def of_drawing(self, paint: Element | None) -> Colour | None:
        """The colour of a fill of DrawingML or of Word 2010 text effects (its first colour)."""
        if paint is None or not len(paint):
            return None
        colour = paint[0]
        base = self._own_colour(colour)
        return None if base is None else _modified(base, colour)

    def _own_colour(self, colour: Element) -> Colour | None:
        text = colour.get("val") or colour.get(f"{{{W14}}}val") or ""
        if local(colour) == "schemeClr":
            return self.slot(text)
        if local(colour) == "sysClr":
            return parse_rgb(colour.get("lastClr")) or (WHITE if text == "window" else BLACK)
        return parse_rgb(text)

    def _themed(self, element: Element, plain: str, prefix: str, named: str) -> Colour | None:
        """A colour given by its theme name, tinted or shaded, or else by its digits."""
        themed = self.slot(value(element, named) or "")
        if themed is None:
            return parse_rgb(value(element, plain))
        if tint := value(element, f"{prefix}Tint"):
            return _mix(themed, WHITE, _share_of_255(tint))
        shade = value(element, f"{prefix}Shade")
        return _mix(themed, BLACK, _share_of_255(shade)) if shade else themed


def highlight(element: Element | None) -> Colour | None:
    """The background that a `w:highlight` paints."""
    return _NAMED.get(value(element) or "")


def _modified(base: Colour, colour: Element) -> Colour:
    """Luminance changes of DrawingML, near enough to compare colours."""
    red, green, blue = (channel / 255 for channel in base)
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    for change in colour:
        share = (integer(change.get("val") or change.get(f"{{{W14}}}val")) or 0) / 100_000
        light = _relit(local(change), light, share)
    changed = colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)
    return (round(changed[0] * 255), round(changed[1] * 255), round(changed[2] * 255))


def _relit(change: str, light: float, share: float) -> float:
    if change in ("lumMod", "shade"):
        return light * share
    if change == "lumOff":
        return light + share
    return light * share + 1 - share if change == "tint" else light


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` (0 to 1) of the first colour in the second."""
    mixed = [round(a * share + b * (1 - share)) for a, b in zip(first, second, strict=True)]
    return (mixed[0], mixed[1], mixed[2])


def _share_of_255(digits: str) -> float:
    found = re.fullmatch(r"[0-9a-fA-F]{1,2}", digits)
    return int(digits, 16) / 255 if found else 1.0
