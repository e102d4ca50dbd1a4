"""Whether the text of a shape is seen: size, place, what stands behind it and before it."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from typing import Final, NamedTuple

from ingest.formats.appearance import SMALLEST_LEGIBLE
from ingest.formats.colours import Colour
from ingest.formats.docx_xml import Element, integer
from ingest.formats.drawing_colours import CLEAR, Fill, Paint, is_lost, mix
from ingest.formats.drawing_geometry import EMU_PER_POINT, Rect
from ingest.formats.drawing_shapes import Shape
from ingest.formats.drawing_text import Paragraph, Run
from ingest.types import HiddenReason

#: A text with less than this share of its surface on the slide is off it.
_OFF_SLIDE: Final = 0.25
#: A text is covered when a picture in front leaves less than the rest of it to be seen.
_COVERED: Final = 0.95
#: Where the background of a text is looked at, in shares of its surface.
_SAMPLES: Final = tuple((x, y) for x in (0.1, 0.3, 0.5, 0.7, 0.9) for y in (0.2, 0.5, 0.8))
_USUAL_SIZE: Final = 18.0
#: Shapes looked at behind and before each text: the nearest and the largest ones.
_MOST_LOOKED_AT: Final = 300
#: Text insets of a box when it says none: 0.1 inch aside, 0.05 above and below.
_INSETS: Final = {"lIns": 91_440, "tIns": 45_720, "rIns": 91_440, "bIns": 45_720}


class Painter(NamedTuple):
    """A shape that paints a surface. `conceals` tells, when asked, if nothing shows through."""

    order: int
    rect: Rect
    fill: Fill
    conceals: Callable[[], bool]


class Scene:
    """What stands on a slide, back to front. `ground` is None when it has no known colour."""

    def __init__(
        self,
        *,
        size: Rect | None = None,
        ground: Fill | None = None,
        painters: Iterable[Painter] = (),
    ) -> None:
        self.size = size
        self._ground = ground.colours if ground is not None and ground.paints else None
        self._painters = sorted(painters, key=lambda painter: painter.order)
        self._orders = [painter.order for painter in self._painters]
        # Looking at each pair of shapes would take minutes on a slide of ten thousand.
        largest = nlargest(_MOST_LOOKED_AT, self._painters, key=lambda painter: painter.rect.area)
        self._largest = sorted(largest, key=lambda painter: painter.order)

    def shape_reason(self, shape: Shape, text_rect: Rect | None) -> HiddenReason | None:
        """Why nothing of a shape's text is seen, whatever its look."""
        if shape.hidden:
            return HiddenReason.VANISHED
        if shape.has_no_size:
            return HiddenReason.TINY
        if text_rect is None or self.size is None:
            return None
        if text_rect.share_in(self.size) < _OFF_SLIDE:
            return HiddenReason.OFF_PAGE
        if any(
            painter.order > shape.order
            and painter.rect.touches(text_rect)
            and text_rect.share_in(painter.rect) >= _COVERED
            and painter.conceals()
            for painter in self._largest
        ):
            return HiddenReason.COVERED
        return None

    def grounds(self, rect: Rect | None, order: int) -> list[tuple[Colour, ...] | None]:
        """The colours behind a text, at several of its points; None where they are unknown."""
        if rect is None:
            return [self._ground]
        below = self._behind(rect, order)
        points = ((rect.left + x * rect.width, rect.top + y * rect.height) for x, y in _SAMPLES)
        return [self._colours_at(x, y, below) for x, y in points]

    def _behind(self, rect: Rect, order: int) -> list[Painter]:
        """The painters that may stand behind a text, front to back."""
        near = self._painters[: bisect_right(self._orders, order)][: -_MOST_LOOKED_AT - 1 : -1]
        last = near[-1].order if near else 0
        far = [painter for painter in reversed(self._largest) if painter.order < last]
        found = []
        for painter in (*near, *far):
            if painter.rect.touches(rect) and not painter.fill.is_clear:
                found.append(painter)
                if painter.fill.is_opaque and rect.share_in(painter.rect) == 1.0:
                    break
        return found

    def _colours_at(self, x: float, y: float, below: list[Painter]) -> tuple[Colour, ...] | None:
        veils: list[Paint] = []
        colours = self._ground
        for painter in below:
            fill = painter.fill
            if not painter.rect.contains(x, y):
                continue
            if fill.is_opaque:
                colours = fill.colours
                break
            if len(fill.paints) != 1:
                return None
            veils.append(fill.paints[0])
        for veil in reversed(veils):
            if colours is not None:
                colours = tuple(mix(veil.colour, c, veil.opacity) for c in colours)
        return colours


def run_reason(run: Run, grounds: Sequence[tuple[Colour, ...] | None]) -> HiddenReason | None:
    """Why a run is not seen on what stands behind it."""
    if run.size is not None and run.size < SMALLEST_LEGIBLE:
        return HiddenReason.TINY
    if run.inks is None:
        return None
    inks = [paint.colour for paint in run.inks if paint.opacity > CLEAR]
    if run.ground is not None and run.ground.opacity > CLEAR:
        grounds = [(run.ground.colour,)]
    lost = sum(
        behind is not None and all(is_lost(ink, behind) for ink in inks) for behind in grounds
    )
    return HiddenReason.NEAR_BACKGROUND if not inks or lost * 2 > len(grounds) else None


def split_by_reason(
    paragraph: Paragraph, reason_of: Callable[[Run], HiddenReason | None]
) -> tuple[str, list[tuple[HiddenReason, str]]]:
    """The text that is seen, and the pieces that are not, each with its reason."""
    seen: list[str] = []
    unseen: list[tuple[HiddenReason, str]] = []
    for run in paragraph.runs:
        # Spaces look the same in every colour: they follow the text that surrounds them.
        reason = reason_of(run) if run.text.strip() else None
        if reason is None:
            seen.append(run.text)
        elif unseen and unseen[-1][0] is reason:
            unseen[-1] = (reason, unseen[-1][1] + run.text)
        else:
            unseen.append((reason, run.text))
            seen.append(" ")
    return "".join(seen), unseen


def text_rect(
    shape: Shape, paragraphs: Sequence[Paragraph], properties: Sequence[Element]
) -> Rect | None:
    """Where the letters of a shape fall, estimated: a letter is half as wide as it is high.

    `properties`: the `bodyPr` of the shape and of the placeholders it takes from.
    """
    if shape.rect is None:
        return None

    def said(name: str) -> str | None:
        return next((value for p in properties if (value := p.get(name))), None)

    left, top, right, bottom = (
        number if (number := integer(said(side))) is not None else usual
        for side, usual in _INSETS.items()
    )
    box = shape.rect
    width = max(box.width - left - right, EMU_PER_POINT)
    wraps = said("wrap") != "none"
    text_width, text_height = _extent(paragraphs, width if wraps else math.inf)
    align = next((p.align for p in paragraphs if p.text.strip()), "l")
    x = _aligned(box.left + left, box.right - right, text_width, align)
    y = _aligned(box.top + top, box.bottom - bottom, text_height, said("anchor") or "t")
    return Rect(x, y, x + text_width, y + text_height)


def _extent(paragraphs: Sequence[Paragraph], width: float) -> tuple[float, float]:
    """Width and height of paragraphs laid out in lines of at most that width."""
    widest, height = float(EMU_PER_POINT), 0.0
    for paragraph in paragraphs:
        size = max((run.size or _USUAL_SIZE for run in paragraph.runs), default=_USUAL_SIZE)
        emu = size * EMU_PER_POINT
        for line in paragraph.text.split("\n"):
            natural = max(1, len(line)) * emu / 2
            widest = max(widest, min(natural, width))
            height += max(1, math.ceil(natural / width)) * emu * 1.2
    return widest, max(height, EMU_PER_POINT)


def _aligned(start: float, end: float, size: float, how: str) -> float:
    if how == "ctr":
        return (start + end - size) / 2
    return end - size if how in ("r", "b") else start
