"""Whether a quote says what the file says: its words, figures and signs, whatever separates them.

`WordSequence` finds a quote that differs from the file by what carries no meaning: a word cut at
the end of a line, cells joined otherwise, a bullet, emphasis, « 9600 » for « 9 600 », « 1.5 » for
« 1,5 ». Every word, figure and sign must be there, in the same order, and none more.
`same_meaning` allows a few letters besides.
"""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from rapidfuzz.distance import Indel, Levenshtein

from assistant.domain.french import fold_accents

_JOINT: Final = r"[-\u2010\u2011\u00ad](?:[ \t]*\n\s*)?|[\u200b\u200c\u200d\u2060\ufeff]"
_WORD: Final = rf"[^\W\d_]+(?:(?:{_JOINT})[^\W\d_]+)*"
_FIGURE: Final = r"(?<!\d)\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*"
_PART: Final = re.compile(rf"(?P<figure>{_FIGURE})|(?P<word>{_WORD})|(?P<sign>[^\w\s]|[²³¹½¼¾])")
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_DECIMAL: Final = re.compile(r"(\d+)\.(\d{1,2})")
_DASHES: Final = frozenset("-‐‑‒–—―−")
_MINUS: Final = frozenset("-‐‑−")
#: What is written between two things to set them apart, and nothing else.
_SEPARATORS: Final = frozenset("|¦→⇒➔➜~`^´")
_SIGN_CATEGORIES: Final = frozenset({"Sc", "Sm", "No"})
_END: Final = "\x1f"

_TOKEN: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[%‰€$£¥+<>=÷±≤≥≠²³/-]", re.UNICODE)
_NEGATIONS: Final = frozenset(
    "ne n pas non ni sans jamais aucun aucune aucuns aucunes rien personne nul nulle guere hors "
    "sauf excepte contre moins plus".split()
)
#: Those that turn a sentence round when an elision takes them away.
_ELIDED_NEGATIONS: Final = _NEGATIONS - {"plus", "moins", "contre", "personne", "hors"}
_SMALL_WORDS: Final = frozenset(
    "le la les l un une des du de d et a au aux en ce cet cette ces y que qu".split()
)
#: What a quote may not begin just after: the rest of its clause then says something else.
_BEFORE: Final = _ELIDED_NEGATIONS | {"hormis"}
#: What a quote may not stop just before.
_AFTER: Final = frozenset("pas jamais rien aucun aucune nul nulle sauf excepte hormis".split())
_CLAUSE_END: Final = re.compile(r"[.!?;:|•](?=\s)|\n|[«»()]")
_LONGEST_CLAUSE: Final = 200
#: What makes a figure another one when it stands before it: a sign, the other end of a range.
_BEFORE_FIGURE: Final = re.compile(
    r"(?:[-−+<>≤≥±]|\d[\d\u00a0\u202f ,.]*\s?(?:à|-|–|—)\s?|\b(?:moins|plus|jusqu['’]à|au[ -]delà)"
    r"(?:\s+d[e'’])?\s)$",
    re.IGNORECASE,
)
_FLIPPING_PREFIX: Final = re.compile(r"^(?:in|im|il|ir|de|des|mal|non|anti|a|me|mes|sous|sur)$")
_REPLACEABLE: Final = 8  # letters in a word one of which may be misspelt for another
_VERY_LONG: Final = 12  # letters in a word that may have lost its first


class WordSequence:
    """The words, figures and signs of a text, each with its place in it."""

    def __init__(self, text: str) -> None:
        tokens: list[str] = []
        self._places: list[tuple[int, int]] = []
        for match in _PART.finditer(text):
            if token := _compared(match, text):
                tokens.append(token)
                self._places.append(match.span())
        self._joined = _END + "".join(token + _END for token in tokens)

    def __len__(self) -> int:
        """How many characters its words, figures and signs have."""
        return len(self._joined) - len(self._places) - 1

    def find(self, wanted: "WordSequence") -> tuple[int, int] | None:
        """The range of this text that has the same ones in the same order; None when none has."""
        start = self._joined.find(wanted._joined) if wanted._places else -1
        if start == -1:
            return None
        first = self._joined.count(_END, 0, start)
        return self._places[first][0], self._places[first + len(wanted._places) - 1][1]


def _compared(match: re.Match[str], text: str) -> str:
    """As it is compared; empty for what only separates."""
    said = match.group()
    if match["word"]:
        return _NOT_LETTERS.sub("", said.casefold().replace("œ", "oe").replace("æ", "ae"))
    if match["figure"]:
        figure = "".join(said.split())
        return _DECIMAL.sub(r"\1,\2", figure) if _DECIMAL.fullmatch(figure) else figure
    before = text[max(0, match.start() - 1) : match.start()]
    return _sign(said, before, text[match.end() : match.end() + 3])


def _sign(said: str, before: str, after: str) -> str:
    """Empty for punctuation, and for a dash or a slash that stands alone between two things."""
    if said in _DASHES or said == "/":
        stands_alone = not before.isalnum() and not after[:1].isalnum()
        before_figure = after.strip()[:1].isdigit() and said in _MINUS
        if stands_alone and not before_figure:
            return ""
        return "-" if said in _DASHES else said
    if said in _SEPARATORS:
        return ""
    return said if said in "%‰°" or unicodedata.category(said) in _SIGN_CATEGORIES else ""


def same_meaning(quote: str, candidate: str) -> bool:
    """Whether two near texts differ only by spelling: same numbers, same negations, same words.

    A word may differ by one letter in six, at most two, and never by a prefix that turns it round
    (« possible », « impossible »). The first letter differs only in a very long word (« utile »,
    « futile »), and a short word only by a letter too many or too few: with one replaced it is
    another word (« mois », « fois »). Small words may be missing, nothing else may.
    """
    left, right = _tokens(quote), _tokens(candidate)
    if _guarded(left) != _guarded(right):
        return False
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal" and not _harmless(left[i1:i2], right[j1:j2]):
            return False
    return True


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(fold_accents(text))


def _guarded(tokens: Sequence[str]) -> list[str]:
    """What may never differ, in order: figures, signs, negations."""
    return [t for t in tokens if not t[0].isalpha() or t in _NEGATIONS]


def _harmless(left: Sequence[str], right: Sequence[str]) -> bool:
    left = [token for token in left if token not in _SMALL_WORDS]
    right = [token for token in right if token not in _SMALL_WORDS]
    if "".join(left) == "".join(right):
        return True
    if len(left) != len(right):
        return False
    return all(_same_word(a, b) for a, b in zip(left, right, strict=True))


def _same_word(left: str, right: str) -> bool:
    if left == right:
        return True
    shorter, longer = sorted((left, right), key=len)
    if longer.endswith(shorter) and _FLIPPING_PREFIX.match(longer[: -len(shorter)]):
        return False
    if len(shorter) < 4 or (left[0] != right[0] and len(shorter) < _VERY_LONG):
        return False
    if len(shorter) == len(longer) < _REPLACEABLE:
        return False
    allowed = max(1, min(2, len(shorter) // 6))
    close_enough = Levenshtein.distance(left, right) <= allowed
    return close_enough and Indel.normalized_similarity(left, right) >= 0.75


def leaves_a_negation_out(left_out: str) -> bool:
    """Whether these folded words turn their sentence round when an elision takes them away."""
    return not _ELIDED_NEGATIONS.isdisjoint(_tokens(left_out))


def whole_sense(text: str, start: int, end: int, first: int, last: int) -> tuple[int, int]:
    """The range widened, inside `first` and `last`, by what would turn its meaning round.

    A negation before it in its clause, or just after it; the sign or the other end of a range
    before a figure (« 0 à 30 min »). What is shown then says what the file says.
    """
    before = text[first:start]
    if text[start : start + 1].isdigit() and (sign := _BEFORE_FIGURE.search(before)):
        if sign.start() == 0 or sign.group()[0].isalnum() or not before[sign.start() - 1].isalnum():
            start = first + sign.start()
            before = text[first:start]
    clause = first + max((m.end() for m in _CLAUSE_END.finditer(before)), default=0)
    clause = max(clause, start - _LONGEST_CLAUSE)
    if not _BEFORE.isdisjoint(_tokens(text[clause:start])):
        start = clause + len(text[clause:start]) - len(text[clause:start].lstrip())
    rest = text[end:last]
    following = _TOKEN.match(fold_accents(rest.lstrip(" ,\u00a0\u202f")))
    if following and following.group() in _AFTER and text[end - 1 : end] not in (".", "!", "?"):
        stop = _CLAUSE_END.search(rest)
        end += stop.start() if stop else len(rest)
    return start, end
