"""Which paragraphs are headings, and of which level, from how a whole document is set."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from ingest.formats.pdf_grid import Table
from ingest.formats.pdf_model import Line
from ingest.formats.pdf_paragraphs import Paragraph

#: Of the body's size. Larger than that stands out.
_LARGER: Final = 1.12
#: Of the body's size. Bold text smaller than that is a label, not a heading.
_SMALLEST_BOLD: Final = 0.98
_MAX_WORDS, _MAX_LINES = 20, 3
_MAX_LEVEL: Final = 6
#: Share of bold characters above which bold says nothing.
_MOSTLY_BOLD: Final = 0.5
_LETTERS: Final = re.compile(r"[^\W\d_]{2}")
_RUNS_ON: Final = (",", ";")
#: Units: words. A large text that long, with its full stop, is an introduction.
_SHORT_SENTENCE: Final = 8
_LEADERS: Final = re.compile(r"[.…_]{4,}|(?:\. ){4,}")

#: Size in half points, bold.
_Look = tuple[int, bool]


class Headings:
    """Levels of the headings of one document: the larger, the higher; bold before light."""

    def __init__(self, pieces: Sequence[Paragraph | Table], body: float) -> None:
        self._body = body
        paragraphs = [piece for piece in pieces if isinstance(piece, Paragraph)]
        self._bold_counts = _bold_share(paragraphs) < _MOSTLY_BOLD
        candidates = [p for p in paragraphs if self._stands_out(p)]
        uses = Counter(_look(paragraph) for paragraph in candidates)
        subtitles = {id(p) for p in _subtitles(pieces, candidates, uses)}
        self._headings = {id(p): _look(p) for p in candidates if id(p) not in subtitles}
        looks = sorted(set(self._headings.values()), reverse=True)
        self._levels = {look: min(rank, _MAX_LEVEL) for rank, look in enumerate(looks, start=1)}

    def level(self, paragraph: Paragraph) -> int | None:
        """1 for the highest heading; None for what is not one."""
        look = self._headings.get(id(paragraph))
        return None if look is None else self._levels[look]

    def _stands_out(self, paragraph: Paragraph) -> bool:
        lines = paragraph.lines
        text = " ".join(line.text for line in lines)
        if len(lines) > _MAX_LINES or len(text.split()) > _MAX_WORDS:
            return False
        if not _LETTERS.search(text) or text.endswith(_RUNS_ON) or _LEADERS.search(text):
            return False
        if paragraph.mark and paragraph.mark.bullet:
            return False
        size = min(line.size for line in lines)
        is_sentence = text.endswith(".")
        if size >= _LARGER * self._body:
            return not is_sentence or len(text.split()) <= _SHORT_SENTENCE
        bold = all(line.bold for line in lines) and not is_sentence
        return self._bold_counts and bold and size >= _SMALLEST_BOLD * self._body


def _look(paragraph: Paragraph) -> _Look:
    line = paragraph.lines[0]
    return round(line.size * 2), line.bold


def _subtitles(
    pieces: Sequence[Paragraph | Table], candidates: list[Paragraph], uses: Counter[_Look]
) -> list[Paragraph]:
    """Lines under the main title (a date, a client's name) whose look serves nowhere else."""
    wanted = {id(candidate) for candidate in candidates}
    title = max(uses, default=None)
    found: list[Paragraph] = []
    after_title = False
    for piece in pieces:
        if not isinstance(piece, Paragraph) or id(piece) not in wanted:
            after_title = False
        elif _look(piece) == title:
            after_title = True
        elif after_title and uses[_look(piece)] == 1:
            found.append(piece)
    return found


def _bold_share(paragraphs: list[Paragraph]) -> float:
    lines: list[Line] = [line for paragraph in paragraphs for line in paragraph.lines]
    total = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if line.bold) / max(1, total)
