"""Names and readings shared by the parts that PowerPoint and Excel files are made of."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.docx_xml import Element
from ingest.formats.ooxml_parts import OfficeParts
from ingest.formats.package import Relationship

A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
#: The same in « strict » files, whose large parts are read as they are.
_STRICT_R: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"


class Links:
    """What a part refers to, by relationship id."""

    def __init__(self, parts: OfficeParts, part: str) -> None:
        self._package = parts.package
        self._all = self._package.relationships(part)
        self._by_id = {link.id: link for link in self._all}

    def __iter__(self) -> Iterator[Relationship]:
        return iter(self._all)

    def part(self, link_id: str | None) -> str | None:
        """The part of that id; None when it is outside the package or missing."""
        link = self._by_id.get(link_id or "")
        return link.target if link and not link.external and link.target in self._package else None

    def address(self, link_id: str | None) -> str | None:
        """The outside address of that id."""
        link = self._by_id.get(link_id or "")
        return link.target if link and link.external else None

    def kind(self, link_id: str | None) -> str:
        """The last word of the link's type; empty when there is no such link."""
        link = self._by_id.get(link_id or "")
        return link.kind if link else ""

    def parts(self, *kinds: str) -> list[str]:
        """The parts of those kinds, in the file's order."""
        return [
            link.target
            for link in self._all
            if link.kind in kinds and not link.external and link.target in self._package
        ]


def link_id(element: Element | None, name: str = "id") -> str | None:
    """An `r:` attribute of an element."""
    return None if element is None else element.get(R + name) or element.get(_STRICT_R + name)


def is_true(value: str | None) -> bool:
    """A boolean attribute that is present and true."""
    return (value or "").lower() in ("1", "true", "on")
