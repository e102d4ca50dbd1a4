"""Whether a run of text is seen on the page.

Limits, chosen so that nothing an honest document does is taken for hiding: characters under
4 points (small print starts at 5), squeezed under 20 % of their width or on top of each other,
raised or lowered by more than 100 points, lost in the colour of their background.
"""

from typing import Final

from ingest.formats.colours import BLACK, Colour, is_lost_in
from ingest.formats.docx_colour import Theme, highlight
from ingest.formats.docx_styles import Props
from ingest.formats.docx_xml import W14, Element, integer, is_on, local, number
from ingest.types import HiddenReason

#: Half-points: 8 is 4 points.
_SMALLEST_SIZE: Final = 8
_USUAL_SIZE: Final = 20
_SMALLEST_SCALE: Final = 20
_FARTHEST_RAISE: Final = 200
#: Share of the font's size that condensed spacing may take before letters pile up.
_TIGHTEST: Final = 0.4
#: Of 100 000: a text effect this transparent shows nothing.
_CLEAREST: Final = 90_000


def font_size(props: Props) -> int:
    """In half-points."""
    size = number(props.get("sz"))
    return _USUAL_SIZE if size is None else size


def hidden_reason(
    props: Props, theme: Theme, *, ground: Colour | None, ink: Colour | None = None
) -> HiddenReason | None:
    """Why a run is not seen, or None.

    `ground` is what it is painted on, None when unknown; `ink` the colour that its text box
    gives to text which names none.
    """
    if is_on(props.get("vanish")) or is_on(props.get("specVanish")):
        return HiddenReason.VANISHED
    if _is_too_small(props):
        return HiddenReason.TINY
    if abs(number(props.get("position")) or 0) > _FARTHEST_RAISE:
        return HiddenReason.OFF_PAGE
    if _melts(props, theme, ground, ink):
        return HiddenReason.NEAR_BACKGROUND
    return None


def _is_too_small(props: Props) -> bool:
    size = font_size(props)
    scale = number(props.get("w"))
    squeezed = number(props.get("spacing")) or 0  # twips; a half-point is 10 of them
    return (
        size < _SMALLEST_SIZE
        or (scale is not None and scale < _SMALLEST_SCALE)
        or -squeezed >= size * 10 * _TIGHTEST
    )


def _melts(props: Props, theme: Theme, ground: Colour | None, ink: Colour | None) -> bool:
    fill = props.get("textFill")
    if fill is not None and _is_clear(fill):
        return True
    painted = highlight(props.get("highlight")) or theme.of_shading(props.get("shd")) or ground
    colour = theme.of_text(props["color"]) if "color" in props else ink
    if fill is not None and len(fill) and local(fill[0]) == "solidFill":
        colour = theme.of_drawing(fill[0]) or colour or BLACK
    return colour is not None and painted is not None and is_lost_in(colour, painted)


def _is_clear(fill: Element) -> bool:
    if not len(fill) or local(fill[0]) == "noFill":
        return True
    alphas = [integer(e.get(f"{{{W14}}}val")) or 0 for e in fill.iter(f"{{{W14}}}alpha")]
    return bool(alphas) and min(alphas) >= _CLEAREST
