"""Reads .docx: all its parts, in a person's reading order, with what is hidden set apart.

A .docx has no pages before it is laid out: locators give heading path, paragraph, table, row
and column, note and channel. Paragraphs are the `w:p` of the body outside tables and text
boxes, empty ones included, counted from 1; what hangs on a paragraph carries its number. Notes
follow the paragraph (or the table row) that calls them; headers and footers come last, once.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, NothingReadable
from ingest.formats.colours import WHITE
from ingest.formats.docx_body import Walker
from ingest.formats.docx_colour import Theme, parse_rgb
from ingest.formats.docx_geometry import page_of
from ingest.formats.docx_notes import Notes
from ingest.formats.docx_output import Output
from ingest.formats.docx_source import DocxSource, Place
from ingest.formats.docx_xml import Element, R, is_on, local, plain_text, value, w
from ingest.formats.ooxml_properties import read_properties
from ingest.formats.package import open_package
from ingest.types import Channel, Document, HiddenReason, Locator, SourceFile

_NOTE_CHANNELS: Final = {"footnote": Channel.FOOTNOTE, "endnote": Channel.ENDNOTE}
_MARGIN_CHANNELS: Final = {"header": Channel.HEADER, "footer": Channel.FOOTER}
_DAMAGED_FR: Final = {
    "footnotes": "notes de bas de page endommagées",
    "endnotes": "notes de fin endommagées",
    "comments": "commentaires endommagés",
    "header": "en-tête endommagé",
    "footer": "pied de page endommagé",
    "glossaryDocument": "blocs de construction endommagés",
}


def read_docx(file: SourceFile) -> Document:
    """Read a Word document (.docx, .docm, .dotx), transitional or strict.

    Raises: what `open_package` raises; `CorruptedFile` when the main part, the styles, the
    numbering or the settings are damaged (nothing sure can be said of the text then);
    `NothingReadable` when no visible text is found.
    """
    package = open_package(file, expected="docx")
    main = package.related("officeDocument")
    if main is None:
        raise CorruptedFile("no main part", filename=file.filename)
    source = DocxSource(package, main)
    builder = DocumentBuilder(file, format_name="docx")
    output = Output(builder)
    _Reading(file, source, output).run()
    read_properties(package, builder)
    if not output.has_text:
        raise _nothing_readable(file, output)
    return output.finish()


class _Reading:
    """One pass over a document: body, notes, margins, then what is never shown."""

    def __init__(self, file: SourceFile, source: DocxSource, output: Output) -> None:
        self._source = source
        self._output = output
        root = source.part(source.main)
        body = None if root is None else root.find(w("body"))
        if root is None or body is None:
            raise CorruptedFile("no body", filename=file.filename)
        self._root, self._body = root, body
        self._locator = Locator(file=file.filename)
        self._sections = [
            section
            for section in body.iter(w("sectPr"))
            if (parent := section.getparent()) is not None and local(parent) in ("pPr", "body")
        ]
        self._notes = dict(self._read_notes())
        self._walker = Walker(source, output, self._sections, self._notes, self._read_comments())

    def run(self) -> None:
        ground = _page_colour(self._root, self._source)
        place = Place(self._locator, self._source.main, ground=ground, in_flow=True)
        self._walker.story(self._body, place)
        margin = replace(place, in_flow=False, page=page_of(next(reversed(self._sections), None)))
        self._read_margins(margin)
        self._never_shown(margin)
        self._variables(margin)
        self._warnings()

    def _read_notes(self) -> Iterator[tuple[str, Notes]]:
        for kind in _NOTE_CHANNELS:
            for part, root in self._parts(f"{kind}s"):
                yield kind, Notes(kind, part, root, self._source.settings, self._sections)

    def _read_comments(self) -> dict[str, Element]:
        return {
            value(comment, "id") or "": comment
            for _, root in self._parts("comments")
            for comment in root.iterfind(w("comment"))
        }

    def _parts(self, kind: str) -> Iterator[tuple[str, Element]]:
        """The main part's relations of a kind, each part once; a damaged one is unread."""
        seen: set[str] = set()
        for link in self._source.package.relationships(self._source.main):
            if link.kind != kind or link.external or link.target in seen:
                continue
            seen.add(link.target)
            try:
                root = self._source.part(link.target)
            except CorruptedFile:
                size = self._source.package.size(link.target) // 4
                place = Place(self._locator, link.target)
                self._output.unread(_DAMAGED_FR[kind], place, characters=size)
            else:
                if root is not None:
                    yield link.target, root

    def _read_margins(self, place: Place) -> None:
        """Headers then footers; those that no page can show are hidden."""
        shown = set(self._shown_margins())
        for kind, channel in _MARGIN_CHANNELS.items():
            for part, root in self._parts(kind):
                here = replace(place.at(channel=channel), part=part)
                unseen = None if part in shown else HiddenReason.MARKUP
                self._walker.story(root, here.unseen(unseen))

    def _shown_margins(self) -> Iterator[str]:
        settings = self._source.settings
        even = settings is not None and is_on(settings.find(w("evenAndOddHeaders")))
        for section in self._sections:
            wanted = {"default", *(["even"] if even else [])}
            if is_on(section.find(w("titlePg"))):
                wanted.add("first")
            for reference in section.iterfind("{*}*"):
                if local(reference) not in ("headerReference", "footerReference"):
                    continue
                link = self._source.link(self._source.main, reference.get(f"{{{R}}}id"))
                if link is not None and (value(reference, "type") or "default") in wanted:
                    yield link.target

    def _never_shown(self, place: Place) -> None:
        """Notes without a call, comments without a place, building blocks, dropped branches."""
        for kind, notes in self._notes.items():
            here = place.at(channel=_NOTE_CHANNELS[kind])
            for note in notes.never_called():
                self._output.hide(plain_text(note), HiddenReason.MARKUP, here)
        self._walker.attachments.remaining_comments(place)
        for _, root in self._parts("glossaryDocument"):
            self._output.hide(plain_text(root), HiddenReason.MARKUP, place)
        for _, text in self._source.not_shown:
            self._output.hide(text, HiddenReason.MARKUP, place)

    def _variables(self, place: Place) -> None:
        """Document variables: strings that only fields and macros can show."""
        settings = self._source.settings
        for variable in () if settings is None else settings.iter(w("docVar")):
            self._output.hide(value(variable) or "", HiddenReason.PROPERTY, place)

    def _warnings(self) -> None:
        package, main = self._source.package, self._source.main
        if package.has_macros:
            self._output.warn("Le fichier contient des macros ; elles n'ont pas été exécutées.")
        if changes := _revisions(self._body):
            self._output.warn(f"Suivi des modifications présent : {changes}.")
        for link in package.relationships("word/settings.xml"):
            if link.kind == "attachedTemplate" and link.external:
                self._output.warn("Le fichier appelle un modèle externe ; il n'a pas été chargé.")
        if any(link.kind == "subDocument" for link in package.relationships(main)):
            subdocument = Place(self._locator, main)
            self._output.unread("sous-document externe non lu", subdocument, characters=2000)


def _page_colour(root: Element, source: DocxSource) -> tuple[int, int, int]:
    """The colour of the page: Word shows a background only when its settings say so."""
    background, settings = root.find(w("background")), source.settings
    if background is None or settings is None:
        return WHITE
    if not is_on(settings.find(w("displayBackgroundShape"))):
        return WHITE
    return _background(background, source.theme) or WHITE


def _background(element: Element, theme: Theme) -> tuple[int, int, int] | None:
    themed = theme.slot(value(element, "themeColor") or "")
    return themed or parse_rgb(value(element, "color"))


def _revisions(body: Element) -> str:
    """How many tracked changes the body carries, in words; empty when there are none."""
    kinds = {"insertion": ("ins", "moveTo"), "suppression": ("del", "moveFrom")}
    counts = {
        name: sum(1 for _ in body.iter(*(w(tag) for tag in tags))) for name, tags in kinds.items()
    }
    return ", ".join(f"{n} {name}{'s' * (n > 1)}" for name, n in counts.items() if n)


def _nothing_readable(file: SourceFile, output: Output) -> NothingReadable:
    if output.unread_reasons:
        cause = f"parties non lues : {', '.join(dict.fromkeys(output.unread_reasons))}"
        mend = "Copiez leur contenu dans le document lui-même, puis déposez-le à nouveau."
    elif output.images:
        cause = "le document ne contient que des images"
        mend = "Joignez le document d'origine avec son texte, ou un PDF de ces images."
    elif output.has_hidden_text:
        cause = "tout son texte est masqué"
        mend = "Rendez le texte visible, puis déposez le document à nouveau."
    else:
        cause = "le document est vide"
        mend = "Vérifiez que vous avez déposé la bonne version."
    return NothingReadable(cause, filename=file.filename, cause=cause, mend=mend)
