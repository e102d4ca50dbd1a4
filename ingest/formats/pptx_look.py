"""What a slide takes from its layout, its master and the presentation: places, looks, colours."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from ingest.formats.docx_xml import Element, integer
from ingest.formats.drawing import A, Links, is_true
from ingest.formats.drawing_colours import WHITE_FILL, Fill, Theme
from ingest.formats.drawing_geometry import Rect
from ingest.formats.drawing_shapes import (
    Shape,
    font_reference,
    own_xfrm,
    placeholder_of,
    read_shapes,
)
from ingest.formats.drawing_text import TextStyles, fit_scale
from ingest.formats.ooxml_parts import OfficeParts

_TITLES: Final = frozenset({"title", "ctrTitle"})
FURNITURE: Final = frozenset({"dt", "ftr", "sldNum", "hdr", "sldImg"})
_USUAL_SIZE: Final = (12_192_000, 6_858_000)


class Sheet(NamedTuple):
    """A slide, a layout or a master, with its part's name."""

    part: str
    root: Element

    @property
    def tree(self) -> Element | None:
        return self.root.find("{*}cSld/{*}spTree")

    @property
    def shows_master_shapes(self) -> bool:
        said = self.root.get("showMasterSp")
        return said is None or is_true(said)


class Look(NamedTuple):
    """A page (a slide, or the notes of one) with what it inherits, the nearest first."""

    page: Sheet
    parents: tuple[Sheet, ...]
    theme: Theme
    default_styles: Element | None

    def ancestors(self, element: Element) -> list[Element]:
        """The placeholders that a placeholder takes from, the layout's before the master's."""
        mark = placeholder_of(element)
        if mark is None:
            return []
        found: list[Element] = []
        for sheet in self.parents:
            parent = None if mark is None else _matching(sheet.tree, mark)
            if parent is not None:
                found.append(parent)
                mark = placeholder_of(parent)
        return found

    def placing(self, element: Element) -> Element | None:
        """The `xfrm` of an element, its own or its placeholder's."""
        for candidate in (element, *self.ancestors(element)):
            xfrm = own_xfrm(candidate)
            if xfrm is not None and xfrm.find(f"{A}off") is not None:
                return xfrm
        return None

    def body_properties(self, shape: Shape) -> list[Element]:
        """The `bodyPr` of a shape's text, then those it takes from."""
        sources = (shape.element, *self.ancestors(shape.element))
        found = (source.find(f"{{*}}txBody/{A}bodyPr") for source in sources)
        return [properties for properties in found if properties is not None]

    def text_styles(self, shape: Shape) -> TextStyles:
        """Where the look of a shape's text is said."""
        parents = self.ancestors(shape.element)
        lists = [e.find(f"{{*}}txBody/{A}lstStyle") for e in (shape.element, *parents)]
        own = shape.element.find(f"{{*}}txBody/{A}bodyPr")
        return TextStyles(
            theme=self.theme,
            chain=(*lists, *self._page_styles(shape)),
            font_ref=font_reference(shape, self.theme),
            scale=fit_scale(own),
        )

    @property
    def animated_ids(self) -> frozenset[str]:
        """The shapes that an animation shows, moves or removes."""
        targets = self.page.root.iterfind("{*}timing//{*}spTgt")
        return frozenset(target.get("spid") or "" for target in targets)

    def background(self) -> Fill | None:
        """What the page is painted with; None when it has no single colour."""
        for sheet in (self.page, *self.parents):
            if (background := sheet.root.find("{*}cSld/{*}bg")) is not None:
                return self._background(background)
        return WHITE_FILL

    def backdrop_sheets(self) -> list[Sheet]:
        """The layout and the master whose own shapes the page shows, the farthest first."""
        shown, sheet = [], self.page
        for parent in self.parents:
            if not sheet.shows_master_shapes:
                break
            shown.append(parent)
            sheet = parent
        return shown[::-1]

    def _page_styles(self, shape: Shape) -> tuple[Element | None, ...]:
        master = self.parents[-1].root if self.parents else None
        if master is None:
            return (self.default_styles,)
        if (notes := master.find("{*}notesStyle")) is not None:
            return (notes,)
        mark = shape.placeholder
        kind = "" if mark is None else mark.get("type") or "obj"
        if mark is None or kind in FURNITURE:
            return (self.default_styles, master.find("{*}txStyles/{*}otherStyle"))
        name = "titleStyle" if kind in _TITLES else "bodyStyle"
        return (master.find(f"{{*}}txStyles/{{*}}{name}"), self.default_styles)

    def _background(self, background: Element) -> Fill | None:
        properties, reference = background.find("{*}bgPr"), background.find("{*}bgRef")
        if properties is not None:
            fill = self.theme.fill(properties)
        elif reference is not None:
            fill = self._themed_background(reference)
        else:
            return WHITE_FILL
        return fill if fill is not None and fill.paints else None

    def _themed_background(self, reference: Element) -> Fill | None:
        paint = self.theme.paint(next(iter(reference), None))
        rank = (integer(reference.get("idx")) or 0) - 1001
        if paint is None or not 0 <= rank < max(1, len(self.theme.backgrounds)):
            return None
        if not self.theme.backgrounds:
            return Fill("solid", (paint,))
        return self.theme.fill_of(self.theme.backgrounds[rank], paint.colour)


class Deck:
    """The presentation: slide size, slides in order, and the looks of its pages."""

    def __init__(self, parts: OfficeParts, main: str, root: Element) -> None:
        self.parts = parts
        self.root = root
        self.links = Links(parts, main)
        self._sheets: dict[str, Sheet | None] = {}
        self._themes: dict[str, Theme] = {}
        self.default_styles = root.find("{*}defaultTextStyle")
        size = root.find("{*}sldSz")
        width, height = (
            (size is not None and integer(size.get(side))) or usual
            for side, usual in zip(("cx", "cy"), _USUAL_SIZE, strict=True)
        )
        self.size = Rect(0, 0, float(width), float(height))

    def slide_look(self, page: Sheet) -> Look:
        """The look of a slide. Raises: `CorruptedFile`, `FileTooLarge`, `UnsafeFile`."""
        layout = self._related(page.part, "slideLayout")
        master = self._related(layout.part, "slideMaster") if layout is not None else None
        return self._look(page, [sheet for sheet in (layout, master) if sheet is not None])

    def notes_look(self, page: Sheet) -> Look:
        """The look of a notes page. Raises as `slide_look`."""
        master = self._related(page.part, "notesMaster")
        return self._look(page, [master] if master is not None else [])

    def _look(self, page: Sheet, parents: Sequence[Sheet]) -> Look:
        theme = Theme.read(None)
        if parents:
            theme = self._theme(parents[-1])
        for sheet in (*parents[:-1], page):
            theme = theme.mapped(sheet.root.find(f"{{*}}clrMapOvr/{A}overrideClrMapping"))
        return Look(page, tuple(parents), theme, self.default_styles)

    def _theme(self, master: Sheet) -> Theme:
        if master.part not in self._themes:
            names = Links(self.parts, master.part).parts("theme")
            theme = Theme.read(self.parts.load(names[0]) if names else None)
            self._themes[master.part] = theme.mapped(master.root.find("{*}clrMap"))
        return self._themes[master.part]

    def _related(self, part: str, kind: str) -> Sheet | None:
        names = Links(self.parts, part).parts(kind)
        if not names:
            return None
        if names[0] not in self._sheets:
            root = self.parts.load(names[0])
            self._sheets[names[0]] = None if root is None else Sheet(names[0], root)
        return self._sheets[names[0]]


def backdrop_shapes(sheet: Sheet) -> list[Shape]:
    """The shapes that a layout or a master shows on its slides: all but its placeholders."""
    return [shape for shape in read_shapes(sheet.tree) if shape.placeholder is None]


def is_title(shape: Shape) -> bool:
    """Whether a shape is the title of its slide."""
    mark = shape.placeholder
    return mark is not None and mark.get("type") in _TITLES


def _matching(tree: Element | None, mark: Element) -> Element | None:
    """The placeholder of a layout or a master that answers another one's mark."""
    kind, index = mark.get("type") or "obj", mark.get("idx") or "0"
    candidates = [
        (element, found.get("type") or "obj", found.get("idx") or "0")
        for element in (tree.iterfind("{*}sp") if tree is not None else ())
        if (found := placeholder_of(element)) is not None
    ]

    def first(*kinds: str, same_index: bool = False) -> Element | None:
        return next(
            (
                element
                for element, its_kind, its_index in candidates
                if (not kinds or its_kind in kinds) and (not same_index or its_index == index)
            ),
            None,
        )

    if kind in _TITLES:
        return first(*_TITLES)
    if kind in FURNITURE:
        return first(kind)
    by_index = first(same_index=True)
    if by_index is not None and (_placeholder_kind(by_index) not in _TITLES | FURNITURE):
        return by_index
    return first("body")


def _placeholder_kind(element: Element) -> str:
    mark = placeholder_of(element)
    return "" if mark is None else mark.get("type") or "obj"
