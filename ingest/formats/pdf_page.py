"""One page, from pdfium's objects to what a person sees of it and what is hidden from them."""

import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
from PIL import Image

from ingest.formats.pdf_drawn import Drawn, read_drawn
from ingest.formats.pdf_furniture import PageContent
from ingest.formats.pdf_grid import ruled_tables
from ingest.formats.pdf_images import read_images
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_lines import settle_raised
from ingest.formats.pdf_model import Line, PageFrame, Word, turned
from ingest.formats.pdf_raster import fitting_scale, render
from ingest.formats.pdf_sight import judge
from ingest.formats.pdf_words import UNKNOWN_GLYPH, UPRIGHT, TextReader
from ingest.types import HiddenReason, ImageInfo, Locator

#: Units: dots per inch. French text is read about as well at 200 as at 300, and faster.
OCR_DPI: Final = 200
#: Units: seconds to draw one page for OCR.
_DRAWING_SECONDS: Final = 5.0
#: Share of the characters that must be known for the text layer to be of use.
_MOST_UNKNOWN: Final = 0.3
_UNREAD: Final = re.compile(f"[{UNKNOWN_GLYPH}\ue000-\uf8ff]")


@dataclass(slots=True)
class SeenPage:
    """A page as looked at.

    `words` are all words in the order of the content stream, `hidden` set on those not seen.
    `image_share` is the share of the page that images cover.
    """

    frame: PageFrame
    words: list[Word]
    drawn: Drawn
    image_share: float
    images: list[ImageInfo] = field(default_factory=list)
    lone_texts: list[str] = field(default_factory=list)  # alternative texts without their image
    warnings_fr: list[str] = field(default_factory=list)
    unread_fr: str = ""

    @property
    def visible(self) -> list[Word]:
        return [word for word in self.words if word.hidden is None]

    @property
    def hidden(self) -> list[Word]:
        return [word for word in self.words if word.hidden is not None]


def look_at(page: pdfium.PdfPage, number: int, locator: Locator, limits: PdfLimits) -> SeenPage:
    """Read all that is on a page, and which of its words are seen.

    Raises: `PageRefused` when too many texts lie over each other.
    """
    reader = TextReader(page, number, max_characters=limits.max_characters)
    try:
        words = reader.words()
        drawn = read_drawn(page, reader.to_display, max_objects=limits.max_objects)
        images, lone_texts = read_images(page, drawn.images, locator)
        seen = SeenPage(reader.frame, words, drawn, _image_share(drawn, reader.frame))
        seen.images, seen.lone_texts = images, lone_texts
        if not judge(page, reader, words, plain=drawn.nothing, seconds=limits.page_seconds):
            seen.warnings_fr.append(
                f"Page {number} : trop longue à dessiner ; le texte masqué y a été cherché "
                "d'après les couleurs seulement."
            )
        if reader.truncated:
            seen.unread_fr = f"plus de {limits.max_characters} caractères : la suite n'est pas lue"
    finally:
        reader.close()
    return seen


def content_of(seen: SeenPage, words: list[Word]) -> PageContent:
    """What is read on the page: words, ruled tables, and words that run another way."""
    turns = _main_turns(words)
    frame = replace(seen.frame, turns=turns)
    upright: list[Word] = []
    sideways: list[Word] = []
    for word in words:
        (upright if _turns(word) == turns else sideways).append(word)
    for word in upright:
        _turn(word, frame)
    settle_raised(upright)
    tables, rest = ruled_tables(seen.drawn.turned(frame), upright)
    content = PageContent(frame, rest, tables)
    content.sideways = list(_sideways_lines(sideways, frame))
    return content


def is_legible(words: Iterable[Word]) -> bool:
    """Whether the characters of a text layer are known: some fonts do not say what they draw."""
    text = "".join(word.text for word in words)
    return len(_UNREAD.findall(text)) <= _MOST_UNKNOWN * len(text)


def hidden_texts(words: Iterable[Word]) -> Iterator[tuple[str, HiddenReason]]:
    """Hidden words as texts: those that follow each other for one reason are one."""
    for reason, group in itertools.groupby(words, key=lambda word: word.hidden):
        if reason is not None:
            yield " ".join(word.text for word in group), reason


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in grey, as OCR sees it. Units: `dpi` in dots per inch."""

    grey: npt.NDArray[np.uint8]
    dpi: int

    def png(self) -> bytes:
        """The picture as a file."""
        file = io.BytesIO()
        Image.fromarray(self.grey).save(file, "PNG", compress_level=1)
        return file.getvalue()


def picture_of(page: pdfium.PdfPage) -> Picture:
    """Draw a page for OCR. Raises `RenderingTimeout`."""
    scale = fitting_scale(page, OCR_DPI / 72)
    pixels = render(page, scale=scale, seconds=_DRAWING_SECONDS)
    return Picture(np.asarray(Image.fromarray(pixels).convert("L")), round(scale * 72))


def _image_share(drawn: Drawn, frame: PageFrame) -> float:
    """Share of the page that images cover, overlaps counted twice, 1 at most."""
    covered = 0.0
    for image in drawn.images:
        x0, y0, x1, y1 = image.rect
        width = min(x1, frame.width) - max(x0, 0.0)
        height = min(y1, frame.height) - max(y0, 0.0)
        covered += max(0.0, width) * max(0.0, height)
    return min(1.0, covered / (frame.width * frame.height))


def _main_turns(words: list[Word]) -> int:
    """Quarter turns, clockwise, that make most of the text upright."""
    characters: Counter[int] = Counter()
    for word in words:
        if (turns := _turns(word)) is not None:
            characters[turns] += len(word.text)
    return characters.most_common(1)[0][0] if characters else 0


def _turns(word: Word) -> int | None:
    """Quarter turns, clockwise, that make a word upright; None when it leans."""
    quarters = round(word.style.angle / 90)
    return None if abs(word.style.angle - 90 * quarters) > UPRIGHT else -quarters % 4


def _turn(word: Word, frame: PageFrame) -> None:
    """Move a word to where it stands once the page is turned."""
    if frame.turns:
        word.x0, word.top, word.x1, word.bottom = turned(
            word.rect, frame.width, frame.height, frame.turns
        )
        word.base = word.bottom - 0.2 * (word.bottom - word.top)


def _sideways_lines(words: list[Word], frame: PageFrame) -> Iterator[Line]:
    for _, group in itertools.groupby(words, key=lambda word: round(word.style.angle)):
        line = list(group)
        for word in line:
            _turn(word, frame)
        yield Line(line)
