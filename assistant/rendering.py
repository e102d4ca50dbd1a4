"""Shows a proof where it stands: the page with the quote highlighted, or the passage itself.

A PDF or an image is drawn as it is; an office file through the pages that LibreOffice lays out.
Where there are no pages (no LibreOffice, speaker notes, a message, plain text), the passage is
shown as HTML with what stands around it.
"""

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, Literal

from rapidfuzz import fuzz

from assistant.domain.finding import Evidence
from assistant.grounding import FoldedText
from assistant.locating import Place, locate
from ingest.errors import IngestError
from ingest.layout import OFFICE_SUFFIXES, LayoutFailed, OfficeLayout
from ingest.service import ReadingService
from ingest.types import Block, BlockKind, Channel, Document, Frozen, SourceFile

DRAWN: Final = frozenset({".pdf", ".png", ".jpg", ".jpeg"})
#: Blocks shown on each side of the passage, and characters of each at most.
_AROUND: Final = 2
_LONGEST: Final = 4000
_HEADER_SHARE: Final = 0.6
_MOST_COLUMNS: Final = 50
#: Characters on each side of a quote that tell its occurrences apart.
_CONTEXT: Final = 150
#: What has no place on the pages of a laid out file.
OFF_PAGE: Final = frozenset({Channel.SPEAKER_NOTES, Channel.OCR})

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem;max-width:46rem;color:#1f2430}"
    "mark{background:#ffe864;outline:1px solid #d67800}"
    "li{margin-left:1.2rem}.around{color:#5b6472}"
    ".place{font-size:.85rem;color:#5b6472;border-bottom:1px solid #ccd;"
    "padding-bottom:.4rem}table{border-collapse:collapse}td{border:1px solid #99a;"
    "padding:.3rem .6rem;vertical-align:top}"
)


class RenderedEvidence(Frozen):
    """A picture (PNG) of the page, or an HTML page of the passage, as bytes.

    `page` counts from 1 in what was drawn, None for HTML. `caption_fr` says what is shown.
    """

    kind: Literal["image", "html"]
    data: bytes
    caption_fr: str
    page: int | None = None

    @property
    def media_type(self) -> str:
        return "image/png" if self.kind == "image" else "text/html; charset=utf-8"


def render_evidence(
    file: SourceFile,
    evidence: Evidence,
    reader: ReadingService,
    *,
    office: OfficeLayout | None = None,
) -> RenderedEvidence:
    """The quote in its page. Without `office`, office files are shown as HTML.

    Raises: an `IngestError` when the file cannot be read any more.
    """
    document = reader.read(file)
    try:
        picture = _picture(file, document, evidence, reader, office)
    except (IngestError, LayoutFailed):  # the passage itself can still be shown
        picture = None
    return picture or _passage(document, evidence)


def _picture(
    file: SourceFile,
    document: Document,
    evidence: Evidence,
    reader: ReadingService,
    office: OfficeLayout | None,
) -> RenderedEvidence | None:
    if file.suffix in DRAWN:
        return _drawn(file, document, evidence, reader)
    if office is None or file.suffix not in OFFICE_SUFFIXES:
        return None
    if evidence.locator.channel in OFF_PAGE:
        return None
    pages = office.pdf(file)
    laid_out = reader.read(pages)
    place = same_place(document, evidence, laid_out)
    if place is None:
        return None
    page = place.locators[0].page or 1
    boxes = tuple(box for box in place.boxes if box.page == page)
    png = reader.draw(pages, page, quote=place.found, boxes=boxes)
    caption = f"{evidence.place_fr} — mise en page de LibreOffice, page {page}"
    return RenderedEvidence(kind="image", data=png, page=page, caption_fr=caption)


def _drawn(
    file: SourceFile, document: Document, evidence: Evidence, reader: ReadingService
) -> RenderedEvidence | None:
    boxes = [
        box
        for block in document.blocks_between(evidence.start, evidence.end)
        for box in block.boxes
    ]
    page = evidence.locator.page or (boxes[0].page if boxes else None)
    if page is None:
        return None
    on_it = tuple(box for box in boxes if box.page == page)
    png = reader.draw(file, page, quote=evidence.quote, boxes=on_it)
    return RenderedEvidence(kind="image", data=png, page=page, caption_fr=evidence.place_fr)


def same_place(document: Document, evidence: Evidence, laid_out: Document) -> Place | None:
    """The quote among the pages: of its occurrences, the one with the same words around it.

    Then the one on the slide's page (a hidden slide has none, and shifts the others), then the
    one of the same rank.
    """
    places = [place for place in locate(laid_out, evidence.quote) if place.start is not None]
    if len(places) < 2:
        return places[0] if places else None
    rank = sum(
        1
        for place in locate(document, evidence.quote)
        if place.start is not None and place.start < evidence.start
    )
    around = _around(document, evidence.start, evidence.end)

    def likeness(numbered: tuple[int, Place]) -> tuple[float, bool, int]:
        number, place = numbered
        same = fuzz.ratio(around, _around(laid_out, place.start or 0, place.end or 0))
        return same, place.locators[0].page == evidence.locator.slide, -abs(number - rank)

    return max(enumerate(places), key=likeness)[1]


def _around(document: Document, start: int, end: int) -> str:
    text = document.text
    return FoldedText(f"{text[max(0, start - _CONTEXT) : start]}|{text[end : end + _CONTEXT]}").text


# --- without a page -----------------------------------------------------------------------------


def _passage(document: Document, evidence: Evidence) -> RenderedEvidence:
    first, last = _block_range(document, evidence)
    blocks = document.blocks[max(0, first - _AROUND) : last + _AROUND + 1]
    row = _row(document, evidence)
    if row:
        blocks = row
    body = "".join(_html_of(group, evidence) for group in _groups(blocks))
    page = (
        f"<!doctype html><html lang='fr'><meta charset='utf-8'><title>Preuve</title>"
        f"<style>{_STYLE}</style><p class='place'>{html.escape(evidence.place_fr)}</p>{body}</html>"
    )
    return RenderedEvidence(kind="html", data=page.encode(), caption_fr=evidence.place_fr)


def _block_range(document: Document, evidence: Evidence) -> tuple[int, int]:
    touched = [
        index
        for index, block in enumerate(document.blocks)
        if block.start < evidence.end and block.end > evidence.start
    ]
    return touched[0], touched[-1]


def _row(document: Document, evidence: Evidence) -> tuple[Block, ...]:
    """The whole row of the table (or sheet) that the quote stands in, under its header row."""
    inside = document.blocks_between(evidence.start, evidence.end)
    cells = [block for block in inside if block.kind is BlockKind.TABLE_CELL]
    if not cells:
        return ()
    table, row = _table_of(cells[0]), cells[0].locator.row
    same_table = [block for block in document.blocks if _table_of(block) == table]
    sizes = Counter(block.locator.row for block in same_table)
    # A title over the table has one cell; the header has about as many as the row.
    header = next((r for r, size in sizes.items() if size >= _HEADER_SHARE * sizes[row]), row)
    return tuple(block for block in same_table if block.locator.row in (header, row))


def _table_of(block: Block) -> tuple[object, ...]:
    locator = block.locator
    return (block.kind, locator.page, locator.slide, locator.sheet, locator.table)


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks one by one, the cells of a table together."""

    def key(item: tuple[int, Block]) -> tuple[object, ...]:
        index, block = item
        return _table_of(block) if block.kind is BlockKind.TABLE_CELL else (index,)

    for _, group in groupby(enumerate(blocks), key=key):
        yield [block for _, block in group]


def _html_of(blocks: Sequence[Block], evidence: Evidence) -> str:
    if blocks[0].kind is BlockKind.TABLE_CELL:
        rows = groupby(blocks, key=lambda block: block.locator.row)
        return f"<table>{''.join(_html_row(list(row), evidence) for _, row in rows)}</table>"
    block = blocks[0]
    tag = {BlockKind.HEADING: "h2", BlockKind.LIST_ITEM: "li"}.get(block.kind, "p")
    outside = block.end <= evidence.start or block.start >= evidence.end
    return f"<{tag}{' class=around' if outside else ''}>{_marked(block, evidence)}</{tag}>"


def _html_row(cells: Sequence[Block], evidence: Evidence) -> str:
    """A row whose cells stand in their columns, empty ones between them."""
    parts, column = [], 1
    for cell in cells:
        wanted = cell.locator.column or column
        parts.append("<td></td>" * min(wanted - column, _MOST_COLUMNS))
        parts.append(f"<td>{_marked(cell, evidence)}</td>")
        column = wanted + 1
    return f"<tr>{''.join(parts)}</tr>"


def _marked(block: Block, evidence: Evidence) -> str:
    """A block's text, escaped, with the part of the quote that it holds marked."""
    start = max(evidence.start - block.start, 0)
    end = min(evidence.end - block.start, len(block.text))
    if start >= end:
        return html.escape(block.text[:_LONGEST])
    before, quote, after = block.text[:start], block.text[start:end], block.text[end:]
    marked = f"{html.escape(before[-_LONGEST:])}<mark>{html.escape(quote)}</mark>"
    return f"{marked}{html.escape(after[:_LONGEST])}"
