"""What a sheet has besides cells and drawings: notes, links, prompts, tables, page banners."""

from collections.abc import Iterator
from typing import Final

from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.docx_xml import Element, integer
from ingest.formats.drawing import Links
from ingest.formats.drawing_output import Output
from ingest.formats.xlsx_banners import read_banner
from ingest.formats.xlsx_book import Workbook
from ingest.formats.xlsx_grid import Area, parse_area
from ingest.formats.xlsx_sheet import SheetData
from ingest.formats.xlsx_strings import read_runs
from ingest.types import BlockKind, Channel, HiddenReason

_DARK_STYLE: Final = "TableStyleDark"


class SheetExtras:
    """The parts that one sheet refers to, its drawings aside."""

    def __init__(self, book: Workbook, part: str, data: SheetData) -> None:
        self._parts = book.parts
        self._styles = book.styles
        self._data = data
        self._links = Links(book.parts, part)

    def styled_areas(self) -> list[Area]:
        """Where a table style or a condition may paint behind the text."""
        painted = [area for area, rule in self._data.painted if self._styles.paints(rule)]
        for name in (self._links.part(identifier) for identifier in self._data.tables):
            if (root := self._loaded(name)) is not None:
                painted += _table_areas(root)
        return painted

    def write_header(self, output: Output) -> None:
        """Write the text printed above the pages."""
        self._banners(output, header=True)

    def write(self, output: Output) -> None:
        """Write the page footer; record links, prompts and comments."""
        self._banners(output, header=False)
        for link in self._data.links:
            output.link(self._links.address(link.link_id))
            output.hide(link.tooltip, HiddenReason.MARKUP)
        for text in self._data.prompts:
            output.hide(text, HiddenReason.MARKUP)
        self._comments(output)

    def _banners(self, output: Output, *, header: bool) -> None:
        output = output.at(channel=Channel.HEADER if header else Channel.FOOTER)
        for banner in self._data.banners:
            if banner.is_header is not header:
                continue
            pieces = list(read_banner(banner.text))
            for text, reason in pieces:
                if reason is not None or not banner.shown:
                    output.hide(text, reason or HiddenReason.MARKUP)
            seen = "".join(text for text, reason in pieces if reason is None)
            if banner.shown:
                output.show(BlockKind.PARAGRAPH, seen)

    def _comments(self, output: Output) -> None:
        threaded = list(self._texts("threadedComment", "threadedComment"))
        cells = {cell for cell, _ in threaded}
        # Each thread is repeated as one old-style note, for programs that know no threads.
        notes = [note for note in self._texts("comments", "comment") if note[0] not in cells]
        for cell, text in threaded + notes:
            output.at(cell=cell or None).hide(text, HiddenReason.COMMENT)

    def _texts(self, kind: str, tag: str) -> Iterator[tuple[str, str]]:
        """Cell and text of each comment."""
        for name in self._links.parts(kind):
            root = self._loaded(name)
            for element in root.iter(f"{{*}}{tag}") if root is not None else ():
                text = element.find("{*}text")
                if text is not None:
                    runs = "".join(run.text for run in read_runs(text))
                    yield element.get("ref") or "", runs or text.text or ""

    def _loaded(self, name: str | None) -> Element | None:
        """A part's root; None when it is missing or cannot be read: only comments are at stake."""
        try:
            return self._parts.load(name)
        except (CorruptedFile, FileTooLarge):
            return None


def _table_areas(table: Element) -> Iterator[Area]:
    """The rows of a table that its style paints in a strong colour."""
    area, style = parse_area(table.get("ref")), table.find("{*}tableStyleInfo")
    name = "" if style is None else style.get("name") or ""
    if area is None or not name:
        return
    if name.startswith(_DARK_STYLE):
        yield area
        return
    heads = integer(table.get("headerRowCount"))
    if heads is None or heads > 0:
        yield area._replace(bottom=area.top)
    if integer(table.get("totalsRowCount")):
        yield area._replace(top=area.bottom)
