"""The look of the grid: one entry per paragraph style."""

from typing import Final, NamedTuple

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from lxml.etree import _Element

from assistant.reporting.content import Style

_FONT: Final = "Calibri"
_INK: Final = RGBColor(0x1F, 0x2A, 0x44)
#: Tint and line of the banners. The words alone carry the meaning.
_BANNERS: Final = {
    Style.BANNER: ("F3EBD6", "7A5B00"),
    Style.BANNER_FINAL: ("E3EBF5", "1F2A44"),
}


class _Look(NamedTuple):
    """Units: points, and centimetres for `indent`, which hangs: first lines start at the edge."""

    size: float
    before: float = 0
    after: float = 0
    bold: bool = False
    indent: float = 0
    keep_with_next: bool = False


_TEMPLATE_STYLES: Final = {
    "Normal": _Look(10.5, after=4),
    "Header": _Look(9.5),
    "Footer": _Look(9.5),
    "Title": _Look(20, after=6, bold=True, keep_with_next=True),
    "Heading 1": _Look(14, before=10, after=4, bold=True, keep_with_next=True),
    "Heading 2": _Look(12, before=8, after=4, bold=True, keep_with_next=True),
}
_OUR_STYLES: Final = {
    Style.BULLET: _Look(10.5, after=2, indent=0.5),
    Style.LEGEND: _Look(10.5, after=4, keep_with_next=True),
    Style.BANNER: _Look(13, before=2, after=8, bold=True),
    Style.BANNER_FINAL: _Look(13, before=2, after=8, bold=True),
    Style.CELL: _Look(9.5, after=2),
    # Nothing in a table is kept with what follows: Word would keep whole rows together.
    Style.CELL_LABEL: _Look(9.5, before=4, after=1, bold=True),
    Style.CELL_VERDICT: _Look(11, after=3, bold=True),
    Style.CELL_ITEM: _Look(9.5, after=2, indent=0.35),
    Style.CELL_QUOTE: _Look(9.5, after=4),
}


def define_styles(document: Document) -> None:
    """Give the template's styles our look, and add ours."""
    for name, look in _TEMPLATE_STYLES.items():
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)  # python-docx's own template has them
        _shape(style, look)
        _remove(style, "w:pBdr")
        _remove(style, "w:tabs")
        if name.startswith(("Title", "Heading")):
            style.font.color.rgb = _INK
    for name, look in _OUR_STYLES.items():
        style = document.styles.add_style(name.value, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.base_style = document.styles["Normal"]
        style.quick_style = True
        _shape(style, look)
        if name in _BANNERS:
            _frame(style, *_BANNERS[name])


def element(tag: str, **attributes: str) -> _Element:
    """A WordprocessingML element, e.g. `element("w:shd", fill="FFFFFF")`."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _shape(style: ParagraphStyle, look: _Look) -> None:
    style.font.name = _FONT
    # The theme's font, where the template names one, would win over ours.
    fonts = style.element.get_or_add_rPr().find(qn("w:rFonts"))
    for theme in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[theme]
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), _FONT)
    style.font.size = Pt(look.size)
    style.font.bold = look.bold
    style.font.italic = False
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(look.before), Pt(look.after)
    layout.line_spacing = 1.0
    layout.keep_with_next = look.keep_with_next
    layout.left_indent, layout.first_line_indent = Cm(look.indent), Cm(-look.indent)


def _frame(style: ParagraphStyle, fill: str, color: str) -> None:
    """A line around the paragraph and a tint under it, where the schema wants them."""
    borders = element("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = element(f"w:{side}", val="single", sz="12", space="4", color=color)
        borders.append(line)
    shade = element("w:shd", val="clear", color="auto", fill=fill)
    spacing = style.element.get_or_add_pPr().find(qn("w:spacing"))
    spacing.addprevious(borders)
    spacing.addprevious(shade)


def _remove(style: ParagraphStyle, tag: str) -> None:
    for found in style.element.findall(f"{qn('w:pPr')}/{qn(tag)}"):
        found.getparent().remove(found)
