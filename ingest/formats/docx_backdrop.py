"""What stands behind a floating text box: a rectangle or a picture of the same paragraph.

Cover pages are made of such pieces: a dark rectangle, and on it a box without fill whose text
is white. Pieces are compared only when both are placed from the same origin.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ingest.formats.colours import Colour
from ingest.formats.docx_colour import Theme
from ingest.formats.docx_drawing import shape_fill
from ingest.formats.docx_geometry import anchored_rectangle
from ingest.formats.docx_xml import A, Element, integer, local

#: Floating pieces of one paragraph that are looked at.
_MOST_PIECES: Final = 50


def ground_behind(
    graphic: Element, neighbours: Sequence[Element], theme: Theme, ground: Colour | None
) -> Colour | None:
    """The colour under a `w:drawing`, given the other drawings of its paragraph.

    `ground` when nothing filled stands behind it; None when what does has no single colour.
    """
    frame = _anchor(graphic)
    own = None if frame is None else anchored_rectangle(frame)
    if frame is None or own is None:
        return ground
    behind: list[tuple[int, Colour | None]] = []
    for other in _anchors(neighbours):
        rectangle = anchored_rectangle(other)
        if other is frame or rectangle is None or not rectangle.holds(own):
            continue
        filled, colour = _paint(other, theme)
        if filled and _depth(other) < _depth(frame):
            behind.append((_depth(other), colour))
    return max(behind, key=lambda piece: piece[0])[1] if behind else ground


def _anchors(graphics: Sequence[Element]) -> Iterator[Element]:
    for graphic in graphics[:_MOST_PIECES]:
        frame = _anchor(graphic)
        if frame is not None:
            yield frame


def _anchor(graphic: Element) -> Element | None:
    if local(graphic) != "drawing":
        return None
    return next((frame for frame in graphic if local(frame) == "anchor"), None)


def _depth(frame: Element) -> int:
    """How near the reader a piece is: what is behind the text is behind all the rest."""
    height = integer(frame.get("relativeHeight")) or 0
    return height - 10**11 if frame.get("behindDoc") in ("1", "true") else height


def _paint(frame: Element, theme: Theme) -> tuple[bool, Colour | None]:
    """Whether a piece is one filled shape or picture, and its colour when it has a single one."""
    data = frame.find(f"{{{A}}}graphic/{{{A}}}graphicData")
    piece = data[0] if data is not None and len(data) else None
    if piece is None or local(piece) not in ("wsp", "pic"):
        return False, None
    if local(piece) == "pic":
        return True, None
    colour, filled = shape_fill(piece, theme)
    return filled, colour
