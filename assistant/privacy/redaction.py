"""A document as it may be shown: some ranges replaced, everything else word for word."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from ingest.chunking import Chunk
from ingest.types import Block, BlockKind, Document, ImageInfo, Locator, UnreadPart

_NOTHING_LEFT: Final = "…"


class Redaction(NamedTuple):
    """A half-open range of `Document.text`, and what is shown instead of it."""

    start: int
    end: int
    shown: str


class ShownDocument:
    """A document without its redacted ranges, and the way from the one to the other.

    Nothing of what the page does not show is in it: no property, no hidden text, no flag.
    `rename` is applied to the labels that a place is told with (headings, sheets).
    """

    def __init__(
        self,
        original: Document,
        redactions: Iterable[Redaction],
        *,
        filename: str,
        rename: Callable[[str], str],
    ) -> None:
        self._redactions = disjoint(redactions)
        self._ends = [redaction.end for redaction in self._redactions]
        self._shifts = _shifts(self._redactions)
        self._text = self._rewritten(original.text, 0)
        self._filename = filename
        self._rename = rename
        self._titles = self._rewritten_titles(original.blocks)
        self._labels: dict[str, str] = {}
        self.document = self._document(original)

    def position(self, original: int, *, end: bool = False) -> int:
        """Where a position of the original stands; inside a redaction, one of its two ends."""
        index = bisect_right(self._ends, original)
        shift = self._shifts[index]
        if index < len(self._redactions) and self._redactions[index].start < original:
            redaction = self._redactions[index]
            start = redaction.start + shift
            return start + len(redaction.shown) if end else start
        return original + shift

    def chunk(self, chunk: Chunk) -> Chunk | None:
        """The same passage as it is shown, under the same id; None when nothing is left of it."""
        start, end = self.position(chunk.start), self.position(chunk.end, end=True)
        if end <= start:
            return None
        return Chunk(
            id=chunk.id,
            sha256=chunk.sha256,
            text=self._text[start:end],
            start=start,
            end=end,
            locator=self._place(chunk.locator),
        )

    def _document(self, original: Document) -> Document:
        blocks = (self._block(block) for block in original.blocks)
        return Document(
            filename=self._filename,
            sha256=original.sha256,
            format=original.format,
            text=self._text,
            blocks=tuple(block for block in blocks if block is not None),
            images=tuple(self._image(image) for image in original.images),
            unread=tuple(self._unread(part) for part in original.unread),
            unit_name_fr=original.unit_name_fr,
            unit_count=original.unit_count,
            page_sizes=original.page_sizes,
            ocr_confidence=original.ocr_confidence,
        )

    def _block(self, block: Block) -> Block | None:
        start, end = self.position(block.start), self.position(block.end, end=True)
        if end <= start:
            return None
        return block.model_copy(
            update={
                "text": self._text[start:end],
                "start": start,
                "end": end,
                "locator": self._place(block.locator),
            }
        )

    def _image(self, image: ImageInfo) -> ImageInfo:
        return image.model_copy(update={"alt_text": "", "locator": self._place(image.locator)})

    def _unread(self, part: UnreadPart) -> UnreadPart:
        return part.model_copy(
            update={"locator": self._place(part.locator), "reason_fr": self._rename(part.reason_fr)}
        )

    def _place(self, locator: Locator) -> Locator:
        return locator.model_copy(
            update={
                "file": self._filename,
                "sheet": None if locator.sheet is None else self._label(locator.sheet),
                "heading_path": tuple(self._label(title) for title in locator.heading_path),
            }
        )

    def _label(self, label: str) -> str:
        """A title is told with every passage that stands under it: it is read once."""
        shown = self._labels.get(label)
        if shown is None:
            shown = self._titles.get(label) or self._rename(label)
            self._labels[label] = shown
        return shown

    def _rewritten_titles(self, blocks: Iterable[Block]) -> dict[str, str]:
        """Each heading that a redaction touches, and what is shown of it."""
        titles: dict[str, str] = {}
        for block in blocks:
            start, end = self.position(block.start), self.position(block.end, end=True)
            shown = self._text[start:end]
            if block.kind is BlockKind.HEADING and shown != block.text:
                titles[block.text] = self._rename(shown) or _NOTHING_LEFT
        return titles

    def _rewritten(self, text: str, cursor: int) -> str:
        pieces: list[str] = []
        for start, end, shown in self._redactions:
            pieces += [text[cursor:start], shown]
            cursor = end
        return "".join([*pieces, text[cursor:]])


def disjoint(redactions: Iterable[Redaction]) -> tuple[Redaction, ...]:
    """Redactions in order; of those that overlap, the first given wins what it covers.

    What is left of the others is shown as they say: a name partly inside a withheld sentence
    must not reappear.
    """
    kept: list[Redaction] = []
    for redaction in redactions:
        overlapping = _overlapping(redaction, kept)
        for start, end in _uncovered(redaction.start, redaction.end, overlapping):
            insort(kept, Redaction(start, end, redaction.shown))
    return tuple(kept)


def _overlapping(redaction: Redaction, kept: Sequence[Redaction]) -> Sequence[Redaction]:
    first = max(0, bisect_left(kept, redaction) - 1)
    last = bisect_left(kept, redaction.end, key=lambda other: other.start)
    return kept[first:last]


def _uncovered(start: int, end: int, taken: Sequence[Redaction]) -> list[tuple[int, int]]:
    free = [(start, end)]
    for other in taken:
        free = [
            (low, high)
            for a, b in free
            for low, high in ((a, min(b, other.start)), (max(a, other.end), b))
            if low < high
        ]
    return free


def within_blocks(document: Document, start: int, end: int, shown: str) -> list[Redaction]:
    """The redactions that replace a range block by block, so that each stays where it was."""
    return [
        Redaction(max(start, block.start), min(end, block.end), shown)
        for block in document.blocks_between(start, end)
    ]


def _shifts(redactions: Sequence[Redaction]) -> list[int]:
    """What to add to a position that has so many redactions before it."""
    shifts = [0]
    for start, end, shown in redactions:
        shifts.append(shifts[-1] + len(shown) - (end - start))
    return shifts


def in_first_block(document: Document, start: int, end: int, token: str) -> list[Redaction]:
    """The redactions that put one token in the place of a range.

    A range over several blocks (an address on two lines) has its token in the first of them: a
    token told twice would be restored twice.
    """
    first, *rest = within_blocks(document, start, end, token) or [Redaction(start, end, token)]
    return [first, *(redaction._replace(shown="") for redaction in rest)]
