"""What is seen on a page before it becomes text: words, pieces of line, lines.

Units everywhere: points of the page as it is displayed, origin top left, y downwards; `base` is
the y of the baseline. On a page whose text mostly runs sideways, coordinates are those of the
page turned so that it reads upright; `PageFrame.box` turns them back.
"""

from dataclasses import dataclass, field

from ingest.types import Box, HiddenReason


@dataclass(frozen=True, slots=True)
class PageFrame:
    """A page's displayed size, and what makes its text upright.

    `turns` are quarter turns clockwise; `skew` is how much the lines of a scan go down per point
    to the right.
    """

    page: int
    width: float
    height: float
    turns: int = 0
    skew: float = 0.0

    def box(self, rect: "Rect") -> Box:
        """The place on the displayed page, in fractions of it, cut at its edges."""
        x0, y0, x1, y1 = unturned(self._slanted(rect), self)
        return Box(
            page=self.page,
            left=_fraction(x0, self.width),
            top=_fraction(y0, self.height),
            right=_fraction(x1, self.width),
            bottom=_fraction(y1, self.height),
        )

    def straightened(self, rect: "Rect") -> "Rect":
        """Where a rectangle of a slanting scan stands once lines are level."""
        x, y = (rect[0] + rect[2]) / 2, (rect[1] + rect[3]) / 2
        across, down = self.skew * y, -self.skew * x
        return rect[0] + across, rect[1] + down, rect[2] + across, rect[3] + down

    def _slanted(self, rect: "Rect") -> "Rect":
        """The upright rectangle around a line of the layout, as it slants on the page."""
        if not self.skew:
            return rect
        x0, y0, x1, y1 = rect
        low, high = sorted((self.skew * x0, self.skew * x1))
        middle = self.skew * (y0 + y1) / 2
        return x0 - middle, y0 + low, x1 - middle, y1 + high

    @property
    def layout_width(self) -> float:
        return self.height if self.turns % 2 else self.width

    @property
    def layout_height(self) -> float:
        return self.width if self.turns % 2 else self.height


#: Left, top, right, bottom.
Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text object is drawn.

    Units: `size` in points on the page, whatever the font's own; `angle` in degrees, clockwise,
    0 for upright text; `colour` red, green, blue, 0 to 255; `opacity` 0 to 1.
    """

    size: float
    font: str
    bold: bool
    outlined: bool  # filled and stroked: seen whatever the fill
    colour: tuple[int, int, int]
    opacity: float
    painted: bool  # False for the invisible render modes
    optional: bool  # inside an optional content group (a layer)
    replaced: bool  # the file gives other characters for the glyphs (/ActualText)
    angle: float


@dataclass(slots=True)
class Word:
    """Characters without a space between them.

    `glued` says that no space separates it from the word before; `source` tells text objects
    apart (0 for none); `hidden` is why a reader does not see it.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    base: float
    style: Style
    source: int
    glued: bool = False
    raised: bool = False
    hidden: HiddenReason | None = None

    @property
    def rect(self) -> Rect:
        return self.x0, self.top, self.x1, self.bottom


@dataclass(slots=True)
class Line:
    """Words on one baseline that are read together.

    `size` and `base` are those of most of its characters.
    """

    words: list[Word]
    x0: float = field(init=False)
    x1: float = field(init=False)
    top: float = field(init=False)
    bottom: float = field(init=False)
    base: float = field(init=False)
    size: float = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.x0, self.top, self.x1, self.bottom = union([word.rect for word in self.words])
        characters: dict[tuple[float, float], int] = {}
        for word in self.words:
            if not word.raised:
                key = word.style.size, word.base
                characters[key] = characters.get(key, 0) + len(word.text)
        first = self.words[0]
        usual = max(characters, key=characters.__getitem__, default=(first.style.size, first.base))
        self.size, self.base = usual
        self.text = joined(self.words)

    @property
    def rect(self) -> Rect:
        return self.x0, self.top, self.x1, self.bottom

    @property
    def bold(self) -> bool:
        letters = sum(len(word.text) for word in self.words)
        return sum(len(word.text) for word in self.words if word.style.bold) > 0.8 * letters


def joined(words: list[Word]) -> str:
    """The words' text, a space wherever one was printed."""
    pieces: list[str] = []
    for word in words:
        if pieces and not word.glued:
            pieces.append(" ")
        pieces.append(word.text)
    return "".join(pieces)


def union(rects: list[Rect]) -> Rect:
    """The smallest rectangle around others. Raises `IndexError` on none."""
    left, top, right, bottom = rects[0]
    for x0, y0, x1, y1 in rects:
        if x0 < left:
            left = x0
        if y0 < top:
            top = y0
        if x1 > right:
            right = x1
        if y1 > bottom:
            bottom = y1
    return left, top, right, bottom


def turned(rect: Rect, width: float, height: float, turns: int) -> Rect:
    """A rectangle of a page of that size, once the page is turned clockwise."""
    x0, y0, x1, y1 = rect
    for _ in range(turns % 4):
        x0, y0, x1, y1 = height - y1, x0, height - y0, x1
        width, height = height, width
    return x0, y0, x1, y1


def unturned(rect: Rect, frame: PageFrame) -> Rect:
    """A rectangle of the layout, as it lies on the displayed page."""
    return turned(rect, frame.layout_width, frame.layout_height, -frame.turns)


def _fraction(value: float, whole: float) -> float:
    return round(min(1.0, max(0.0, value / whole)), 5) if whole > 0 else 0.0
