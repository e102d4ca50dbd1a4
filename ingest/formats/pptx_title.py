"""Finds the title of a slide: its placeholder or, where there is none, its largest text."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ingest.formats.drawing_shapes import Shape, flattened
from ingest.formats.pptx_look import is_title
from ingest.formats.pptx_shapes import ShapeWriter

#: Units: characters, then shares of the slide's height and of the second largest size. Slides
#: made with drawing programs have only text boxes: what looks like a title is one.
_LONGEST: Final = 150
_LOWEST: Final = 0.4
_LARGER: Final = 1.25


class Title(NamedTuple):
    """A title's shape and what a person reads of it."""

    shape: Shape
    text: str


def title_of(shapes: Sequence[Shape], writer: ShapeWriter, height: float) -> Title | None:
    """The title that a person sees on a slide; None when nothing stands out.

    Units: `height` of the slide, as the shapes' places.
    """
    for shape in flattened(shapes):
        if is_title(shape) and (text := writer.seen_text(shape)):
            return Title(shape, text)
    largest = _largest(shapes, writer)
    if largest is None or largest.rect is None or largest.rect.top > height * _LOWEST:
        return None
    text = writer.seen_text(largest)
    return Title(largest, text) if 0 < len(text) <= _LONGEST else None


def _largest(shapes: Sequence[Shape], writer: ShapeWriter) -> Shape | None:
    texts = [s for s in flattened(shapes) if s.body is not None and s.placeholder is None]
    sizes = sorted(
        ((size, -i) for i, s in enumerate(texts) if (size := writer.font_size(s))), reverse=True
    )
    if not sizes or (len(sizes) > 1 and sizes[0][0] < _LARGER * sizes[1][0]):
        return None
    return texts[-sizes[0][1]]
