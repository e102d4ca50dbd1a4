"""Lines in reading order to paragraphs: where one ends and the next begins."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ingest.formats.pdf_grid import Table
from ingest.formats.pdf_model import Line, Word
from ingest.formats.pdf_order import Item
from ingest.formats.pdf_text import ListMark, list_mark

#: Units: of the usual distance between baselines. More white than that is a new paragraph.
_MORE_WHITE: Final = 1.22
#: Units: of the font size.
_SAME_SIZE: Final = 0.08
_INDENT: Final = 0.8
_ROOM: Final = 0.4
_USUAL_LEADING: Final = 1.2
_LARGEST_LEADING: Final = 2.2
#: What French typography ties to the word before, or after, by a space that does not break.
_TIED_TO_BEFORE: Final = frozenset(":;?!»%€")
_TIED_TO_AFTER: Final = "«"
_SENTENCE_ENDS: Final = tuple(".!?:;…»)")


@dataclass(slots=True)
class Paragraph:
    """Lines read as one text. `mark` is set for a list item; `mark_x` is where its mark stands."""

    lines: list[Line]
    mark: ListMark | None = None

    @property
    def x0(self) -> float:
        return self.lines[0].x0

    @property
    def item_x(self) -> float:
        """Where the text of a list item starts, after its mark."""
        words = self.lines[0].words
        return words[1].x0 if self.mark and len(words) > 1 else self.lines[0].x0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a document is set: its usual leading (in font sizes) and right margin (points)."""

    leading: float
    right: float

    @classmethod
    def of(cls, flows: Iterable[list[Item]]) -> "Setting":
        """Measure the usual distance between lines, and how far lines go."""
        steps: Counter[float] = Counter()
        rights: list[float] = []
        for flow in flows:
            lines = [item for item in flow if isinstance(item, Line)]
            rights += [line.x1 for line in lines]
            for above, line in pairwise(lines):
                step = (line.base - above.base) / max(1.0, line.size)
                if _same_size(above, line) and 0.9 < step < _LARGEST_LEADING:
                    steps[round(step, 1)] += 1
        leading = steps.most_common(1)[0][0] if steps else _USUAL_LEADING
        return cls(leading=leading, right=_far(rights))


def paragraphs(flow: list[Item], setting: Setting, *, alone: bool) -> Iterator[Paragraph | Table]:
    """Cut a flow where a person sees a new paragraph. Tables come through as they are.

    `alone` says that the flow is the only one of its page, whose margin it shares.
    """
    rights = [item.x1 for item in flow if isinstance(item, Line)]
    right = max(_far(rights), setting.right if alone else 0.0)
    current: Paragraph | None = None
    for item in flow:
        if isinstance(item, Table):
            if current:
                yield current
            current = None
            yield item
            continue
        mark = list_mark(item.text)
        if current and not mark and not _breaks(current, item, setting, right):
            current.lines.append(item)
            continue
        if current:
            yield current
        current = Paragraph([item], mark)
    if current:
        yield current


def _far(rights: list[float]) -> float:
    """Nearly the largest: one overflowing line does not set the margin."""
    ordered = sorted(rights)
    return ordered[int(0.9 * (len(ordered) - 1))] if ordered else 0.0


def _breaks(paragraph: Paragraph, line: Line, setting: Setting, right: float) -> bool:
    """Whether a line without a list mark starts a new paragraph."""
    last = paragraph.lines[-1]
    step = line.base - last.base
    if not _same_size(last, line) or step <= 0:
        return True
    if step > _MORE_WHITE * setting.leading * line.size:
        return True
    short = last.x1 + _first_width(line) + _ROOM * line.size < right
    ended = short and last.text.endswith(_SENTENCE_ENDS) and not line.text[:1].islower()
    if paragraph.mark:
        return ended or _leaves_item(paragraph, line, short=short)
    if last.bold != line.bold and short:
        return True
    if _is_indented(paragraph, line):
        return True
    return ended or (short and not line.text[:1].islower())


def _leaves_item(paragraph: Paragraph, line: Line, *, short: bool) -> bool:
    """Whether a line no longer belongs to the list item above it."""
    if line.x0 >= paragraph.item_x - _INDENT * line.size:
        return False
    under_the_mark = line.x0 >= paragraph.x0 - _INDENT * line.size
    return short or not under_the_mark


def _is_indented(paragraph: Paragraph, line: Line) -> bool:
    """A first line set in. Centred lines start anywhere and do not count."""
    last = paragraph.lines[-1]
    centred = abs((last.x0 + last.x1) - (line.x0 + line.x1)) < line.size
    hanging = len(paragraph.lines) == 1
    return not centred and not hanging and line.x0 - last.x0 > _INDENT * line.size


def _first_width(line: Line) -> float:
    """Width of what could have ended the line above: a word and the signs tied to it."""
    words = line.words
    end = words[0].x1
    for before, word in pairwise(words):
        if not (word.glued or _are_tied(before, word)):
            break
        end = word.x1
    return end - words[0].x0


def _are_tied(before: Word, word: Word) -> bool:
    ties = before.text == _TIED_TO_AFTER or before.text[-1].isdigit()
    return ties or word.text[0] in _TIED_TO_BEFORE


def _same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def body_size(lines: Iterable[Line]) -> float:
    """The size of most characters, in points; 0 without any."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0
