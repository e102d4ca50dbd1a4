"""Which pages and images of a dossier matter for a criterion that must be seen.

Pure choice: nothing is opened or drawn here.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple, TypeVar

from assistant.domain.case import Passages
from assistant.observing import shown_images
from ingest.types import Document, ImageInfo

T = TypeVar("T")


class View(NamedTuple):
    """Something to look at in a file: one of its pages, or one of its images (`image` given).

    `file`: the file's SHA-256; `image`: that of the image's own bytes.
    """

    file: str
    page: int
    image: ImageInfo | None = None


def page_views(
    document: Document, retrieved: Iterable[int], limit: int, *, pages: int | None = None
) -> list[View]:
    """At most `limit` pages: those that were retrieved and hold images, then either, then others.

    `pages` is how many there are, when the document does not say it itself.
    """
    found = list(dict.fromkeys(retrieved))
    pictured = list(dict.fromkeys(i.locator.page for i in shown_images(document) if i.locator.page))
    both = [page for page in found if page in pictured]
    others = range(1, (pages or document.unit_count or 1) + 1)
    order = dict.fromkeys([*both, *alternated([found, pictured]), *others])
    return [View(document.sha256, page) for page in order][:limit]


def retrieved_pages(document: Document, passages: Passages) -> list[int]:
    """The pages of the document's passages, best first."""
    own = (p.chunk for p in passages.passages if p.chunk.sha256 == document.sha256)
    return [chunk.locator.page for chunk in own if chunk.locator.page is not None]


def image_views(document: Document, limit: int) -> list[View]:
    """The document's images, each once, in its order: for a file without pages."""
    images = {i.sha256: i for i in shown_images(document) if i.sha256}
    return [View(document.sha256, 1, image) for image in images.values()][:limit]


def alternated(rows: Sequence[Sequence[T]]) -> list[T]:
    """The first of each, then the second of each, and so on."""
    missing = object()
    ranks = zip_longest(*rows, fillvalue=missing)
    return [item for item in chain.from_iterable(ranks) if item is not missing]  # type: ignore[misc]
