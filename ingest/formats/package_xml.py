"""Parses XML that nobody vouches for."""

import re
from typing import Final

from lxml import etree

from ingest.errors import CorruptedFile, UnsafeFile

_DOCTYPE: Final = tuple("<!DOCTYPE".encode(e) for e in ("ascii", "utf-16-le", "utf-16-be"))
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMESPACE: Final = re.compile(r"http://purl\.oclc\.org/ooxml/(\w+)/([\w/]+)")
#: How libxml2 says that one of its own limits (depth, length of a text, entities) is passed.
_LIMIT: Final = re.compile(r"XML_PARSE_HUGE|Resource limit|amplification|Excessive depth")


def parse_xml(data: bytes, *, filename: str, part: str) -> etree._Element:
    """Parse untrusted XML: no DTD, no entity, no network, libxml2's own size limits kept.

    Raises: `UnsafeFile` when there is a document type, `CorruptedFile` when not well-formed.
    """
    if any(mark in data for mark in _DOCTYPE):
        raise UnsafeFile(f"{part}: DOCTYPE", filename=filename, cause="déclaration DTD")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if _LIMIT.search(str(error)):
            raise UnsafeFile(f"{part}: {error}", filename=filename, cause="XML démesuré") from error
        raise CorruptedFile(f"{part}: {error}", filename=filename) from error
    except ValueError as error:
        raise CorruptedFile(f"{part}: {error}", filename=filename) from error
    if root.getroottree().docinfo.internalDTD is not None:
        # Only an exotic encoding can hide a document type from the search above.
        raise UnsafeFile(f"{part}: hidden DOCTYPE", filename=filename, cause="déclaration DTD")
    if _STRICT in data:
        _to_transitional(root)
    return root


def _to_transitional(root: etree._Element) -> None:
    for element in root.iter(etree.Element):
        element.tag = _transitional(str(element.tag))
        for name, value in list(element.attrib.items()):
            renamed = _transitional(str(name))
            if renamed != name:
                del element.attrib[name]
                element.set(renamed, value)


def _transitional(name: str) -> str:
    return _STRICT_NAMESPACE.sub(r"http://schemas.openxmlformats.org/\1/2006/\2", name)
