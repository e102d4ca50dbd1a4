"""Reads web pages: what a browser would show, without fetching or running anything."""

import re
from typing import Final

from lxml import etree, html

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, UnsafeFile
from ingest.formats.markup import MarkupReader
from ingest.formats.plain import decoded
from ingest.types import Document, Locator, SourceFile

_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""")
_XML_ENCODING: Final = re.compile(
    rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([A-Za-z0-9_.:-]{1,40})"""
)
#: Units: bytes. Where browsers look for a declared encoding, and some more.
_HEAD: Final = 4096


def read_html(file: SourceFile) -> Document:
    """Read a page's visible text. Paragraphs outside tables are numbered from 1, tables too.

    Raises: `FileTooLarge`, `CorruptedFile`, `UnsafeFile`.
    """
    builder = DocumentBuilder(file, format_name="html")
    text = decoded(file, builder, declared=declared_charset(file.data))
    MarkupReader(builder, Locator(file=file.filename)).read(
        parse_html(text, filename=file.filename)
    )
    return builder.build()


def parse_html(text: str, *, filename: str) -> etree._Element:
    """The tree of a page, or of a fragment: no network, no entity of its own.

    Raises: `CorruptedFile` when nothing can be made of it, `UnsafeFile` when its elements nest
    beyond libxml2's limit (256), past which text would be lost.
    """
    # One encoding, whatever the page declares: its text is already decoded.
    data = text.replace("\0", "").encode("utf-8", errors="replace")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(data, parser=parser, ensure_head_body=False)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise CorruptedFile(f"HTML: {error}", filename=filename) from error
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise UnsafeFile("HTML depth", filename=filename, cause="éléments imbriqués à l'excès")
    return root


def declared_charset(data: bytes) -> str:
    """The encoding that a page says it has; empty when it says none."""
    head = data[:_HEAD]
    found = _XML_ENCODING.search(head) or _CHARSET.search(head)
    return found[1].decode("ascii") if found else ""
