"""What a cell or a section says, before any file format: paragraphs of styled runs."""

from enum import StrEnum
from typing import NamedTuple

from assistant.reporting.labels import quoted


class Style(StrEnum):
    """The paragraph styles of the grid; the value is the style's name in the document."""

    BODY = "Normal"
    BULLET = "Puce"
    LEGEND = "Légende"
    BANNER = "Bandeau"
    BANNER_FINAL = "Bandeau final"
    CELL = "Cellule"
    CELL_LABEL = "Cellule intitulé"
    CELL_VERDICT = "Cellule appréciation"
    CELL_ITEM = "Cellule élément"
    CELL_QUOTE = "Cellule citation"


class Run(NamedTuple):
    """A stretch of text in one manner. `verbatim`: someone else's words, kept to the sign."""

    text: str
    bold: bool = False
    italic: bool = False
    verbatim: bool = False


class Paragraph(NamedTuple):
    """One paragraph. The runs' text is shown as it is, whatever it holds."""

    runs: tuple[Run, ...]
    style: Style = Style.CELL

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


#: What a cell holds, from top to bottom.
Cell = tuple[Paragraph, ...]


class Table(NamedTuple):
    """A table whose first row names its columns.

    Units: `widths` in centimetres. `named_rows`: the first cell of a row names it.
    """

    title: str
    headers: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    named_rows: bool = False


def paragraph(*runs: Run | str, style: Style = Style.CELL) -> Paragraph:
    """A paragraph from runs, or from texts in the style's own manner."""
    return Paragraph(tuple(Run(r) if isinstance(r, str) else r for r in runs), style)


def cell(*texts: str) -> Cell:
    """A cell of plain paragraphs."""
    return tuple(paragraph(text) for text in texts)


def quote(text: str) -> Run:
    """A quote between guillemets."""
    return Run(quoted(text), verbatim=True)


def bold(text: str) -> Run:
    """For what the eye looks for first."""
    return Run(text, bold=True)


def italic(text: str) -> Run:
    """For what situates the rest: places, ids, reasons."""
    return Run(text, italic=True)
