"""Words to lines: same baseline, no wide gap between."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from ingest.formats.pdf_model import Line, Word
from ingest.formats.pdf_text import is_lone_mark

#: Units: of the font size. Wider than justified text spaces its words, narrower than a gutter.
WIDE_GAP: Final = 1.0
#: Units: of the font size. A bullet or number may stand this far from its item.
_MARK_GAP: Final = 5.0
_SAME_BASELINE: Final = 0.25
_RAISED_SIZE: Final = 0.85
#: A raised number after a word of that many letters is a note call, not an exponent (« km² »).
_SHORT_UNIT: Final = 3


def settle_raised(words: list[Word]) -> None:
    """Put raised and lowered words (exponents, note calls) on their neighbour's baseline.

    `words` are in the order of the content stream, where a raised word follows or precedes what
    it belongs to.
    """
    for before, word in pairwise(words):
        if _is_raised_beside(word, before):
            word.base, word.raised = before.base, True
            word.glued = not _is_note_call(word, before)
        elif _is_raised_beside(before, word):
            before.base, before.raised = word.base, True


def lines_of(words: Iterable[Word], *, wide_gap: float | None = WIDE_GAP) -> list[Line]:
    """Lines from top to bottom, then left to right.

    Words of one baseline that stand further apart than `wide_gap` (in font sizes; None for
    never) are different lines, except a bullet and its item.
    """
    return [line for row in _rows(words) for line in _cut(row, wide_gap)]


def edge_lines(words: Iterable[Word], count: int) -> tuple[list[Line], list[Line]]:
    """The first lines and the last, both downwards, whatever the gaps in them."""
    rows = _rows(words)
    first = [line for row in rows[:count] for line in _cut(row, None)]
    last = [line for row in rows[-count:] for line in _cut(row, None)]
    return first[:count], last[-count:]


def lines_upwards(words: Iterable[Word]) -> Iterator[Line]:
    """Lines from the last to the first, whatever the gaps in them."""
    for row in reversed(_rows(words)):
        yield from reversed(_cut(row, None))


def joined_line(lines: list[Line]) -> Line:
    """One line from pieces that turned out to be read together."""
    words = [word for line in lines for word in line.words]
    return Line(sorted(words, key=lambda word: word.x0))


def _rows(words: Iterable[Word]) -> list[list[Word]]:
    """Words by baseline, each row from left to right."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.base):
        tolerance = _SAME_BASELINE * word.style.size
        if rows and word.base - rows[-1][0].base <= tolerance:
            rows[-1].append(word)
        else:
            rows.append([word])
    for row in rows:
        # The letters of a sloping word aside, what starts first is read first.
        row.sort(key=lambda word: word.x0)
    return rows


def _cut(row: list[Word], wide_gap: float | None) -> list[Line]:
    pieces: list[list[Word]] = [[row[0]]]
    for before, word in pairwise(row):
        size = max(before.style.size, word.style.size)
        gap = word.x0 - before.x1
        if gap > 0.3 * size:
            word.glued = False
        allowed = _MARK_GAP if _is_mark(pieces[-1]) else wide_gap
        if allowed is not None and gap > allowed * size:
            pieces.append([word])
        else:
            pieces[-1].append(word)
    return [Line(piece) for piece in pieces]


def _is_mark(piece: list[Word]) -> bool:
    return len(piece) == 1 and is_lone_mark(piece[0].text)


def _is_raised_beside(word: Word, main: Word) -> bool:
    size = main.style.size
    return (
        word.style.size <= _RAISED_SIZE * size
        and 0.1 * size < abs(word.base - main.base) < 0.8 * size
        and -0.3 * size < max(word.x0 - main.x1, main.x0 - word.x1) < 0.5 * size
    )


def _is_note_call(word: Word, before: Word) -> bool:
    letters = sum(char.isalpha() for char in before.text)
    return word.text.isdigit() and letters > _SHORT_UNIT
