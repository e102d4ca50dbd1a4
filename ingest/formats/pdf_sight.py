"""Which words of a page a person sees.

The page is drawn twice, with and without its text: a word is seen where the two differ. This
covers at once text of the colour of its background, under an image or an opaque shape, clipped
away, in a layer that is off, transparent. What can be told from the word alone (off the page,
invisible render mode, tiny) is told first, and gives a more exact reason.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.formats.colours import WHITE, Colour, is_lost_in
from ingest.formats.pdf_guard import TOO_COMPLEX_FR, PageRefused
from ingest.formats.pdf_model import Word
from ingest.formats.pdf_raster import Pixels, RenderingTimeout, fitting_scale, render
from ingest.formats.pdf_words import TextReader
from ingest.types import HiddenReason

#: Units: points, through all matrices. Nobody reads 3-point type on paper.
SMALLEST_LEGIBLE: Final = 3.0
#: Units: of the font size, mean advance of a character. Narrower is squeezed beyond reading.
_NARROWEST: Final = 0.1
#: Share of full opacity under which ink is not seen.
_FAINTEST: Final = 0.1
#: Largest colour component of what is dark on white without looking.
_DARK: Final = 160
#: Largest difference of a colour component that a rounding of the renderer explains.
_SAME_PIXEL: Final = 10
#: Share of a word's rectangle that its own ink must change. Thin type changes about a sixth.
_LEAST_INK: Final = 0.02
_ANY_INK: Final = 1e-9
_SIGHT_PIXELS: Final = 1_500_000
#: Share of the smaller word's area that makes two words overlap.
_OVERLAP: Final = 0.3
_CHUNK: Final = 256
#: More texts over each other on one page than any person writes.
_MAX_CROWDED: Final = 3000
#: Up to that many words, each is looked at by itself.
_FEW: Final = 1500

#: Per word: left, top, right, bottom in pixels.
Spans = npt.NDArray[np.int64]


def judge(
    page: pdfium.PdfPage, reader: TextReader, words: list[Word], *, plain: bool, seconds: float
) -> bool:
    """Set `hidden` on the words that are not seen.

    `plain` says that nothing but text is drawn: dark text that nothing clips is then seen, and
    the page need not be drawn. Returns whether the drawing could be looked at; when it could not
    (too slow), colours are compared with white.
    Raises: `PageRefused` when too many texts lie over each other.
    """
    for word in words:
        word.hidden = _reason_alone(word, reader)
    rest = [word for word in words if word.hidden is None]
    if not rest or (plain and _are_plain(rest, reader)):
        return True
    try:
        sight = _Sight(page, reader, seconds)
    except RenderingTimeout:
        for word in rest:
            if is_lost_in(word.style.colour, WHITE):
                word.hidden = HiddenReason.NEAR_BACKGROUND
        return False
    sight.judge(rest)
    return True


def _reason_alone(word: Word, reader: TextReader) -> HiddenReason | None:
    frame = reader.frame
    middle = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    if not (0 <= middle[0] <= frame.width and 0 <= middle[1] <= frame.height):
        return HiddenReason.OFF_PAGE
    if not word.style.painted or word.style.opacity < _FAINTEST:
        return HiddenReason.INVISIBLE_RENDERING
    if word.style.size < SMALLEST_LEGIBLE or _is_squeezed(word):
        return HiddenReason.TINY
    return None


def _is_squeezed(word: Word) -> bool:
    length = max(word.x1 - word.x0, word.bottom - word.top if word.style.angle else 0.0)
    return len(word.text) > 2 and length < _NARROWEST * word.style.size * len(word.text)


def _are_plain(words: list[Word], reader: TextReader) -> bool:
    """Whether all words are dark, opaque, in no layer, and clipped by nothing."""
    styles = {word.style for word in words}
    if any(max(s.colour) > _DARK or s.opacity < 1 or s.optional for s in styles):
        return False
    sources = {word.source for word in words}
    return not any(reader.is_clipped(source) for source in sources)


class _Sight:
    """A page drawn with its text and without."""

    def __init__(self, page: pdfium.PdfPage, reader: TextReader, seconds: float) -> None:
        self._page = page
        self._reader = reader
        self._seconds = seconds
        self._scale = fitting_scale(page, 1.0, _SIGHT_PIXELS)
        self._full = self._draw_without(())
        self._bare = self._draw_without(reader.objects)

    def judge(self, words: list[Word]) -> None:
        spans = self._pixel_spans(words)
        for word, share in zip(
            words, _shares(_changed(self._full, self._bare), spans), strict=True
        ):
            if share < (_LEAST_INK if _has_letters(word) else _ANY_INK):
                word.hidden = _why_no_ink(word)
        # Other ink in the same place (a seen text under a white one) must not pass for theirs.
        for word, behind in zip(words, _backgrounds(self._bare, spans), strict=True):
            if is_lost_in(word.style.colour, behind) and not word.style.outlined:
                word.hidden = HiddenReason.NEAR_BACKGROUND
        self._judge_overlapped(words, spans)

    def _judge_overlapped(self, words: list[Word], spans: Spans) -> None:
        """Hide what another text, drawn later in the same place, has taken the place of."""
        under = _overlapped(words, spans, self._full.shape)
        if not under:
            return
        without = self._draw_without({words[index].source for index in under})
        shares = _shares(_changed(self._full, without), spans)
        for index in under:
            if shares[index] < _LEAST_INK and words[index].hidden is None:
                words[index].hidden = HiddenReason.COVERED

    def _draw_without(self, sources: Iterable[int]) -> Pixels:
        """The page with these text objects left out."""
        handles = [self._reader.objects[source] for source in sources]
        for handle in handles:
            pdfium_c.FPDFPageObj_SetIsActive(handle, 0)
        try:
            return render(self._page, scale=self._scale, seconds=self._seconds)
        finally:
            for handle in handles:
                pdfium_c.FPDFPageObj_SetIsActive(handle, 1)

    def _pixel_spans(self, words: list[Word]) -> Spans:
        height, width = self._full.shape[:2]
        rects = np.array([word.rect for word in words]) * self._scale
        spans = np.empty(rects.shape, dtype=np.int64)
        spans[:, :2] = np.floor(rects[:, :2])
        spans[:, 2:] = np.ceil(rects[:, 2:])
        spans[:, 0::2] = np.clip(spans[:, 0::2], 0, width)
        spans[:, 1::2] = np.clip(spans[:, 1::2], 0, height)
        return spans


def _why_no_ink(word: Word) -> HiddenReason:
    return HiddenReason.VANISHED if word.style.optional else HiddenReason.COVERED


def _has_letters(word: Word) -> bool:
    return any(char.isalnum() for char in word.text)


def _changed(one: Pixels, other: Pixels) -> npt.NDArray[np.bool_]:
    differs = np.maximum(one, other) - np.minimum(one, other) > _SAME_PIXEL
    # Eight times faster than any(axis=2).
    return np.asarray(differs[..., 0] | differs[..., 1] | differs[..., 2])


def _shares(mask: npt.NDArray[np.bool_], spans: Spans) -> npt.NDArray[np.float64]:
    """Share of each rectangle that is True."""
    areas = np.maximum(1, (spans[:, 2] - spans[:, 0]) * (spans[:, 3] - spans[:, 1]))
    if len(spans) <= _FEW:
        counts = np.array([np.count_nonzero(mask[t:b, x0:x1]) for x0, t, x1, b in spans.tolist()])
        return np.asarray(counts / areas)
    # Sums over all rectangles from the origin: dear once, then nothing per word.
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.int32)
    np.cumsum(mask, axis=0, dtype=np.int32, out=sums[1:, 1:])
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    left, top, right, bottom = spans.T
    counts = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(counts / areas)


def _backgrounds(bare: Pixels, spans: Spans) -> list[Colour]:
    """The commonest colour behind each rectangle: the median of a few samples."""
    left, top, right, bottom = (edge[:, None, None] for edge in spans.T)
    columns = (left + (right - left) * np.array([0.1, 0.3, 0.5, 0.7, 0.9])[None, None, :]).astype(
        int
    )
    rows = (top + (bottom - top) * np.array([0.25, 0.5, 0.75])[None, :, None]).astype(int)
    height, width = bare.shape[:2]
    samples = bare[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    medians = np.median(samples.reshape(len(spans), -1, 3), axis=1).astype(int)
    return [(int(red), int(green), int(blue)) for red, green, blue in medians]


def _overlapped(words: list[Word], spans: Spans, shape: tuple[int, ...]) -> list[int]:
    """Words over which another one is drawn later, from the order of the content stream."""
    crowded = np.arange(len(spans))
    if len(spans) > _FEW:
        crowded = np.flatnonzero(_shares(_crowd(spans, shape) > 1, spans) > _OVERLAP / 2)
    if len(crowded) > _MAX_CROWDED:
        raise PageRefused(TOO_COMPLEX_FR)
    spans = spans[crowded]
    areas = (spans[:, 2] - spans[:, 0]) * (spans[:, 3] - spans[:, 1])
    found: set[int] = set()
    for start in range(0, len(crowded), _CHUNK):
        part = spans[start : start + _CHUNK, None, :]
        across = np.minimum(part[..., 2], spans[:, 2]) - np.maximum(part[..., 0], spans[:, 0])
        down = np.minimum(part[..., 3], spans[:, 3]) - np.maximum(part[..., 1], spans[:, 1])
        shared = np.maximum(across, 0) * np.maximum(down, 0)
        smaller = np.minimum(areas[start : start + _CHUNK, None], areas)
        for first, second in np.argwhere(shared > _OVERLAP * smaller):
            under, over = int(crowded[start + first]), int(crowded[second])
            if under < over and words[under].source != words[over].source:
                found.add(under)
    return sorted(found)


def _crowd(spans: Spans, shape: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """How many rectangles cover each pixel."""
    counts = np.zeros((shape[0] + 1, shape[1] + 1), dtype=np.int32)
    left, top, right, bottom = spans.T
    for rows, columns, sign in (
        (top, left, 1),
        (top, right, -1),
        (bottom, left, -1),
        (bottom, right, 1),
    ):
        np.add.at(counts, (rows, columns), sign)
    np.cumsum(counts, axis=0, out=counts)
    np.cumsum(counts, axis=1, out=counts)
    return np.asarray(counts[: shape[0], : shape[1]])
