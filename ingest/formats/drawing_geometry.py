"""Where shapes stand, and in which order a person reads them.

Units: EMU (914 400 to an inch, 12 700 to a point), from the slide's top left corner.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from ingest.formats.docx_xml import Element, integer
from ingest.formats.drawing import A
from ingest.types import Box

EMU_PER_POINT: Final = 12_700
#: Two shapes may overlap by this much and still stand one after the other: text boxes are
#: drawn larger than their text.
_OVERLAP: Final = 18 * EMU_PER_POINT
#: Beyond so many shapes on a slide, they are only sorted from top to bottom.
_MANY: Final = 400

Item = TypeVar("Item")


class Rect(NamedTuple):
    """A rectangle; `left` ≤ `right`, `top` ≤ `bottom`."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def area(self) -> float:
        return self.width * self.height

    def contains(self, across: float, down: float) -> bool:
        return self.left <= across <= self.right and self.top <= down <= self.bottom

    def touches(self, other: "Rect") -> bool:
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.top <= other.bottom
            and other.top <= self.bottom
        )

    def share_in(self, other: "Rect") -> float:
        """Which part of this rectangle the other one covers, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        if width < 0 or height < 0:
            return 0.0
        # A line has no area: its length tells.
        whole = max(self.width, 1.0) * max(self.height, 1.0)
        return max(width, 1.0) * max(height, 1.0) / whole

    def box(self, page: int, size: "Rect") -> Box:
        """The rectangle in fractions of a page, what overhangs being cut off."""

        def within(share: float) -> float:
            return min(1.0, max(0.0, share))

        width, height = max(size.width, 1.0), max(size.height, 1.0)
        return Box(
            page=page,
            left=within(self.left / width),
            top=within(self.top / height),
            right=within(self.right / width),
            bottom=within(self.bottom / height),
        )


class Transform(NamedTuple):
    """From a group's own coordinates to the slide's."""

    scale_x: float = 1.0
    scale_y: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    def apply(self, rect: Rect) -> Rect:
        across = sorted(side * self.scale_x + self.shift_x for side in (rect.left, rect.right))
        down = sorted(side * self.scale_y + self.shift_y for side in (rect.top, rect.bottom))
        return Rect(across[0], down[0], across[1], down[1])

    def inside(self, group: Element | None) -> "Transform":
        """The transform of the children of a group, from its `a:xfrm`."""
        outer, inner = _rect(group, "off", "ext"), _rect(group, "chOff", "chExt")
        if outer is None or inner is None or not inner.width or not inner.height:
            return self
        scale_x, scale_y = outer.width / inner.width, outer.height / inner.height
        shift_x, shift_y = outer.left - inner.left * scale_x, outer.top - inner.top * scale_y
        return Transform(
            self.scale_x * scale_x,
            self.scale_y * scale_y,
            self.scale_x * shift_x + self.shift_x,
            self.scale_y * shift_y + self.shift_y,
        )


def placed(xfrm: Element | None) -> Rect | None:
    """The rectangle of a `a:xfrm` or `p:xfrm`, turned when it stands on its side."""
    rect = _rect(xfrm, "off", "ext")
    if rect is None or xfrm is None:
        return None
    degrees = (integer(xfrm.get("rot")) or 0) / 60_000 % 180
    if not 45 <= degrees < 135:
        return rect
    across, down = (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2
    return Rect(
        across - rect.height / 2,
        down - rect.width / 2,
        across + rect.height / 2,
        down + rect.width / 2,
    )


def _rect(xfrm: Element | None, offset: str, extent: str) -> Rect | None:
    if xfrm is None:
        return None
    off, ext = xfrm.find(A + offset), xfrm.find(A + extent)
    if off is None or ext is None:
        return None
    sides = [integer(off.get("x")), integer(off.get("y"))]
    sides += [integer(ext.get("cx")), integer(ext.get("cy"))]
    if any(side is None for side in sides):
        return None
    left, top, width, height = (float(side or 0) for side in sides)
    return Rect(left, top, left + max(0.0, width), top + max(0.0, height))


def reading_order(items: Sequence[Item], rect_of: Callable[[Item], Rect | None]) -> list[Item]:
    """Items as a person reads them: what stands close together first, rows, then columns.

    The page is cut, again and again, along the widest empty band that crosses it: shapes that
    stand near each other are read together. Items without a place keep theirs, at the end.
    """
    boxed = [(rect, item) for item in items if (rect := rect_of(item)) is not None]
    rest = [item for item in items if rect_of(item) is None]
    return [item for _, item in _cut(boxed)] + rest


def _cut(boxed: list[tuple[Rect, Item]]) -> list[tuple[Rect, Item]]:
    by_rows = sorted(boxed, key=lambda pair: (pair[0].top, pair[0].left))
    if not 1 < len(boxed) <= _MANY:
        return by_rows
    by_columns = sorted(boxed, key=lambda pair: (pair[0].left, pair[0].top))
    row_at, row_gap = _widest_gap([(r.top, r.bottom) for r, _ in by_rows])
    column_at, column_gap = _widest_gap([(r.left, r.right) for r, _ in by_columns])
    if max(row_gap, column_gap) < -_OVERLAP:
        return by_rows
    ordered, at = (by_rows, row_at) if row_gap >= column_gap else (by_columns, column_at)
    return _cut(ordered[:at]) + _cut(ordered[at:])


def _widest_gap(spans: list[tuple[float, float]]) -> tuple[int, float]:
    """Where to cut spans sorted by their start, and the gap there (negative: an overlap)."""
    reach = spans[0][1]
    best_at, best_gap = 0, float("-inf")
    for at, (start, end) in enumerate(spans[1:], start=1):
        if start - reach > best_gap:
            best_at, best_gap = at, start - reach
        reach = max(reach, end)
    return best_at, best_gap
