"""Where OpenDocument drawings stand, what they are painted on, and what hides them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ingest.formats.appearance import Look
from ingest.formats.odf_styles import OdfStyles, PageLayout
from ingest.formats.odf_xml import Element, attribute, points, q
from ingest.types import HiddenReason

GROUP: Final = q("draw:g")
FRAME: Final = q("draw:frame")
ANCHOR: Final = q("draw:a")
_PICTURES: Final = (q("draw:image"), q("draw:object"), q("draw:object-ole"), q("draw:plugin"))
_TEXT_BOX: Final = q("draw:text-box")

#: Deepest nesting of groups and text boxes that is followed; real files have three or four.
MAX_NESTING: Final = 30

#: How many drawings before and after one are compared with it.
_NEIGHBOURS: Final = 500

_STYLE_ATTRIBUTES: Final = (
    ("graphic", "draw:style-name"),
    ("presentation", "presentation:style-name"),
    ("paragraph", "draw:text-style-name"),
)

#: The standard's, and LibreOffice's, which writes it for shapes and groups of other programs.
_DISPLAYED: Final = ("draw:display", "drawooo:display")
_TRANSLATION: Final = re.compile(r"translate\s*\(\s*(\S+?)[\s,]+([^\s)]+)\s*\)")
#: Units: points. Less than this, in width or height, and nothing can be read.
_SLIVER: Final = 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle, in points from the top left of the page."""

    left: float
    top: float
    width: float
    height: float

    def holds_centre_of(self, other: "Area") -> bool:
        x, y = other.left + other.width / 2, other.top + other.height / 2
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height

    def holds(self, other: "Area") -> bool:
        slack = 1.0
        return (
            self.left <= other.left + slack
            and self.top <= other.top + slack
            and self.left + self.width >= other.left + other.width - slack
            and self.top + self.height >= other.top + other.height - slack
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing, the look its text starts from, and why it is not seen (None when it is).

    `opaque`: something painted over or under it disappears behind it.
    """

    element: Element
    look: Look
    area: Area | None
    opaque: bool
    reason: HiddenReason | None = None


class Painter:
    """Lays drawings over each other as a page does.

    `sheet` is the page of a text document, whose drawings are placed from its margins;
    `is_see_through` tells whether a frame's picture lets what is under it be seen.
    """

    def __init__(
        self,
        styles: OdfStyles,
        sheet: PageLayout,
        is_see_through: Callable[[Element], bool],
    ) -> None:
        self._styles = styles
        self._sheet = sheet
        self._is_see_through = is_see_through

    def lay(
        self,
        elements: Iterable[Element],
        look: Look,
        *,
        page: PageLayout | None = None,
        behind: Sequence[Drawn] = (),
    ) -> list[Drawn]:
        """Drawings that share one page, groups taken apart, in the order of the file.

        `page` is given when positions count from its top left corner, so that what lies outside
        or underneath is known; `behind` lists what is painted before (a master slide).
        """
        leaves = list(_leaves(elements))
        alone = len(leaves) + len(behind) < 2
        painted: list[Drawn] = []
        for element in _in_painting_order(leaves):
            before = [*behind, *painted[-_NEIGHBOURS:]]
            painted.append(self._drawn(element, look, page, before, alone=alone))
        if page is not None:
            painted = _with_covered(painted)
        places = {element: at for at, element in enumerate(leaves)}
        return sorted(painted, key=lambda drawn: places[drawn.element])

    def _drawn(
        self,
        element: Element,
        look: Look,
        page: PageLayout | None,
        before: Sequence[Drawn],
        *,
        alone: bool,
    ) -> Drawn:
        area = _area(element)
        under = _topmost_under(area, before)
        if under is not None:
            look = replace(look, background=under.look.background)
        picture = element.tag == FRAME and any(child.tag in _PICTURES for child in element)
        # A picture with nothing around it need not be decoded to know what it covers.
        opaque = picture and (alone or not self._is_see_through(element))
        for family, attribute_name in _STYLE_ATTRIBUTES:
            if name := attribute(element, attribute_name):
                look = self._styles.over(look, family, name)
                opaque = opaque or self._styles.paints(family, name)
        if picture:
            look = replace(look, background=None)
        return Drawn(element, look, area, opaque, self._reason(element, area, page))

    def _reason(
        self, element: Element, area: Area | None, page: PageLayout | None
    ) -> HiddenReason | None:
        if any(map(_is_not_displayed, (element, *element.iterancestors(GROUP, ANCHOR)))):
            return HiddenReason.VANISHED
        if area is None:
            return None
        if _is_outside(area, page) if page is not None else _is_beside(area, self._sheet):
            return HiddenReason.OFF_PAGE
        if element.tag == FRAME and (area.width < _SLIVER or area.height < _SLIVER):
            return HiddenReason.TINY
        return None


def _is_not_displayed(element: Element) -> bool:
    return any(attribute(element, name) in {"none", "printer"} for name in _DISPLAYED)


def _leaves(elements: Iterable[Element], depth: int = 0) -> Iterator[Element]:
    for element in elements:
        if element.tag in (GROUP, ANCHOR) and depth < MAX_NESTING:
            yield from _leaves(element, depth + 1)
        else:
            yield element


def _in_painting_order(elements: list[Element]) -> list[Element]:
    """Text documents number their drawings; slides paint them in the order of the file."""
    indexes = [attribute(element, "draw:z-index") for element in elements]
    if not all(index.isascii() and index.isdigit() and len(index) < 9 for index in indexes):
        return elements
    order = sorted(range(len(elements)), key=lambda at: int(indexes[at]))
    return [elements[at] for at in order]


def _area(element: Element) -> Area | None:
    width, height = (
        points(attribute(element, "svg:width")),
        points(attribute(element, "svg:height")),
    )
    left, top = points(attribute(element, "svg:x")), points(attribute(element, "svg:y"))
    if found := _TRANSLATION.search(attribute(element, "draw:transform")):
        left, top = points(found[1]), points(found[2])
    if width is None or left is None or top is None:
        return None
    # A text box may give the least height it takes instead of its height.
    return Area(left, top, width, height if height is not None else _least_height(element))


def _least_height(element: Element) -> float:
    box = element.find(_TEXT_BOX)
    return (points(attribute(box, "fo:min-height")) if box is not None else None) or 12.0


def _topmost_under(area: Area | None, painted: Sequence[Drawn]) -> Drawn | None:
    if area is None:
        return None
    candidates = (drawn for drawn in reversed(painted) if drawn.opaque and not drawn.reason)
    return next((d for d in candidates if d.area and d.area.holds_centre_of(area)), None)


def _is_outside(area: Area, page: PageLayout) -> bool:
    return (
        area.left >= page.width
        or area.top >= page.height
        or area.left + area.width <= 0
        or area.top + area.height <= 0
    )


def _is_beside(area: Area, sheet: PageLayout) -> bool:
    """Off the sides of the paper, wherever between its margins the position counts from."""
    return area.left >= sheet.width or area.left + area.width <= -sheet.margin_left


def _with_covered(painted: list[Drawn]) -> list[Drawn]:
    """Mark what lies entirely under something painted later."""
    result = []
    for at, drawn in enumerate(painted):
        later = painted[at + 1 : at + 1 + _NEIGHBOURS]
        covered = drawn.reason is None and any(_covers(other, drawn) for other in later)
        result.append(replace(drawn, reason=HiddenReason.COVERED) if covered else drawn)
    return result


def _covers(upper: Drawn, lower: Drawn) -> bool:
    if not upper.opaque or upper.reason or upper.area is None or lower.area is None:
        return False
    return upper.area.holds(lower.area)
