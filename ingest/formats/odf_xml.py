"""Names and measures of OpenDocument XML."""

import re
from functools import cache
from typing import Final

from lxml import etree

Element = etree._Element

_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMESPACES: Final = {
    "office": _OASIS + "office:1.0",
    "text": _OASIS + "text:1.0",
    "table": _OASIS + "table:1.0",
    "draw": _OASIS + "drawing:1.0",
    "dr3d": _OASIS + "dr3d:1.0",
    "style": _OASIS + "style:1.0",
    "fo": _OASIS + "xsl-fo-compatible:1.0",
    "svg": _OASIS + "svg-compatible:1.0",
    "presentation": _OASIS + "presentation:1.0",
    "chart": _OASIS + "chart:1.0",
    "form": _OASIS + "form:1.0",
    "script": _OASIS + "script:1.0",
    "meta": _OASIS + "meta:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xlink": "http://www.w3.org/1999/xlink",
    "math": "http://www.w3.org/1998/Math/MathML",
    "drawooo": "http://openoffice.org/2010/draw",
    "loext": "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0",
    "xml": "http://www.w3.org/XML/1998/namespace",
}

#: Units: points. `px` as LibreOffice takes it, 96 to the inch.
_POINTS: Final = {
    "pt": 1.0,
    "in": 72.0,
    "inch": 72.0,
    "cm": 72 / 2.54,
    "mm": 72 / 25.4,
    "px": 0.75,
    "pc": 12.0,
}
_LENGTH: Final = re.compile(r"\s*(-?[\d.]+(?:[eE][+-]?\d+)?)\s*([a-z]+)\s*")
_PERCENT: Final = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*%\s*")


@cache
def q(name: str) -> str:
    """`text:p` in lxml's notation."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


def attribute(element: Element, name: str) -> str:
    """An attribute by its prefixed name; empty when absent."""
    return element.get(q(name)) or ""


def points(value: str) -> float | None:
    """A length such as `2.5cm`, in points; None when it is not one."""
    found = _LENGTH.fullmatch(value)
    if found is None or found[2] not in _POINTS:
        return None
    try:
        return float(found[1]) * _POINTS[found[2]]
    except ValueError:
        return None


def percent(value: str) -> float | None:
    """`58%` as 0.58; None when it is not a percentage."""
    found = _PERCENT.fullmatch(value)
    return float(found[1]) / 100 if found else None


def count(element: Element, name: str, *, limit: int) -> int:
    """A repetition attribute: at least 1, at most `limit`, whatever the file says."""
    value = attribute(element, name)
    if not (value.isascii() and value.isdigit()):
        return 1
    return limit if len(value) > 9 else max(1, min(limit, int(value)))


def plain_text(element: Element) -> str:
    """All the character data of an element, whatever its markup."""
    return "".join(str(piece) for piece in element.itertext())
