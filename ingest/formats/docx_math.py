"""Equations as a line of text: « (clics)/(impressions) », « x^2 », « √(a+b) »."""

import re
from typing import Final

from ingest.formats.docx_xml import Element, M, local

_PROPERTIES: Final = frozenset({"rPr", "ctrlPr", "del", "moveFrom"})
_SINGLE: Final = re.compile(r"[\w.,]+")
_PARTS: Final = {
    "f": ("num", "/", "den"),
    "sSup": ("e", "^", "sup"),
    "sSub": ("e", "_", "sub"),
}


def math_text(element: Element) -> str:
    """The text of an `m:oMath`, structures written with the usual signs."""
    name = local(element)
    if name == "t":
        return element.text or ""
    if name in _PROPERTIES or name.endswith("Pr"):
        return ""
    if name in _PARTS:
        first, sign, second = _PARTS[name]
        return _grouped(element, first) + sign + _grouped(element, second)
    if name == "rad":
        degree = _of(element, "deg")
        return f"{degree}√({_of(element, 'e')})"
    if name == "nary":
        sign = _character(element, "∫")
        return f"{sign}_{_grouped(element, 'sub')}^{_grouped(element, 'sup')} {_of(element, 'e')}"
    if name == "d":
        opening, closing = _character(element, "(", "begChr"), _character(element, ")", "endChr")
        inside = "; ".join(_inner(e) for e in element.iterfind(f"{{{M}}}e"))
        return f"{opening}{inside}{closing}"
    return _inner(element)


def _inner(element: Element) -> str:
    return "".join(math_text(child) for child in element)


def _of(element: Element, part: str) -> str:
    found = element.find(f"{{{M}}}{part}")
    return "" if found is None else _inner(found)


def _grouped(element: Element, part: str) -> str:
    """A part in parentheses, unless it is one word or one number."""
    text = _of(element, part).strip()
    return text if _SINGLE.fullmatch(text) else f"({text})"


def _character(element: Element, usual: str, name: str = "chr") -> str:
    found = element.find(f"{{{M}}}{local(element)}Pr/{{{M}}}{name}")
    return usual if found is None else found.get(f"{{{M}}}val", "")
