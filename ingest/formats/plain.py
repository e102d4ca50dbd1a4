"""Reads plain text: paragraphs and list items, in whatever encoding."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import FileTooLarge
from ingest.formats.encoding import decode_text
from ingest.formats.pdf_text import list_mark, without_bullet
from ingest.types import BlockKind, Document, Locator, SourceFile

#: Units: bytes. A thousand pages of text take about 3 MB.
MAX_TEXT_BYTES: Final = 20 * 1024 * 1024

#: Units: characters. Beyond the first, a line is a paragraph of its own (the editor wraps it);
#: beyond the second, a paragraph is cut at the next line.
_WRAPPED_LINE: Final = 120
_LONG_PARAGRAPH: Final = 2000

_LIST_MARK: Final = re.compile(
    r"(?P<indent>\s*)(?:[-*+•▪◦‣–—]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+(?=\S)"
)


def read_text(file: SourceFile) -> Document:
    """Read a .txt. Paragraphs are numbered from 1, list items included.

    Raises: `FileTooLarge`.
    """
    builder = DocumentBuilder(file, format_name="txt")
    text = decoded(file, builder)
    for number, (kind, paragraph) in enumerate(paragraphs(text), start=1):
        locator = Locator(file=file.filename, paragraph=number)
        level = 1 if kind is BlockKind.LIST_ITEM else None
        builder.add(kind, paragraph, locator, level=level)
    return builder.build()


def decoded(file: SourceFile, builder: DocumentBuilder, *, declared: str = "") -> str:
    """The characters of a text file; its encoding goes to the metadata, any damage to a warning.

    Raises: `FileTooLarge`.
    """
    if len(file.data) > MAX_TEXT_BYTES:
        raise FileTooLarge(
            f"{len(file.data)} bytes of text",
            filename=file.filename,
            size=f"{len(file.data) // 1024 // 1024} Mo de texte",
            limit=f"{MAX_TEXT_BYTES // 1024 // 1024} Mo",
        )
    result = decode_text(file.data, declared=declared)
    builder.metadata["encodage"] = result.encoding
    if result.damaged:
        builder.warnings_fr.append(
            f"{result.damaged} caractère(s) illisible(s) dans ce fichier "
            f"(lu comme {result.encoding}) : vérifiez les accents."
        )
    return result.text


def paragraphs(text: str) -> Iterator[tuple[BlockKind, str]]:
    """Runs of lines, cut at empty lines, list marks and ends of long lines."""
    kind, lines, size = BlockKind.PARAGRAPH, list[str](), 0
    for line in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text):
        mark = list_mark(line.lstrip())
        previous_is_whole = bool(lines) and len(lines[-1]) > _WRAPPED_LINE
        if lines and (mark or not line.strip() or previous_is_whole or size > _LONG_PARAGRAPH):
            yield kind, "\n".join(lines)
            kind, lines, size = BlockKind.PARAGRAPH, [], 0
        if line.strip():
            kind = BlockKind.LIST_ITEM if mark else kind
            lines.append(without_bullet(line.lstrip()) if mark else line)
            size += len(line)
    if lines:
        yield kind, "\n".join(lines)
