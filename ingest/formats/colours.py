"""Colours, and when a text has the colour of what stands behind it."""

import re
from typing import Final

#: Red, green, blue, 0 to 255.
Colour = tuple[int, int, int]

WHITE: Final[Colour] = (255, 255, 255)
BLACK: Final[Colour] = (0, 0, 0)

#: Largest difference of a component at which a text is lost in its background: #E0E0E0 on white
#: is lost, #D9D9D9 (the palest grey of office palettes), yellow or pale pink are still seen.
_LOST_WITHIN: Final = 32

_HEX: Final = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?")
_RGB: Final = re.compile(r"rgba?\(\s*([\d.]+)\s*,?\s*([\d.]+)\s*,?\s*([\d.]+)")
_PERCENT_RGB: Final = re.compile(r"rgba?\(\s*([\d.]+)%\s*,?\s*([\d.]+)%\s*,?\s*([\d.]+)%")
_HSL_LIGHTNESS: Final = re.compile(r"hsla?\(\s*[\d.]+(?:deg)?\s*,?\s*[\d.]+%\s*,?\s*([\d.]+)%")

#: The names used to hide text, and the usual ones that must not be mistaken for them.
_NAMED: Final[dict[str, Colour]] = {
    "white": WHITE,
    "snow": (255, 250, 250),
    "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245),
    "ivory": (255, 255, 240),
    "floralwhite": (255, 250, 240),
    "mintcream": (245, 255, 250),
    "azure": (240, 255, 255),
    "aliceblue": (240, 248, 255),
    "black": BLACK,
    "silver": (192, 192, 192),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "red": (255, 0, 0),
    "maroon": (128, 0, 0),
    "yellow": (255, 255, 0),
    "olive": (128, 128, 0),
    "lime": (0, 255, 0),
    "green": (0, 128, 0),
    "aqua": (0, 255, 255),
    "teal": (0, 128, 128),
    "blue": (0, 0, 255),
    "navy": (0, 0, 128),
    "fuchsia": (255, 0, 255),
    "purple": (128, 0, 128),
    "orange": (255, 165, 0),
}


def parse_colour(value: str) -> Colour | None:
    """A CSS or ODF colour (`#fff`, `#FFFFFF`, `rgb(…)`, a common name); None when unknown."""
    value = value.strip().lower()
    if value in _NAMED:
        return _NAMED[value]
    if found := _HEX.fullmatch(value):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if found := _PERCENT_RGB.match(value):
        return _clamped(*(float(part) * 2.55 for part in found.groups()))
    if found := _RGB.match(value):
        return _clamped(*(float(part) for part in found.groups()))
    if (found := _HSL_LIGHTNESS.match(value)) and float(found[1]) in (0, 100):
        return WHITE if float(found[1]) else BLACK
    return None


def is_lost_in(colour: Colour, background: Colour) -> bool:
    """Whether a text of that colour cannot be read on that background."""
    return max(abs(a - b) for a, b in zip(colour, background, strict=True)) <= _LOST_WITHIN


def _clamped(red: float, green: float, blue: float) -> Colour:
    return _component(red), _component(green), _component(blue)


def _component(value: float) -> int:
    return round(min(255.0, max(0.0, value)))
