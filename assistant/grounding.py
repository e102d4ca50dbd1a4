"""Finds a judge's quotes again in the candidate's text, or rejects them.

What is shown is always the slice of the document, never the judge's wording. A quote is found
when it stands in the text once typography is folded (case, spaces, quotation marks, dashes,
table separators), or nearly: what separates its words may differ, or a few letters, never a
number, a negation or a word's meaning.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, Literal

from rapidfuzz import fuzz

from assistant.domain.finding import Evidence, RejectedQuote
from assistant.domain.rubric import GroundingThresholds
from assistant.plain_wording import plain_wording
from assistant.same_words import (
    WordSequence,
    leaves_a_negation_out,
    same_meaning,
    whole_sense,
)
from ingest.types import Document

#: Part of every finding's key: raise the number when a quote is found or shown otherwise.
VERSION: Final = "citations/3"
_ELISION: Final = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\))\s*")
#: An elision that nothing brackets; a file may hold one too, and is searched for it first.
_OPEN_ELISION: Final = re.compile(r"\s+(?:…|\.\.\.)\s+")
_EDGES: Final = " \n\t«»\"“”„‟'‘’.…,;:"
_SAME: Final = str.maketrans(
    {c: "'" for c in "’‘‛ʼ´`′"}
    | {c: '"' for c in "«»“”„‟″"}
    | {c: "-" for c in "‐‑‒–—―−"}
    | {c: " " for c in "|•▪●◦·"}
    | {"…": "...", "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "×": "x"}
)
_SENTENCE_END: Final = re.compile(r"[.!?]\s|\n")
_NUMBER: Final = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*")
_LONGEST_NUMBER: Final = 24
_WINDOW: Final = 60


class FoldedText:
    """A text with its typography folded, and the way back to the original offsets."""

    def __init__(self, text: str) -> None:
        chars: list[str] = []
        self._source = text
        self._origin: list[int] = []
        for position, char in enumerate(text):
            for folded in _fold_char(char):
                if folded == " " and (not chars or chars[-1] in ' "'):
                    continue
                if folded == '"' and chars and chars[-1] == " ":  # « mot » and "mot" are one
                    chars.pop()
                    self._origin.pop()
                chars.append(folded)
                self._origin.append(position)
        self.text = "".join(chars)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original text that a non-empty folded range stands for."""
        while end > start + 1 and self.text[end - 1] == " ":
            end -= 1
        return self._origin[start], self._origin[end - 1] + 1

    def cuts_before(self, position: int) -> bool:
        """Whether a quote starting there would start inside a word or a number."""
        return position < len(self._origin) and _inside_token(self._source, self._origin[position])

    def cuts_after(self, position: int) -> bool:
        """Whether a quote ending there would end inside a word or a number."""
        return position > 0 and _inside_token(self._source, self._origin[position - 1] + 1)

    def widen(self, start: int, end: int) -> tuple[int, int]:
        """The least range around this one that cuts no word and no number."""
        while start > 0 and self.cuts_before(start):
            start -= 1
        while end < len(self.text) and self.cuts_after(end):
            end += 1
        return start, end

    def find_whole(self, wanted: str) -> int | None:
        """Where the folded quote stands with whole words and numbers at both ends."""
        start = self.text.find(wanted)
        while start != -1:
            if not self.cuts_before(start) and not self.cuts_after(start + len(wanted)):
                return start
            start = self.text.find(wanted, start + 1)
        return None


def _inside_token(text: str, cut: int) -> bool:
    """Whether that position of the original text is inside a word or a number (« 9 600 »).

    Seen in the original, where two cells of a table (« 12 | 600 ») are two numbers.
    """
    if not 0 < cut < len(text):
        return False
    if text[cut - 1].isalnum() and text[cut].isalnum():
        return True
    first = max(0, cut - _LONGEST_NUMBER)
    around = _NUMBER.finditer(text, first, cut + _LONGEST_NUMBER)
    return any(number.start() < cut < number.end() for number in around)


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    same = char.translate(_SAME).casefold()
    return " " if same.isspace() else same


def _fold(text: str) -> str:
    return FoldedText(text).text.strip()


class Grounder:
    """Searches quotes in a fixed set of deliverables.

    `elsewhere` maps a French name (« le brief ») to texts that are not the candidate's: a quote
    found only there is rejected with that reason.
    """

    def __init__(
        self,
        deliverables: Sequence[Document],
        thresholds: GroundingThresholds,
        elsewhere: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._documents = [(document, FoldedText(document.text)) for document in deliverables]
        self._by_hash = {document.sha256: document for document in deliverables}
        self._thresholds = thresholds
        self._elsewhere = [(name, _fold(text)) for name, text in elsewhere]

    def ground(
        self, quotes: Iterable[str]
    ) -> tuple[tuple[Evidence, ...], tuple[RejectedQuote, ...]]:
        """Split quotes into what stands in the deliverables and what does not.

        A quote with an elision (« [...] ») is searched piece by piece; one missing piece rejects
        the whole of it, and so does a negation left out between two of them.
        """
        evidence: dict[tuple[str, int, int], Evidence] = {}
        rejected: dict[str, RejectedQuote] = {}
        for quote in quotes:
            found = self._found(quote)
            kept = [item for item in found if isinstance(item, Evidence)]
            refusals = [item for item in found if isinstance(item, str)]
            refusals += self._turned_round(kept)
            if refusals or not kept:
                reason = refusals[0] if refusals else "citation vide"
                rejected[quote] = RejectedQuote(quote=quote, reason_fr=reason)
                continue
            for item in map(self._in_its_sense, kept):
                evidence[item.sha256, item.start, item.end] = item
        return tuple(evidence.values()), tuple(rejected.values())

    def _found(self, quote: str) -> list[Evidence | str]:
        """What becomes of each piece of a quote; as it is written, else without codes."""
        found = self._found_as_written(quote)
        plain = plain_wording(quote)
        if plain == quote or not any(isinstance(piece, str) for piece in found):
            return found
        return self._found_as_written(plain)

    def _found_as_written(self, quote: str) -> list[Evidence | str]:
        """The whole of it comes before its pieces."""
        found = [self._find(piece) for piece in self._pieces(quote, _ELISION)]
        if len(found) == 1 and isinstance(found[0], str):
            parts = [self._find(piece) for piece in self._pieces(quote, _OPEN_ELISION)]
            if len(parts) > 1 and all(isinstance(part, Evidence) for part in parts):
                return parts
        return found

    def _in_its_sense(self, item: Evidence) -> Evidence:
        """With the negation or the end of a range that a quote left just outside."""
        document = self._by_hash[item.sha256]
        blocks = document.blocks_between(item.start, item.end)
        first, last = min(blocks[0].start, item.start), max(blocks[-1].end, item.end)
        start, end = whole_sense(document.text, item.start, item.end, first, last)
        if (start, end) == (item.start, item.end):
            return item
        return evidence_at(document, start, end, item.match)

    def _turned_round(self, pieces: Sequence[Evidence]) -> list[str]:
        """Why pieces that an elision joins cannot be shown as one sentence; empty when they can."""
        for left, right in pairwise(pieces):
            if left.sha256 == right.sha256 and left.end <= right.start:
                between = self._by_hash[left.sha256].text[left.end : right.start]
                left_out = _SENTENCE_END.split(between)[-1]  # of the sentence that goes on
                if leaves_a_negation_out(_fold(left_out)):
                    return ["citation coupée là où le livrable dit une négation"]
        return []

    @staticmethod
    def _pieces(quote: str, elision: re.Pattern[str]) -> list[str]:
        pieces = (piece.strip(_EDGES) for piece in elision.split(quote))
        return [piece for piece in pieces if piece]

    def _find(self, quote: str) -> Evidence | str:
        wanted = _fold(unicodedata.normalize("NFC", quote))  # as `ingest` normalises its text
        if len(wanted) < self._thresholds.min_characters:
            return "citation trop courte pour prouver quelque chose"
        for document, folded in self._documents:
            if (start := folded.find_whole(wanted)) is not None:
                return _evidence(document, folded, start, start + len(wanted), "exact")
        if (found := self._same_words(quote)) is not None:
            return found
        for document, folded in self._documents:
            if (place := self._near(folded, wanted)) is not None:
                return _evidence(document, folded, *place, "proche")
        for name, text in self._elsewhere:
            if wanted in text:
                return f"citation qui vient d'ailleurs ({name}), pas du livrable"
        return "citation introuvable dans le livrable"

    def _same_words(self, quote: str) -> Evidence | None:
        words = WordSequence(unicodedata.normalize("NFC", quote))
        if len(words) < self._thresholds.min_characters:
            return None
        for document, sequence in self._sequences:
            if (span := sequence.find(words)) is not None:
                return evidence_at(document, *span, "proche")
        return None

    @cached_property
    def _sequences(self) -> list[tuple[Document, WordSequence]]:
        return [(document, WordSequence(document.text)) for document, _ in self._documents]

    def _near(self, folded: FoldedText, wanted: str) -> tuple[int, int] | None:
        """The folded range most like the quote, when nothing that matters differs."""
        text = folded.text
        if len(wanted) > len(text) + _WINDOW:
            return None
        alignment = fuzz.partial_ratio_alignment(
            wanted, text, score_cutoff=self._thresholds.near_ratio
        )
        if alignment is None or alignment.dest_end <= alignment.dest_start:
            return None
        start, end = folded.widen(alignment.dest_start, alignment.dest_end)
        candidate = text[start:end]
        if fuzz.ratio(wanted, candidate) < self._thresholds.near_ratio:
            return None
        return (start, end) if same_meaning(wanted, candidate) else None


def _evidence(
    document: Document,
    folded: FoldedText,
    start: int,
    end: int,
    match: Literal["exact", "proche"],
) -> Evidence:
    first, last = folded.original(start, end)
    return evidence_at(document, first, last, match)


def evidence_at(
    document: Document, start: int, end: int, match: Literal["exact", "proche"] = "exact"
) -> Evidence:
    """The evidence that a range of a document's text stands for. Raises `ValueError` if empty."""
    blocks = document.blocks_between(start, end)
    if not blocks:
        raise ValueError("no block stands there")
    return Evidence(
        quote=document.text[start:end],
        filename=document.filename,
        sha256=document.sha256,
        start=start,
        end=end,
        locator=blocks[0].locator,
        place_fr=str(blocks[0].locator),
        match=match,
    )
