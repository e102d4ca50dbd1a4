"""Finds suspicious passages in one text."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ingest.suspicion.decoding import decoded
from ingest.suspicion.patterns import Covers, Family, LazyPattern, Patterns
from ingest.suspicion.skeleton import Skeleton
from ingest.types import Frozen

#: Units: characters of the skeleton looked at on each side of a key word.
_AROUND: Final = 240
#: Words whose letters or syllables are set apart: « i g n o r e z », or run together.
_SET_APART: Final = re.compile(
    r"(?:\b[a-z0-9]{1,4}\b(?:\s[.:])?(?:\s|$)){7,}+|\b[a-z0-9]{18,400}\b"
)
#: Of four words or more.
_CLAUSE: Final = re.compile(r"[^ .:\n]+(?: [^ .:\n]+){3,}")
_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]")
_CODED_FR: Final = "texte codé"
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

    `covers`: what else of the page it speaks for; see the head of the patterns' file.
    """

    start: int
    end: int
    why_fr: str
    covers: Covers = ""


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
            yield Match(start=first, end=last, why_fr=family.reason_fr, covers=family.covers)
    for meeting in patterns.languages.meetings(text, skeleton):
        why_fr = patterns.family(meeting.family).reason_fr
        yield Match(start=meeting.start, end=meeting.end, why_fr=why_fr)
    yield from _last_word_first(skeleton, patterns)
    yield from _set_apart(skeleton, patterns)
    if codes:
        yield from _rewritten(text, patterns, codes - 1)
        yield from _encoded(text, patterns, codes - 1)
        yield from _strange(text, patterns)


def _raw(text: str, patterns: Patterns, *, hidden: bool) -> Iterator[Match]:
    for family in patterns.families:
        for pattern in (*family.raw, *(family.hidden_raw if hidden else ())):
            for match in pattern.finditer(text):
                yield Match(
                    start=match.start(),
                    end=match.end(),
                    why_fr=family.reason_fr,
                    covers=family.covers,
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


def _last_word_first(skeleton: Skeleton, patterns: Patterns) -> Iterator[Match]:
    """Sentences whose words stand in the opposite order: « acquis attribuez »."""
    for window in _windows(skeleton.text, patterns.keys):
        for clause in _CLAUSE.finditer(skeleton.text, *window):
            if patterns.business.search(clause.group()):
                continue
            turned = " ".join(reversed(clause.group().split(" ")))
            for family, start, end in patterns.in_order(turned, 0, len(turned), hidden=False):
                first, last = skeleton.original(clause.end() - end, clause.end() - start)
                why_fr = f"{family.reason_fr} (mots dans l'ordre inverse)"
                yield Match(start=first, end=last, why_fr=why_fr)


def _set_apart(skeleton: Skeleton, patterns: Patterns) -> Iterator[Match]:
    """Letters or syllables set apart, words run together."""
    for run in _SET_APART.finditer(skeleton.text):
        joined = _NOT_LETTERS.sub("", run.group())
        families = (f for f in patterns.families if any(p.search(joined) for p in f.compact))
        if family := next(families, None):
            why_fr = family.reason_fr
        elif patterns.telling.in_letters(joined):
            why_fr = patterns.family("award-verdict").reason_fr
        else:
            continue
        first, last = skeleton.original(run.start(), run.start() + len(run.group().rstrip()))
        yield Match(start=first, end=last, why_fr=f"{why_fr} (lettres séparées ou collées)")


def _rewritten(text: str, patterns: Patterns, codes: int) -> Iterator[Match]:
    """Alphabets moved or turned, words turned round, digits for letters."""
    for reading in patterns.alphabets.readings(text):
        matches = find(reading.text, patterns, hidden=True, codes=codes)
        for match in matches:
            start, end = reading.place(match.start, match.end)
            yield Match(start=start, end=end, why_fr=f"{match.why_fr} ({reading.how_fr})")
        if not matches and (span := patterns.telling.span(reading.text)):
            why_fr = f"{patterns.family('award-verdict').reason_fr} ({reading.how_fr})"
            start, end = reading.place(*span)
            yield Match(start=start, end=end, why_fr=why_fr)


def _strange(text: str, patterns: Patterns) -> Iterator[Match]:
    """Lines in an alphabet moved or turned, whatever they say."""
    for reading in patterns.alphabets.strange_lines(text):
        start, end = reading.place(0, len(reading.text))
        why_fr = f"{patterns.family('coded').reason_fr} ({reading.how_fr})"
        yield Match(start=start, end=end, why_fr=why_fr)


def _encoded(text: str, patterns: Patterns, codes: int) -> Iterator[Match]:
    """Whole passages in a code, which are flagged whole."""
    for part in decoded(text):
        matches = find(part.text, patterns, hidden=True, codes=codes)
        for match in matches:
            why_fr = f"{match.why_fr} ({_CODED_FR} : {part.code_fr})"
            yield Match(start=part.start, end=part.end, why_fr=why_fr)
        if not matches and not part.everyday and patterns.telling.anywhere(part.text):
            why_fr = patterns.family("award-verdict").reason_fr
            why_fr = f"{why_fr} ({_CODED_FR} : {part.code_fr})"
            yield Match(start=part.start, end=part.end, why_fr=why_fr)


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
                covers=last.covers or match.covers,
            )
        else:
            result.append(match)
    return result
