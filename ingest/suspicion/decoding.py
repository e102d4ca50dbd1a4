"""Texts hidden in a code that a model reads as easily as plain words."""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_plus

from ingest.types import Frozen

_BASE64: Final = re.compile(
    r"(?:[A-Za-z0-9+/_-]{40,}+\s+(?=[A-Za-z0-9+/_-]{16}))*+[A-Za-z0-9+/_-]{16,}={0,2}(?![A-Za-z0-9+/_=-])"
)
_HEXADECIMAL: Final = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,]?){12,}+")
_BINARY: Final = re.compile(r"(?:[01]{8}[\s,]?){8,}+")
_PERCENT: Final = re.compile(
    r"(?<![\w%+.~-])(?:[\w+.~-]*+(?:%[0-9A-Fa-f]{2}[\w+.~-]*+){3,}+|\w++(?:\+\w++){3,}+)"
)
_ENTITIES: Final = re.compile(r"(?:&#?\w{1,10};[\w ]?){4,}+")
_ESCAPES: Final = re.compile(r"(?:(?:\\u|U\+)[0-9a-fA-F]{4}\s?){6,}+")
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{6,}")
_LONGEST: Final = 20_000
_MOST_READABLE: Final = 0.85


class Decoded(Frozen):
    """A decoded text, and the range of the source that held it."""

    text: str
    start: int
    end: int
    code_fr: str


def decoded(text: str) -> Iterator[Decoded]:
    """Every readable text that a part of this one encodes."""
    for code_fr, pattern, decode in _CODES:
        for match in pattern.finditer(text):
            plain = decode(match.group()[:_LONGEST])
            if not _is_readable(plain):
                continue
            start, end = match.span()
            yield Decoded(text=plain, start=start, end=end, code_fr=code_fr)


def _is_readable(text: str) -> bool:
    if len(text) < 8:
        return False
    good = sum(char.isalpha() or char in " ,.'’\n:;!?()/-0123456789" for char in text)
    return good >= _MOST_READABLE * len(text)


def _from_base64(run: str) -> str:
    packed = "".join(run.split()).rstrip("=").replace("-", "+").replace("_", "/")
    packed = packed[: len(packed) - (len(packed) % 4 == 1)]
    try:
        return _as_text(base64.b64decode(packed + "=" * (-len(packed) % 4)))
    except binascii.Error:
        return ""


def _from_hexadecimal(run: str) -> str:
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", run)
    return _as_text(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _from_binary(run: str) -> str:
    return _as_text(bytes(int(octet, 2) for octet in re.findall(r"[01]{8}", run)))


def _from_escapes(run: str) -> str:
    codes = re.findall(r"(?:\\u|U\+)([0-9a-fA-F]{4})", run)
    return "".join(chr(int(code, 16)) for code in codes)


def _from_selectors(run: str) -> str:
    """Bytes written as variation selectors, which no font shows."""
    codes = [ord(char) for char in run]
    return _as_text(bytes(code - 0xFE00 if code < 0xFF00 else code - 0xE00F0 for code in codes))


def _as_text(data: bytes) -> str:
    for encoding in ("utf-8", "utf-16-le"):
        try:
            plain = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_readable(plain):
            return plain
    return data.decode("latin-1")


_CODES: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...]] = (
    ("base64", _BASE64, _from_base64),
    ("hexadécimal", _HEXADECIMAL, _from_hexadecimal),
    ("binaire", _BINARY, _from_binary),
    ("adresse web", _PERCENT, unquote_plus),
    ("entités HTML", _ENTITIES, html.unescape),
    ("codes Unicode", _ESCAPES, _from_escapes),
    ("caractères invisibles", _SELECTORS, _from_selectors),
)
