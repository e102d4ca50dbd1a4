"""Finds every place of a file where a quote stands."""

from collections.abc import Iterator
from typing import Final, Literal

from rapidfuzz import fuzz

from assistant.domain.certification import GroundingThresholds
from assistant.grounding import FoldedText, Grounder, evidence_at
from ingest.types import Box, Channel, Document, Frozen, HiddenSpan, Locator

#: Recognised text has a wrong letter here and there; what a person typed has not.
_RECOGNISED_RATIO: Final = 85.0
_FEWEST_CHARACTERS: Final = 3
_MOST_PLACES: Final = 50


class Place(Frozen):
    """Where a quote stands.

    `match`: « exact » once typography is folded, « proche » when letters differ, « reconnu » when
    they differ in a text recognised in an image, « hors page » in what the page does not show.
    `found` is the file's own wording; `locators` are those of all the blocks it touches, the first
    one being the place. Units: `start`, `end` in `Document.text`, None off the page; `boxes` are
    those of the blocks.
    """

    match: Literal["exact", "proche", "reconnu", "hors page"]
    found: str
    place_fr: str
    locators: tuple[Locator, ...]
    boxes: tuple[Box, ...] = ()
    start: int | None = None
    end: int | None = None
    reason_fr: str = ""


def locate(
    document: Document, quote: str, thresholds: GroundingThresholds | None = None
) -> tuple[Place, ...]:
    """The places of a quote in reading order; near ones only when there is no exact one.

    What the page does not show is searched last: such a quote proves nothing.
    """
    wanted = FoldedText(quote).text.strip()
    if len(wanted) < _FEWEST_CHARACTERS:
        return ()
    folded = FoldedText(document.text)
    exact = [_on_the_page(document, start, end, "exact") for start, end in _exact(folded, wanted)]
    if exact:
        return tuple(exact[:_MOST_PLACES])
    near = _near(document, quote, thresholds or GroundingThresholds())
    return tuple(near or _recognised(document, folded, wanted) or _hidden(document, wanted))


def _exact(folded: FoldedText, wanted: str) -> Iterator[tuple[int, int]]:
    """Ranges of the document's text that say the quote, whole words at both ends."""
    start = folded.text.find(wanted)
    while start != -1:
        end = start + len(wanted)
        if not folded.cuts_before(start) and not folded.cuts_after(end):
            yield folded.original(start, end)
        start = folded.text.find(wanted, start + 1)


def _near(document: Document, quote: str, thresholds: GroundingThresholds) -> list[Place]:
    evidence, _ = Grounder([document], thresholds).ground([quote])
    return [
        _on_the_page(
            document,
            *_trimmed(document.text, item.start, item.end),
            "exact" if item.match == "exact" else "proche",
        )
        for item in sorted(evidence, key=lambda item: item.start)
    ]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A range without the marks and line breaks at its ends, which may be another block's."""
    while start < end - 1 and not text[start].isalnum():
        start += 1
    while end > start + 1 and not text[end - 1].isalnum():
        end -= 1
    return start, end


def _recognised(document: Document, folded: FoldedText, wanted: str) -> list[Place]:
    """The nearest passage, when it stands wholly in text recognised in an image."""
    nearest = fuzz.partial_ratio_alignment(wanted, folded.text, score_cutoff=_RECOGNISED_RATIO)
    if nearest is None or nearest.dest_end <= nearest.dest_start:
        return []
    widened = folded.widen(nearest.dest_start, nearest.dest_end)
    start, end = _trimmed(document.text, *folded.original(*widened))
    blocks = document.blocks_between(start, end)
    if not blocks or any(block.locator.channel is not Channel.OCR for block in blocks):
        return []
    return [_on_the_page(document, start, end, "reconnu")]


def _hidden(document: Document, wanted: str) -> list[Place]:
    spans = [span for span in document.hidden if wanted in FoldedText(span.text).text]
    return [_off_the_page(span) for span in spans[:_MOST_PLACES]]


def _on_the_page(
    document: Document, start: int, end: int, match: Literal["exact", "proche", "reconnu"]
) -> Place:
    blocks = document.blocks_between(start, end)
    evidence = evidence_at(document, start, end)
    return Place(
        match=match,
        found=evidence.quote,
        place_fr=evidence.place_fr,
        locators=tuple(block.locator for block in blocks),
        boxes=tuple(box for block in blocks for box in block.boxes),
        start=start,
        end=end,
    )


def _off_the_page(span: HiddenSpan) -> Place:
    return Place(
        match="hors page",
        found=span.text,
        place_fr=str(span.locator),
        locators=(span.locator,),
        reason_fr=span.reason.value,
    )
