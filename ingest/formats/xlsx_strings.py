"""Texts of a workbook: plain, or in runs of different fonts."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from ingest.formats.docx_xml import Element, integer, local
from ingest.formats.ooxml_parts import OfficeParts, forget

_MAX_STRINGS: Final = 1_000_000
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NUMBER: Final = re.compile(r"-?\d{1,6}(?:\.\d{1,20})?(?:[eE]-?\d{1,2})?")


class ColourRef(NamedTuple):
    """A colour as styles name it: by digits, by place in the theme or in the palette."""

    rgb: str = ""
    theme: int | None = None
    indexed: int | None = None
    tint: float = 0.0


class Font(NamedTuple):
    """What of a font decides whether its text is seen. Units: `size` in points."""

    size: float | None = None
    colour: ColourRef | None = None


class TextRun(NamedTuple):
    """Characters of one font; `font` is None for the cell's own."""

    text: str
    font: Font | None = None


def read_strings(parts: OfficeParts, name: str | None) -> Sequence[tuple[TextRun, ...]]:
    """The shared texts, in order. Raises: `CorruptedFile`, `FileTooLarge`, `UnsafeFile`."""
    strings: list[tuple[TextRun, ...]] = []
    if name is None or name not in parts.package:
        return strings
    for element in parts.stream(name, ("si",)):
        if len(strings) < _MAX_STRINGS:
            strings.append(read_runs(element))
        forget(element)
    return strings


def read_runs(element: Element) -> tuple[TextRun, ...]:
    """The runs of a `si`, an `is` or a comment's `text`; pronunciation guides are left out."""
    runs = []
    for child in element:
        if local(child) == "t" and child.text:
            runs.append(TextRun(unescaped(child.text)))
        elif local(child) == "r":
            text = unescaped(child.findtext("{*}t") or "")
            runs.append(TextRun(text, read_font(child.find("{*}rPr"))))
    return tuple(run for run in runs if run.text)


def read_font(element: Element | None) -> Font | None:
    """A `font` or a run's `rPr`; None when there is none."""
    if element is None:
        return None
    size = element.find("{*}sz")
    return Font(
        None if size is None else decimal(size.get("val")),
        read_colour(element.find("{*}color")),
    )


def read_colour(element: Element | None) -> ColourRef | None:
    """A `color`, `fgColor`…; None when it is automatic or missing."""
    if element is None or element.get("auto") in ("1", "true"):
        return None
    return ColourRef(
        element.get("rgb") or "",
        integer(element.get("theme")),
        integer(element.get("indexed")),
        decimal(element.get("tint")) or 0.0,
    )


def decimal(text: str | None) -> float | None:
    """A short number of styles and sheets; None for anything else."""
    return float(text) if text and _NUMBER.fullmatch(text.strip()) else None


def unescaped(text: str) -> str:
    """The text with its escaped control characters (`_x000D_`) in clear."""
    return _ESCAPED.sub(lambda found: _character(found.group(1)), text) if "_x" in text else text


def _character(digits: str) -> str:
    code = int(digits, 16)
    return "" if 0xD800 <= code <= 0xDFFF else chr(code)
