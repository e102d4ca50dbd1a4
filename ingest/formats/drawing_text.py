"""Text of DrawingML: paragraphs and runs, with what decides whether they are seen."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ingest.formats.docx_xml import Element, M, integer, local
from ingest.formats.drawing import A, link_id
from ingest.formats.drawing_colours import NO_FILL, Fill, Paint, Theme

_BULLETS: Final = frozenset({"buChar", "buAutoNum", "buBlip"})
_LINK_TAGS: Final = (f"{A}hlinkClick", f"{A}hlinkMouseOver")
#: Programs write control characters of a text so.
_ESCAPED_CONTROL: Final = re.compile(r"_x00([01][0-9A-Fa-f])_")
_HIGHEST_LEVEL: Final = 9
_USUAL_SIZE: Final = 18.0  # points
#: Share of the letters' size that condensed spacing may take.
_TIGHTEST: Final = 0.4
_KEEPS_ITS_COLOUR: Final = (
    "{http://schemas.microsoft.com/office/drawing/2018/hyperlinkcolor}hlinkClr"
)


class Run(NamedTuple):
    """Characters of one look.

    `size` in points, None when unknown; `inks`: the colours of the letters and of their outline,
    None when they have no single one; `ground`: their highlighting; `links`: relationship ids.
    """

    text: str
    size: float | None = None
    inks: tuple[Paint, ...] | None = None
    ground: Paint | None = None
    links: tuple[str, ...] = ()


class Paragraph(NamedTuple):
    """A paragraph. `level` counts from 1; `align` as in the file (« l », « ctr », « r »)."""

    runs: tuple[Run, ...]
    level: int = 1
    bullet: bool = False
    align: str = "l"

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


class TextStyles(NamedTuple):
    """Where a text's look is searched: list styles, the nearest first, then the theme.

    `font_ref` is the colour a shape's style gives its text, after the shape's own list style;
    `scale` shrinks the sizes of a text fitted to its box.
    """

    theme: Theme
    chain: tuple[Element | None, ...] = ()
    font_ref: Fill | None = None
    scale: float = 1.0

    def paragraph_styles(self, level: int) -> Iterator[Element | None]:
        for styles in self.chain:
            yield None if styles is None else styles.find(f"{A}lvl{level}pPr")

    def size(self, properties: Element | None, level: int) -> float | None:
        """In points."""
        own = None if properties is None else properties.get("sz")
        inherited = (
            None if (d := _defaults(style)) is None else d.get("sz")
            for style in self.paragraph_styles(level)
        )
        hundredths = integer(own or next((size for size in inherited if size), None))
        return None if hundredths is None else hundredths / 100 * self.scale

    def fill(self, properties: Element | None, level: int) -> Fill | None:
        if (fill := self._link_fill(properties) or self.theme.fill(properties)) is not None:
            return fill
        for position, style in enumerate(self.paragraph_styles(level)):
            if (fill := self.theme.fill(_defaults(style))) is not None:
                return fill
            if position == 0 and self.font_ref is not None:
                return self.font_ref
        return self.font_ref

    def has_bullet(self, properties: Element | None, level: int) -> bool:
        for style in (properties, *self.paragraph_styles(level)):
            names = {local(child) for child in style} if style is not None else set()
            if "buNone" in names:
                return False
            if names & _BULLETS:
                return True
        return False

    def align(self, properties: Element | None, level: int) -> str:
        styles = (properties, *self.paragraph_styles(level))
        found = (style.get("algn") for style in styles if style is not None)
        return next((align for align in found if align), "l")

    def _link_fill(self, properties: Element | None) -> Fill | None:
        """A link takes the theme's colour for links, whatever its own, unless told to keep it."""
        link = None if properties is None else properties.find(f"{A}hlinkClick")
        if (
            link is None
            or link_id(link) is None
            or link.find(f".//{_KEEPS_ITS_COLOUR}") is not None
        ):
            return None
        colour = self.theme.colours.get(self.theme.mapping.get("hlink", "hlink"))
        return None if colour is None else Fill("solid", (Paint(colour),))


def read_paragraphs(body: Element | None, styles: TextStyles) -> list[Paragraph]:
    """The paragraphs of a `txBody`, empty ones included."""
    found = body.iterfind(f"{A}p") if body is not None else ()
    return [_paragraph(element, styles) for element in found]


def fit_scale(body_properties: Element | None) -> float:
    """How much a text is shrunk to fit its box (1: not at all)."""
    fit = None if body_properties is None else body_properties.find(f"{A}normAutofit")
    thousandths = None if fit is None else integer((fit.get("fontScale") or "").rstrip("%"))
    if thousandths is None:
        return 1.0
    return thousandths / (100 if (fit is not None and "%" in fit.get("fontScale", "")) else 100_000)


def plain_paragraphs(body: Element | None) -> str:
    """The text of a `txBody` or `c:rich` alone, one line per paragraph."""
    if body is None:
        return ""
    lines = ("".join(text for text, _ in _pieces(p)) for p in body.iterfind(f".//{A}p"))
    return "\n".join(line for line in lines if line.strip())


def _paragraph(element: Element, styles: TextStyles) -> Paragraph:
    properties = element.find(f"{A}pPr")
    raw = integer(properties.get("lvl")) if properties is not None else None
    level = min(max(raw or 0, 0) + 1, _HIGHEST_LEVEL)
    runs = tuple(_run(text, look, styles, level) for text, look in _pieces(element) if text)
    return Paragraph(
        runs,
        level,
        styles.has_bullet(properties, level),
        styles.align(properties, level),
    )


def _pieces(paragraph: Element) -> Iterator[tuple[str, Element | None]]:
    """The texts of a paragraph in order, with their run properties."""
    for child in paragraph:
        name = local(child)
        if name == "br":
            yield "\n", child.find(f"{A}rPr")
        elif name == "r" or (name == "fld" and child.get("type") != "slidenum"):
            yield _unescaped(child.findtext(f"{A}t") or ""), child.find(f"{A}rPr")
        elif name not in ("pPr", "endParaRPr", "fld"):
            yield "".join(t.text or "" for t in child.iter(f"{{{M}}}t")), None


def _run(text: str, look: Element | None, styles: TextStyles, level: int) -> Run:
    highlight = None if look is None else look.find(f"{A}highlight")
    links = () if look is None else (link_id(link) for link in look.iter(*_LINK_TAGS))
    size = styles.size(look, level)
    return Run(
        text=text,
        size=0.0 if _is_piled_up(look, size) else size,
        inks=_inks(look, styles, level),
        ground=styles.theme.paint(None if highlight is None else next(iter(highlight), None)),
        links=tuple(link for link in links if link),
    )


def _is_piled_up(look: Element | None, size: float | None) -> bool:
    """Whether condensed spacing puts the letters on top of each other."""
    spacing = None if look is None else integer(look.get("spc"))
    return spacing is not None and -spacing / 100 >= _TIGHTEST * (size or _USUAL_SIZE)


def _inks(look: Element | None, styles: TextStyles, level: int) -> tuple[Paint, ...] | None:
    fill = styles.fill(look, level)
    line = styles.theme.fill(None if look is None else look.find(f"{A}ln")) or NO_FILL
    if fill is None or any(f.kind in ("picture", "other") for f in (fill, line)):
        return None
    return fill.paints + line.paints


def _defaults(style: Element | None) -> Element | None:
    return None if style is None else style.find(f"{A}defRPr")


def _unescaped(text: str) -> str:
    return _ESCAPED_CONTROL.sub(lambda found: chr(int(found.group(1), 16)), text)
