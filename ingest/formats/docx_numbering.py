"""The numbers that Word writes by itself before headings, list items and notes."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from ingest.formats.docx_styles import Props, Styles
from ingest.formats.docx_xml import Element, integer, is_on, number, value, w

_LEVELS: Final = 9
#: Word refuses longer level texts; a longer one is an attempt to multiply text.
_LONGEST_LABEL: Final = 255
_PLACEHOLDER: Final = re.compile(r"%([1-9])")
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_NOTE_SYMBOLS: Final = "*†‡§"


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    written = ""
    for size, letters in _ROMAN:
        repeated, count = divmod(count, size)
        written += letters * repeated
    return written


def _letters(count: int) -> str:
    """a…z, then aa, bb, cc as Word does."""
    if not 0 < count <= 26 * 30:
        return str(count)
    turn, rank = divmod(count - 1, 26)
    return chr(ord("a") + rank) * (turn + 1)


def _symbols(count: int) -> str:
    turn, rank = divmod(max(count, 1) - 1, len(_NOTE_SYMBOLS))
    return _NOTE_SYMBOLS[rank] * min(turn + 1, 30)


_FORMATS: Final[Mapping[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalZero": lambda count: f"{count:02d}",
    "lowerRoman": _roman,
    "upperRoman": lambda count: _roman(count).upper(),
    "lowerLetter": _letters,
    "upperLetter": lambda count: _letters(count).upper(),
    "chicago": _symbols,
    "none": lambda count: "",
}


def numeral(count: int, number_format: str) -> str | None:
    """A number in one of Word's formats; None for a format that is not known here."""
    write = _FORMATS.get(number_format)
    return write(count) if write else None


class Numbering:
    """Counts list levels in reading order, as Word does."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        lists = () if root is None else root.iterfind(w("abstractNum"))
        self._lists = {value(e, "abstractNumId") or "": e for e in lists}
        instances = () if root is None else root.iterfind(w("num"))
        self._instances = {value(e, "numId") or "": e for e in instances}
        self._counters: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()
        self._levels: dict[tuple[str, int], Element | None] = {}

    def place(self, paragraph: Props, style_id: str) -> tuple[str, int] | None:
        """The list instance and the level (from 0) of a paragraph; None outside lists."""
        direct, inherited = paragraph.get("numPr"), self._styles.paragraph_of(style_id).get("numPr")
        instance = _child(direct, "numId") or _child(inherited, "numId")
        if instance is None or instance == "0" or instance not in self._instances:
            return None
        level = integer(_child(direct, "ilvl"))
        if level is None and _child(direct, "numId") is None:
            level = self._level_of_style(instance, style_id)
        if level is None:
            level = integer(_child(inherited, "ilvl")) or 0
        return instance, min(max(level, 0), _LEVELS - 1)

    def next_label(self, instance: str, level: int) -> str:
        """Count one more paragraph, and give the number it shows.

        Empty for a bullet, and when the number cannot be told with certainty.
        """
        counters = self._advance(instance, level)
        definition = self._level(instance, level)
        if definition is None:
            return ""
        text = value(definition.find(w("lvlText"))) or ""
        shown = definition.find(f"{w('rPr')}/{w('vanish')}")
        if len(text) > _LONGEST_LABEL or is_on(shown):
            return ""
        if value(definition.find(w("numFmt"))) == "bullet":
            return text if sum(map(str.isalnum, text)) > 1 else ""
        legal = is_on(definition.find(w("isLgl")))
        parts = [
            self._numeral(instance, int(rank) - 1, counters, legal=legal)
            for rank in _PLACEHOLDER.findall(text)
        ]
        known = [part for part in parts if part is not None]
        if len(known) != len(parts):
            return ""
        written = iter(known)
        return _PLACEHOLDER.sub(lambda _: next(written), text).strip()

    def _numeral(
        self, instance: str, level: int, counters: list[int | None], *, legal: bool
    ) -> str | None:
        definition, count = self._level(instance, level), counters[level]
        if definition is None or count is None:
            return None
        named = value(definition.find(w("numFmt"))) or "decimal"
        return numeral(count, "decimal" if legal else named)

    def _advance(self, instance: str, level: int) -> list[int | None]:
        counters = self._counters.setdefault(self._list_of(instance), [None] * _LEVELS)
        for above in range(level):
            if counters[above] is None:
                counters[above] = self._start(instance, above)
        override = self._override(instance, level)
        if override is not None and (instance, level) not in self._started:
            counters[level] = override
        else:
            before = counters[level]
            counters[level] = self._start(instance, level) if before is None else before + 1
        self._started.add((instance, level))
        for below in range(level + 1, _LEVELS):
            if self._restarts(instance, below):
                counters[below] = None
        return counters

    def _restarts(self, instance: str, level: int) -> bool:
        definition = self._level(instance, level)
        return definition is None or number(definition.find(w("lvlRestart"))) != 0

    def _start(self, instance: str, level: int) -> int:
        definition = self._level(instance, level)
        start = None if definition is None else number(definition.find(w("start")))
        return 1 if start is None else start

    def _override(self, instance: str, level: int) -> int | None:
        for override in self._instances[instance].iterfind(w("lvlOverride")):
            if number(override, "ilvl") == level:
                return number(override.find(w("startOverride")))
        return None

    def _list_of(self, instance: str) -> str:
        """The id of the list definition, following the style a definition may stand for."""
        found = _child(self._instances[instance], "abstractNumId") or ""
        definition = self._lists.get(found)
        link = None if definition is None else value(definition.find(w("numStyleLink")))
        if link:
            other = _child(self._styles.paragraph_of(link).get("numPr"), "numId")
            if other in self._instances and other != instance and other is not None:
                return _child(self._instances[other], "abstractNumId") or found
        return found

    def _level(self, instance: str, level: int) -> Element | None:
        key = (instance, level)
        if key not in self._levels:
            self._levels[key] = self._find_level(instance, level)
        return self._levels[key]

    def _find_level(self, instance: str, level: int) -> Element | None:
        for override in self._instances[instance].iterfind(w("lvlOverride")):
            replaced = override.find(w("lvl"))
            if number(override, "ilvl") == level and replaced is not None:
                return replaced
        definition = self._lists.get(self._list_of(instance))
        levels = () if definition is None else definition.iterfind(w("lvl"))
        return next((e for e in levels if number(e, "ilvl") == level), None)

    def _level_of_style(self, instance: str, style_id: str) -> int | None:
        names = {value(s, "styleId") for s in self._styles.chain(style_id)}
        for level in range(_LEVELS):
            definition = self._level(instance, level)
            if definition is not None and value(definition.find(w("pStyle"))) in names:
                return level
        return None


def _child(parent: Element | None, name: str) -> str | None:
    return None if parent is None else value(parent.find(w(name)))
