"""Names and small readings shared by the modules that walk WordprocessingML."""

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

_FORMATS: Final = "http://schemas.openxmlformats.org/"
W: Final = _FORMATS + "wordprocessingml/2006/main"
R: Final = _FORMATS + "officeDocument/2006/relationships"
M: Final = _FORMATS + "officeDocument/2006/math"
MC: Final = _FORMATS + "markup-compatibility/2006"
A: Final = _FORMATS + "drawingml/2006/main"
C: Final = _FORMATS + "drawingml/2006/chart"
DGM: Final = _FORMATS + "drawingml/2006/diagram"
PIC: Final = _FORMATS + "drawingml/2006/picture"
WP: Final = _FORMATS + "drawingml/2006/wordprocessingDrawing"
WPS: Final = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
WPG: Final = "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup"
WPC: Final = "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas"
W14: Final = "http://schemas.microsoft.com/office/word/2010/wordml"
CX: Final = "http://schemas.microsoft.com/office/drawing/2014/chartex"
V: Final = "urn:schemas-microsoft-com:vml"
O: Final = "urn:schemas-microsoft-com:office:office"  # noqa: E741 — the prefix Office itself uses

_INTEGER: Final = re.compile(r"\s*([+-]?\d{1,10})(?:\.\d*)?\s*")
_OFF_WORDS: Final = frozenset({"0", "false", "off", "none"})
_TEXT_TAGS: Final = (f"{{{W}}}t", f"{{{W}}}delText", f"{{{A}}}t", f"{{{M}}}t")
_BREAKING_TAGS: Final = (f"{{{W}}}p", f"{{{A}}}p", f"{{{W}}}br", f"{{{W}}}tab", f"{{{W}}}tc")
#: Namespaces that a current Word understands: what `mc:Choice` may require.
_UNDERSTOOD: Final = (
    _FORMATS,
    "http://schemas.microsoft.com/office/",
    "urn:schemas-microsoft-com:",
)


def w(name: str) -> str:
    """The qualified name of a WordprocessingML element or attribute."""
    return f"{{{W}}}{name}"


def local(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def value(element: Element | None, name: str = "val") -> str | None:
    """A `w:` attribute; None when it, or the element, is missing."""
    return None if element is None else element.get(w(name))


def is_on(element: Element | None) -> bool:
    """An on/off property: present without a value means on."""
    return element is not None and (value(element) or "1").lower() not in _OFF_WORDS


def integer(text: str | None) -> int | None:
    """A number of at most ten digits, its decimals dropped; None for anything else."""
    found = _INTEGER.fullmatch(text) if text else None
    return int(found.group(1)) if found else None


def number(element: Element | None, name: str = "val") -> int | None:
    """A `w:` attribute read as a whole number."""
    return integer(value(element, name))


def plain_text(element: Element) -> str:
    """All the text under an element, shown or not, a space between paragraphs."""
    return " ".join("".join(_strings(element)).split())


def _strings(element: Element) -> Iterator[str]:
    for node in element.iter(*_TEXT_TAGS, *_BREAKING_TAGS):
        yield " " if node.tag in _BREAKING_TAGS else (node.text or "")


def settle_alternates(root: Element) -> list[str]:
    """Replace each `mc:AlternateContent` by the branch that Word shows, in place.

    Returns the text of the branches left out, where it is not the shown one's: a fallback
    normally repeats its choice for older programs.
    """
    dropped: list[str] = []
    for alternate in list(root.iter(f"{{{MC}}}AlternateContent")):
        branches = [e for e in alternate if local(e) in ("Choice", "Fallback")]
        shown = next((e for e in branches if _is_shown(e)), None)
        seen = "" if shown is None else plain_text(shown)
        left_out = [plain_text(e) for e in branches if e is not shown]
        dropped += [text for text in left_out if text and text not in seen]
        _replace(alternate, [] if shown is None else list(shown))
    return dropped


def _is_shown(branch: Element) -> bool:
    if local(branch) == "Fallback":
        return True
    required = (branch.get("Requires") or "").split()
    return all((branch.nsmap.get(prefix) or "").startswith(_UNDERSTOOD) for prefix in required)


def _replace(element: Element, substitutes: list[Element]) -> None:
    parent = element.getparent()
    if parent is None:
        return
    position = parent.index(element)
    parent[position : position + 1] = substitutes
