"""Draws where a quote stands: the page of a PDF, or an image, with its words highlighted."""

import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import pypdfium2 as pdfium
from PIL import Image, ImageOps

from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.image import MAX_PIXELS
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_model import PageFrame, Word, union
from ingest.formats.pdf_open import OpenPdf, open_pdf
from ingest.formats.pdf_render import DEFAULT_SCALE, as_png, highlighted, render_page
from ingest.formats.pdf_words import TextReader
from ingest.types import Box, SourceFile

#: Units: pixels. A photo is shown no larger.
_WIDEST: Final = 2000
_NOT_WORD: Final = re.compile(r"[\W_]+")
#: What Pillow raises on damaged images.
_DAMAGED: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    TypeError,
    Image.DecompressionBombError,
)


def draw_proof(file: SourceFile, page: int, quote: str, boxes: Sequence[Box]) -> bytes:
    """A PNG of a page (counted from 1), with the words of the quote highlighted.

    `boxes` are those of the blocks that the quote stands in: they tell it from the same words
    elsewhere on the page, and are highlighted whole when the words cannot be told apart.
    Raises: as `render_page` does; `CorruptedFile`, `FileTooLarge` for an image.
    """
    if file.suffix == ".pdf":
        words = boxes_of_words(file, page, quote, boxes)
        return render_page(file, page, boxes=words or boxes)
    return _drawn_image(file, boxes)


def _drawn_image(file: SourceFile, boxes: Sequence[Box]) -> bytes:
    try:
        with Image.open(io.BytesIO(file.data), formats=("PNG", "JPEG")) as opened:
            _judge_size(file, opened.width * opened.height)
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((_WIDEST, _WIDEST))
            return as_png(highlighted(_on_white(upright), list(boxes), DEFAULT_SCALE))
    except _DAMAGED as error:
        raise CorruptedFile(f"image: {error}", filename=file.filename) from error


def _judge_size(file: SourceFile, pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise FileTooLarge(
            f"{pixels} pixels",
            filename=file.filename,
            size=f"{pixels / 1e6:.0f} millions de pixels",
            limit=f"{MAX_PIXELS / 1e6:.0f} millions de pixels",
        )


def _on_white(image: Image.Image) -> Image.Image:
    seen = image.convert("RGBA")
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    return ground.convert("RGB")


def boxes_of_words(
    file: SourceFile, page: int, quote: str, boxes: Sequence[Box]
) -> tuple[Box, ...]:
    """One box for each line of the quote; none when its words are not found as such."""
    opened = open_pdf(file, PdfLimits())
    try:
        if not 1 <= page <= opened.page_count:
            return ()
        handle = opened.load(page, with_notes=False)
        reader = TextReader(handle, page, max_characters=PdfLimits().max_characters)
        try:
            return _lines_of(_words_of(reader.words(), quote, reader.frame, boxes), reader.frame)
        finally:
            reader.close()
            handle.close()
    except pdfium.PdfiumError:
        return ()  # `render_page` says what is wrong with the page
    finally:
        opened.close()


def boxes_of_every(opened: OpenPdf, page: int, texts: Iterable[str]) -> dict[str, tuple[Box, ...]]:
    """For each text, one box for each line of each of its occurrences on a page.

    Raises: `PdfiumError`.
    """
    handle = opened.load(page, with_notes=True)
    reader = TextReader(handle, page, max_characters=PdfLimits().max_characters)
    try:
        words, frame = reader.words(), reader.frame
        return {
            text: tuple(b for run in _runs_of(words, text) for b in _lines_of(run, frame))
            for text in texts
        }
    finally:
        reader.close()
        handle.close()


def _words_of(
    words: Sequence[Word], quote: str, frame: PageFrame, boxes: Sequence[Box]
) -> Sequence[Word]:
    """The run of words that says the quote, nearest to the blocks it was found in."""
    return max(_runs_of(words, quote), key=lambda run: _inside(run, frame, boxes), default=())


def _runs_of(words: Sequence[Word], quote: str) -> list[Sequence[Word]]:
    """Every run of words that says the quote."""
    wanted = _letters(quote)
    if not wanted:
        return []
    text, starts = "", []
    for word in words:
        starts.append(len(text))
        text += _letters(word.text)
    runs: list[Sequence[Word]] = []
    at = text.find(wanted)
    while at != -1:
        last = at + len(wanted)
        run = [
            word
            for word, start, end in zip(words, starts, [*starts[1:], len(text)], strict=True)
            if start < last and end > at and end > start
        ]
        runs.append(run)
        at = text.find(wanted, at + 1)
    return runs


def _inside(run: Iterable[Word], frame: PageFrame, boxes: Sequence[Box]) -> int:
    """How many of the words stand in one of the boxes."""
    return sum(_is_in(frame.box(word.rect), boxes) for word in run)


def _is_in(place: Box, boxes: Sequence[Box]) -> bool:
    x, y = (place.left + place.right) / 2, (place.top + place.bottom) / 2
    return any(b.left <= x <= b.right and b.top <= y <= b.bottom for b in boxes)


def _lines_of(words: Sequence[Word], frame: PageFrame) -> tuple[Box, ...]:
    lines = groupby(words, key=lambda word: round(word.base))
    return tuple(frame.box(union([word.rect for word in line])) for _, line in lines)


def _letters(text: str) -> str:
    return _NOT_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())
