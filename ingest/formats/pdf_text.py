"""What printed lines need to become text: ligatures, bullets, numbers, hyphens at line ends.

Shared by the PDF reader and by OCR, which both meet lines rather than paragraphs.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

#: Ligatures of the Latin presentation forms. NFC keeps them; NFKC would also change « ² » or « ½ ».
_LIGATURES: Final = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)

#: Bullets as fonts draw them; Symbol and Wingdings put theirs in the private use area.
_BULLETS: Final = "•◦▪▫■□●○◆◇▶►▸‣⁃∙·➢➤✓✔✗❖\ue000-\uf8ff"
_PRIVATE_USE: Final = re.compile("[\ue000-\uf8ff]")
_BULLET: Final = re.compile(rf"(?P<mark>[{_BULLETS}]|[-–—+](?=\s+\D)|[*o](?=\s))\s*(?=\S)")
#: Letters need a parenthesis: « A. Martin » is a name.
_NUMBER: Final = re.compile(r"(?P<mark>\(?(?:\d{1,3}[.)]|[a-zA-Z]\)|[ivx]{1,4}[.)]))\s+(?=\S)")
_LONE_MARK: Final = re.compile(
    rf"(?:[{_BULLETS}\-–—*+o]|\(?(?:\d{{1,3}}[.)]|[a-zA-Z]\)|[ivx]{{1,4}}[.)]))\s*"
)

#: What ends a line cut inside a word. U+0002 is what pdfium gives for it.
SOFT_HYPHEN: Final = "\u00ad"
_CUT_WORD: Final = re.compile(r"[^\W\d_]{2}[-\u2010\u00ad\x02]")
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_WORD_GOES_ON: Final = re.compile(r"[a-zà-öø-ÿœ]")
#: French words and prefixes whose hyphen stays when the line is cut there: « vous-même ».
_KEPT_AFTER: Final = frozenset(
    "ce celui celle ceux celles là ci au par peut est demi mi semi non sous sur vis tête chef "
    "porte avant après arrière contre entre grand grande mot rendez savoir mise e ex quasi "
    "vous nous eux lui elle moi toi soi dix vingt trente quarante cinquante soixante quatre "
    "cent community social".split()
)
_KEPT_BEFORE: Final = frozenset(
    "même mêmes ci là vous nous je tu il elle on ils elles ce le la les lui leur moi toi y en "
    "dessus dessous dehors dedans delà être d t".split()
)


class ListMark(NamedTuple):
    """A bullet or a number at the start of a line. `end` is where the item's text starts."""

    mark: str
    end: int
    bullet: bool


def expand(text: str) -> str:
    """Ligatures as letters."""
    return text.translate(_LIGATURES)


def list_mark(text: str) -> ListMark | None:
    """The bullet or number that starts a list item, if there is one with text after it."""
    if found := _BULLET.match(text):
        return ListMark(found["mark"], found.end(), bullet=True)
    if found := _NUMBER.match(text):
        return ListMark(found["mark"], found.end(), bullet=False)
    return None


def is_lone_mark(text: str) -> bool:
    """Whether a piece of line is nothing but a bullet or a number, set apart from its text."""
    return _LONE_MARK.fullmatch(text) is not None


def without_bullet(text: str) -> str:
    """The item's text. A bullet is drawing and goes; a number is read aloud and stays."""
    mark = list_mark(text)
    return text[mark.end :] if mark and mark.bullet else text


def clean(text: str) -> str:
    """The text of a finished block: ligatures expanded, glyphs without meaning dropped."""
    return _PRIVATE_USE.sub("", expand(text)).replace("\x02", "-")


def join_lines(lines: Sequence[str], vocabulary: frozenset[str] = frozenset()) -> str:
    """One paragraph from its printed lines: a word cut at a line end is whole again.

    `vocabulary` holds the words of the document (lower case, with and without hyphens): it
    tells « mots-clés », whose hyphen stays, from « organi-sation ».
    """
    text = ""
    for line in (line.strip() for line in lines):
        if not text:
            text = line
        elif _CUT_WORD.fullmatch(text[-3:]) and _WORD_GOES_ON.match(line):
            text = _joined_word(text, line, vocabulary)
        elif text.endswith(("-", "/", "\x02")) and not text.endswith((" -", " /", " \x02")):
            text += line
        else:
            text += f" {line}"
    return text


def words_of(text: str) -> list[str]:
    """Words in lower case, hyphenated ones whole: what a vocabulary is made of."""
    return _WORD.findall(text.lower())


def _joined_word(text: str, line: str, vocabulary: frozenset[str]) -> str:
    """Rejoin a cut word. A hyphen that belongs to the spelling (« celui-ci ») stays."""
    cut, hyphen = text[:-1], text[-1]
    first = words_of(cut)[-1]
    second = words_of(line)[0]
    if hyphen == SOFT_HYPHEN or not _keeps_hyphen(first, second, vocabulary):
        return cut + line
    return f"{cut}-{line}"


def _keeps_hyphen(first: str, second: str, vocabulary: frozenset[str]) -> bool:
    whole, compound = first + second, f"{first}-{second}"
    if (whole in vocabulary) != (compound in vocabulary):
        return compound in vocabulary
    if first in _KEPT_AFTER or second.split("-")[0] in _KEPT_BEFORE:
        return True
    return len(second) > 2 and first in vocabulary and second in vocabulary
