"""Styles of cells: number formats, and what decides whether a text is seen."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from ingest.formats.colours import BLACK, WHITE, Colour, parse_colour
from ingest.formats.docx_xml import Element, integer
from ingest.formats.drawing_colours import Theme, mix
from ingest.formats.xlsx_codes import BUILT_IN
from ingest.formats.xlsx_strings import ColourRef, Font, read_colour, read_font

#: Order of the theme's colours in styles.
_THEME_ORDER: Final = ("lt1", "dk1", "lt2", "dk2", *(f"accent{n}" for n in range(1, 7)), "hlink")
_PALETTE: Final = (
    "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 000000 FFFFFF FF0000 00FF00 0000FF "
    "FFFF00 FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 C0C0C0 808080 9999FF 993366 "
    "FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF 800080 800000 008080 "
    "0000FF 00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC 99CC00 FFCC00 "
    "FF9900 FF6600 666699 969696 003366 339966 003300 333300 993300 993366 333399 333333"
).split()
_SYSTEM: Final = {64: BLACK, 65: WHITE}

Item = TypeVar("Item")

#: The colours behind a text; None when they cannot be known.
Ground = tuple[Colour, ...] | None


class CellLook(NamedTuple):
    """How a cell shows its value. `ground` is what its own fill paints, white without one."""

    code: str = "General"
    size: float | None = None
    colour: Colour | None = None
    ground: Ground = (WHITE,)
    filled: bool = False


class Styles:
    """The looks of a workbook's cells, by the number that cells carry."""

    def __init__(self, root: Element | None, theme: Theme) -> None:
        self._theme = theme
        self._palette = [parse_colour(f"#{digits}") for digits in _PALETTE]
        self._looks: list[CellLook] = []
        self._painting: list[bool] = []
        if root is not None:
            self._read(root)

    def look(self, number: int) -> CellLook:
        return self._looks[number] if 0 <= number < len(self._looks) else CellLook()

    def paints(self, number: int | None) -> bool:
        """Whether a conditional format (by its `dxfId`) fills the cells it applies to."""
        return number is not None and 0 <= number < len(self._painting) and self._painting[number]

    def colour(self, reference: ColourRef | None) -> Colour | None:
        """A colour named by a style; None when the program chooses it."""
        if reference is None:
            return None
        colour: Colour | None = None
        if reference.theme is not None:
            if 0 <= reference.theme < len(_THEME_ORDER):
                colour = self._theme.colours.get(_THEME_ORDER[reference.theme])
        elif reference.indexed is not None:
            colour = self._indexed(reference.indexed)
        elif len(reference.rgb) in (6, 8):
            # Two digits of opacity may come first; programs ignore them.
            colour = parse_colour(f"#{reference.rgb[-6:]}")
        return None if colour is None else _tinted(colour, reference.tint)

    def _indexed(self, number: int) -> Colour | None:
        if 0 <= number < len(self._palette):
            return self._palette[number]
        return _SYSTEM.get(number)

    def _read(self, root: Element) -> None:
        for place, custom in enumerate(root.iterfind("{*}colors/{*}indexedColors/{*}rgbColor")):
            if place < len(self._palette):
                self._palette[place] = parse_colour(f"#{(custom.get('rgb') or '')[-6:]}")
        codes = {
            integer(e.get("numFmtId")): e.get("formatCode") or "General"
            for e in root.iterfind("{*}numFmts/{*}numFmt")
        }
        fonts = [read_font(e) or Font() for e in root.iterfind("{*}fonts/{*}font")]
        grounds = [self._ground(e) for e in root.iterfind("{*}fills/{*}fill")]
        for xf in root.iterfind("{*}cellXfs/{*}xf"):
            number = integer(xf.get("numFmtId")) or 0
            # Built-in numbers mean what the reader's country writes, whatever the file repeats.
            code = BUILT_IN.get(number) or codes.get(number, "General")
            font = _at(fonts, xf.get("fontId")) or Font()
            filled, ground = _at(grounds, xf.get("fillId")) or (False, (WHITE,))
            self._looks.append(CellLook(code, font.size, self.colour(font.colour), ground, filled))
        for dxf in root.iterfind("{*}dxfs/{*}dxf"):
            self._painting.append(dxf.find("{*}fill") is not None)

    def _ground(self, fill: Element) -> tuple[bool, Ground]:
        """Whether a fill paints, and the colours it paints with."""
        if (gradient := fill.find("{*}gradientFill")) is not None:
            stops = [self.colour(read_colour(e)) for e in gradient.iter("{*}color")]
            return True, _known(stops)
        pattern = fill.find("{*}patternFill")
        kind = "none" if pattern is None else pattern.get("patternType") or "none"
        if pattern is None or kind == "none":
            return False, (WHITE,)
        ink = self.colour(read_colour(pattern.find("{*}fgColor")))
        paper = self.colour(read_colour(pattern.find("{*}bgColor")))
        if kind == "solid":
            return True, _known([ink])
        return True, (ink or BLACK, paper or WHITE)


def _known(colours: Sequence[Colour | None]) -> Ground:
    found = tuple(colour for colour in colours if colour is not None)
    return found if found and len(found) == len(colours) else None


def _at(items: Sequence[Item], number: str | None) -> Item | None:
    place = integer(number) or 0
    return items[place] if 0 <= place < len(items) else None


def _tinted(colour: Colour, tint: float) -> Colour:
    """Lighter for a positive tint, darker for a negative one, -1 to 1."""
    share = min(1.0, abs(tint))
    return mix(WHITE if tint > 0 else BLACK, colour, share)
