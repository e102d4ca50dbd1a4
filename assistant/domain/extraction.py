"""What was read of a file, and what was not: shown beside every draft made from it."""

from typing import Self

from assistant.domain.language import language_of
from ingest.types import Document, Frozen, HiddenReason


class HiddenItem(Frozen):
    """A text of the file that no reader sees, its reason and its place, in French."""

    text: str
    reason_fr: str
    place_fr: str


class FlaggedItem(Frozen):
    """A passage that speaks to an assistant or to the assessor, in French."""

    text: str
    reason_fr: str
    place_fr: str
    visible: bool


class ExtractionReport(Frozen):
    """Counts and warnings for one file.

    `coverage`: share read, 0 to 1. `language` is its French name, empty when unknown. `comments`
    and `deletions` (tracked ones) count what is kept aside. `ocr_pages` maps a page's number to
    the confidence of its recognition, 0 to 100.
    """

    filename: str
    sha256: str
    format: str
    coverage: float
    words: int
    blocks: int
    headings: int
    tables: int
    images: int
    images_without_alt: int
    unit_name_fr: str | None
    unit_count: int | None
    ocr_pages: dict[int, float]
    unread_fr: tuple[str, ...]
    hidden: tuple[HiddenItem, ...]
    warnings_fr: tuple[str, ...]
    links: tuple[str, ...]
    flags: tuple[FlaggedItem, ...] = ()
    language: str = ""
    metadata: dict[str, str] = {}
    comments: int = 0
    deletions: int = 0

    @classmethod
    def of(cls, document: Document) -> Self:
        tables = {
            (b.locator.page, b.locator.slide, b.locator.sheet, b.locator.table)
            for b in document.blocks
            if b.locator.table is not None
        }
        return cls(
            filename=document.filename,
            sha256=document.sha256,
            format=document.format,
            coverage=document.coverage,
            words=document.word_count,
            blocks=len(document.blocks),
            headings=len(document.headings),
            tables=len(tables),
            images=len(document.images),
            images_without_alt=sum(not image.alt_text for image in document.images),
            unit_name_fr=document.unit_name_fr,
            unit_count=document.unit_count,
            ocr_pages=document.ocr_confidence,
            unread_fr=tuple(f"{part.locator} : {part.reason_fr}" for part in document.unread),
            hidden=tuple(
                HiddenItem(text=h.text, reason_fr=h.reason.value, place_fr=str(h.locator))
                for h in document.hidden
            ),
            warnings_fr=document.warnings_fr,
            links=document.links,
            flags=tuple(
                FlaggedItem(
                    text=f.text, reason_fr=f.reason_fr, place_fr=str(f.locator), visible=f.visible
                )
                for f in document.flags
            ),
            language=language_of(document.text),
            metadata=document.metadata,
            comments=sum(h.reason is HiddenReason.COMMENT for h in document.hidden),
            deletions=sum(h.reason is HiddenReason.DELETED for h in document.hidden),
        )
