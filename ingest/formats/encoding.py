"""Turns the bytes of a text file into characters, when nobody says how they were written."""

import codecs
from typing import Final

from ingest.types import Frozen

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: One byte per character, by decreasing likelihood: Windows, web, Macintosh before X, DOS.
_SINGLE_BYTE: Final = ("cp1252", "iso8859-15", "mac_roman", "cp850")

#: How much a character beyond ASCII speaks for an encoding; one that is not here speaks against.
_FRENCH: Final = dict.fromkeys("âäæëîïñöœûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜ‘“”–—•·°²³§\xa0", 1) | dict.fromkeys(
    "éèàêçùô«»’…€", 3
)

#: Units: bytes. Enough to recognise an encoding, little enough to stay instant.
_SAMPLE: Final = 256 * 1024

_REPLACEMENT: Final = "\ufffd"


class DecodedText(Frozen):
    """A text, the encoding it was read with, and how many of its characters were damaged."""

    text: str
    encoding: str
    damaged: int = 0


def decode_text(data: bytes, *, declared: str = "") -> DecodedText:
    """Decode a text: by its byte-order mark, what it declares, then what reads best as French.

    Never fails: characters that mean nothing are replaced, and counted in `damaged`.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _replacing(data[len(mark) :], encoding)
    if (wide := _utf16_without_mark(data)) is not None:
        return _replacing(data, wide)
    for encoding in filter(None, (_known(declared), "utf-8")):
        try:
            return DecodedText(text=data.decode(encoding), encoding=encoding)
        except UnicodeDecodeError:
            continue
    if _mostly_utf8(data[:_SAMPLE]):
        return _replacing(data, "utf-8")
    return _replacing(data, max(_SINGLE_BYTE, key=lambda name: _french_score(data, name)))


def _replacing(data: bytes, encoding: str) -> DecodedText:
    text = data.decode(encoding, errors="replace")
    return DecodedText(text=text, encoding=encoding, damaged=text.count(_REPLACEMENT))


def _known(declared: str) -> str | None:
    """A declared encoding, when it is one that turns bytes into characters."""
    try:
        name = codecs.lookup(declared.strip()).name if declared.strip() else ""
        b"".decode(name or "ascii")
    except (LookupError, ValueError):
        return None
    # What calls itself ASCII or Latin-1 is Windows' code page nearly always.
    return "cp1252" if name in {"iso8859-1", "ascii"} else name or None


def _utf16_without_mark(data: bytes) -> str | None:
    """French in UTF-16 has a zero in nearly every other byte; one-byte text has none."""
    sample = data[:_SAMPLE]
    half = len(sample) // 2
    if not half or b"\0" not in sample:
        return None
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.6 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.05 else None


def _mostly_utf8(sample: bytes) -> bool:
    """Whether damaged bytes stand among more well-formed accented letters.

    Bytes of another encoding hardly ever make one.
    """
    text = sample.decode("utf-8", errors="replace")
    accented = sum(char > "\x7f" and char != _REPLACEMENT for char in text)
    return accented > text.count(_REPLACEMENT)


def _french_score(data: bytes, encoding: str) -> int:
    """How much the characters beyond ASCII look like French."""
    text = data[:_SAMPLE].decode(encoding, errors="replace")
    return sum(_FRENCH.get(char, -1) for char in text if char > "\x7f")
