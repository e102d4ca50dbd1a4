"""Writes the shapes of a page: texts, tables, graphics, pictures, each with its place."""

from collections.abc import Sequence
from typing import Final

from ingest.formats.colours import Colour
from ingest.formats.docx_xml import Element
from ingest.formats.drawing import A, link_id
from ingest.formats.drawing_geometry import Rect
from ingest.formats.drawing_objects import Objects
from ingest.formats.drawing_output import Output
from ingest.formats.drawing_shapes import Shape
from ingest.formats.drawing_text import (
    Paragraph,
    Run,
    TextStyles,
    plain_paragraphs,
    read_paragraphs,
)
from ingest.formats.drawing_visibility import Scene, run_reason, split_by_reason, text_rect
from ingest.formats.pptx_look import Look
from ingest.formats.pptx_table import merged_texts, read_cells
from ingest.types import BlockKind, Box, HiddenReason

_USUAL_SIZE: Final = 18.0  # points
_NEW_LINE: Final = Run("\n")
_Grounds = Sequence[tuple[Colour, ...] | None]


class ShapeWriter:
    """Writes shapes of one page; numbers its paragraphs and its tables from 1."""

    def __init__(
        self, look: Look, scene: Scene, objects: Objects, table_styles: Element | None
    ) -> None:
        self._look = look
        self._scene = scene
        self._objects = objects
        self._table_styles = table_styles
        self._paragraphs = 0
        self._tables = 0

    def write(self, shape: Shape, output: Output) -> None:
        """Write all that a shape carries."""
        self._objects.alt_text(shape, output)
        self._shape_links(shape, output)
        if shape.body is not None:
            self._text(shape, output)
        elif shape.table is not None:
            self._table(shape.table, shape, output)
        elif shape.graphic is not None:
            self._objects.graphic(shape, output.unseen(self._reason(shape)))
        if shape.kind != "grpSp":
            self._objects.picture(shape, output)

    def title(self, shape: Shape, output: Output) -> None:
        """Write a slide's title as one heading."""
        self._objects.alt_text(shape, output)
        self._shape_links(shape, output)
        self._text(shape, output, as_title=True)

    def seen_text(self, shape: Shape) -> str:
        """What a person reads of a shape's text, a line per paragraph."""
        paragraphs = read_paragraphs(shape.body, self._look.text_styles(shape))
        rect = self._text_rect(shape, paragraphs)
        if self._scene.shape_reason(shape, rect) is not None:
            return ""
        grounds = self._scene.grounds(rect, shape.order)
        seen = (split_by_reason(p, lambda run: run_reason(run, grounds))[0] for p in paragraphs)
        return "\n".join(line.strip() for line in seen if line.strip())

    def font_size(self, shape: Shape) -> float:
        """The largest size of a shape's text, in points."""
        paragraphs = read_paragraphs(shape.body, self._look.text_styles(shape))
        runs = (run for paragraph in paragraphs for run in paragraph.runs if run.text.strip())
        return max((run.size or _USUAL_SIZE for run in runs), default=0.0)

    def plain_text(self, shape: Shape) -> str:
        """A shape's text, seen or not."""
        return plain_paragraphs(shape.body)

    def _text(self, shape: Shape, output: Output, *, as_title: bool = False) -> None:
        styles = self._look.text_styles(shape)
        paragraphs = read_paragraphs(shape.body, styles)
        if not any(p.text.strip() for p in paragraphs):
            return
        rect = self._text_rect(shape, paragraphs)
        output = output.unseen(self._scene.shape_reason(shape, rect))
        grounds = self._scene.grounds(rect, shape.order)
        if as_title:
            title = tuple(run for p in paragraphs for run in (*p.runs, _NEW_LINE))
            paragraphs = [Paragraph(title)]
        for paragraph in paragraphs:
            if not paragraph.text.strip():
                continue
            self._paragraphs += 1
            here = output.at(paragraph=self._paragraphs)
            kind = BlockKind.LIST_ITEM if paragraph.bullet else BlockKind.PARAGRAPH
            level = paragraph.level if paragraph.bullet else None
            if as_title:
                kind, level = BlockKind.HEADING, 1
            text = self._seen(paragraph, grounds, here)
            here.show(kind, text, level=level, box=self._box(shape, here))

    def _seen(self, paragraph: Paragraph, grounds: _Grounds, output: Output) -> str:
        """The text that is seen; the rest goes to hidden spans, links to the links."""
        for run in paragraph.runs:
            for link in run.links:
                output.link(self._objects.links.address(link))
        if output.hidden is not None:
            return paragraph.text
        seen, unseen = split_by_reason(paragraph, lambda run: run_reason(run, grounds))
        for reason, text in unseen:
            output.hide(text, reason)
        return seen

    def _table(self, table: Element, shape: Shape, output: Output) -> None:
        self._tables += 1
        output = output.unseen(self._reason(shape))
        behind = self._scene.grounds(shape.rect, shape.order)
        styles = TextStyles(theme=self._look.theme)
        box = self._box(shape, output)
        for cell in read_cells(table, self._look.theme, self._table_styles):
            here = output.at(table=self._tables, row=cell.row, column=cell.column)
            grounds = behind if cell.ground == () else [cell.ground]
            lines = [
                self._seen(paragraph, grounds, here)
                for paragraph in read_paragraphs(cell.body, styles)
            ]
            here.show(BlockKind.TABLE_CELL, "\n".join(lines), box=box)
        for body in merged_texts(table):
            output.at(table=self._tables).hide(plain_paragraphs(body), HiddenReason.VANISHED)

    def _reason(self, shape: Shape) -> HiddenReason | None:
        return self._scene.shape_reason(shape, shape.rect)

    def _text_rect(self, shape: Shape, paragraphs: Sequence[Paragraph]) -> Rect | None:
        return text_rect(shape, paragraphs, self._look.body_properties(shape))

    def _box(self, shape: Shape, output: Output) -> Box | None:
        size, slide = self._scene.size, output.locator.slide
        if shape.rect is None or size is None or slide is None:
            return None
        return shape.rect.box(slide, size)

    def _shape_links(self, shape: Shape, output: Output) -> None:
        if (naming := shape.naming) is not None:
            for element in naming.iter(f"{A}hlinkClick", f"{A}hlinkHover"):
                output.link(self._objects.links.address(link_id(element)))
