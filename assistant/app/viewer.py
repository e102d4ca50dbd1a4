"""Shows a dossier's files as the evaluator reads them: pages, places of quotes, plain text."""

import threading
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Final

from assistant.app.application import App
from assistant.app.library import DossierLibrary
from assistant.domain.dossier import FileRole
from assistant.domain.finding import Evidence
from assistant.errors import PageUnavailable
from assistant.reading import build_reader, office_layout
from assistant.rendering import DRAWN, OFF_PAGE, same_place
from ingest.errors import IngestError
from ingest.layout import OFFICE_SUFFIXES, LayoutFailed, OfficeLayout
from ingest.service import ReadingService
from ingest.types import Block, BlockKind, Box, Document, Frozen, PageSize, SourceFile

#: An image has no page size: it is shown as wide as an A4 page.
_IMAGE: Final = PageSize(width=595, height=842)
#: Files kept in memory, each up to the largest size accepted.
_KEPT: Final = 8


class FileTab(Frozen):
    """A file that can be opened, as its tab says it."""

    sha256: str
    filename: str
    role: FileRole
    here: bool  # whether it answers the épreuve under the eyes


class TextLine(Frozen):
    """A paragraph, a heading, a list item, or the rows of a table. `level`: 2 to 6 for headings."""

    tag: str
    place_fr: str
    blocks: tuple[Block, ...]
    rows: tuple[tuple[Block, ...], ...] = ()


class FileText(Frozen):
    """One file as plain text."""

    filename: str
    lines: tuple[TextLine, ...]


class FilePages(Frozen):
    """The sizes of a file's pages, none when it cannot be drawn, and how they were made."""

    pages: tuple[PageSize, ...]
    note_fr: str


class QuotePlace(Frozen):
    """Where a range of a file's text stands on its pages; no page when it is not drawn."""

    page: int | None
    boxes: tuple[Box, ...] = ()


class Viewer:
    """Draws pages once: `cache` keeps them on the disk by the file's hash."""

    def __init__(
        self,
        library: DossierLibrary,
        reader: ReadingService,
        office: OfficeLayout | None,
        cache: Path | None,
    ) -> None:
        self._library = library
        self._reader = reader
        self._office = office
        self._cache = cache
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._drawable = lru_cache(_KEPT)(self._find_drawable)
        self._place = lru_cache(4096)(self._find_place)

    def tabs(self, dossier_id: str, epreuve: str) -> tuple[FileTab, ...]:
        """The dossier's files, those of the épreuve first. Raises: `UnknownDossier`."""
        files = self._library.summary(dossier_id).files
        names = self._library.filenames(dossier_id)
        found = [
            FileTab(
                sha256=file.sha256,
                filename=names.get(file.filename, file.filename),
                role=file.role,
                here=epreuve in file.epreuves,
            )
            for file in files
        ]
        return tuple(
            sorted(found, key=lambda tab: (not tab.here, tab.role is FileRole.DELIVERABLE))
        )

    def text(self, dossier_id: str, sha256: str) -> FileText:
        """What was read of a file, in its order. Raises: `UnknownDossier`, an `IngestError`."""
        source = self._library.source(dossier_id, sha256, self._reader)
        document = self._reader.read(source)
        name = self._library.filenames(dossier_id).get(source.filename, source.filename)
        return FileText(filename=name, lines=tuple(_lines(document.blocks)))

    def pages(self, dossier_id: str, sha256: str) -> FilePages:
        """The pages that can be drawn; an office file takes seconds the first time.

        Raises: as `text` does.
        """
        self._require(dossier_id, sha256)
        drawable = self._drawable(dossier_id, sha256)
        if drawable is None:
            source = self._library.source(dossier_id, sha256, self._reader)
            return FilePages(
                pages=(), note_fr=_no_pages_fr(source.suffix, self._office is not None)
            )
        sizes = self._reader.read(drawable).page_sizes or (_IMAGE,)
        own = drawable.sha256 == sha256
        return FilePages(pages=sizes, note_fr="" if own else "Mise en page de LibreOffice.")

    def page(self, dossier_id: str, sha256: str, number: int) -> bytes:
        """A page as PNG. Raises: `UnknownDossier`, `PageUnavailable`, an `IngestError`."""
        self._require(dossier_id, sha256)
        kept = self._cache / sha256 / f"{number}.png" if self._cache else None
        if kept is not None and kept.is_file():
            return kept.read_bytes()
        drawable = self._drawable(dossier_id, sha256)
        if drawable is None:
            raise PageUnavailable(f"{sha256} has no pages")
        png = self._reader.draw(drawable, number)
        if kept is not None:
            _keep(kept, png)
        return png

    def place(self, dossier_id: str, evidence: Evidence) -> QuotePlace:
        """Where a quote stands on the drawn pages. Raises: as `text` does."""
        self._require(dossier_id, evidence.sha256)
        return self._place(dossier_id, evidence)

    def _require(self, dossier_id: str, sha256: str) -> None:
        """A kept page of another dossier's file is nobody's here."""
        if all(file.sha256 != sha256 for file in self._library.summary(dossier_id).files):
            raise PageUnavailable(f"{dossier_id} has no {sha256}")

    def _find_drawable(self, dossier_id: str, sha256: str) -> SourceFile | None:
        """The file itself when it has pages, its pages laid out by LibreOffice, or None."""
        source = self._library.source(dossier_id, sha256, self._reader)
        if source.suffix in DRAWN:
            return source
        if self._office is None or source.suffix not in OFFICE_SUFFIXES:
            return None
        with self._lock(sha256):  # two windows on one file lay it out once
            try:
                return self._office.pdf(source)
            except LayoutFailed:
                return None

    def _lock(self, sha256: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(sha256, threading.Lock())

    def _find_place(self, dossier_id: str, evidence: Evidence) -> QuotePlace:
        drawable = self._drawable(dossier_id, evidence.sha256)
        if drawable is None:
            return QuotePlace(page=None)
        document = self._reader.read(
            self._library.source(dossier_id, evidence.sha256, self._reader)
        )
        quote, boxes = evidence.quote, _boxes(document, evidence.start, evidence.end)
        if drawable.sha256 != evidence.sha256:
            if evidence.locator.channel in OFF_PAGE:
                return QuotePlace(page=None)
            place = same_place(document, evidence, self._reader.read(drawable))
            if place is None:
                return QuotePlace(page=None)
            quote, boxes = place.found, place.boxes
        if not boxes:
            return QuotePlace(page=evidence.locator.page)
        page = boxes[0].page
        there = tuple(box for box in boxes if box.page == page)
        return QuotePlace(page=page, boxes=self._words(drawable, page, quote, there) or there)

    def _words(
        self, file: SourceFile, page: int, quote: str, boxes: tuple[Box, ...]
    ) -> tuple[Box, ...]:
        """The quote's own lines; none when they cannot be told from their block."""
        if file.suffix != ".pdf":
            return ()
        try:
            return self._reader.find(file, page, quote, boxes)
        except IngestError:
            return ()


def _boxes(document: Document, start: int, end: int) -> tuple[Box, ...]:
    return tuple(box for block in document.blocks_between(start, end) for box in block.boxes)


def _lines(blocks: Sequence[Block]) -> Iterator[TextLine]:
    def table(item: tuple[int, Block]) -> tuple[object, ...]:
        index, block = item
        place = block.locator
        if block.kind is not BlockKind.TABLE_CELL:
            return (index,)
        return (None, place.page, place.slide, place.sheet, place.table)

    for _, group in groupby(enumerate(blocks), key=table):
        found = tuple(block for _, block in group)
        yield _line(found)


def _line(blocks: tuple[Block, ...]) -> TextLine:
    first = blocks[0]
    place = _short_place(first)
    if first.kind is BlockKind.TABLE_CELL:
        rows = tuple(tuple(row) for _, row in groupby(blocks, key=lambda b: b.locator.row))
        return TextLine(tag="table", place_fr=place, blocks=blocks, rows=rows)
    if first.kind is BlockKind.HEADING:
        level = min(6, 2 + (first.level or 1))
        return TextLine(tag=f"h{level}", place_fr=place, blocks=blocks)
    tag = "li" if first.kind is BlockKind.LIST_ITEM else "p"
    return TextLine(tag=tag, place_fr=place, blocks=blocks)


def _short_place(block: Block) -> str:
    place = block.locator
    named = (("page", place.page), ("diapositive", place.slide), ("feuille", place.sheet))
    return next((f"{name} {value}" for name, value in named if value is not None), "")


def _no_pages_fr(suffix: str, office: bool) -> str:
    if suffix in OFFICE_SUFFIXES and not office:
        return (
            "Sans LibreOffice, ce fichier est montré en texte. Installez-le (paquet "
            "« libreoffice ») pour voir ses pages."
        )
    return "Ce fichier n'a pas de pages : il est montré en texte."


def _keep(path: Path, data: bytes) -> None:
    """Keep a page; a disk that refuses costs another drawing, no more."""
    draft = path.with_name(f"{path.name}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        return


def build_viewer(app: App) -> Viewer:
    """The viewer that the settings ask for; its pages are kept with the reading cache."""
    settings = app.settings
    cache = settings.data_dir / "cache" / "images" if settings.reading_cache else None
    return Viewer(app.library, build_reader(settings), office_layout(settings), cache)
