"""Names and readings shared by the parts that PowerPoint and Excel files are made of."""

import io
from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

from ingest.errors import CorruptedFile, FileTooLarge, UnsafeFile
from ingest.formats.docx_xml import Element, settle_alternates
from ingest.formats.package import Package, Relationship
from ingest.formats.package_xml import parse_xml

A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
C: Final = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

#: Slides and styles take some kilobytes; a part beyond this is there to exhaust the reader.
_MAX_PART_BYTES: Final = 24 * 1024 * 1024
#: Elements and attributes of one part: each costs the parser more than a hundred bytes.
_MAX_MARKUP: Final = 2_000_000
#: Sheets and their texts are read as they come: a hundred thousand cells take some megabytes.
_MAX_STREAM_BYTES: Final = 64 * 1024 * 1024
_MAX_STREAM_MARKUP: Final = 6_000_000


def load(package: Package, name: str) -> Element | None:
    """Parse a part without keeping it; None when it is absent.

    Alternatives are settled: see `load_noting_alternates`.
    Raises: `FileTooLarge`, `CorruptedFile`, `UnsafeFile`.
    """
    root, _ = load_noting_alternates(package, name)
    return root


def load_noting_alternates(package: Package, name: str) -> tuple[Element | None, Sequence[str]]:
    """A part with only the branches that programs show, and the texts of the others."""
    if name not in package:
        return None, ()
    data = part_bytes(package, name, max_bytes=_MAX_PART_BYTES, max_markup=_MAX_MARKUP)
    root = parse_xml(data, filename=package.filename, part=name)
    return root, settle_alternates(root)


def part_bytes(package: Package, name: str, *, max_bytes: int, max_markup: int) -> bytes:
    """A part's bytes, once it is known that they can be parsed within reason.

    Units: `max_markup` counts tags and attributes.
    Raises: `FileTooLarge`, `CorruptedFile`.
    """
    size = package.size(name)
    data = package.read(name) if size <= max_bytes else b""
    markup = data.count(b"<") + data.count(b"=")
    if size > max_bytes or markup > max_markup:
        raise FileTooLarge(
            f"{name}: {size} bytes, {markup} tags and attributes",
            filename=package.filename,
            size=f"élément interne de {size / 1024 / 1024:.1f} Mo".replace(".", ","),
            limit=f"{max_bytes // 1024 // 1024} Mo, {max_markup} balises",
        )
    return data


def stream(package: Package, name: str, tags: Sequence[str]) -> Iterator[Element]:
    """The elements of a large part as they end, in order; the caller empties them.

    `tags` are local names.
    Raises: `FileTooLarge`, `CorruptedFile`, `UnsafeFile`, some of them after some elements.
    """
    data = part_bytes(package, name, max_bytes=_MAX_STREAM_BYTES, max_markup=_MAX_STREAM_MARKUP)
    events = etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            if element.getroottree().docinfo.internalDTD is not None:
                raise UnsafeFile(
                    f"{name}: DOCTYPE", filename=package.filename, cause="déclaration DTD"
                )
            yield element
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CorruptedFile(f"{name}: {error}", filename=package.filename) from error


def forget(element: Element) -> None:
    """Free an element that `stream` gave, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


class Links:
    """What a part refers to, by relationship id."""

    def __init__(self, package: Package, part: str) -> None:
        self._package = package
        self._all = package.relationships(part)
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
    return None if element is None else element.get(R + name)


def is_true(value: str | None) -> bool:
    """A boolean attribute that is present and true."""
    return (value or "").lower() in ("1", "true", "on")
