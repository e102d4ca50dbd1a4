"""Words written another way, letter by letter: alphabets moved or turned, words turned round.

A reading is tried where it finds a word of an order or of a verdict: « vtaberm » is no word, but
« ignorez » with the alphabet moved back by thirteen, and so is what stands around it read.
"""

import re
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from ingest.suspicion.skeleton import fold_word
from ingest.suspicion.tongue import Tongue, spoken_words

#: Units: characters read on each side of a word that is known.
_AROUND: Final = 240
_MOST_READINGS: Final = 100
_MOST_TRIED: Final = 3
_FEWEST_COMMON: Final = 3
_FEWEST_TURNED: Final = 4
_LETTERS: Final = re.compile(r"[^\W\d_]{4,}")
_WITH_DIGITS: Final = re.compile(r"(?<![\w@$€!+])(?=[^\W\d]*[\d@$€!+])[\w@$€!+]{4,24}(?![\w@$€!+])")
_LINE: Final = re.compile(r"[^\n]{12,1000}")
_BETWEEN_SPACES: Final = re.compile(r"[^\s|]+")
_TURNED: Final = str.maketrans(
    "ɐɓqɔpǝɟɠƃɥᴉıɾʞlɯuodbɹsʇnʌʍxʎz∀ƎℲ⅁ſ⅂Ԁ⊥∩Λ", "abbcdefgghiijklmnopqrstuvwxyzaefgjlptuv"
)
_TURNED_ONLY: Final = re.compile("[ɐɔǝɟɠƃɥᴉɾʞɯɹʇʌʍʎ]")
_DIGITS: Final = "01345789@$€!|2+", "oieastbgaseilzt"


class Reading(NamedTuple):
    """A part of a text read another way. `mirrored`: from its end to its beginning."""

    text: str
    start: int
    how_fr: str
    mirrored: bool

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a range of the reading stands in the text."""
        if self.mirrored:
            start, end = len(self.text) - end, len(self.text) - start
        return self.start + start, self.start + end


class _Alphabet(NamedTuple):
    """`read` keeps the length; `write` is its inverse on a word, or None when many are."""

    how_fr: str
    read: Callable[[str], str]
    write: Callable[[str], str] | None
    mirrored: bool = False


class Alphabets:
    """Every way of reading, with the words that each would give away, and the commonest ones."""

    def __init__(self, words: Iterable[str], tongue: Tongue) -> None:
        self._tongue = tongue
        self._common: dict[str, list[_Alphabet]] = defaultdict(list)
        for alphabet in _ALPHABETS:
            for word in tongue.words:
                if alphabet.write:
                    self._common[alphabet.write(word)].append(alphabet)
        spelt = {form for word in words for form in (word, fold_word(word)) if len(form) >= 4}
        self._plain = frozenset(fold_word(word) for word in spelt)
        self._coded: dict[str, list[_Alphabet]] = defaultdict(list)
        for alphabet in _ALPHABETS:
            for word in spelt:
                if alphabet.write and (coded := alphabet.write(word)) not in spelt:
                    self._coded[coded].append(alphabet)

    def readings(self, text: str) -> Iterator[Reading]:
        """The parts of a text that hold a word of an order once read another way."""
        count = 0
        for alphabet, spans in self._given_away(text).items():
            for low, high in _windows(text, spans):
                read = alphabet.read(text[low:high])
                yield Reading(read, low, alphabet.how_fr, alphabet.mirrored)
                count += 1
                if count >= _MOST_READINGS:
                    return

    def strange_lines(self, text: str) -> Iterator[Reading]:
        """The lines that are a language only once read another way."""
        for line in _LINE.finditer(text):
            words = spoken_words(line.group())
            if not self._tongue.is_strange(words):
                continue
            counts = Counter(a for word in set(words) for a in self._common.get(word, ()))
            for alphabet, count in counts.most_common(_MOST_TRIED):
                read = alphabet.read(line.group())
                if count >= _FEWEST_COMMON and self._tongue.speaks(spoken_words(read)):
                    yield Reading(read, line.start(), alphabet.how_fr, alphabet.mirrored)
                    break

    def _given_away(self, text: str) -> dict[_Alphabet, list[tuple[int, int]]]:
        found: dict[_Alphabet, list[tuple[int, int]]] = defaultdict(list)
        for match in _LETTERS.finditer(text):
            for alphabet in self._coded.get(match.group().lower(), ()):
                found[alphabet].append(match.span())
        for match in _WITH_DIGITS.finditer(text):
            for alphabet in _WITH_SIGNS:
                if fold_word(alphabet.read(match.group())) in self._plain:
                    found[alphabet].append(match.span())
        turned = [match.span() for match in _TURNED_ONLY.finditer(text)]
        if len(turned) >= _FEWEST_TURNED:
            found[_UPSIDE_DOWN] = turned
        return found


def _windows(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What stands around known words, whole words only."""
    last: tuple[int, int] | None = None
    for start, end in spans:
        low = text.rfind(" ", 0, max(0, start - _AROUND)) + 1
        high = text.find(" ", end + _AROUND)
        high = len(text) if high < 0 else high
        if last and low <= last[1]:
            last = (last[0], high)
            continue
        if last:
            yield last
        last = (low, high)
    if last:
        yield last


def _moved(text: str, by: int) -> str:
    low, high = string.ascii_lowercase, string.ascii_uppercase
    return text.translate(str.maketrans(low + high, low[by:] + low[:by] + high[by:] + high[:by]))


def _from_the_end(text: str) -> str:
    low, high = string.ascii_lowercase, string.ascii_uppercase
    return text.translate(str.maketrans(low + high, low[::-1] + high[::-1]))


def _turned_round(text: str) -> str:
    return text[::-1]


def _words_turned_round(text: str) -> str:
    return _BETWEEN_SPACES.sub(lambda match: match.group()[::-1], text)


def _upright(text: str) -> str:
    return text.lower().translate(_TURNED)[::-1] if len(text.lower()) == len(text) else ""


def _signs(one: str, text: str) -> str:
    """Digits and signs as letters; « 1 » is either of two."""
    signs, letters = _DIGITS
    return text.translate(str.maketrans(signs + "16", letters + one))


_UPSIDE_DOWN: Final = _Alphabet("texte retourné", _upright, None, mirrored=True)
_WITH_SIGNS: Final = (
    _Alphabet("lettres remplacées par des chiffres", partial(_signs, "ig"), None),
    _Alphabet("lettres remplacées par des chiffres", partial(_signs, "lb"), None),
)
_ALPHABETS: Final = (
    *(
        _Alphabet(
            f"texte codé : {'ROT13' if by == 13 else f'alphabet décalé de {by}'}",
            partial(_moved, by=26 - by),
            partial(_moved, by=by),
        )
        for by in range(1, 26)
    ),
    _Alphabet("texte codé : alphabet inversé", _from_the_end, _from_the_end),
    _Alphabet("texte à l'envers", _turned_round, _turned_round, mirrored=True),
    _Alphabet("mots à l'envers", _words_turned_round, _turned_round),
)
