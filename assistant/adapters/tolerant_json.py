"""JSON as models and people write it: a comma after the last item, a line end inside a text.

Nothing else is mended, and what is cut stays an error.
"""

import json
import re
from typing import Any, Final, NamedTuple

#: What is written in a list by mistake; each costs one more decoding.
_MOST_STRAY_COMMAS: Final = 100
_STRAY_COMMA: Final = re.compile(r",\s*[}\]]")
_DECODER: Final = json.JSONDecoder(strict=False)


class Decoded(NamedTuple):
    """A value, where it ends, and the text without its commas too many, to which that refers."""

    value: Any
    end: int
    text: str


def decode(text: str, position: int = 0) -> Decoded:
    """The value that starts there. Raises: `json.JSONDecodeError`, `RecursionError`."""
    for _ in range(_MOST_STRAY_COMMAS):
        try:
            return Decoded(*_DECODER.raw_decode(text, position), text)
        except json.JSONDecodeError as error:
            comma = _stray_comma(text, error.pos)
            if comma is None or comma < position:
                raise
            text = text[:comma] + text[comma + 1 :]
    return Decoded(*_DECODER.raw_decode(text, position), text)


def loads(text: str) -> Any:
    """The one value that a text is. Raises: `json.JSONDecodeError`, `RecursionError`."""
    value, end, read = decode(text.lstrip())
    if rest := read[end:].strip():
        raise json.JSONDecodeError("Extra data", read, len(read) - len(rest))
    return value


def _stray_comma(text: str, position: int) -> int | None:
    """Where a comma stands between an item and the end of its list, when decoding stops there.

    Some versions of the decoder stop at the comma, others at what closes the list.
    """
    if text[position : position + 1] in ("}", "]"):
        position = len(text[:position].rstrip()) - 1
    if position < 1 or not _STRAY_COMMA.match(text, position):
        return None
    return None if text[:position].rstrip()[-1:] in ("{", "[", ",", ":") else position
