"""A text reduced to the words a reader sees, whatever characters they are written with.

Lower case, no accents, look-alike letters of other alphabets and digits within words brought
back to Latin ones, one space between words, « . » for the end of a sentence, « : » for a pause.
Each word knows where it stood.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import Final

_MARKS: Final = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f"
_TOKEN: Final = re.compile(
    rf"(?:[^\W_]|[{_MARKS}]|[@$€](?=\w)|(?<=\w)[@$€]|(?<=[^\W\d_])-\n(?=[^\W\d_]))++"
    r"|(?<=\d)\s?/\s?(?=\d)|[.!?…]++(?![^\S\n]*[)»\"*_]*[^\S\n]*[a-zß-ÿ])|[;:\n%]"
)
_ENDS: Final = frozenset(".!?…")
_PAUSES: Final = frozenset(":;")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]")
#: Digits and signs for letters as in « 1gn0rez » or « @cquis », not as in « ce3 » or « 20k ».
_LEET_WORD: Final = re.compile(r"[a-z][\d@$€]+[a-z]|^[013457][a-z]{3}|[@$]")
_LEET: Final = str.maketrans("0134578@$€", "oieastbase")

#: Latin letter → letters of other alphabets that common fonts draw alike. Source: Unicode's
#: table of confusables (UTS 39), its Cyrillic, Greek, Armenian, Cherokee and phonetic letters.
_DRAWN_ALIKE: Final = {
    "a": "аᴀαаᎪАΑ",
    "b": "ʙВЬвᏴΒ",
    "c": "сᴄϲСϹᏟ",
    "d": "ԁᴅժᎠ",
    "e": "еᴇєҽЕεΕᎬ",
    "f": "ꜰϝғ",
    "g": "ɡɢցԌ",
    "h": "һʜНнΗհᎻ",
    "i": "іɪıιІΙӏⅰ",
    "j": "јᴊЈϳ",
    "k": "кᴋκКΚᏦ",
    "l": "ʟⅼᏞ",
    "m": "мᴍМΜᎷ",
    "n": "ոɴΝпη",
    "o": "оᴏοОΟσօ",
    "p": "рᴘρРΡᏢ",
    "q": "ԛզ",
    "r": "ʀгᎡ",
    "s": "ѕꜱЅᏚ",
    "t": "тᴛτТΤᎢ",
    "u": "υᴜս",
    "v": "νᴠѵᏙ",
    "w": "ԝᴡѡωᏔ",
    "x": "хχХΧ",
    "y": "уγʏУΥҮү",
    "z": "ᴢΖᏃ",
}
LOOK_ALIKES: Final = {alike: latin for latin, row in _DRAWN_ALIKE.items() for alike in row}
#: Letters in a circle, a square or a flag, which are no letters to a computer.
_FRAMED: Final = str.maketrans(
    {
        first + rank: chr(97 + rank)
        for first in (0x249C, 0x24B6, 0x24D0, 0x1F110, 0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
        for rank in range(26)
    }
)
_PLAIN: Final = str.maketrans(
    {**LOOK_ALIKES, "ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d"}
)


class Skeleton:
    """The words of a text, and the way back to it.

    Words are set apart by a space, or by a line break where the text has one.
    """

    def __init__(self, source: str) -> None:
        pieces: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self._starts: list[int] = []
        length = 0
        separator = ""
        for match in _TOKEN.finditer(source.translate(_FRAMED)):
            word = _fold(match.group())
            if word == "\n":
                separator = word if pieces else ""
            elif word:
                length += len(separator)
                pieces += [separator, word]
                self._spans.append(match.span())
                self._starts.append(length)
                length += len(word)
                separator = " "
        self.text = "".join(pieces)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The range of the source that a non-empty range of the skeleton stands for."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        return self._spans[first][0], self._spans[last][1]


@lru_cache(maxsize=65536)
def _fold(token: str) -> str:
    if token[0] in _ENDS:
        return "."
    if token in _PAUSES:
        return ":"
    if token.strip() in ("%", "/"):
        return token.strip()
    return token if token == "\n" else fold_word(token)


def fold_word(word: str) -> str:
    """A word in plain Latin letters and digits; empty when nothing of it is."""
    plain = unicodedata.normalize("NFKD", word.translate(_PLAIN).casefold()).translate(_PLAIN)
    if _LEET_WORD.search(plain):
        plain = plain.translate(_LEET)
    return _NOT_WORD.sub("", plain)
