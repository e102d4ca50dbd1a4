"""Writes content into a Word document: the only place that turns texts into XML."""

from typing import Final

from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as WordParagraph

from assistant.reporting.content import Cell, Paragraph, Style, Table, bold, paragraph
from assistant.reporting.docx_styles import element
from assistant.reporting.labels import apostrophes, fr, visible

_HEADER_FILL: Final = "DCE3EE"
_NAME_FILL: Final = "F1F4F8"
#: About half of what a page holds.
_LINES_KEPT_WHOLE: Final = 18
_CHARACTERS_PER_CM: Final = 5.5


class DocxWriter:
    """Fills a document from top to bottom."""

    def __init__(self, document: Document) -> None:
        self._document = document
        # Looked up once: python-docx goes through all the styles of its template each time.
        self._style_ids = {style: document.styles[style.value].style_id for style in Style}

    def title(self, text: str) -> None:
        self._document.add_paragraph(visible(fr(text)), style="Title")

    def heading(self, text: str, level: int) -> None:
        self._document.add_heading(visible(fr(text)), level)

    def paragraph(self, content: Paragraph) -> None:
        self._fill(self._document.add_paragraph(), content)

    def text(self, text: str, style: Style = Style.BODY) -> None:
        self.paragraph(paragraph(text, style=style))

    def table(self, content: Table) -> None:
        """A grid whose header row is repeated on each page and named to screen readers."""
        table = self._document.add_table(rows=1, cols=len(content.headers))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        _describe(table, content)
        _set_columns(table, content.widths)
        self._header(table.rows[0], content)
        for cells in content.rows:
            self._row(table.add_row(), cells, content)
        # Word joins two tables that touch; the space also parts a table from what follows.
        gap = self._document.add_paragraph().paragraph_format
        gap.space_after, gap.line_spacing = Pt(0), Pt(6)

    def _header(self, row: _Row, content: Table) -> None:
        properties = row._tr.get_or_add_trPr()
        properties.append(element("w:cantSplit"))
        properties.append(element("w:tblHeader"))
        for box, header, width in zip(row.cells, content.headers, content.widths, strict=True):
            box.width = Cm(width)
            _shade(box, _HEADER_FILL)
            name = paragraph(bold(fr(header)), style=Style.CELL_LABEL)
            self._fill(box.paragraphs[0], name)

    def _row(self, row: _Row, cells: tuple[Cell, ...], content: Table) -> None:
        # A short row stays whole, so that its first cell names what one reads; a long one is cut
        # where the page ends rather than leave half a page empty before it.
        if _lines(cells, content.widths) <= _LINES_KEPT_WHOLE:
            row._tr.get_or_add_trPr().append(element("w:cantSplit"))
        boxes = row.cells
        for box, paragraphs, width in zip(boxes, cells, content.widths, strict=True):
            box.width = Cm(width)
            first, *others = paragraphs
            self._fill(box.paragraphs[0], first)
            for other in others:
                self._fill(box.add_paragraph(), other)
        if content.named_rows:
            _shade(boxes[0], _NAME_FILL)

    def _fill(self, target: WordParagraph, content: Paragraph) -> None:
        target._p.style = self._style_ids[content.style]
        for run in content.runs:
            text = run.text if run.verbatim else apostrophes(run.text)
            written = target.add_run(visible(text))
            # None leaves the style's own manner.
            written.bold = run.bold or None
            written.italic = run.italic or None


def _lines(cells: tuple[Cell, ...], widths: tuple[float, ...]) -> int:
    """About how many lines the tallest cell takes."""
    return max(
        sum(1 + int(len(item.text) / (width * _CHARACTERS_PER_CM)) for item in paragraphs)
        for paragraphs, width in zip(cells, widths, strict=True)
    )


def _describe(table: WordTable, content: Table) -> None:
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is not None:
        properties.remove(look)
    properties.append(
        element(
            "w:tblLook",
            firstRow="1",
            lastRow="0",
            firstColumn="1" if content.named_rows else "0",
            lastColumn="0",
            noHBand="1",
            noVBand="1",
        )
    )
    title = visible(fr(content.title))
    properties.append(element("w:tblCaption", val=title))
    columns = ", ".join(content.headers)
    properties.append(element("w:tblDescription", val=visible(f"{title}. Colonnes : {columns}.")))


def _set_columns(table: WordTable, widths: tuple[float, ...]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)


def _shade(box: _Cell, fill: str) -> None:
    box._tc.get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill=fill))
