"""What ingestion produces: documents whose every block knows its place.

All offsets count Unicode code points in `Document.text`, half-open. The text is normalised once,
here (NFC, one kind of space, no control characters), so that every later search and every quote
speaks of the same characters.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Frozen(BaseModel):
    """Base of every domain type: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFile(Frozen):
    """A file as it was handed in. `sha256` identifies its bytes everywhere afterwards."""

    filename: str
    data: bytes = Field(repr=False)
    sha256: str

    @classmethod
    def from_path(cls, path: Path) -> Self:
        """Read a file. Raises `OSError` as `Path.read_bytes` does."""
        return cls.from_bytes(unicodedata.normalize("NFC", path.name), path.read_bytes())

    @classmethod
    def from_bytes(cls, filename: str, data: bytes) -> Self:
        return cls(filename=filename, data=data, sha256=hashlib.sha256(data).hexdigest())

    @property
    def suffix(self) -> str:
        """The extension in lower case, with its dot: `.docx`."""
        return Path(self.filename).suffix.lower()


class Channel(StrEnum):
    """By which way a text reaches a reader. Only what is read on the page can be evidence."""

    BODY = "corps"
    TEXT_BOX = "zone de texte"
    FOOTNOTE = "note de bas de page"
    ENDNOTE = "note de fin"
    HEADER = "en-tête"
    FOOTER = "pied de page"
    SPEAKER_NOTES = "commentaires du présentateur"
    CHART = "graphique"
    OCR = "texte reconnu dans une image"
    ALT_TEXT = "texte alternatif"
    COMMENT = "commentaire"
    DELETED = "suppression suivie"
    PROPERTIES = "propriétés du fichier"
    HIDDEN = "texte masqué"


#: Channels whose text a reader of the document sees: these make up `Document.text`.
VISIBLE_CHANNELS: Final = frozenset(
    {
        Channel.BODY,
        Channel.TEXT_BOX,
        Channel.FOOTNOTE,
        Channel.ENDNOTE,
        Channel.HEADER,
        Channel.FOOTER,
        Channel.SPEAKER_NOTES,
        Channel.CHART,
        Channel.OCR,
    }
)


class Box(Frozen):
    """A rectangle on a page: fractions (0 to 1) of its width and height, origin top left."""

    page: int = Field(ge=1)
    left: float
    top: float
    right: float
    bottom: float


class Locator(Frozen):
    """Where a passage stands, in terms a person can follow and a program can open.

    Units: `page`, `slide`, `table`, `row`, `column` and `paragraph` count from 1; `cell` is a
    spreadsheet reference such as `C14`. What a format does not know stays None (a .docx has no
    pages before it is laid out).
    """

    file: str
    page: int | None = None
    slide: int | None = None
    sheet: str | None = None
    heading_path: tuple[str, ...] = ()
    table: int | None = None
    row: int | None = None
    column: int | None = None
    cell: str | None = None
    paragraph: int | None = None
    note: str | None = None
    channel: Channel = Channel.BODY

    def __str__(self) -> str:
        """« veille.pdf, page 4, § Sources, tableau 2, ligne 3, colonne 1 »."""
        return ", ".join([self.file, *self._place(), *self._table_place(), *self._text_place()])

    def _place(self) -> list[str]:
        parts = []
        if self.page is not None:
            parts.append(f"page {self.page}")
        if self.slide is not None:
            parts.append(f"diapositive {self.slide}")
        if self.sheet is not None:
            parts.append(f"{self.sheet}!{self.cell}" if self.cell else f"feuille « {self.sheet} »")
        if self.heading_path:
            parts.append("§ " + " › ".join(self.heading_path))
        return parts

    def _table_place(self) -> list[str]:
        if self.table is None or self.cell is not None:
            return []
        named = (("tableau", self.table), ("ligne", self.row), ("colonne", self.column))
        return [f"{name} {number}" for name, number in named if number is not None]

    def _text_place(self) -> list[str]:
        parts = []
        if self.note is not None:
            return [f"note {self.note}"]
        if self.paragraph is not None and self.table is None and self.cell is None:
            parts.append(f"paragraphe {self.paragraph}")
        if self.channel is not Channel.BODY:
            parts.append(self.channel.value)
        return parts


class BlockKind(StrEnum):
    """What a block is on the page."""

    HEADING = "titre"
    PARAGRAPH = "paragraphe"
    LIST_ITEM = "élément de liste"
    TABLE_CELL = "cellule"


class Block(Frozen):
    """A paragraph, a heading, a list item or one table cell, with its place.

    Units: `start`, `end` in `Document.text`; `level` is 1 for the highest heading (and the
    nesting depth, from 1, of a list item), None elsewhere. Cells of one table row follow each
    other in column order; a merged cell appears once, at its top left corner. `formula` is what
    a spreadsheet cell computes (« =D2/B2 », in the file's English names), its text the result.
    """

    kind: BlockKind
    text: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int
    locator: Locator
    level: int | None = None
    boxes: tuple[Box, ...] = ()
    formula: str | None = None

    @model_validator(mode="after")
    def _range_spans_text(self) -> Self:
        if self.end - self.start != len(self.text):
            raise ValueError("start/end must span exactly the block's text")
        return self


class HiddenReason(StrEnum):
    """Why a text is kept out of evidence and out of prompts."""

    VANISHED = "texte masqué (attribut « masqué »)"
    NEAR_BACKGROUND = "texte de la couleur du fond"
    TINY = "texte minuscule"
    OFF_PAGE = "texte hors de la page"
    INVISIBLE_RENDERING = "texte invisible du PDF"
    COVERED = "texte sous une image"
    HIDDEN_SHEET = "feuille masquée"
    HIDDEN_ROW_OR_COLUMN = "ligne ou colonne masquée"
    HIDDEN_SLIDE = "diapositive masquée"
    COMMENT = "commentaire"
    DELETED = "suppression suivie"
    PROPERTY = "propriété du fichier"
    ALT_TEXT = "texte alternatif"
    INVISIBLE_CHARACTERS = "caractères invisibles"
    MARKUP = "balisage non affiché"


class HiddenSpan(Frozen):
    """Text that is in the file but not on the page: shown to the assessor, never believed."""

    text: str
    reason: HiddenReason
    locator: Locator


class ImageInfo(Frozen):
    """An image of the document. Units: pixels; None where the format does not tell."""

    locator: Locator
    alt_text: str = ""
    width: int | None = None
    height: int | None = None
    content_type: str = ""
    sha256: str = ""
    bytes_count: int | None = None


class UnreadPart(Frozen):
    """A part that could not be read: no absence may be concluded about it.

    `weight` is its share of the document, 0 to 1 (one page of ten: 0.1).
    """

    locator: Locator
    reason_fr: str
    weight: float = Field(ge=0, le=1)


class Flag(Frozen):
    """A passage that speaks to an assistant or to the assessor rather than of the work.

    Units: `start`, `end` in `Document.text` when `visible`; None elsewhere (hidden text,
    properties, file names).
    Source: `ingest.suspicion`, once the document is read.
    """

    text: str
    reason_fr: str
    locator: Locator
    visible: bool
    start: int | None = None
    end: int | None = None

    @model_validator(mode="after")
    def _visible_ones_have_a_range(self) -> Self:
        if self.visible != (self.start is not None and self.end is not None):
            raise ValueError("a visible flag has a range in the text, the others have none")
        return self


class PageSize(Frozen):
    """A page's size in points (1/72 inch)."""

    width: float
    height: float


class Document(Frozen):
    """A file's visible text as ordered blocks, and what is known of all the rest.

    Units: see `Block`. `unit_count` counts what `unit_name_fr` names (pages, diapositives,
    feuilles), None where the format has none. `metadata` holds the file's properties as strings.
    Source: built by a reader of `ingest.formats` through `DocumentBuilder`.
    """

    filename: str
    sha256: str
    format: str
    text: str = Field(repr=False)
    blocks: tuple[Block, ...] = Field(repr=False)
    hidden: tuple[HiddenSpan, ...] = ()
    flags: tuple[Flag, ...] = ()
    images: tuple[ImageInfo, ...] = ()
    unread: tuple[UnreadPart, ...] = ()
    links: tuple[str, ...] = ()
    warnings_fr: tuple[str, ...] = ()
    metadata: dict[str, str] = {}
    unit_name_fr: str | None = None
    unit_count: int | None = None
    page_sizes: tuple[PageSize, ...] = ()
    ocr_confidence: dict[int, float] = {}  # page number → mean word confidence, 0 to 100

    @model_validator(mode="after")
    def _blocks_are_slices_in_order(self) -> Self:
        cursor = 0
        for block in self.blocks:
            if block.start < cursor or self.text[block.start : block.end] != block.text:
                raise ValueError("blocks must be slices of the document's text, in its order")
            cursor = block.end
        return self

    @property
    def coverage(self) -> float:
        """Share of the document that was read, 0 to 1."""
        return max(0.0, 1.0 - sum(part.weight for part in self.unread))

    @property
    def headings(self) -> tuple[Block, ...]:
        """The outline, in reading order."""
        return tuple(block for block in self.blocks if block.kind is BlockKind.HEADING)

    @property
    def word_count(self) -> int:
        return len(self.text.split())

    def blocks_between(self, start: int, end: int) -> tuple[Block, ...]:
        """The blocks that a range of the text touches, in order."""
        return tuple(block for block in self.blocks if block.start < end and block.end > start)


class Chunk(Frozen):
    """A passage of a document, small enough to cite and large enough to judge.

    Units: as for `Block`. `id` is unique within a dossier. `locator` is that of the first block.
    Source: cut by `ingest.chunking.split`, never edited afterwards.
    """

    id: str
    sha256: str  # of the file
    text: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int
    locator: Locator

    @model_validator(mode="after")
    def _range_spans_text(self) -> Self:
        if self.end - self.start != len(self.text):
            raise ValueError("start/end must span exactly the chunk's text")
        return self


_SPACES: Final = re.compile(r"[^\S\n]+")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
#: A regional flag (England, Scotland…): a black flag and tags that name the region.
_FLAG_EMOJI: Final = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: More marks over one letter than any script writes: ordering them takes a quadratic time.
_COMBINING: Final = "".join(
    char for char in map(chr, range(0x300, 0x3100)) if unicodedata.combining(char)
)
_PILED_MARKS: Final = re.compile(f"([{_COMBINING}]{{30}})[{_COMBINING}]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")


def normalise(text: str) -> str:
    r"""The one normal form of extracted text.

    NFC; every run of spaces (no-break and thin ones included) becomes one space; line breaks
    stay single `\n`; zero-width, bidirectional, tag and control characters go (a reader that
    meets them records a `HiddenSpan`: see `invisible_characters`); halves of a character that
    nothing can store become « \ufffd »; of the marks piled on a letter, thirty stay.
    """
    text = _PILED_MARKS.sub(r"\1", text)
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text.replace("\u2028", "\n").replace("\x0b", "\n"))
    text = _CONTROLS.sub("", text.replace("\t", " "))
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def invisible_characters(text: str) -> str:
    """The characters `normalise` drops that can carry a message or reorder one.

    Soft hyphens, a leading byte-order mark, the joiners of emoji sequences and the tags of flags
    are ordinary and not reported.
    """
    found = _INVISIBLE.findall(_FLAG_EMOJI.sub("", text.replace("\u00ad", "").lstrip("\ufeff")))
    return "".join(char for char in found if char != "\u200d")


def _refuse_too_much(length: int) -> None:
    if length > MAX_CHARACTERS:
        raise TooMuchText(f"{length} characters")


def tag_message(invisible: str) -> str:
    """What tag characters spell: each stands, unseen, for one ASCII character."""
    return "".join(chr(ord(char) - 0xE0000) for char in invisible if "\U000e0020" <= char)


#: Units: characters of one document, hidden ones apart: more than eight thousand pages.
MAX_CHARACTERS: Final = 20_000_000


class TooMuchText(Exception):
    """A document grows beyond `MAX_CHARACTERS`: a few bytes repeated without end."""


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
