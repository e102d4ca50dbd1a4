"""Flags what a file says to an assistant or to the assessor, wherever it stands.

A flag accuses nobody and changes no verdict by itself: it shows the passage and its place to the
assessor. A visible passage stays text; what is quoted from it is not counted as proof.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from ingest.normalising import normalise
from ingest.suspicion.covering import (
    end_of_announced,
    end_of_next,
    start_of_previous,
    with_results_beside,
)
from ingest.suspicion.homoglyphs import mixed_words
from ingest.suspicion.matching import Match, find, merged
from ingest.suspicion.patterns import Patterns, load_patterns
from ingest.types import Channel, Document, Flag, HiddenSpan, Locator

__all__ = ["flagged", "withheld_flags"]

_MIXED_FR: Final = "mot écrit avec des lettres d'un autre alphabet"
_SENTENCE_END: Final = re.compile(r"[.!?…]+[»\")\]]?\s|\n")
#: Units: characters shown of a passage, and looked at on each side of a match for its sentence.
_LONGEST: Final = 600
_SENTENCE: Final = 300
_MOST_FLAGS: Final = 300
_BETWEEN: Final = "\n"


def flagged(document: Document) -> Document:
    """The document with its flags, those of the page first. The text is left as it is."""
    patterns = load_patterns()
    flags = [
        *_visible(document, patterns),
        *_hidden(document, patterns),
        *_elsewhere(document, patterns),
    ]
    unique = dict.fromkeys(flags)
    return document.model_copy(update={"flags": tuple(unique)[:_MOST_FLAGS]})


def withheld_flags(document: Document) -> Iterator[tuple[int, int]]:
    """Half-open ranges of the visible passages that address a reader, or are in code.

    A word with a letter of another alphabet is flagged and stays: what such words say once read
    is flagged as well.
    """
    for flag in document.flags:
        if flag.start is not None and flag.end is not None and flag.reason_fr != _MIXED_FR:
            yield flag.start, flag.end


def _visible(document: Document, patterns: Patterns) -> Iterator[Flag]:
    text = document.text
    sentences = [_whole(text, match) for match in find(text, patterns, hidden=False)]
    for sentence in merged(sentences):
        yield _on_the_page(document, sentence.start, sentence.end, sentence.why_fr)
    for start, end in mixed_words(text):
        yield _on_the_page(document, start, end, _MIXED_FR)


def _whole(text: str, match: Match) -> Match:
    """The sentences around a match, and what it speaks for."""
    start, end = _sentence(text, match.start, match.end)
    if match.covers == "next":
        end = end_of_next(text, end)
    elif match.covers == "previous":
        start = start_of_previous(text, start)
    elif match.covers:
        if match.covers == "heading":
            end = end_of_announced(text, start, end)
        start, end = with_results_beside(text, start, end)
    return match.model_copy(update={"start": start, "end": end})


def _on_the_page(document: Document, start: int, end: int, reason_fr: str) -> Flag:
    blocks = document.blocks_between(start, end)
    place = blocks[0].locator if blocks else Locator(file=document.filename)
    return Flag(
        text=_shortened(document.text[start:end]),
        reason_fr=reason_fr,
        locator=place,
        visible=True,
        start=start,
        end=end,
    )


def _hidden(document: Document, patterns: Patterns) -> Iterator[Flag]:
    """Hidden texts, looked at together: a sentence may be cut into several runs."""
    spans = document.hidden
    starts: list[int] = []
    length = 0
    for span in spans:
        starts.append(length)
        length += len(span.text) + len(_BETWEEN)
    whole = _BETWEEN.join(span.text for span in spans)
    reasons: dict[int, list[str]] = {}
    for match in find(whole, patterns, hidden=True):
        first = bisect_right(starts, match.start) - 1
        last = bisect_right(starts, match.end - 1) - 1
        for index in range(first, last + 1):
            reasons.setdefault(index, []).append(match.why_fr)
    for index, span in enumerate(spans):
        if why := reasons.get(index):
            yield _off_the_page(span, " ; ".join(dict.fromkeys(why)))


def _off_the_page(span: HiddenSpan, reason_fr: str) -> Flag:
    return Flag(
        text=_shortened(span.text), reason_fr=reason_fr, locator=span.locator, visible=False
    )


def _elsewhere(document: Document, patterns: Patterns) -> Iterator[Flag]:
    """The file's name, properties, links, sheet names, descriptions of images."""
    place = Locator(file=document.filename, channel=Channel.PROPERTIES)
    known = {span.text for span in document.hidden}
    for text in dict.fromkeys(_other_texts(document)):
        if not text or text in known:
            continue
        if matches := find(text, patterns, hidden=True):
            yield Flag(
                text=_shortened(text), reason_fr=_reasons(matches), locator=place, visible=False
            )


def _other_texts(document: Document) -> Iterable[str]:
    yield normalise(document.filename)
    for name, value in document.metadata.items():
        yield normalise(value)
        yield normalise(name)
    yield from (normalise(link) for link in document.links)
    yield from (normalise(image.alt_text) for image in document.images)
    sheets = dict.fromkeys(block.locator.sheet for block in document.blocks)
    yield from (normalise(sheet) for sheet in sheets if sheet)


def _reasons(matches: Iterable[Match]) -> str:
    return " ; ".join(dict.fromkeys(match.why_fr for match in matches))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The least whole sentences around a range, within reason."""
    low = max(0, start - _SENTENCE)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, start)]
    first = ends[-1] if ends else low
    high = min(len(text), end + _SENTENCE)
    # From the range's last character, which may be the end of the sentence itself.
    following = _SENTENCE_END.search(text, max(start, end - 1), high)
    last = following.end() if following else high
    return first, first + len(text[first:last].rstrip())


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
