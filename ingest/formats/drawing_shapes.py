"""The shapes of a slide or of a sheet, groups included, with their place and what they carry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.formats.docx_xml import Element, integer, local
from ingest.formats.drawing import A, is_true
from ingest.formats.drawing_colours import NO_FILL, Fill, Theme
from ingest.formats.drawing_geometry import EMU_PER_POINT, Rect, Transform, placed

_KINDS: Final = frozenset({"sp", "pic", "graphicFrame", "grpSp", "cxnSp", "contentPart"})
_TABLE: Final = f".//{A}tbl"
#: Geometries that fill the whole of their rectangle, or nearly.
_FULL_SHAPES: Final = frozenset({"", "rect", "roundRect", "flowChartProcess", "snip1Rect"})


@dataclass(slots=True)
class Shape:
    """One shape. `kind` is its element's name (« sp », « pic », « graphicFrame », « grpSp »…).

    `order` grows from back to front; `hidden` also when a group around it is; `rect` is None
    when nothing says where the shape stands.
    """

    element: Element
    kind: str
    order: int
    rect: Rect | None
    hidden: bool
    children: list["Shape"] = field(default_factory=list)
    #: The `cNvPr` that holds the shape's id, name and alternative text.
    naming: Element | None = field(init=False)
    #: The mark of a shape that fills a place of its layout.
    placeholder: Element | None = field(init=False)

    def __post_init__(self) -> None:
        first = next(iter(self.element), None)
        self.naming = None if first is None else first.find("{*}cNvPr")
        self.placeholder = placeholder_of(self.element)

    @property
    def id(self) -> str:
        naming = self.naming
        return "" if naming is None else naming.get("id") or ""

    @property
    def alt_text(self) -> str:
        naming = self.naming
        if naming is None:
            return ""
        said = (naming.get("title") or "", naming.get("descr") or "")
        return " – ".join(dict.fromkeys(text.strip() for text in said if text.strip()))

    @property
    def body(self) -> Element | None:
        """The text of a `sp`; None for the other kinds."""
        return self.element.find("{*}txBody") if self.kind == "sp" else None

    @property
    def table(self) -> Element | None:
        return self.element.find(_TABLE) if self.kind == "graphicFrame" else None

    @property
    def graphic(self) -> Element | None:
        """What a frame that is not a table holds: a chart, a diagram, an embedded object."""
        data = self.element.find(f".//{A}graphicData") if self.kind == "graphicFrame" else None
        return next(iter(data), None) if data is not None else None

    @property
    def has_no_size(self) -> bool:
        """Whether the shape is smaller than a point both ways."""
        rect = self.rect
        return rect is not None and max(rect.width, rect.height) < EMU_PER_POINT

    @property
    def fills_its_rect(self) -> bool:
        geometry = self.element.find(f"{{*}}spPr/{A}prstGeom")
        if geometry is None:
            return self.element.find(f"{{*}}spPr/{A}custGeom") is None
        return (geometry.get("prst") or "") in _FULL_SHAPES


Placing = Callable[[Element], Element | None]


def placeholder_of(element: Element) -> Element | None:
    """The mark of a shape that fills a place of its layout."""
    naming = next(iter(element), None)
    return None if naming is None else naming.find("{*}nvPr/{*}ph")


def own_xfrm(element: Element) -> Element | None:
    """The `xfrm` written in a shape itself."""
    found = element.find(f"{{*}}spPr/{A}xfrm")
    return found if found is not None else element.find("{*}xfrm")


def read_shapes(tree: Element | None, *, placing: Placing = own_xfrm) -> list[Shape]:
    """The shapes of a `spTree` (or of an anchor), back to front; groups keep their children.

    `placing` finds the `xfrm` of an element, elsewhere when it is inherited.
    """
    if tree is None:
        return []
    counter = iter(range(1, 1 << 30))
    return _read(tree, Transform(), hidden=False, placing=placing, counter=counter)


def flattened(shapes: Sequence[Shape]) -> Iterator[Shape]:
    """All shapes but the groups, back to front."""
    for shape in shapes:
        if shape.kind == "grpSp":
            yield from flattened(shape.children)
        else:
            yield shape


def shape_fill(shape: Shape, theme: Theme, inherited: Sequence[Element] = ()) -> Fill:
    """What a shape paints behind its text. `inherited`: the placeholders it takes from."""
    if shape.kind == "pic":
        return Fill("picture")
    if shape.kind != "sp":
        chart = shape.graphic is not None and local(shape.graphic) == "chart"
        return Fill("other") if chart else NO_FILL
    for element in (shape.element, *inherited):
        if (fill := theme.fill(element.find("{*}spPr"))) is not None:
            return fill
    reference = shape.element.find(f"{{*}}style/{A}fillRef")
    if reference is None or not integer(reference.get("idx")):
        return NO_FILL
    paint = theme.paint(next(iter(reference), None))
    return Fill("other") if paint is None else Fill("solid", (paint,))


def font_reference(shape: Shape, theme: Theme) -> Fill | None:
    """The colour that a shape's style gives to its text."""
    reference = shape.element.find(f"{{*}}style/{A}fontRef")
    paint = None if reference is None else theme.paint(next(iter(reference), None))
    return None if paint is None else Fill("solid", (paint,))


def _read(
    tree: Element,
    transform: Transform,
    *,
    hidden: bool,
    placing: Placing,
    counter: Iterator[int],
) -> list[Shape]:
    shapes = []
    for element in tree:
        kind = local(element)
        if kind not in _KINDS:
            continue
        shape = Shape(element, kind, next(counter), None, hidden)
        naming = shape.naming
        shape.hidden = hidden or (naming is not None and is_true(naming.get("hidden")))
        if kind == "grpSp":
            inner = transform.inside(element.find(f"{{*}}grpSpPr/{A}xfrm"))
            shape.children = _read(
                element, inner, hidden=shape.hidden, placing=placing, counter=counter
            )
            shape.rect = _around(shape.children)
        elif (rect := placed(placing(element))) is not None:
            shape.rect = transform.apply(rect)
        shapes.append(shape)
    return shapes


def _around(shapes: Sequence[Shape]) -> Rect | None:
    rects = [shape.rect for shape in shapes if shape.rect is not None]
    if not rects:
        return None
    return Rect(
        min(r.left for r in rects),
        min(r.top for r in rects),
        max(r.right for r in rects),
        max(r.bottom for r in rects),
    )
