"""How a reader makes a document: block after block, in reading order."""

from collections.abc import Iterable
from typing import Final

from ingest.amounts import amounts
from ingest.normalising import invisible_characters, normalise, tag_message
from ingest.types import (
    Block,
    BlockKind,
    Box,
    Document,
    HiddenReason,
    HiddenSpan,
    ImageInfo,
    Locator,
    PageSize,
    SourceFile,
    UnreadPart,
)


class TooMuchText(Exception):
    """A document grows beyond its bound, hidden text apart: a few bytes repeated without end."""


class DocumentBuilder:
    """Accumulates blocks in reading order and keeps the offsets exact.

    Cells of one table row are joined by « | », everything else by a line break, so that a table
    row reads as one line of `Document.text`.
    """

    CELL_SEPARATOR: Final = " | "

    def __init__(self, file: SourceFile, *, format_name: str) -> None:
        self._file = file
        self._format = format_name
        self._pieces: list[str] = []
        self._length = 0
        self._hidden_length = 0
        self.blocks: list[Block] = []
        self.hidden: list[HiddenSpan] = []
        self.images: list[ImageInfo] = []
        self.unread: list[UnreadPart] = []
        self.links: list[str] = []
        self.warnings_fr: list[str] = []
        self.metadata: dict[str, str] = {}
        self.unit_name_fr: str | None = None
        self.unit_count: int | None = None
        self.page_sizes: list[PageSize] = []
        self.ocr_confidence: dict[int, float] = {}

    @property
    def file_size(self) -> int:
        """Of the file that is read, in bytes."""
        return len(self._file.data)

    def add(
        self,
        kind: BlockKind,
        text: str,
        locator: Locator,
        *,
        level: int | None = None,
        boxes: Iterable[Box] = (),
        formula: str | None = None,
    ) -> Block | None:
        """Append a block; its text is normalised here. Returns None when nothing is left of it.

        Invisible characters are recorded as hidden on the way.
        Raises: `TooMuchText`.
        """
        if stray := invisible_characters(text):
            names = ", ".join(sorted({f"U+{ord(char):04X}" for char in stray}))
            self.hide(
                f"{len(stray)} caractère(s) invisible(s) : {names}",
                HiddenReason.INVISIBLE_CHARACTERS,
                locator,
            )
            self.hide(tag_message(stray), HiddenReason.INVISIBLE_CHARACTERS, locator)
        text = normalise(text)
        if not text:
            return None
        separator = self._separator(kind, locator)
        start = self._length + len(separator)
        self._pieces += [separator, text]
        self._length = start + len(text)
        _refuse_too_much(self._length)
        block = Block(
            kind=kind,
            text=text,
            start=start,
            end=self._length,
            locator=locator,
            level=level,
            boxes=tuple(boxes),
            formula=formula,
        )
        self.blocks.append(block)
        return block

    def hide(self, text: str, reason: HiddenReason, locator: Locator) -> None:
        """Record text that is in the file but not on the page. Raises: `TooMuchText`."""
        if text := normalise(text):
            self._hidden_length += len(text)
            _refuse_too_much(self._hidden_length)
            self.hidden.append(HiddenSpan(text=text, reason=reason, locator=locator))

    def _separator(self, kind: BlockKind, locator: Locator) -> str:
        if not self.blocks:
            return ""
        last = self.blocks[-1]
        same_row = (
            kind is BlockKind.TABLE_CELL is last.kind
            and last.locator.row == locator.row
            and (last.locator.table, last.locator.sheet, last.locator.slide)
            == (locator.table, locator.sheet, locator.slide)
        )
        return self.CELL_SEPARATOR if same_row else "\n"

    def build(self) -> Document:
        return Document(
            filename=self._file.filename,
            sha256=self._file.sha256,
            format=self._format,
            text="".join(self._pieces),
            blocks=tuple(self.blocks),
            hidden=tuple(self.hidden),
            images=tuple(self.images),
            unread=tuple(self.unread),
            links=tuple(dict.fromkeys(self.links)),
            warnings_fr=tuple(self.warnings_fr),
            metadata=dict(self.metadata),
            unit_name_fr=self.unit_name_fr,
            unit_count=self.unit_count,
            page_sizes=tuple(self.page_sizes),
            ocr_confidence=dict(self.ocr_confidence),
        )


def _refuse_too_much(length: int) -> None:
    if length > amounts().characters:
        raise TooMuchText(f"{length} characters")
