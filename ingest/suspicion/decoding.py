"""Texts hidden in a code that a model reads as easily as plain words."""

import html
import quopri
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote_plus

from ingest.suspicion.bases import runs
from ingest.types import Frozen

_HEXADECIMAL: Final = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,;|-]?){12,}+")
_BINARY: Final = re.compile(r"(?:[01]{7,8}[\s,;|-]?){8,}+")
_PERCENT: Final = re.compile(
    r"(?<![\w%+.~-])(?:[\w+.~-]*+(?:%[0-9A-Fa-f]{2}[\w+.~-]*+){3,}+|\w++(?:\+\w++){3,}+)"
)
_QUOTED: Final = re.compile(r"(?<!\S)[^\s=]{0,40}+(?:=[0-9A-F]{2}[^\s=]{0,40}+\s?){4,}+")
_ENTITIES: Final = re.compile(r"(?:&#?\w{1,10};[\w ]?){4,}+")
_ESCAPES: Final = re.compile(r"(?:(?:\\u\{?|U\+|&#x|\\U0000)[0-9a-fA-F]{4}[};]?\s?){6,}+")
_OCTAL: Final = re.compile(r"(?:\\?[0-3][0-7]{2}[\s,;|-]?){10,}+")
_DECIMAL: Final = re.compile(r"\d{2,3}(?:[\s,;|-]{1,3}\d{2,3}){9,}+")
_RANKS: Final = re.compile(r"\d{1,2}(?:[\s,;./|-]{1,3}\d{1,2}){9,}+")
_MORSE: Final = re.compile(r"(?:[.·•‧∙*…‐–—−_-]{1,7}[\s/|]{1,3}){8,}+[.·•‧∙*…‐–—−_-]{0,7}")
_BRAILLE: Final = re.compile("[\u2800-\u28ff][\u2800-\u28ff\\s]{7,}")
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{6,}")
_LONGEST: Final = 20_000
_SHORTEST: Final = 8
_MOST_READABLE: Final = 0.85

_MORSE_LETTERS: Final = dict(
    zip(
        ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
        ".-- -..- -.-- --.. ----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----. ..-.. "
        ".-..- .--.- -.-..".split(),
        "abcdefghijklmnopqrstuvwxyz0123456789eeac",
        strict=True,
    )
)
_MORSE_SIGNS: Final = str.maketrans(
    {**dict.fromkeys("·•‧∙*", "."), **dict.fromkeys("‐–—−_", "-"), "…": "..."}
)
#: The dots of braille's first ten letters; the others add dot 3, then dots 3 and 6.
_BRAILLE_LETTERS: Final = {
    0x2800 + dots: letter
    for letter, dots in zip(
        "abcdefghijklmnopqrstuvxyzw",
        [1, 3, 9, 25, 17, 11, 27, 19, 10, 26, 5, 7, 13, 29, 21, 15, 31, 23, 14, 30, 37, 39, 45, 61,
         53, 58],
        strict=True,
    )
} | {0x2800: " ", 0x283F: "e", 0x282E: "e", 0x2837: "a", 0x282F: "c"}  # fmt: skip


class Decoded(Frozen):
    """A decoded text, and the range of the source that held it.

    `everyday`: pages are full of this code, in their addresses and signs.
    """

    text: str
    start: int
    end: int
    code_fr: str
    everyday: bool = False


def decoded(text: str) -> Iterator[Decoded]:
    """Every readable text that a part of this one encodes."""
    for run in runs(text):
        plain = _as_text(run.data)
        if _is_readable(plain):
            yield Decoded(text=plain, start=run.start, end=run.end, code_fr=run.code_fr)
    for code_fr, pattern, decode in _CODES:
        for match in pattern.finditer(text):
            plain = decode(match.group()[:_LONGEST])
            if not _is_readable(plain):
                continue
            start, end = match.span()
            yield Decoded(
                text=plain, start=start, end=end, code_fr=code_fr, everyday=code_fr in _EVERYDAY
            )


def _is_readable(text: str) -> bool:
    if len(text) < _SHORTEST:
        return False
    good = sum(char.isalpha() or char in " ,.'’\n:;!?()/-0123456789\"«»{}=_" for char in text)
    return good >= _MOST_READABLE * len(text)


def _from_hexadecimal(run: str) -> str:
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", run)
    return _as_text(bytes.fromhex(digits[: len(digits) // 2 * 2]))


def _from_binary(run: str) -> str:
    return _as_text(bytes(int(octet, 2) for octet in re.findall(r"[01]{7,8}", run)))


def _from_quoted(run: str) -> str:
    return _as_text(quopri.decodestring(run.encode("utf-8", "ignore")))


def _from_escapes(run: str) -> str:
    codes = re.findall(r"(?:\\u\{?|U\+|&#x|\\U0000)([0-9a-fA-F]{4})", run)
    return "".join(chr(int(code, 16)) for code in codes)


def _from_octal(run: str) -> str:
    return _as_text(bytes(int(code, 8) & 0xFF for code in re.findall(r"[0-3][0-7]{2}", run)))


def _from_decimal(run: str) -> str:
    codes = [int(code) for code in re.findall(r"\d+", run)]
    return _as_text(bytes(codes)) if all(9 <= code < 256 for code in codes) else ""


def _from_ranks(run: str) -> str:
    """« 9-7-14-15-18-5-26 »: each letter by its rank in the alphabet; 0 stands for a space."""
    ranks = [int(rank) for rank in re.findall(r"\d+", run)]
    return "".join(chr(96 + r) if r else " " for r in ranks) if max(ranks) <= 26 else ""


def _from_morse(run: str) -> str:
    words = re.split(r"\s*[/|]+\s*", run.translate(_MORSE_SIGNS))
    return " ".join("".join(_MORSE_LETTERS.get(s, "") for s in word.split()) for word in words)


def _from_braille(run: str) -> str:
    return run.translate(_BRAILLE_LETTERS)


def _from_selectors(run: str) -> str:
    """Bytes written as variation selectors, which no font shows."""
    codes = [ord(char) for char in run]
    return _as_text(bytes(code - 0xFE00 if code < 0xFF00 else code - 0xE00F0 for code in codes))


def _as_text(data: bytes) -> str:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        try:
            plain = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_readable(plain):
            return plain
    return data.decode("latin-1")


_CODES: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...]] = (
    ("hexadécimal", _HEXADECIMAL, _from_hexadecimal),
    ("binaire", _BINARY, _from_binary),
    ("adresse web", _PERCENT, unquote_plus),
    ("courriel (quoted-printable)", _QUOTED, _from_quoted),
    ("entités HTML", _ENTITIES, html.unescape),
    ("codes Unicode", _ESCAPES, _from_escapes),
    ("octal", _OCTAL, _from_octal),
    ("codes décimaux", _DECIMAL, _from_decimal),
    ("rang des lettres", _RANKS, _from_ranks),
    ("morse", _MORSE, _from_morse),
    ("braille", _BRAILLE, _from_braille),
    ("caractères invisibles", _SELECTORS, _from_selectors),
)
_EVERYDAY: Final = frozenset({"adresse web", "entités HTML"})
