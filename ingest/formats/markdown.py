"""Reads Markdown as the page it stands for: headings, lists, tables, and what it does not show."""

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.utils import EnvType

from ingest.building import DocumentBuilder
from ingest.errors import FileTooLarge, UnsafeFile
from ingest.formats.html import parse_html
from ingest.formats.markup import MarkupReader
from ingest.formats.plain import decoded
from ingest.types import Channel, Document, HiddenReason, Locator, SourceFile

#: Units: characters. Some thousand pages of prose.
MAX_CHARACTERS: Final = 4_000_000
#: Deepest lists and quotations: the parser drops what lies beyond without a word.
_MAX_NESTING: Final = 100

_FRONT_MATTER: Final = re.compile(
    r"\A\ufeff?---[ \t]*\n(?P<fields>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL
)
_FIELD: Final = re.compile(
    r"^(?P<name>[A-Za-zÀ-ÿ_][\w -]{0,50}):[ \t]*(?P<value>.+)$", re.MULTILINE
)


def read_markdown(file: SourceFile) -> Document:
    """Read a .md. Paragraphs outside tables are numbered from 1, tables too.

    Raises: `FileTooLarge`, `CorruptedFile`, `UnsafeFile` (HTML that nests without end).
    """
    builder = DocumentBuilder(file, format_name="md")
    text = decoded(file, builder).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_CHARACTERS:
        raise FileTooLarge(
            f"{len(text)} characters",
            filename=file.filename,
            size=f"{len(text) / 1e6:.1f} millions de caractères".replace(".", ","),
            limit=f"{MAX_CHARACTERS // 1_000_000} millions de caractères",
        )
    place = Locator(file=file.filename)
    text = _without_front_matter(text, builder, place)
    environment: EnvType = {}
    page = _as_html(text, environment, file.filename)
    MarkupReader(builder, place).read(parse_html(page or "<p></p>", filename=file.filename))
    _hide_unused_references(environment, page, builder, place)
    return builder.build()


def _as_html(text: str, environment: EnvType, filename: str) -> str:
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": _MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    tokens = parser.parse(text, environment)
    if any(token.level >= _MAX_NESTING - 1 for token in tokens):
        raise UnsafeFile("nesting", filename=filename, cause="éléments imbriqués à l'excès")
    return str(parser.renderer.render(tokens, parser.options, environment))


def _without_front_matter(text: str, builder: DocumentBuilder, place: Locator) -> str:
    """The text after the block of properties that some editors put first."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return text
    for field in _FIELD.finditer(found["fields"]):
        builder.metadata[field["name"].strip()] = field["value"].strip()
    properties = place.model_copy(update={"channel": Channel.PROPERTIES})
    builder.hide(found["fields"], HiddenReason.PROPERTY, properties)
    return text[found.end() :]


def _hide_unused_references(
    environment: EnvType, page: str, builder: DocumentBuilder, place: Locator
) -> None:
    """`[//]: # (a note)` is a link that nothing uses: the usual way to write unseen remarks."""
    hidden = place.model_copy(update={"channel": Channel.HIDDEN})
    references: dict[str, dict[str, str]] = environment.get("references", {})
    for label, reference in references.items():
        if f'"{reference["href"]}"' not in page:
            text = " ".join(filter(None, (label, reference["href"], reference["title"])))
            builder.hide(text, HiddenReason.MARKUP, hidden)
        elif reference["title"]:
            builder.hide(reference["title"], HiddenReason.ALT_TEXT, hidden)
