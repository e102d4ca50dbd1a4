"""Recognised words laid out like printed ones: straightened, sized, with the rules of tables.

OCR gives words and boxes. Here a scan becomes what a text page is: words on common baselines,
in the few sizes of the document, and the table rules seen in the picture, so that columns,
tables, headings and paragraphs are found by the same means.
"""

import statistics
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ingest.formats.ocr import OcrResult, OcrWord
from ingest.formats.pdf_drawn import Drawn
from ingest.formats.pdf_furniture import PageContent
from ingest.formats.pdf_grid import empty_squares, ruled_tables
from ingest.formats.pdf_model import PageFrame, Rect, Style, Word
from ingest.types import Channel

#: Grey levels, rows and columns.
Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

#: Heights of letters, in font sizes.
_CAPITAL, _MIDDLE, _SMALL, _TAIL = 0.72, 0.62, 0.5, 0.21
_TALL: Final = frozenset("bdfhklij0123456789ßàâäéèêëîïôöùûü!?/()[]%€&")
_TAILED: Final = frozenset("gjpqyç,;()[]")
#: Sizes nearer to the body's than that are the body's; others go by such steps.
_STEP: Final = 1.14
#: Radians. A scan that leans more was not meant to be read.
_MOST_SKEW: Final = 0.05
#: Share of the page that a line must span for its slope to count.
_LONG_LINE: Final = 0.3
#: Units: points. Shorter dark strokes are letters.
_SHORTEST_ACROSS, _SHORTEST_DOWN = 40.0, 13.0
#: Share of the paper's brightness under which a pixel is ink; share of ink along a rule.
_INK, _UNBROKEN = 0.7, 0.95
_MAX_RULES: Final = 4000
_MAX_SQUARES: Final = 500
#: Units: points. Half a rule and its shadow.
_RULE_WIDTH: Final = 2.0
#: Units: square points of ink. A comma is less, a digit more.
_LEAST_INK: Final = 2.0
_SURE: Final = 40.0
_PLAIN: Final = Style(
    size=0.0,
    font="",
    bold=False,
    outlined=False,
    colour=(0, 0, 0),
    opacity=1.0,
    painted=True,
    optional=False,
    replaced=False,
    angle=0.0,
)


def recognised_content(
    result: OcrResult, picture: Grey, frame: PageFrame, reread: Callable[[Grey], OcrResult]
) -> PageContent:
    """A page of recognised words. `picture` is what was recognised, at any resolution.

    OCR often takes a lone number in a table for drawing: the cells where it read nothing and
    there is ink are given again to `reread`, alone on the page.
    """
    lines = _by_line(result)
    frame = replace(frame, skew=_skew(lines, frame))
    words = _words(lines, frame)
    straight = _straightened(picture, frame.skew)
    ink = straight < _INK * float(np.median(straight))
    rules = _rules(ink, ink.shape[1] / frame.width)
    left_out = _left_out(straight, ink, empty_squares(rules, words), frame)
    if left_out is not None:
        words += _words(_by_line(_sure(reread(left_out))), replace(frame, skew=0.0))
    tables, rest = ruled_tables(rules, words)
    return PageContent(frame, rest, tables, channel=Channel.OCR)


def _by_line(result: OcrResult) -> list[list[OcrWord]]:
    lines: dict[tuple[int, int, int], list[OcrWord]] = defaultdict(list)
    for word in result.words:
        lines[word.line].append(word)
    return list(lines.values())


def _skew(lines: list[list[OcrWord]], frame: PageFrame) -> float:
    """How much lines go down per point to the right: the median of the long ones."""
    slopes = []
    for line in lines:
        first, last = line[0], line[-1]
        run = (last.left - first.left) * frame.width
        if run > _LONG_LINE * frame.width:
            slopes.append((_base(last, frame) - _base(first, frame)) / run)
    slope = statistics.median(slopes) if slopes else 0.0
    return slope if abs(slope) <= _MOST_SKEW else 0.0


def _words(lines: list[list[OcrWord]], frame: PageFrame) -> list[Word]:
    sizes = _settled([_size(line, frame) for line in lines], [len(line) for line in lines])
    words = []
    for line, size in zip(lines, sizes, strict=True):
        style = replace(_PLAIN, size=size)
        placed = [(word, frame.straightened(_rect(word, frame))) for word in line]
        base = statistics.median(rect[3] - _tail(word.text) * size for word, rect in placed)
        for word, (x0, _, x1, _) in placed:
            rect = (x0, base - 0.8 * size, x1, base + 0.22 * size)
            words.append(Word(word.text, *rect, base, style, source=0))
    return words


def _rect(word: OcrWord, frame: PageFrame) -> Rect:
    return (
        word.left * frame.width,
        word.top * frame.height,
        word.right * frame.width,
        word.bottom * frame.height,
    )


def _base(word: OcrWord, frame: PageFrame) -> float:
    """A word's baseline: its letters' tails hang below it."""
    height = (word.bottom - word.top) * frame.height
    return word.bottom * frame.height - height * _tail(word.text) / _extent(word.text)


def _size(line: list[OcrWord], frame: PageFrame) -> float:
    """Font size, in points, from the height of words and the letters they are made of."""
    telling = [word for word in line if _rise(word.text) == _CAPITAL] or line
    heights = [(word.bottom - word.top) * frame.height / _extent(word.text) for word in telling]
    return statistics.median(heights)


def _extent(text: str) -> float:
    return _rise(text) + _tail(text)


def _rise(text: str) -> float:
    """How high letters reach above the baseline."""
    if any(char in _TALL or char.isupper() for char in text):
        return _CAPITAL
    return _MIDDLE if "t" in text else _SMALL


def _tail(text: str) -> float:
    return _TAIL if any(char in _TAILED for char in text) else 0.0


def _settled(sizes: list[float], weights: list[int]) -> list[float]:
    """Measured sizes brought to the few that a document uses."""
    if not sizes:
        return []
    spread = [size for size, weight in zip(sizes, weights, strict=True) for _ in range(weight)]
    body = max(1.0, statistics.median(spread))
    return [
        round(body * _STEP ** round(np.log(max(1.0, size) / body) / np.log(_STEP)), 1)
        for size in sizes
    ]


def _rules(ink: Mask, scale: float) -> Drawn:
    """Long straight strokes of ink. Units: `scale` in pixels per point."""
    drawn = Drawn()
    for y, start, end in _strokes(ink, round(_SHORTEST_ACROSS * scale)):
        drawn.across.append((start / scale, y / scale, end / scale, y / scale))
    for x, start, end in _strokes(ink.T, round(_SHORTEST_DOWN * scale)):
        drawn.down.append((x / scale, start / scale, x / scale, end / scale))
    return drawn


def _left_out(straight: Grey, ink: Mask, squares: list[Rect], frame: PageFrame) -> Grey | None:
    """A picture of the squares that hold ink, and of nothing else; None when none does."""
    scale = ink.shape[1] / frame.width
    picture = np.full_like(straight, int(np.median(straight)))
    found = False
    for rect in squares[:_MAX_SQUARES]:
        left, top = (round((edge + _RULE_WIDTH) * scale) for edge in rect[:2])
        right, bottom = (round((edge - _RULE_WIDTH) * scale) for edge in rect[2:])
        part = (slice(top, bottom), slice(left, right))
        if ink[part].sum() > _LEAST_INK * scale**2:
            picture[part] = straight[part]
            found = True
    return picture if found else None


def _sure(result: OcrResult) -> OcrResult:
    """The words of a second reading that are hardly specks."""
    kept = [
        word
        for word in result.words
        if word.confidence >= _SURE and any(char.isalnum() for char in word.text)
    ]
    return OcrResult(words=tuple(kept))


def _straightened(picture: Grey, skew: float) -> Grey:
    """The picture turned by a small angle: rows, then columns, shifted in proportion."""
    if not skew:
        return picture
    height, width = picture.shape
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    down = np.clip(rows + np.rint(skew * columns).astype(int), 0, height - 1)
    picture = np.take_along_axis(picture, down, axis=0)
    right = np.clip(columns - np.rint(skew * rows).astype(int), 0, width - 1)
    return np.take_along_axis(picture, right, axis=1)


def _strokes(ink: Mask, shortest: int) -> list[tuple[int, int, int]]:
    """Row, start and end of the runs of ink along rows that are at least so long, in pixels."""
    thick = ink.copy()
    thick[1:] |= ink[:-1]
    sums = np.cumsum(thick, axis=1, dtype=np.int32)
    if thick.shape[1] <= shortest:
        return []
    full = sums[:, shortest:] - sums[:, :-shortest] >= _UNBROKEN * shortest
    edges = np.diff(np.pad(full, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    strokes = zip(starts[:_MAX_RULES], ends[:_MAX_RULES], strict=True)
    return [(int(row), int(start), int(end) + shortest) for (row, start), (_, end) in strokes]
