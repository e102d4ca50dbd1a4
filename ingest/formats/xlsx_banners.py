"""Page headers and footers of sheets: texts mixed with codes (« &L&"Arial,Gras"&14Budget »)."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.formats.appearance import SMALLEST_LEGIBLE
from ingest.formats.colours import WHITE, is_lost_in, parse_colour
from ingest.types import HiddenReason

_CODE: Final = re.compile(
    r"""&"[^"]*"                       # a font
    |&(?P<size>\d{1,3})
    |&K(?P<colour>[0-9A-Fa-f]{6})
    |&K(?P<theme>\d\d)[+-]\d{3}
    |&(?P<section>[LCR])
    |&(?P<literal>&)
    |&[A-Z]                            # page, date, file…: computed when printed; bold…
    |(?P<text>[^&]+)""",
    re.VERBOSE,
)
_WHITE_THEME: Final = "00"


def read_banner(text: str) -> Iterator[tuple[str, HiddenReason | None]]:
    """The texts of a header or footer, left, centre then right, each with why it is not seen."""
    size, white = 10.0, False
    for found in _CODE.finditer(text):
        if digits := found.group("size"):
            size = float(digits)
        elif digits := found.group("colour"):
            colour = parse_colour(f"#{digits}")
            white = colour is not None and is_lost_in(colour, WHITE)
        elif theme := found.group("theme"):
            white = theme == _WHITE_THEME
        elif found.group("section"):
            size, white = 10.0, False
            yield " ", None
        elif words := found.group("text") or found.group("literal"):
            yield words, _reason(size, white)


def _reason(size: float, white: bool) -> HiddenReason | None:
    if size < SMALLEST_LEGIBLE:
        return HiddenReason.TINY
    return HiddenReason.NEAR_BACKGROUND if white else None
