"""An empty A4 document with our styles, language, header, footer and properties."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Cm, Length
from docx.text.paragraph import Paragraph
from lxml.etree import _Element

from assistant.reporting.docx_styles import define_styles, element
from assistant.reporting.labels import visible

_PAGE_WIDTH: Final = Cm(29.7)
_PAGE_HEIGHT: Final = Cm(21.0)
_MARGIN: Final = Cm(1.5)


class Properties(NamedTuple):
    """What the file says of itself."""

    title: str
    subject: str
    status: str
    created: datetime


def new_document(
    properties: Properties, *, header: str, footer: str, portrait: bool = False
) -> Document:
    """Ready to be filled; `header` stands at the top of every page."""
    document = docx.Document()
    width = _set_page(document, portrait)
    _set_language(document)
    define_styles(document)
    _set_properties(document, properties)
    section = document.sections[0]
    section.header.paragraphs[0].add_run(visible(header)).bold = True
    _number_pages(section.footer.paragraphs[0], footer, width)
    return document


def _set_page(document: Document, portrait: bool) -> Length:
    """Returns the page's width."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT if portrait else WD_ORIENT.LANDSCAPE
    long, short = _PAGE_WIDTH, _PAGE_HEIGHT
    section.page_width, section.page_height = (short, long) if portrait else (long, short)
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin, section.bottom_margin = Cm(1.9), Cm(1.7)
    section.header_distance = section.footer_distance = Cm(0.8)
    return short if portrait else long


def _set_language(document: Document) -> None:
    """French for the spell checker and for screen readers; the template says American English."""
    for part, tag in ((document.styles, "w:lang"), (document.settings, "w:themeFontLang")):
        for language in part.element.iter(qn(tag)):
            language.set(qn("w:val"), "fr-FR")


def _number_pages(footer: Paragraph, text: str, width: Length) -> None:
    """The text, and « Page 2 / 12 » on its right."""
    stops = footer.paragraph_format.tab_stops
    stops.add_tab_stop(Cm(0) + width - 2 * _MARGIN, WD_TAB_ALIGNMENT.RIGHT)
    footer.add_run(f"{visible(text)}\tPage\u00a0")
    _add_field(footer, "PAGE")
    footer.add_run("\u00a0/\u00a0")
    _add_field(footer, "NUMPAGES")


def _add_field(paragraph: Paragraph, code: str) -> None:
    """A number that the word processor computes, in its long form: every reader knows it."""
    for part in _field(code):
        paragraph.add_run()._r.append(part)


def _field(code: str) -> Iterator[_Element]:
    instruction, number = element("w:instrText"), element("w:t")
    instruction.text, number.text = code, "1"
    yield element("w:fldChar", fldCharType="begin")
    yield instruction
    yield element("w:fldChar", fldCharType="separate")
    yield number
    yield element("w:fldChar", fldCharType="end")


def _set_properties(document: Document, properties: Properties) -> None:
    core = document.core_properties
    moment = properties.created.astimezone(UTC).replace(tzinfo=None)  # written with a Z
    # The format limits a property to 255 characters.
    core.title = visible(properties.title)[:255]
    core.subject = visible(properties.subject)[:255]
    core.author = core.last_modified_by = "preuve"
    core.created = core.modified = moment
    core.language = "fr-FR"
    core.content_status = properties.status
    core.comments = core.keywords = ""
    core.category = "Grille d'évaluation"
