"""What drawings hold: text boxes, pictures, charts, diagrams, embedded objects.

A drawing is DrawingML (`w:drawing`) or, in older files, VML (`w:pict`, `w:object`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from ingest.formats.colours import WHITE, Colour
from ingest.formats.docx_colour import Theme, parse_rgb
from ingest.formats.docx_geometry import Page, Rectangle, is_box_unseen, is_style_unseen
from ingest.formats.docx_xml import WP, A, Element, O, R, V, integer, local, w
from ingest.types import HiddenReason

#: Shapes of a group looked at, above and below a text box.
_NEIGHBOURS: Final = 50


@dataclass(frozen=True)
class TextBox:
    """A box of paragraphs. `ground`, `ink`: as for `Place`."""

    content: Element
    ground: Colour | None
    ink: Colour | None
    reason: HiddenReason | None


@dataclass(frozen=True)
class Lines:
    """Text drawn as such: WordArt, shapes of an embedded canvas."""

    lines: tuple[str, ...]
    reason: HiddenReason | None


@dataclass(frozen=True)
class Picture:
    """An image part, or an image kept outside the file. `frame` is its `wp:anchor`, if any."""

    relationship: str
    alt_text: str
    frame: Element | None


@dataclass(frozen=True)
class Linked:
    """A chart or a SmartArt diagram: its text is in another part."""

    kind: str  # « chart » or « diagram »
    relationship: str
    reason: HiddenReason | None


@dataclass(frozen=True)
class Embedded:
    """A file inside the file, made by the program `prog_id` names."""

    prog_id: str


@dataclass(frozen=True)
class AltText:
    """A description given to a drawing that is not a picture."""

    text: str


Content: TypeAlias = TextBox | Lines | Picture | Linked | Embedded | AltText


@dataclass(frozen=True)
class Canvas:
    """What a drawing is drawn with and on. `is_opaque` tells of a picture's relationship."""

    theme: Theme
    page: Page
    is_opaque: Callable[[str], bool]


def drawing_contents(graphic: Element, canvas: Canvas, ground: Colour | None) -> Iterator[Content]:
    """What a `w:drawing`, `w:pict` or `w:object` holds, in its own order."""
    if local(graphic) == "drawing":
        for frame in graphic:
            yield from _Drawing(frame, canvas).contents(ground)
    else:
        yield from _vml(graphic, canvas, ground, None)


class _Drawing:
    """One `wp:inline` or `wp:anchor`."""

    def __init__(self, frame: Element, canvas: Canvas) -> None:
        self._frame = frame
        self._canvas = canvas
        self._theme = canvas.theme
        properties = frame.find(f"{{{WP}}}docPr")
        self._alt = _description(properties)
        self._reason: HiddenReason | None = None
        if properties is not None and properties.get("hidden") in ("1", "true"):
            self._reason = HiddenReason.VANISHED
        elif is_box_unseen(frame, canvas.page):
            self._reason = HiddenReason.OFF_PAGE

    def contents(self, ground: Colour | None) -> Iterator[Content]:
        data = self._frame.find(f"{{{A}}}graphic/{{{A}}}graphicData")
        found = [] if data is None else list(self._children(data, ground, self._reason))
        yield from found
        if self._alt and not any(isinstance(item, Picture) for item in found):
            yield AltText(self._alt)

    def _children(
        self, group: Element, ground: Colour | None, reason: HiddenReason | None
    ) -> Iterator[Content]:
        for child in group:
            name = local(child)
            if name == "wsp":
                yield from self._shape(child, self._behind(child, ground), reason)
            elif name == "pic":
                yield from self._picture(child)
            elif name in ("chart", "relIds"):
                kind = "chart" if name == "chart" else "diagram"
                target = child.get(f"{{{R}}}{'id' if kind == 'chart' else 'dm'}", "")
                yield Linked(kind, target, reason)
            elif name in ("txBody", "txbx"):
                yield from _drawn_lines(child, reason)
            else:
                yield from self._children(child, ground, reason)

    def _shape(
        self, shape: Element, behind: Colour | None, reason: HiddenReason | None
    ) -> Iterator[Content]:
        box = shape.find(f"{{*}}txbx/{w('txbxContent')}")
        if box is not None:
            fill, painted = shape_fill(shape, self._theme)
            reason = reason or self._own_reason(shape)
            yield TextBox(box, fill if painted else behind, _ink(shape, self._theme), reason)
        properties = shape.find("{*}cNvPr")
        if (text := _description(properties)) and text != self._alt:
            yield AltText(text)

    def _own_reason(self, shape: Element) -> HiddenReason | None:
        properties, own = shape.find("{*}cNvPr"), _rectangle(shape)
        if properties is not None and properties.get("hidden") in ("1", "true"):
            return HiddenReason.VANISHED
        if own is None:
            return None
        if own.width <= 0 or own.height <= 0:
            return HiddenReason.OFF_PAGE
        above = (e for e in islice(shape.itersiblings(), _NEIGHBOURS) if self._is_opaque(e))
        covering = (_rectangle(e) for e in above)
        covered = any(other is not None and other.holds(own) for other in covering)
        return HiddenReason.COVERED if covered else None

    def _is_opaque(self, shape: Element) -> bool:
        """Whether nothing is seen through a neighbour: a full picture, a filled shape."""
        if local(shape) == "pic":
            return any(self._canvas.is_opaque(target) for target in _images(shape))
        has_text = shape.find(f"{{*}}txbx/{w('txbxContent')}") is not None
        return local(shape) == "wsp" and not has_text and shape_fill(shape, self._theme)[1]

    def _behind(self, shape: Element, ground: Colour | None) -> Colour | None:
        """The colour under a shape of a group: its nearest filled neighbour below, if any."""
        own = _rectangle(shape)
        for below in islice(shape.itersiblings(preceding=True), _NEIGHBOURS):
            other = _rectangle(below)
            if own is None or other is None or not other.holds(own):
                continue
            fill, painted = shape_fill(below, self._theme)
            if local(below) == "pic" or painted:
                return fill
        return ground

    def _picture(self, picture: Element) -> Iterator[Content]:
        properties = picture.find("{*}nvPicPr/{*}cNvPr")
        alt = self._alt or _description(properties)
        for target in _images(picture):
            yield Picture(target, alt, self._frame)


def _images(picture: Element) -> Iterator[str]:
    for blip in picture.iterfind(f"{{*}}blipFill/{{{A}}}blip"):
        yield blip.get(f"{{{R}}}embed") or blip.get(f"{{{R}}}link") or ""


def shape_fill(shape: Element, theme: Theme) -> tuple[Colour | None, bool]:
    """The colour of a `wps:wsp` (None: not a single one), and whether it is filled at all."""
    properties = shape.find("{*}spPr")
    for paint in properties if properties is not None else ():
        if local(paint) == "noFill":
            return None, False
        if local(paint) == "solidFill":
            return theme.of_drawing(paint), not _is_faint(paint)
        if local(paint) in ("gradFill", "blipFill", "pattFill"):
            return None, True
    styled = shape.find(f"{{*}}style/{{{A}}}fillRef")
    if styled is not None and (integer(styled.get("idx")) or 0) > 0:
        return theme.of_drawing(styled), True
    return None, False


def _ink(shape: Element, theme: Theme) -> Colour | None:
    return theme.of_drawing(shape.find(f"{{*}}style/{{{A}}}fontRef"))


def _is_faint(paint: Element) -> bool:
    alphas = [integer(e.get("val")) for e in paint.iter(f"{{{A}}}alpha")]
    return any(alpha is not None and alpha < 50_000 for alpha in alphas)


def _rectangle(shape: Element) -> Rectangle | None:
    frame = shape.find(f"{{*}}spPr/{{{A}}}xfrm")
    offset = None if frame is None else frame.find(f"{{{A}}}off")
    extent = None if frame is None else frame.find(f"{{{A}}}ext")
    if offset is None or extent is None:
        return None
    left, top, width, height = (
        integer(holder.get(name)) or 0
        for holder, name in ((offset, "x"), (offset, "y"), (extent, "cx"), (extent, "cy"))
    )
    return Rectangle(left=left, top=top, width=width, height=height)


def _description(properties: Element | None) -> str:
    if properties is None:
        return ""
    return properties.get("descr") or properties.get("title") or ""


def _drawn_lines(body: Element, reason: HiddenReason | None) -> Iterator[Content]:
    paragraphs = body.iter(f"{{{A}}}p")
    lines = ("".join(t.text or "" for t in p.iter(f"{{{A}}}t")) for p in paragraphs)
    if found := tuple(line for line in lines if line.strip()):
        yield Lines(found, reason)


_SHAPES: Final = frozenset({"shape", "rect", "roundrect", "oval", "line", "polyline", "arc"})


def _vml(
    parent: Element, canvas: Canvas, ground: Colour | None, reason: HiddenReason | None
) -> Iterator[Content]:
    for child in parent:
        name = local(child)
        if name == "OLEObject":
            yield Embedded(child.get("ProgID", ""))
        elif name == "control":
            yield Embedded("Forms.Control")
        elif name == "drawing":
            yield from drawing_contents(child, canvas, ground)
        elif name == "group" or name in _SHAPES:
            unseen = is_style_unseen(child.get("style", ""), canvas.page)
            hidden = reason or (HiddenReason.OFF_PAGE if unseen else None)
            behind = _vml_fill(child, ground) if name in _SHAPES else ground
            yield from _vml_parts(child, behind, hidden)
            yield from _vml(child, canvas, ground, hidden)


def _vml_parts(
    shape: Element, ground: Colour | None, reason: HiddenReason | None
) -> Iterator[Content]:
    image = shape.find(f"{{{V}}}imagedata")
    alt = shape.get("alt", "")
    if image is not None:
        target = image.get(f"{{{R}}}id") or image.get(f"{{{O}}}relid") or ""
        yield Picture(target, alt or image.get(f"{{{O}}}title", ""), None)
    elif alt:
        yield AltText(alt)
    drawn = shape.find(f"{{{V}}}textpath")
    if drawn is not None and (text := drawn.get("string")):
        yield Lines((text,), reason)
    for box in shape.iterfind(f"{{{V}}}textbox/{w('txbxContent')}"):
        yield TextBox(box, ground, None, reason)


def _vml_fill(shape: Element, ground: Colour | None) -> Colour | None:
    if shape.get("filled") in ("f", "false"):
        return ground
    fill = shape.find(f"{{{V}}}fill")
    if fill is not None and fill.get("type", "solid") != "solid":
        return None
    return parse_rgb(shape.get("fillcolor")) or WHITE
