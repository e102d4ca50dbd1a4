"""Bytes written with few letters: base 64, 32, 58, 85, whole or cut into pieces."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

_LONG: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,6}")
_PIECE: Final = re.compile(
    r"(?<![^\s|«\"'(\[:=,;>])[A-Za-z0-9+/_-]{2,}={0,6}(?![^\s|»\"')\].,;:<])"
)
_GAP: Final = re.compile(r"[\s|]{1,4}")
#: Letters that no word has in that order: « SWdub3Jl », « bGVz ».
_NO_WORD: Final = re.compile(r"\d|[a-z][A-Z]|[A-Z]{2}[a-z]|[A-Z2-7]{8}")
_PUNCTUATED: Final = re.compile(r"(?<!\S)[!-~]{20,4000}(?!\S)")
_SIGNS: Final = re.compile(r"[^A-Za-z0-9]")
_FEWEST_SIGNS: Final = 3
_SHORTEST: Final = 16
_LONGEST: Final = 20_000
_LONGEST_58: Final = 400
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_Z85: Final = (
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
)
_B85: Final = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
)


class Run(NamedTuple):
    """Bytes that a range of a text may stand for, and the name of their code."""

    data: bytes
    start: int
    end: int
    code_fr: str


def runs(text: str) -> Iterator[Run]:
    """Every reading of every range that may be a code; most of them are no text at all."""
    for match in _LONG.finditer(text):
        yield from _readings(match.group()[:_LONGEST], match.start(), match.end())
        if _SIGNS.search(match.group().rstrip("=")):
            yield from _parts(match)
    for start, end in _cut_into_pieces(text):
        whole = re.sub(r"[\s|]", "", text[start : min(end, start + _LONGEST)])
        yield from _readings(whole, start, end)
    for match in _PUNCTUATED.finditer(text):
        if len(set(_SIGNS.findall(match.group()))) >= _FEWEST_SIGNS:
            for decode in _OF_85:
                yield from _tried(decode, match.group(), match.start(), match.end(), "base85")


def _parts(match: re.Match[str]) -> Iterator[Run]:
    """A code after a path: « dossier/SWdub3Jl… »."""
    for part in re.finditer(r"[A-Za-z0-9+]{16,}", match.group()):
        if part.group() != match.group():
            start = match.start() + part.start()
            yield from _readings(part.group()[:_LONGEST], start, start + len(part.group()))


def _cut_into_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of pieces of code set apart by spaces, line breaks or the sides of cells."""
    group: list[tuple[int, int, bool]] = []
    for match in _PIECE.finditer(text):
        coded = _NO_WORD.search(match.group()) is not None
        if group and not _GAP.fullmatch(text, group[-1][1], match.start()):
            yield from _range(group)
            group = []
        if coded or group:
            group.append((*match.span(), coded))
    yield from _range(group)


def _range(group: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    last = max((n for n, (_, _, coded) in enumerate(group) if coded), default=-1)
    coded = sum(one for _, _, one in group)
    if last < 1 or 2 * coded < last + 1:
        return
    # The end of a code may look like a word: with it, and without.
    for count in {last + 1, min(len(group), last + 2)}:
        start, end = group[0][0], group[count - 1][1]
        if end - start >= _SHORTEST:
            yield start, end


def _readings(run: str, start: int, end: int) -> Iterator[Run]:
    for code_fr, alphabet, decode in _OF_LETTERS:
        if alphabet.fullmatch(run):
            yield from _tried(decode, run, start, end, code_fr)


def _tried(
    decode: Callable[[str], bytes], run: str, start: int, end: int, code_fr: str
) -> Iterator[Run]:
    try:
        yield Run(decode(run), start, end, code_fr)
    except (ValueError, binascii.Error):
        return


def _from_64(run: str) -> bytes:
    packed = run.rstrip("=").replace("-", "+").replace("_", "/")
    packed = packed[: len(packed) - (len(packed) % 4 == 1)]
    return base64.b64decode(packed + "=" * (-len(packed) % 4))


def _from_32(run: str) -> bytes:
    packed = run.rstrip("=").upper()
    packed = packed[: len(packed) - (len(packed) % 8 in (1, 3, 6))]
    return base64.b32decode(packed + "=" * (-len(packed) % 8))


def _from_58(run: str) -> bytes:
    number = 0
    for char in run[:_LONGEST_58]:
        number = number * 58 + _BASE58.index(char)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _from_ascii85(run: str) -> bytes:
    return base64.a85decode(run.removeprefix("<~").removesuffix("~>"))


def _from_z85(run: str) -> bytes:
    return base64.b85decode(run.translate(str.maketrans(_Z85, _B85)))


_OF_85: Final = (_from_ascii85, base64.b85decode, _from_z85)
_OF_LETTERS: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bytes]], ...]] = (
    ("base64", re.compile(r"[A-Za-z0-9+/_-]+=*"), _from_64),
    ("base32", re.compile(r"[A-Z2-7]+=*|[a-z2-7]+=*"), _from_32),
    ("base58", re.compile(rf"[{_BASE58}]{{20,}}"), _from_58),
)
