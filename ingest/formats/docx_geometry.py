"""Where things fall on the page, as far as a .docx says before it is laid out.

Units: twips (1/20 point) unless a name says EMU (12 700 to a point).
"""

import re
from typing import Final

from ingest.formats.docx_styles import Props
from ingest.formats.docx_xml import WP, Element, integer, number, value, w
from ingest.types import Frozen

_EMU_PER_TWIP: Final = 635
_TWIPS_PER_POINT: Final = 20
#: A box less than one point wide or high shows nothing.
_SMALLEST_SIDE: Final = 20
#: An exact line height, or row height, under two points clips the text away.
_SMALLEST_LINE: Final = 40
_CSS_LENGTH: Final = re.compile(r"(-?\d{1,7}(?:\.\d*)?)(pt|in|cm|mm|px|pc|)")
_CSS_TWIPS: Final = {"pt": 20.0, "in": 1440.0, "cm": 567.0, "mm": 56.7, "px": 15.0, "pc": 240.0}


class Page(Frozen):
    """A section's page: its size and margins. Defaults are Word's (A4 in Europe)."""

    width: int = 11906
    height: int = 16838
    left: int = 1417
    right: int = 1417
    top: int = 1417

    @property
    def text_width(self) -> int:
        return max(1, self.width - self.left - self.right)

    def is_off(self, left: float, width: float) -> bool:
        """Whether something placed so has no part between the two sides of the page."""
        return left >= self.width or left + width <= 0


class Rectangle(Frozen):
    """A place and a size, from an origin that is the same for all that is compared.

    Units: those of the drawing (EMU, or the coordinates of a group).
    """

    left: int
    top: int
    width: int
    height: int
    origin: tuple[str, str] = ("", "")

    def holds(self, other: "Rectangle") -> bool:
        """Whether the other lies within, both being placed from the same origin."""
        return (
            self.origin == other.origin
            and self.left <= other.left
            and self.top <= other.top
            and self.left + self.width >= other.left + other.width
            and self.top + self.height >= other.top + other.height
        )


def page_of(section: Element | None) -> Page:
    """The page that a `w:sectPr` describes."""
    if section is None:
        return Page()
    size, margins, usual = section.find(w("pgSz")), section.find(w("pgMar")), Page()
    return Page(
        width=number(size, "w") or usual.width,
        height=number(size, "h") or usual.height,
        left=_or(number(margins, "left"), usual.left),
        right=_or(number(margins, "right"), usual.right),
        top=_or(number(margins, "top"), usual.top),
    )


def is_paragraph_off_page(props: Props, page: Page) -> bool:
    """Whether a frame or indents put a whole paragraph beyond the sides of its page."""
    frame = props.get("framePr")
    if frame is not None and _is_frame_off(frame, page):
        return True
    indent = props.get("ind")
    left = _or(number(indent, "left"), number(indent, "start") or 0)
    right = _or(number(indent, "right"), number(indent, "end") or 0)
    first_line = left - (number(indent, "hanging") or 0) + (number(indent, "firstLine") or 0)
    if page.left + min(left, first_line) <= -page.width:
        return True  # it begins a whole page to the left
    return page.is_off(page.left + left, max(0, page.text_width - left - right) or 1) or (
        page.left + page.text_width - right <= 0
    )


def is_clipped(props: Props) -> bool:
    """Whether an exact line height leaves no room for the characters."""
    spacing = props.get("spacing")
    height = number(spacing, "line")
    return value(spacing, "lineRule") == "exact" and height is not None and height < _SMALLEST_LINE


def is_row_clipped(properties: Element | None) -> bool:
    """Whether a table row has an exact height that shows nothing."""
    height = None if properties is None else properties.find(w("trHeight"))
    size = number(height)
    return value(height, "hRule") == "exact" and size is not None and size < _SMALLEST_LINE


def is_table_off_page(properties: Element | None, page: Page) -> bool:
    """Whether a table's indent or floating position puts it beside its page."""
    if properties is None:
        return False
    if (floating := properties.find(w("tblpPr"))) is not None:
        base = 0 if value(floating, "horzAnchor") == "page" else page.left
        across, down = number(floating, "tblpX") or 0, number(floating, "tblpY") or 0
        return _is_far(base + across, down, page)
    indent = number(properties.find(w("tblInd")), "w")
    return indent is not None and _is_far(page.left + indent, 0, page)


def is_box_unseen(frame: Element, page: Page) -> bool:
    """Whether a `wp:inline` or `wp:anchor` has no size, or stands outside the page."""
    width, height = box_size(frame)
    if width < _SMALLEST_SIDE or height < _SMALLEST_SIDE:
        return True
    if not frame.tag.endswith("}anchor"):
        return False
    vertical = frame.find(f"{{{WP}}}positionV")
    left = _offset(frame.find(f"{{{WP}}}positionH"), page)
    if left is not None and page.is_off(left, width):
        return True
    top = _offset(vertical, page)
    if vertical is None or top is None:
        return False
    # From a paragraph, whose own place is unknown, only a whole page up is surely outside.
    floating = vertical.get("relativeFrom") in ("paragraph", "line")
    return top >= page.height or top + height <= (-page.height if floating else 0)


def box_size(frame: Element) -> tuple[float, float]:
    """Width and height of a `wp:inline` or `wp:anchor`."""
    extent = frame.find(f"{{{WP}}}extent")
    if extent is None:
        return (float(_SMALLEST_SIDE), float(_SMALLEST_SIDE))
    across, down = (integer(extent.get(side)) or 0 for side in ("cx", "cy"))
    return (across / _EMU_PER_TWIP, down / _EMU_PER_TWIP)


def anchored_rectangle(frame: Element) -> Rectangle | None:
    """Where a `wp:anchor` stands, from the origins it names; None when it is only aligned."""
    extent = frame.find(f"{{{WP}}}extent")
    positions = [frame.find(f"{{{WP}}}position{axis}") for axis in "HV"]
    offsets = [
        None if position is None else integer(position.findtext(f"{{{WP}}}posOffset"))
        for position in positions
    ]
    if extent is None or offsets[0] is None or offsets[1] is None:
        return None
    origins = ["" if one is None else one.get("relativeFrom") or "" for one in positions]
    return Rectangle(
        left=offsets[0],
        top=offsets[1],
        width=integer(extent.get("cx")) or 0,
        height=integer(extent.get("cy")) or 0,
        origin=(origins[0], origins[1]),
    )


def covers_its_paragraph(frame: Element, page: Page, characters: int, half_points: int) -> bool:
    """Whether a floating picture in front of the text hides the paragraph it is anchored to.

    Only told when the picture is placed from the paragraph itself; the paragraph's height is
    estimated from its length, a character being half as wide as it is high.
    """
    if not frame.tag.endswith("}anchor") or frame.get("behindDoc") in ("1", "true"):
        return False
    if frame.find(f"{{{WP}}}wrapNone") is None:
        return False
    vertical = frame.find(f"{{{WP}}}positionV")
    horizontal = frame.find(f"{{{WP}}}positionH")
    if vertical is None or vertical.get("relativeFrom") not in ("paragraph", "line"):
        return False
    width, height = box_size(frame)
    line = half_points * 12
    text_length = characters * half_points * 5
    lines = -(-text_length // page.text_width)
    text_width = min(text_length, page.text_width)
    top, left = _offset(vertical, page), _offset(horizontal, page)
    reaches = top is not None and top <= line / 2 and top + height >= lines * line
    return reaches and left is not None and left <= page.left + line and width >= text_width * 0.9


def is_style_unseen(style: str, page: Page) -> bool:
    """Whether a VML `style` attribute hides its shape, by order, size or place."""
    rules = dict(
        (name.strip().lower(), text.strip().lower())
        for name, _, text in (rule.partition(":") for rule in style.split(";"))
    )
    if rules.get("visibility") == "hidden" or rules.get("display") == "none":
        return True
    sides = [_css_twips(rules.get(side)) for side in ("width", "height")]
    if any(side is not None and side < _SMALLEST_SIDE for side in sides):
        return True
    if rules.get("position") != "absolute":
        return False
    from_page = rules.get("mso-position-horizontal-relative") == "page"
    left = _css_twips(rules.get("margin-left") or rules.get("left")) or 0
    base = 0 if from_page else page.left
    return page.is_off(base + left, sides[0] or page.width)


def _is_frame_off(frame: Element, page: Page) -> bool:
    base = 0 if value(frame, "hAnchor") == "page" else page.left
    across, down = number(frame, "x") or 0, number(frame, "y") or 0
    width = number(frame, "w") or page.text_width
    return page.is_off(base + across, width) or abs(down) >= page.height


def _is_far(left: int, down: int, page: Page) -> bool:
    return left >= page.width or left <= -page.width or abs(down) >= page.height


def _offset(position: Element | None, page: Page) -> float | None:
    """The place of an anchor on its axis, from the page's corner when the format tells."""
    if position is None:
        return None
    offset = position.find(f"{{{WP}}}posOffset")
    origin = position.get("relativeFrom") or ""
    across = position.tag.endswith("}positionH")
    start = _origin(origin, page, across=across)
    if offset is None:
        return float(start)  # aligned: by construction within its reference
    distance = integer(offset.text)
    return None if distance is None else start + distance / _EMU_PER_TWIP


def _origin(name: str, page: Page, *, across: bool) -> int:
    if name in ("margin", "column", "character"):
        return page.left if across else page.top
    if name in ("rightMargin", "outsideMargin"):
        return page.width - page.right
    return 0 if name != "bottomMargin" else page.height - page.top


def _css_twips(text: str | None) -> float | None:
    found = _CSS_LENGTH.fullmatch(text or "")
    return float(found.group(1)) * _CSS_TWIPS.get(found.group(2), 1.0) if found else None


def _or(first: int | None, second: int) -> int:
    return second if first is None else first
