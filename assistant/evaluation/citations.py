"""Finds a gold citation in the extracted text, wherever it stands."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from assistant.grounding import FoldedText
from ingest.types import Channel, Document, Frozen

_ELISION: Final = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\))\s*")
#: Normalised Indel similarity, 0 to 100, from which recognised text counts as the citation.
_OCR_RATIO: Final = 85.0


class Span(Frozen):
    """A range of a document's text. Units: see `ingest.types.Block`."""

    sha256: str
    start: int
    end: int

    def overlaps(self, sha256: str, start: int, end: int) -> bool:
        return self.sha256 == sha256 and self.start < end and start < self.end


def locate(citation: str, document: Document) -> tuple[Span, ...]:
    """Every place where the citation stands, typography folded; none when it is not there.

    A citation with an elision (« [...] ») is found when each of its pieces is. Text recognised in
    an image is compared with tolerance: its letters are the recogniser's.
    """
    spans: list[Span] = []
    for piece in filter(None, (piece.strip() for piece in _ELISION.split(citation))):
        found = list(_occurrences(piece, document)) or list(_recognised(piece, document))
        if not found:
            return ()
        spans += found
    return tuple(spans)


def _occurrences(piece: str, document: Document) -> Iterator[Span]:
    folded, wanted = _folded(document.text), FoldedText(piece).text.strip()
    start = folded.text.find(wanted) if wanted else -1
    while start != -1:
        yield _span(document, folded, start, start + len(wanted))
        start = folded.text.find(wanted, start + 1)


def _recognised(piece: str, document: Document) -> Iterator[Span]:
    if not any(block.locator.channel is Channel.OCR for block in document.blocks):
        return
    folded, wanted = _folded(document.text), FoldedText(piece).text.strip()
    found = fuzz.partial_ratio_alignment(wanted, folded.text, score_cutoff=_OCR_RATIO)
    if found is not None and found.dest_end > found.dest_start and len(wanted) <= len(folded.text):
        yield _span(document, folded, found.dest_start, found.dest_end)


def _span(document: Document, folded: FoldedText, start: int, end: int) -> Span:
    first, last = folded.original(start, end)
    return Span(sha256=document.sha256, start=first, end=last)


@lru_cache(maxsize=32)
def _folded(text: str) -> FoldedText:
    return FoldedText(text)
