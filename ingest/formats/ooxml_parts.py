"""Parses the parts of an office file within what one file may cost, without keeping them."""

import io
from collections.abc import Iterator, Sequence
from typing import Final

from lxml import etree

from ingest.errors import CorruptedFile, UnsafeFile
from ingest.formats.docx_xml import Element, settle_alternates
from ingest.formats.package import Package
from ingest.formats.package_xml import parse_xml
from ingest.formats.package_zip import too_large

#: Units: bytes. Slides take some kilobytes, and stand whole in memory once parsed.
_MAX_PARSED: Final = 24 * 1024 * 1024
#: Units: bytes. Sheets are read as they come.
_MAX_STREAMED: Final = 64 * 1024 * 1024


class OfficeParts:
    """The parts of one file. Reading them draws on the package's one budget of markup."""

    def __init__(self, package: Package) -> None:
        self.package = package

    def load(self, name: str | None) -> Element | None:
        """Parse a part; None when it is absent.

        Raises: `FileTooLarge`, `CorruptedFile`, `UnsafeFile`.
        """
        root, _ = self.load_noting_alternates(name)
        return root

    def load_noting_alternates(self, name: str | None) -> tuple[Element | None, Sequence[str]]:
        """A part with only the alternatives that programs show, and the texts of the others.

        Raises as `load`.
        """
        if name is None or name not in self.package:
            return None, ()
        data = self._bytes(name, _MAX_PARSED)
        root = parse_xml(data, filename=self.package.filename, part=name)
        return root, settle_alternates(root)

    def stream(self, name: str, tags: Sequence[str]) -> Iterator[Element]:
        """The elements of a part as they end, in order; the caller frees them with `forget`.

        `tags` are local names.
        Raises: `FileTooLarge`, `CorruptedFile`, `UnsafeFile`, some of them after some elements.
        """
        events = etree.iterparse(
            io.BytesIO(self._bytes(name, _MAX_STREAMED, streamed=True)),
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
            for number, (_, element) in enumerate(events):
                if number == 0:
                    self._refuse_doctype(element, name)
                yield element
        except (etree.XMLSyntaxError, ValueError) as error:
            raise CorruptedFile(f"{name}: {error}", filename=self.package.filename) from error
        self._refuse_doctype(events.root, name)

    def _bytes(self, name: str, most: int, *, streamed: bool = False) -> bytes:
        """A part's bytes, once it is known that they can be parsed within reason."""
        if (size := self.package.size(name)) > most:
            raise too_large(self.package.filename, size, most)
        data = self.package.read(name)
        self.package.spend_markup(name, data, streamed=streamed)
        return data

    def _refuse_doctype(self, element: Element, name: str) -> None:
        if element.getroottree().docinfo.internalDTD is not None:
            raise UnsafeFile(
                f"{name}: DOCTYPE", filename=self.package.filename, cause="déclaration DTD"
            )


def forget(element: Element) -> None:
    """Free an element that `OfficeParts.stream` gave, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
