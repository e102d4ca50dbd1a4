"""What ingestion produces: documents whose every block knows its place.

All offsets count Unicode code points in `Document.text`, half-open. The text is the one that
`ingest.normalising` makes: every later search and every quote speaks of the same characters.
"""

import hashlib
import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator

from ingest.frozen import Frozen as Frozen
from ingest.frozen import Numerous


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


class Box(Numerous):
    """A rectangle on a page: fractions (0 to 1) of its width and height, origin top left."""

    page: int = Field(ge=1)
    left: float
    top: float
    right: float
    bottom: float


class Locator(Numerous):
    """Where a passage stands, in terms a person can follow and a program can open.

    Units: numbers count from 1; `cell` is a spreadsheet reference such as `C14`. What a format
    does not know stays None (a .docx has no pages before it is laid out).
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
        parts = _numbered(("page", self.page), ("diapositive", self.slide))
        if self.sheet is not None:
            parts.append(f"{self.sheet}!{self.cell}" if self.cell else f"feuille « {self.sheet} »")
        if self.heading_path:
            parts.append("§ " + " › ".join(self.heading_path))
        return parts

    def _table_place(self) -> list[str]:
        if self.table is None or self.cell is not None:
            return []
        return _numbered(("tableau", self.table), ("ligne", self.row), ("colonne", self.column))

    def _text_place(self) -> list[str]:
        if self.note is not None:
            return [f"note {self.note}"]
        in_a_table = self.table is not None or self.cell is not None
        parts = [] if in_a_table else _numbered(("paragraphe", self.paragraph))
        return parts if self.channel is Channel.BODY else [*parts, self.channel.value]


def _numbered(*named: tuple[str, int | None]) -> list[str]:
    return [f"{name} {number}" for name, number in named if number is not None]


class BlockKind(StrEnum):
    """What a block is on the page."""

    HEADING = "titre"
    PARAGRAPH = "paragraphe"
    LIST_ITEM = "élément de liste"
    TABLE_CELL = "cellule"


class Block(Numerous):
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

    Units: `start`, `end` in `Document.text` when `visible`; None for the rest (file names too).
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

    Units: `unit_count` counts what `unit_name_fr` names (pages, diapositives, feuilles), None
    where the format has none. `metadata` holds the file's properties.
    Source: built by a reader of `ingest.formats` through `ingest.building.DocumentBuilder`.
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
        return tuple(block for block in self.blocks if block.kind is BlockKind.HEADING)

    @property
    def word_count(self) -> int:
        return len(self.text.split())

    def blocks_between(self, start: int, end: int) -> tuple[Block, ...]:
        """The blocks that a range of the text touches, in order."""
        return tuple(block for block in self.blocks if block.start < end and block.end > start)
