"""Applies CSS declarations: how a text of a page looks, and what takes it off the page."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ingest.formats.appearance import FAINTEST, Look
from ingest.formats.colours import BLACK, parse_colour
from ingest.types import HiddenReason

#: What a page starts from: 16 pixels, black on white.
PAGE_LOOK: Final = Look(colour=BLACK, size=12.0)

#: Units: pixels. Nobody scrolls so far left or up; decorations overflow by less.
_FAR_AWAY: Final = 200
_FAR_RIGHT: Final = 5000
#: Margins overlap what is beside them by more, on ordinary pages.
_FAR_MARGIN: Final = 1000

_LENGTH: Final = re.compile(r"(-?\d{0,9}(?:\.\d{1,9})?)(px|pt|em|rem|ex|ch|cm|mm|in|pc|vw|vh|%)?")
#: Units: pixels per unit; `em`, `%` and screen shares as on an ordinary page.
_PIXELS: Final = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
    "ch": 8.0,
    "vw": 12.8,
    "vh": 8.0,
    "%": 10.0,
}
_SIZE_NAMES: Final = {
    "xx-small": 6.75,
    "x-small": 7.5,
    "small": 9.75,
    "medium": 12.0,
    "large": 13.5,
    "x-large": 18.0,
    "xx-large": 24.0,
}
_SIZES: Final = ("height", "width", "max-height", "max-width")
_FONT_SIZE: Final = re.compile(r"(?:^|\s)(\d*\.?\d+(?:px|pt|em|rem|%))(?:/|\s)")
_ALPHA: Final = re.compile(r"(?:rgba|hsla|rgb|hsl)\([^)]*[,/]\s*(\d*\.?\d+)(%?)\s*\)")
_HEX_ALPHA: Final = re.compile(r"#(?:[0-9a-f]{6}([0-9a-f]{2})|[0-9a-f]{3}([0-9a-f]))(?![0-9a-f])")
_CLIPPED: Final = re.compile(r"rect\(\s*(?:0|1px)\D.*|inset\(\s*(?:50|100)%.*")
_SHRUNK: Final = re.compile(r".*scale[xy]?\(\s*0(?:\.0\d*)?\s*[,)].*")
_FADED: Final = re.compile(r"opacity\(\s*([\d.]+%?)\s*\)")
_MOVED: Final = re.compile(r"translate[xy]?\(\s*(-?[\d.]+\w*)")


def with_css(look: Look, declared: Mapping[str, str]) -> Look:
    """`look` once an element's own declarations are applied."""
    look = _with_background(look, declared)
    look = _with_colour(look, declared.get("color", ""))
    look = _with_colour(look, declared.get("-webkit-text-fill-color", ""))
    look = _with_size(look, declared)
    if (visibility := declared.get("visibility")) in {"hidden", "collapse", "visible"}:
        look = replace(look, shown=visibility == "visible")
    for value in (declared.get("opacity", ""), *_FADED.findall(declared.get("filter", ""))):
        if (opacity := _share(value)) is not None:
            look = replace(look, opacity=look.opacity * opacity)
    return look


def gone_by_css(declared: Mapping[str, str]) -> HiddenReason | None:
    """Why nothing inside an element is seen, whatever its own styles; None when it is."""
    if declared.get("display") == "none" or _is_clipped(declared):
        return HiddenReason.VANISHED
    return HiddenReason.OFF_PAGE if _is_moved_away(declared) else None


def _with_background(look: Look, declared: Mapping[str, str]) -> Look:
    values = [declared.get(f"background{part}", "") for part in ("", "-color", "-image")]
    if any("url(" in value or "gradient(" in value for value in values):
        return replace(look, background=None)
    for value in filter(None, values[:2]):
        words = re.findall(r"[\w#-]+\([^)]*\)|[\w#-]+", value)
        found = next((c for c in map(parse_colour, words) if c), None)
        if found and _alpha(value) >= FAINTEST:
            look = replace(look, background=found)
    return look


def _with_colour(look: Look, value: str) -> Look:
    if not value or value in {"inherit", "currentcolor"}:
        return look
    if value == "transparent" or _alpha(value) < FAINTEST:
        # As a colour, so that a descendant with its own colour is seen again.
        return replace(look, colour=look.background or BLACK, opacity=_lost_opacity(look))
    return replace(look, colour=parse_colour(value))


def _lost_opacity(look: Look) -> float:
    return look.opacity if look.background else 0.0


def _with_size(look: Look, declared: Mapping[str, str]) -> Look:
    value = declared.get("font-size", "")
    if not value and (short := _FONT_SIZE.search(declared.get("font", ""))):
        value = short[1]
    if value in _SIZE_NAMES:
        return replace(look, size=_SIZE_NAMES[value])
    if value.endswith(("em", "%")) and not value.endswith("rem"):
        share = _number(value.removesuffix("em").removesuffix("%"))
        part = 0.01 if value.endswith("%") else 1.0
        return look if share is None else replace(look, size=look.size * share * part)
    pixels = _pixels(value)
    return look if pixels is None else replace(look, size=pixels * 0.75)


def _is_clipped(declared: Mapping[str, str]) -> bool:
    if _CLIPPED.fullmatch(declared.get("clip", "")):
        return True
    if _CLIPPED.fullmatch(declared.get("clip-path", "")):
        return True
    if _SHRUNK.fullmatch(declared.get("transform", "")):
        return True
    sizes = (_pixels(declared.get(name, "")) for name in _SIZES)
    return declared.get("overflow") in {"hidden", "clip"} and any(
        size is not None and size <= 1 for size in sizes
    )


def _is_moved_away(declared: Mapping[str, str]) -> bool:
    moves = [declared.get("text-indent", "")]
    moves += _MOVED.findall(declared.get("transform", ""))
    if declared.get("position") in {"absolute", "fixed", "relative"}:
        moves += [declared.get(side, "") for side in ("left", "top", "right", "bottom")]
    margins = (declared.get(f"margin{side}", "") for side in ("", "-left", "-top"))
    beside = _lengths(" ".join(margins).split())
    if any(length <= -_FAR_MARGIN for length in beside):
        return True
    return any(length <= -_FAR_AWAY or length >= _FAR_RIGHT for length in _lengths(moves))


def _lengths(values: Iterable[str]) -> list[float]:
    return [length for length in map(_pixels, values) if length is not None]


def _pixels(value: str) -> float | None:
    found = _LENGTH.fullmatch(value.strip())
    if found is None or not found[1].strip("-."):
        return None
    return float(found[1]) * _PIXELS[found[2] or ""]


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _share(value: str) -> float | None:
    number = _number(value.removesuffix("%"))
    if number is None:
        return None
    return min(1.0, max(0.0, number / 100 if value.endswith("%") else number))


def _alpha(colour: str) -> float:
    if found := _HEX_ALPHA.search(colour):
        digits = found[1] or (found[2] or "f") * 2
        return int(digits, 16) / 255
    found = _ALPHA.search(colour)
    # Three components separated by commas hold no alpha.
    if found is None or (colour.count(",") < 3 and "/" not in colour):
        return 1.0
    return _share(found[1] + found[2]) or 0.0
