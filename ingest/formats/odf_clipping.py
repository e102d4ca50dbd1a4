"""Text that styles push off the page, or leave no room for."""

from typing import Final

from ingest.formats.odf_styles import OdfStyles, PageLayout
from ingest.formats.odf_tables import TableCell
from ingest.types import HiddenReason

#: Units: points. A line, a row or a column smaller than this shows nothing.
_SMALLEST_ROOM: Final = 2.0


class Clips:
    """Judges paragraphs, rows and columns by the measures of their styles."""

    def __init__(self, styles: OdfStyles, page: PageLayout) -> None:
        self._styles = styles
        self._page = page
        self._squeezed: dict[tuple[str, str], bool] = {}

    def paragraph(self, style: str) -> HiddenReason | None:
        """Why a paragraph of that style is not seen; None when it is."""
        left, right, indent, line = (
            self._styles.length("paragraph", style, "paragraph", f"fo:{name}")
            for name in ("margin-left", "margin-right", "text-indent", "line-height")
        )
        if line is not None and line < _SMALLEST_ROOM:
            return HiddenReason.TINY
        start = (left or 0.0) + min(0.0, indent or 0.0)
        room = self._page.width - self._page.margin_left
        pushed = start >= room or (right or 0.0) >= room or start <= -self._page.width
        return HiddenReason.OFF_PAGE if pushed else None

    def is_squeezed(self, cell: TableCell) -> bool:
        """Whether a cell's row or column has no height or width to speak of."""
        key = (cell.row_style, cell.column_style)
        if key not in self._squeezed:
            sizes = (
                self._styles.length("table-row", key[0], "table-row", "style:row-height"),
                self._styles.length("table-column", key[1], "table-column", "style:column-width"),
            )
            self._squeezed[key] = any(s is not None and s < _SMALLEST_ROOM for s in sizes)
        return self._squeezed[key]
