"""Reads one slide: its shapes in a person's order, then its notes and its comments."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ingest.errors import CorruptedFile, FileTooLarge
from ingest.formats.drawing import Links
from ingest.formats.drawing_colours import Fill
from ingest.formats.drawing_geometry import reading_order
from ingest.formats.drawing_objects import Objects
from ingest.formats.drawing_output import Output
from ingest.formats.drawing_shapes import Shape, flattened, read_shapes, shape_fill
from ingest.formats.drawing_visibility import Painter, Scene
from ingest.formats.ocr import OcrFinder
from ingest.formats.pptx_comments import read_comments
from ingest.formats.pptx_look import FURNITURE, Deck, Look, Sheet, backdrop_shapes
from ingest.formats.pptx_pictures import PictureReader, pictures_of
from ingest.formats.pptx_shapes import ShapeWriter
from ingest.formats.pptx_title import title_of
from ingest.normalising import normalise
from ingest.types import Channel, HiddenReason

#: A crowded infographic has a thousand shapes, a long presentation some thousands.
MAX_SHAPES: Final = 3_000
MAX_SHAPES_IN_ALL: Final = 20_000
_COMMENT_KINDS: Final = ("comments", "comment")


class SlideReader:
    """Reads slides one after the other; remembers what must be said only once."""

    def __init__(self, deck: Deck, table_styles_part: str | None, find_ocr: OcrFinder) -> None:
        self._deck = deck
        self._pictures = PictureReader(find_ocr, deck.size)
        self._table_styles = deck.parts.load(table_styles_part)
        self._shapes_left = MAX_SHAPES_IN_ALL
        self._said_once: set[tuple[str, str]] = set()

    def read(self, part: str, output: Output, weight: float) -> None:
        """Write a slide. `weight`: its share of the file.

        Raises: `CorruptedFile` or `FileTooLarge` when the slide itself cannot be read.
        """
        root, not_shown = self._deck.parts.load_noting_alternates(part)
        if root is None:
            raise CorruptedFile(f"{part} is missing", filename=self._deck.parts.package.filename)
        if root.get("show") in ("0", "false"):
            output = output.unseen(HiddenReason.HIDDEN_SLIDE)
        look = self._deck.slide_look(Sheet(part, root))
        objects = Objects(self._deck.parts, part, weight)
        shapes = read_shapes(look.page.tree, placing=look.placing)
        backdrop = _backdrop(look)
        self._refuse_crowds(shapes, part)
        scene = Scene(
            size=self._deck.size,
            ground=look.background(),
            painters=(*backdrop, *_painters(shapes, look, objects)),
        )
        writer = ShapeWriter(look, scene, objects, self._table_styles)
        title = title_of(shapes, writer, self._deck.size.height)
        if title is not None and output.hidden is None:
            output = output.at(heading_path=(normalise(title.text).replace("\n", " "),))
        before = len(output.builder.blocks)
        if title is not None:
            writer.title(title.shape, output)
        self._body(shapes, writer, output, title.shape if title else None)
        objects.background(root, output)
        said = [b for b in output.builder.blocks[before:] if b.locator.channel is Channel.BODY]
        if output.hidden is None and not said:
            pictures = pictures_of(root, shapes, self._deck.size)
            self._pictures.read(pictures, objects, output)
        self._backdrop_text(look, backdrop, output)
        for text in not_shown:
            output.hide(text, HiddenReason.MARKUP)
        self._notes(part, output, weight)
        self._comments(part, output)

    def _refuse_crowds(self, shapes: Sequence[Shape], part: str) -> None:
        count = sum(1 for _ in flattened(shapes))
        if count > min(MAX_SHAPES, self._shapes_left):
            raise FileTooLarge(
                f"{part}: {count} shapes",
                filename=self._deck.parts.package.filename,
                size=f"{count} formes sur une diapositive",
                limit=f"{MAX_SHAPES}, et {MAX_SHAPES_IN_ALL} en tout",
            )
        self._shapes_left -= count

    def _body(
        self, shapes: Sequence[Shape], writer: ShapeWriter, output: Output, title: Shape | None
    ) -> None:
        furniture = [shape for shape in shapes if _furniture(shape)]
        for shape in _ordered([shape for shape in shapes if not _furniture(shape)]):
            if shape is not title:
                writer.write(shape, output)
        for shape in furniture:
            said = f"{writer.plain_text(shape)}, {output.hidden}, {shape.hidden}"
            if _furniture(shape) != "sldNum" and self._is_new(_furniture(shape), said):
                writer.write(shape, output.at(channel=Channel.FOOTER))

    def _is_new(self, kind: str, said: str) -> bool:
        """Whether something repeated from slide to slide is met for the first time."""
        known = (kind, said) in self._said_once
        self._said_once.add((kind, said))
        return not known

    def _backdrop_text(self, look: Look, backdrop: Sequence[Painter], output: Output) -> None:
        """What layouts and masters print on their slides: said once, where it first appears."""
        scene = Scene(size=self._deck.size, ground=look.background(), painters=backdrop)
        for sheet in look.backdrop_sheets():
            if output.hidden is not None or not self._is_new("backdrop", sheet.part):
                continue
            writer = ShapeWriter(look, scene, Objects(self._deck.parts, sheet.part, 0.0), None)
            for shape in _ordered(backdrop_shapes(sheet)):
                writer.write(shape, output.at(channel=Channel.FOOTER))

    def _notes(self, part: str, output: Output, weight: float) -> None:
        for name in Links(self._deck.parts, part).parts("notesSlide"):
            notes = output.at(channel=Channel.SPEAKER_NOTES)
            try:
                root = self._deck.parts.load(name)
                look = None if root is None else self._deck.notes_look(Sheet(name, root))
            except (CorruptedFile, FileTooLarge):
                notes.unread("commentaires du présentateur illisibles", weight / 2)
                continue
            if look is None:
                continue
            objects = Objects(self._deck.parts, name, weight / 2)
            writer = ShapeWriter(look, Scene(ground=look.background()), objects, None)
            for shape in _ordered(read_shapes(look.page.tree, placing=look.placing)):
                if not _furniture(shape):
                    writer.write(shape, notes)

    def _comments(self, part: str, output: Output) -> None:
        for name in Links(self._deck.parts, part).parts(*_COMMENT_KINDS):
            try:
                root = self._deck.parts.load(name)
            except (CorruptedFile, FileTooLarge):
                output.warn(f"Diapositive {output.locator.slide} : commentaires illisibles.")
                continue
            for text in read_comments(root):
                output.hide(text, HiddenReason.COMMENT)


def _backdrop(look: Look) -> tuple[Painter, ...]:
    """What the layout and the master paint behind a slide's own shapes."""
    painters: list[Painter] = []
    for sheet in look.backdrop_sheets():
        for shape in flattened(backdrop_shapes(sheet)):
            painters += _painter(replace(shape, order=0), shape_fill(shape, look.theme), None)
    return tuple(painters)


def _painters(shapes: Sequence[Shape], look: Look, objects: Objects) -> list[Painter]:
    """What a slide's own shapes paint. One that an animation moves conceals nothing for sure."""
    painters: list[Painter] = []
    moving = look.animated_ids
    for shape in flattened(shapes):
        fill = shape_fill(shape, look.theme, look.ancestors(shape.element))
        painters += _painter(shape, fill, None if shape.id in moving else objects)
    return painters


def _ordered(shapes: Sequence[Shape]) -> list[Shape]:
    """The leaves in reading order; a group is read as one, in its own order."""
    ordered: list[Shape] = []
    for shape in reading_order(shapes, lambda shape: shape.rect):
        if shape.kind == "grpSp":
            ordered += [shape, *_ordered(shape.children)]
        else:
            ordered.append(shape)
    return ordered


def _furniture(shape: Shape) -> str:
    """The kind of a date, a footer or a slide number; empty for the rest."""
    mark = shape.placeholder
    kind = "" if mark is None else mark.get("type") or ""
    return kind if kind in FURNITURE else ""


def _painter(shape: Shape, fill: Fill, objects: Objects | None) -> list[Painter]:
    """What a shape paints; it may conceal what is behind it when `objects` is given."""
    if shape.rect is None or shape.hidden or fill.kind == "none":
        return []

    def conceals() -> bool:
        if objects is None or not shape.fills_its_rect:
            return False
        return objects.conceals(shape) if fill.kind == "picture" else fill.is_opaque

    return [Painter(shape.order, shape.rect, fill, conceals)]
