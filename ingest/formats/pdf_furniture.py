"""Running headers, footers, page numbers and footnotes, taken out of the text of the pages.

A header is told by its repetition: the same words at the same height near the edge of several
pages, give or take a number that follows that of the page.
"""

import re
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from ingest.formats.pdf_grid import Table
from ingest.formats.pdf_lines import edge_lines, lines_upwards
from ingest.formats.pdf_model import Line, PageFrame, Word
from ingest.types import Channel

#: Share of the page's height, from each edge, where headers and footers stand.
_MARGIN: Final = 0.12
#: Rows from the edge among which they are looked for.
_ROWS: Final = 3
#: Units: points. How much their height varies from page to page.
_SAME_HEIGHT: Final = 8.0
#: Share of the pages that carry them: odd and even pages, and chapters, may differ. A number
#: that goes up with the pages is proof enough on two.
_LEAST_SHARE: Final = 0.15
#: Of the body's size. What is larger is a title, even more so when it only nearly repeats
#: (« Publication 1 », « Publication 2 »).
_LARGEST_SAME, _LARGEST = 1.3, 1.05
#: Of the body's size. So small, a line at the edge of pages is no title.
_SMALL: Final = 0.9
#: Units: of the font size, from a page number to the text beside it.
_APART: Final = 1.5
_BEFORE_NUMBER: Final = ("page", "p.", "-", "–", "—", "|", "/", "·", "•")
_FOOTNOTE_SIZE: Final = 0.93
_FOOTNOTE_ZONE: Final = 0.4
_NUMBER: Final = re.compile(r"\d+")
_PAGE_NUMBER: Final = re.compile(
    r"\W*(?:page|p\.)?\s*(?P<page>\d{1,4})\s*(?:(?:/|sur|of|de)\s*\d{1,4})?\W*", re.IGNORECASE
)


@dataclass(slots=True)
class PageContent:
    """What a person sees on one page, before and after its margins are set apart."""

    frame: PageFrame
    words: list[Word]
    tables: list[Table]
    headers: list[Line] = field(default_factory=list)
    footers: list[Line] = field(default_factory=list)
    footnotes: list[tuple[str, list[Line]]] = field(default_factory=list)
    sideways: list[Line] = field(default_factory=list)
    channel: Channel = Channel.BODY


@dataclass(frozen=True, slots=True)
class _Row:
    """One printed row near an edge. `key` is its text with numbers blanked."""

    content: PageContent
    line: Line
    top_edge: bool
    key: str

    @property
    def numbers(self) -> list[int]:
        """Numbers in the text, less that of the page."""
        found = _NUMBER.findall(self.line.text)
        return [int(number[:9]) - self.content.frame.page for number in found]


def set_apart_margins(pages: list[PageContent], body: float) -> None:
    """Move what repeats at the edges of pages to the `headers` and `footers` of the first one."""
    groups: dict[tuple[bool, str], list[_Row]] = defaultdict(list)
    for content in pages:
        for row in _edge_rows(content):
            groups[row.top_edge, row.key].append(row)
    for rows in groups.values():
        for index, row in enumerate(_furniture(rows, len(pages), body)):
            _take(row, kept=index == 0)


def set_apart_footnotes(content: PageContent, body: float) -> None:
    """Move small numbered lines at the bottom of a page to `footnotes`.

    Only those whose number is called, raised, in the text above.
    """
    calls = {word.text.strip("()[]") for word in content.words if word.raised}
    if not calls:
        return
    notes: list[tuple[str, list[Line]]] = []
    pending: list[Line] = []
    for line in lines_upwards(content.words):
        low = line.top > (1 - _FOOTNOTE_ZONE) * content.frame.layout_height
        if not low or line.size > _FOOTNOTE_SIZE * body:
            break
        pending.insert(0, line)
        number = line.words[0].text.strip("()[].")
        if number in calls and len(line.words) > 1:
            notes.insert(0, (number, pending))
            pending = []
    content.footnotes = notes
    _remove(content, [line for _, note in notes for line in note])


def _edge_rows(content: PageContent) -> list[_Row]:
    height = content.frame.layout_height
    first, last = edge_lines(content.words, _ROWS)
    top = [line for line in first if line.bottom < _MARGIN * height]
    bottom = [line for line in last if line.top > (1 - _MARGIN) * height]
    return [
        _Row(content, line, edge is top, _NUMBER.sub("#", line.text))
        for edge in (top, bottom)
        for line in edge
    ]


def _furniture(rows: list[_Row], pages: int, body: float) -> list[_Row]:
    """Those of the rows with one key that are a header, a footer or a page number."""
    height = statistics.median_low(row.line.base for row in rows)
    level = [row for row in rows if abs(row.line.base - height) <= _SAME_HEIGHT]
    same, numbered = _same_text(level), _follow_pages(level, body)
    least = 2 if numbered else max(2, _LEAST_SHARE * pages)
    largest = (_LARGEST_SAME if same else _LARGEST) * body
    if (same or numbered) and len(level) >= least and _size(level) <= largest:
        return level
    return [row for row in rows if _is_page_number(row)]


def _size(rows: list[_Row]) -> float:
    return max(row.line.size for row in rows)


def _same_text(rows: list[_Row]) -> bool:
    return len({row.line.text for row in rows}) == 1


def _follow_pages(rows: list[_Row], body: float) -> bool:
    """Whether a number set apart in the text goes up with that of the page."""
    columns = list(zip(*(row.numbers for row in rows), strict=True))
    following = [index for index, column in enumerate(columns) if len(set(column)) == 1]
    small = _size(rows) <= _SMALL * body
    return any(small or _is_set_apart(rows[0].line, index) for index in following)


def _is_set_apart(line: Line, index: int) -> bool:
    """Whether the number of that index is a page's rather than part of a title (« Semaine 2 »)."""
    seen = 0
    for place, word in enumerate(line.words):
        seen += len(_NUMBER.findall(word.text))
        if seen > index:
            before = line.words[place - 1] if place else None
            if before is None or word.x0 - before.x1 > _APART * line.size:
                return True
            return before.text.lower().endswith(_BEFORE_NUMBER)
    return False


def _is_page_number(row: _Row) -> bool:
    found = _PAGE_NUMBER.fullmatch(row.line.text)
    return found is not None and int(found["page"]) == row.content.frame.page


def _take(row: _Row, *, kept: bool) -> None:
    if kept:
        (row.content.headers if row.top_edge else row.content.footers).append(row.line)
    _remove(row.content, [row.line])


def _remove(content: PageContent, lines: list[Line]) -> None:
    taken = {id(word) for line in lines for word in line.words}
    content.words = [word for word in content.words if id(word) not in taken]
