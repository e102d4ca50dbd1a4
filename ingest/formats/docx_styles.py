"""Styles of a .docx: what a paragraph, a run or a table inherits."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from ingest.formats.docx_xml import W14, Element, is_on, local, number, value, w

#: Properties by local name, the nearest definition winning.
Props: TypeAlias = Mapping[str, Element]

NO_PROPS: Final[Props] = {}

_RUN_PROPERTIES: Final = frozenset(
    {"vanish", "specVanish", "color", "sz", "highlight", "shd", "w", "spacing", "position"}
)
_PARAGRAPH_PROPERTIES: Final = frozenset(
    {"outlineLvl", "numPr", "shd", "framePr", "ind", "spacing"}
)
_TEXT_FILL: Final = f"{{{W14}}}textFill"
_LONGEST_CHAIN: Final = 40
_HEADING_NAME: Final = re.compile(r"(?:heading|titre|[üu]berschrift)\s*([1-9])", re.IGNORECASE)
_TITLE_NAMES: Final = frozenset({"title", "titre", "titre principal"})
_BODY_LEVEL: Final = 9  # w:outlineLvl counts from 0; 9 says « body text »


def run_props(properties: Element | None) -> Props:
    """The properties of a `w:rPr` that decide what is seen."""
    if properties is None:
        return NO_PROPS
    found = {local(e): e for e in properties if local(e) in _RUN_PROPERTIES}
    if (fill := properties.find(_TEXT_FILL)) is not None:
        found["textFill"] = fill
    return found


def paragraph_props(properties: Element | None) -> Props:
    """The properties of a `w:pPr` that decide what a paragraph is, and where."""
    if properties is None:
        return NO_PROPS
    return {local(e): e for e in properties if local(e) in _PARAGRAPH_PROPERTIES}


class Styles:
    """The styles part, with inheritance followed once per style."""

    def __init__(self, root: Element | None) -> None:
        styles = [] if root is None else list(root.iterfind(w("style")))
        self._by_id = {value(s, "styleId") or "": s for s in styles}
        self._defaults = {
            value(s, "type") or "": value(s, "styleId") or ""
            for s in styles
            if (value(s, "default") or "0") in ("1", "true", "on")
        }
        default = None if root is None else root.find(f"{w('docDefaults')}/{w('rPrDefault')}")
        self._run_defaults = run_props(None if default is None else default.find(w("rPr")))
        self._chains: dict[str, tuple[Element, ...]] = {}
        self._runs: dict[str, Props] = {}
        self._paragraphs: dict[str, Props] = {}
        self._named_levels: dict[str, int | None] = {}

    def paragraph_style(self, properties: Element | None) -> str:
        """The id of a paragraph's style, the default one when it names none."""
        named = None if properties is None else value(properties.find(w("pStyle")))
        return named if named in self._by_id and named else self._defaults.get("paragraph", "")

    def table_style(self, properties: Element | None) -> str:
        """The id of a table's style, the default one when it names none."""
        named = None if properties is None else value(properties.find(w("tblStyle")))
        return named if named in self._by_id and named else self._defaults.get("table", "")

    def chain(self, style_id: str) -> tuple[Element, ...]:
        """A style and its ancestors, the most distant first; a loop is cut."""
        if style_id not in self._chains:
            found: dict[str, Element] = {}
            current = style_id
            while current in self._by_id and current not in found and len(found) < _LONGEST_CHAIN:
                found[current] = self._by_id[current]
                current = value(found[current].find(w("basedOn"))) or ""
            self._chains[style_id] = tuple(reversed(found.values()))
        return self._chains[style_id]

    def run_of(self, style_id: str) -> Props:
        """The run properties a style gives, ancestors included."""
        if style_id not in self._runs:
            self._runs[style_id] = merged(run_props(s.find(w("rPr"))) for s in self.chain(style_id))
        return self._runs[style_id]

    def paragraph_of(self, style_id: str) -> Props:
        """The paragraph properties a style gives, ancestors included."""
        if style_id not in self._paragraphs:
            chain = self.chain(style_id)
            self._paragraphs[style_id] = merged(paragraph_props(s.find(w("pPr"))) for s in chain)
        return self._paragraphs[style_id]

    def effective_run(self, paragraph_style: str, run: Element | None, table: Props) -> Props:
        """The properties of a run, from the document's defaults to its own formatting.

        « vanish » is a toggle: styles of different kinds that set it cancel each other, and the
        run's own formatting has the last word.
        """
        direct = run_props(run)
        named = "" if run is None else value(run.find(w("rStyle"))) or ""
        layers = (table, self.run_of(paragraph_style), self.run_of(named) if named else NO_PROPS)
        props = dict(merged((self._run_defaults, *layers, direct)))
        if "vanish" in props and "vanish" not in direct:
            toggled = [layer["vanish"] for layer in layers if is_on(layer.get("vanish"))]
            by_default = is_on(self._run_defaults.get("vanish"))
            if not by_default and len(toggled) % 2 == 0:
                del props["vanish"]
            elif toggled:
                props["vanish"] = toggled[0]
        return props

    def heading_level(self, style_id: str, paragraph: Props) -> int | None:
        """1 for the highest heading; None for what is not one.

        An outline level, on the paragraph or inherited, is Word's own answer; without any, the
        style's name tells (« heading 2 », « Titre 2 », « Title »).
        """
        outline = number(merged((self.paragraph_of(style_id), paragraph)).get("outlineLvl"))
        if outline is not None:
            return outline + 1 if 0 <= outline < _BODY_LEVEL else None
        if style_id not in self._named_levels:
            levels = map(_level_of_name, reversed(self.chain(style_id)))
            self._named_levels[style_id] = next(filter(None, levels), None)
        return self._named_levels[style_id]


def merged(layers: Iterable[Props]) -> Props:
    """Properties of several layers, the later ones winning."""
    result: dict[str, Element] = {}
    for layer in layers:
        result.update(layer)
    return result


def _level_of_name(style: Element) -> int | None:
    name = (value(style.find(w("name"))) or "").strip()
    if found := _HEADING_NAME.fullmatch(name):
        return int(found.group(1))
    return 1 if name.lower() in _TITLE_NAMES else None
