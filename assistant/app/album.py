"""The pictures that a model which sees is shown of a dossier."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from assistant.app.library import DossierLibrary
from assistant.domain.case import CriterionScope, Passages
from assistant.domain.picture import Picture
from assistant.domain.rubric import Evaluable
from assistant.locating import locate
from assistant.privacy import Covered
from assistant.reading import build_reader, office_layout
from assistant.settings import Settings
from assistant.sight import View, alternated, image_views, page_views, retrieved_pages
from ingest.chunking import Chunk
from ingest.errors import IngestError
from ingest.layout import LayoutFailed, OfficeLayout
from ingest.service import ReadingService
from ingest.types import Box, Document, Locator, SourceFile
from ingest.wire import Cover

#: What has pages of its own, and what LibreOffice gives pages to.
_PAGED: Final = frozenset({".pdf", ".png", ".jpg", ".jpeg"})
_LAID_OUT: Final = frozenset({".docx", ".pptx", ".odt", ".odp"})
_LOOKED_FOR: Final = 80  # characters of a passage that tell its page
_Drawn = Picture | IngestError
_LAYOUT_FR: Final = "mise en page de LibreOffice"


def album_of(settings: Settings, library: DossierLibrary, dossier_id: str) -> "Album | None":
    """The album of a known dossier; None when the settings send no picture."""
    if settings.llm_vision == "off":
        return None
    reader = build_reader(settings)
    return Album(
        settings,
        reader,
        lambda sha256: library.source(dossier_id, sha256, reader),
        office_layout(settings),
    )


#: Tells the words that may not be shown of a document.
Covers = Callable[[Document], Sequence[Covered]]


class Album:
    """Draws the pages and images that matter, within the settings' limits. Safe between threads.

    `source` gives back the bytes of a file of the dossier, by SHA-256.
    """

    def __init__(
        self,
        settings: Settings,
        reader: ReadingService,
        source: Callable[[str], SourceFile],
        office: OfficeLayout | None = None,
    ) -> None:
        self._limit = settings.llm_vision_pictures
        self._side = settings.llm_vision_pixels
        self._max_bytes = settings.llm_vision_kb * 1000
        self._reader = reader
        self._source = source
        self._office = office
        self._drawn: dict[tuple[str, int, str], bytes] = {}

    def pictures(
        self, scope: CriterionScope, passages: Passages, covers: Covers
    ) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
        """The pictures of a criterion to be seen, and French words on what could not be shown.

        `covers` tells the words that may not be shown of a document: they are painted over.
        """
        if scope.criterion.evaluable is not Evaluable.DOCUMENT_VISUEL:
            return (), ()
        found = [list(self._safely(document, passages, covers)) for document in scope.deliverables]
        shown = alternated([[p for p in own if isinstance(p, Picture)] for own in found])
        failed = [p for own in found for p in own if isinstance(p, IngestError)]
        problems = dict.fromkeys(error.user_message for error in failed)
        return tuple(shown[: self._limit]), tuple(problems)

    def _safely(self, document: Document, passages: Passages, covers: Covers) -> Iterator[_Drawn]:
        try:
            yield from self._of(document, passages, covers)
        except IngestError as error:
            yield error

    def _of(self, document: Document, passages: Passages, covers: Covers) -> Iterator[_Drawn]:
        file = self._source(document.sha256)
        if file.suffix in _PAGED:
            pages = retrieved_pages(document, passages)
            views = page_views(document, pages, self._limit)
            yield from self._pages(file, document, views, covers(document))
            return
        laid_out = self._laid_out(file)
        if laid_out is None:
            yield from self._images(file, image_views(document, self._limit))
            return
        drawn, its_document = laid_out
        own = [p.chunk for p in passages.passages if p.chunk.sha256 == document.sha256]
        views = page_views(its_document, _pages_of(own, its_document), self._limit)
        yield from self._pages(drawn, document, views, covers(its_document), how=_LAYOUT_FR)

    def _laid_out(self, file: SourceFile) -> tuple[SourceFile, Document] | None:
        """An office file as pages; None where nothing gives it any."""
        if self._office is None or file.suffix not in _LAID_OUT:
            return None
        try:
            drawn = self._office.pdf(file)
            return drawn, self._reader.read(drawn)
        except (LayoutFailed, IngestError):
            return None  # its images can still be shown

    def _pages(
        self,
        file: SourceFile,
        document: Document,
        views: Sequence[View],
        hidden: Sequence[Covered],
        *,
        how: str = "",
    ) -> Iterator[_Drawn]:
        for view in views:
            locator = Locator(file=document.filename, page=view.page)
            try:
                data = self._draw(file, view, _covers_of(hidden, view.page))
            except IngestError as error:  # the other pages can be shown
                yield error
            else:
                yield Picture.of(data, document.sha256, locator, how=how)

    def _images(self, file: SourceFile, views: Sequence[View]) -> Iterator[_Drawn]:
        for view in views:
            if view.image is None:
                continue
            try:
                yield Picture.of(self._draw(file, view), view.file, view.image.locator)
            except IngestError as error:  # a vector drawing, say
                yield error

    def _draw(self, file: SourceFile, view: View, covers: tuple[Cover, ...] = ()) -> bytes:
        image = view.image.sha256 if view.image else ""
        key = (file.sha256, view.page, image)
        if key not in self._drawn:
            self._drawn[key] = self._reader.picture(
                file,
                page=view.page,
                image=image,
                side=self._side,
                max_bytes=self._max_bytes,
                covers=covers,
            )
        return self._drawn[key]


def _covers_of(hidden: Sequence[Covered], page: int) -> tuple[Cover, ...]:
    """What to paint over on a page: a name is looked for on all of them, headers included."""
    boxes: dict[str, list[Box]] = {}
    here: set[str] = set()
    for covered in hidden:
        own = [box for box in covered.boxes if box.page == page]
        boxes.setdefault(covered.text, []).extend(own)
        if covered.page == page or own:
            here.add(covered.text)
    return tuple(Cover(text=t, boxes=tuple(found), here=t in here) for t, found in boxes.items())


def _pages_of(chunks: Sequence[Chunk], laid_out: Document) -> Iterator[int]:
    """The page on which each passage stands once laid out, best passage first."""
    for chunk in chunks:
        line = max(chunk.text.splitlines(), key=len)[:_LOOKED_FOR]
        for place in locate(laid_out, line)[:1]:
            if place.locators[0].page is not None:
                yield place.locators[0].page
