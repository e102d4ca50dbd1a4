"""OpenDocument styles: how a text looks once inheritance has been followed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from ingest.formats.appearance import FAINTEST, NARROWEST, Look
from ingest.formats.colours import Colour, parse_colour
from ingest.formats.odf_xml import Element, attribute, percent, points, q

_TEXT_PROPERTIES: Final = q("style:text-properties")
_FILLED: Final = frozenset(
    q(f"style:{kind}-properties")
    for kind in (
        "paragraph",
        "table",
        "table-row",
        "table-cell",
        "page-layout",
    )
)
_DRAWN: Final = (q("style:graphic-properties"), q("style:drawing-page-properties"))
_FILLING: Final = ("draw:fill", "draw:fill-color", "fo:background-color", "draw:opacity")
#: Longest chain of parent styles that is followed: real ones have five or six links.
_MAX_PARENTS: Final = 50


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page's size and margins in points, and its background (None: picture or gradient)."""

    width: float
    height: float
    margin_left: float
    background: Colour | None


class OdfStyles:
    """The styles that apply to one part: the common ones, and that part's automatic ones.

    `styles` is the root of `styles.xml` (None when the package has none); `part` is the root
    whose automatic styles are in force, `styles` itself for headers and master pages.
    """

    def __init__(self, styles: Element | None, part: Element) -> None:
        self._styles: dict[tuple[str, str], Element] = {}
        self._defaults: dict[str, Element] = {}
        self._layouts: dict[str, Element] = {}
        self.masters: dict[str, Element] = {}
        for root, container in (
            (styles, "office:styles"),
            (styles, "office:automatic-styles"),
            (part, "office:automatic-styles"),
        ):
            found = root.find(q(container)) if root is not None else None
            self._register(found if found is not None else ())
        masters = styles.find(q("office:master-styles")) if styles is not None else None
        if masters is not None:
            for master in masters.iterfind(q("style:master-page")):
                self.masters[attribute(master, "style:name")] = master
        self._values: dict[tuple[str, str, str, str], str] = {}
        self._known: dict[tuple[Look, str, str], Look] = {}

    def _register(self, container: Element | tuple[()]) -> None:
        for style in container:
            family = attribute(style, "style:family")
            if style.tag == q("style:style"):
                self._styles[family, attribute(style, "style:name")] = style
            elif style.tag == q("style:default-style"):
                self._defaults[family] = style
            elif style.tag == q("style:page-layout"):
                self._layouts[attribute(style, "style:name")] = style

    def default(self, family: str, look: Look) -> Look:
        """The look that a family's text starts from; fills come from named styles only."""
        style = self._defaults.get(family)
        return look if style is None else replace(_over(look, style), background=look.background)

    def over(self, look: Look, family: str, name: str) -> Look:
        """`look` once a named style, and before it the styles it inherits from, are applied."""
        key = (look, family, name)
        if key not in self._known:
            result, chain = look, self.chain(family, name)
            for style in chain:
                result = _over(result, style)
            self._known[key] = _painted(result, chain, look.background)
        return self._known[key]

    def chain(self, family: str, name: str) -> list[Element]:
        """A style and its ancestors, the most general first; empty when it is not defined."""
        found: list[Element] = []
        style = self._styles.get((family, name))
        while style is not None and style not in found and len(found) < _MAX_PARENTS:
            found.append(style)
            style = self._styles.get((family, attribute(style, "style:parent-style-name")))
        return found[::-1]

    def value(self, family: str, name: str, properties: str, key: str) -> str:
        """One property of a style, inherited: `value("table", "ta1", "table", "table:display")`."""
        known = (family, name, properties, key)
        if known not in self._values:
            default = self._defaults.get(family)
            result = ""
            for style in ([] if default is None else [default]) + self.chain(family, name):
                for element in style.iterfind(q(f"style:{properties}-properties")):
                    result = attribute(element, key) or result
            self._values[known] = result
        return self._values[known]

    def length(self, family: str, name: str, properties: str, key: str) -> float | None:
        """One property of a style as a length in points; None when it is not one."""
        return points(self.value(family, name, properties, key))

    def paints(self, family: str, name: str) -> bool:
        """Whether a drawing's style fills it, so that nothing shows through."""
        fill, colour, opacity = "", "", "100%"
        for style in self.chain(family, name):
            for element in style.iterfind(q("style:graphic-properties")):
                fill = attribute(element, "draw:fill") or fill
                background = attribute(element, "fo:background-color").replace("transparent", "")
                colour = attribute(element, "draw:fill-color") or background or colour
                opacity = attribute(element, "draw:opacity") or opacity
        filled = fill in {"solid", "gradient", "bitmap"} or (not fill and bool(colour))
        return filled and (percent(opacity) or 0.0) > 0.5

    def page(self, master_name: str) -> PageLayout:
        """The page of a master; A4 on white where nothing is said."""
        master = self.masters.get(master_name)
        layout = self._layouts.get(
            attribute(master, "style:page-layout-name") if master is not None else ""
        )
        properties = layout.find(q("style:page-layout-properties")) if layout is not None else None
        if properties is None:
            return PageLayout(595.3, 841.9, 56.7, Look().background)
        look = _over(Look(), layout) if layout is not None else Look()
        return PageLayout(
            width=points(attribute(properties, "fo:page-width")) or 595.3,
            height=points(attribute(properties, "fo:page-height")) or 841.9,
            margin_left=points(attribute(properties, "fo:margin-left")) or 0.0,
            background=look.background,
        )


def _over(look: Look, style: Element) -> Look:
    """`look` once one style element is applied, its own properties only."""
    for properties in style:
        if properties.tag == _TEXT_PROPERTIES:
            look = _over_text(look, properties)
        elif properties.tag in _FILLED:
            look = replace(look, background=_filled(look.background, properties))
    return look


def _painted(look: Look, chain: Iterable[Element], under: Colour | None) -> Look:
    """`look` on what a drawing's styles fill it with, said in pieces by one and its ancestors.

    « No fill » in a style undoes what its ancestors fill: what is under the drawing shows.
    """
    drawn = [p for style in chain for p in style if p.tag in _DRAWN]
    said = {key: "" for key in _FILLING}
    for properties in drawn:
        if attribute(properties, "draw:fill") == "none":
            said["fo:background-color"] = ""
        said |= {key: value for key in _FILLING if (value := attribute(properties, key))}
    fill, colour, background, opacity = said.values()
    if fill in {"gradient", "bitmap", "hatch"} or any(map(_has_background_image, drawn)):
        return replace(look, background=None)
    if fill == "none" or not colour:
        colour = background
    if not (fill or colour):
        return look
    share = percent(opacity)
    if colour in {"", "transparent"} or (share is not None and share < FAINTEST):
        return replace(look, background=under)
    return replace(look, background=parse_colour(colour))


def _over_text(look: Look, properties: Element) -> Look:
    changes = dict(_changes(look, properties))
    background = _filled(look.background, properties)
    return replace(look, **changes, background=background)  # type: ignore[arg-type]  # by name


def _changes(look: Look, properties: Element) -> Iterator[tuple[str, object]]:
    if attribute(properties, "style:use-window-font-color") == "true":
        # LibreOffice writes an opacity of 0 % beside an automatic colour: it means nothing.
        yield "colour", None
        yield "opacity", 1.0
    elif colour := parse_colour(attribute(properties, "fo:color")):
        opacity = percent(attribute(properties, "loext:opacity"))
        yield "colour", colour
        yield "opacity", 1.0 if opacity is None else opacity
    size = attribute(properties, "fo:font-size")
    if (relative := percent(size)) is not None:
        yield "size", look.size * relative
    elif (absolute := points(size)) is not None:
        yield "size", absolute
    position = attribute(properties, "style:text-position").split()
    if position:
        scale = percent(position[1]) if len(position) > 1 else None
        yield "scale", 1.0 if scale is None else scale
    squeezed = percent(attribute(properties, "style:text-scale"))
    if squeezed is not None and squeezed < NARROWEST:
        yield "scale", squeezed
    if display := attribute(properties, "text:display"):
        yield "shown", display == "true"


def _filled(background: Colour | None, properties: Element) -> Colour | None:
    """The background once an element's own fill is painted over it."""
    fill = attribute(properties, "draw:fill")
    colour = attribute(properties, "draw:fill-color")
    if fill in {"gradient", "bitmap", "hatch"} or _has_background_image(properties):
        return None
    if fill == "none":
        colour = ""
    if not colour:
        colour = attribute(properties, "fo:background-color")
    if colour in {"", "transparent"}:
        return background
    return parse_colour(colour)


def _has_background_image(properties: Element) -> bool:
    image = properties.find(q("style:background-image"))
    return image is not None and bool(attribute(image, "xlink:href") or len(image))
