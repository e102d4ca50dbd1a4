"""Finds suspicious passages in one text."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final

from ingest.suspicion.decoding import decoded
from ingest.suspicion.patterns import Family, LazyPattern, Patterns
from ingest.suspicion.skeleton import Skeleton
from ingest.types import Frozen

#: Units: characters of the skeleton looked at on each side of a key word.
_AROUND: Final = 240
#: Words whose letters are set apart: « i g n o r e z ».
_SET_APART: Final = re.compile(r"(?:\b[a-z0-9]{1,2}\b(?:\s[.:])?(?:\s|$)){10,}+")
#: Words of an order that is turned round or coded letter by letter.
_ORDER_WORDS: Final = (
    "acquis consigne instruction directive previous precedente critere criteria verdict candida "
    "dossier jury evaluat maximale prompt anweisung istruzion submission"
).split()
_TELLTALES: Final = re.compile(
    "|".join(w for word in _ORDER_WORDS for w in (word[::-1], codecs.encode(word, "rot13")))
)
_MOST_MATCHES: Final = 200
_CODES_WITHIN_CODES: Final = 2

#: What speaks of attacks on a chatbot rather than making one.
_ABOUT_ATTACKS: Final = re.compile(
    r"\b(?:chatbots?|injections?|attaques?|tentatives?|internautes?|pirates?|malveillan\w+|"
    r"detourne\w*|manipul\w+|jailbreak\w*|hackers?|securis\w+|trolls?|proteg\w+|vulnerab\w+)\b"
)
_QUOTES: Final = (("«", "»"), ("“", "”"), ('"', '"'))


class Match(Frozen):
    """A suspicious range of a text. `why_fr` says what it asks for.

    `announces`: what follows is given for another person's words.
    """

    start: int
    end: int
    why_fr: str
    announces: bool = False


def find(
    text: str, patterns: Patterns, *, hidden: bool, codes: int = _CODES_WITHIN_CODES
) -> list[Match]:
    """Suspicious ranges, in order, those that overlap made one.

    `hidden`: the text is not on the page. `codes`: how many times over it may be encoded.
    """
    found: list[Match] = []
    for match in _all(text, patterns, hidden, codes):
        found.append(match)
        if len(found) >= _MOST_MATCHES:
            break
    return merged(found)


def _all(text: str, patterns: Patterns, hidden: bool, codes: int) -> Iterator[Match]:
    yield from _raw(text, patterns, hidden=hidden)
    skeleton = Skeleton(text)
    for family, start, end in _words(skeleton.text, patterns, hidden=hidden):
        first, last = skeleton.original(start, end)
        if hidden or not (family.mention and _is_a_mention(text, first, last)):
            yield Match(start=first, end=last, why_fr=family.reason_fr)
    yield from _disguised(skeleton, patterns)
    for part in decoded(text) if codes else ():
        for match in find(part.text, patterns, hidden=True, codes=codes - 1):
            why_fr = f"{match.why_fr} (texte codé : {part.code_fr})"
            yield Match(start=part.start, end=part.end, why_fr=why_fr)


def _raw(text: str, patterns: Patterns, *, hidden: bool) -> Iterator[Match]:
    for family in patterns.families:
        for pattern in (*family.raw, *(family.hidden_raw if hidden else ())):
            for match in pattern.finditer(text):
                yield Match(
                    start=match.start(),
                    end=match.end(),
                    why_fr=family.reason_fr,
                    announces=family.announces,
                )


def _words(text: str, patterns: Patterns, *, hidden: bool) -> Iterator[tuple[Family, int, int]]:
    for low, high in _windows(text, patterns.keys):
        yield from patterns.in_words(text, low, high, hidden=hidden)


def _windows(text: str, keys: LazyPattern) -> list[tuple[int, int]]:
    """What stands around key words, whole words only."""
    windows: list[tuple[int, int]] = []
    for key in keys.finditer(text):
        low = text.rfind(" ", 0, max(0, key.start() - _AROUND)) + 1
        high = text.find(" ", key.end() + _AROUND)
        high = len(text) if high < 0 else high
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], high)
        else:
            windows.append((low, high))
    return windows


def _disguised(skeleton: Skeleton, patterns: Patterns) -> Iterator[Match]:
    """Letters set apart, text turned round, letters moved by thirteen."""
    text = skeleton.text
    for run in _SET_APART.finditer(text):
        joined = re.sub(r"[^a-z0-9]", "", run.group())
        for family in patterns.families:
            if any(pattern.search(joined) for pattern in family.compact):
                first, last = skeleton.original(*run.span())
                yield Match(start=first, end=last, why_fr=f"{family.reason_fr} (lettres séparées)")
    if not _TELLTALES.search(text):
        return
    for family, start, end in _words(text[::-1], patterns, hidden=False):
        first, last = skeleton.original(len(text) - end, len(text) - start)
        yield Match(start=first, end=last, why_fr=f"{family.reason_fr} (texte à l'envers)")
    for family, start, end in _words(codecs.encode(text, "rot13"), patterns, hidden=False):
        first, last = skeleton.original(start, end)
        yield Match(start=first, end=last, why_fr=f"{family.reason_fr} (texte codé : ROT13)")


def _is_a_mention(text: str, start: int, end: int) -> bool:
    """Whether the page quotes the passage while it speaks of attacks on a chatbot."""
    before, after = text[max(0, start - 200) : start], text[end : end + 200]
    quoted = any(
        before.rfind(opening) > before.rfind(closing) or opening == closing in before[-80:]
        for opening, closing in _QUOTES
        if closing in after
    )
    about = _ABOUT_ATTACKS.search(Skeleton(f"{before} {after}").text)
    return quoted and about is not None


def merged(matches: Iterable[Match]) -> list[Match]:
    """Ranges in order, those that overlap made one, with the reasons of both."""
    result: list[Match] = []
    for match in sorted(matches, key=lambda m: (m.start, -m.end)):
        if result and match.start < result[-1].end:
            last = result[-1]
            reasons = dict.fromkeys([*last.why_fr.split(" ; "), *match.why_fr.split(" ; ")])
            result[-1] = Match(
                start=last.start,
                end=max(last.end, match.end),
                why_fr=" ; ".join(reasons),
                announces=last.announces or match.announces,
            )
        else:
            result.append(match)
    return result
