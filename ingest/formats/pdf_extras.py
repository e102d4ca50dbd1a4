"""What a PDF carries besides its pages: properties, notes, links, fields, attachments, actions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject, PdfObject

from ingest.formats.pdf_limits import PYPDF_FAILURES
from ingest.formats.pdf_objects import as_dictionary, items, name_of, number, resolved, text_of

_PROPERTIES: Final = {
    "/Title": "titre",
    "/Subject": "sujet",
    "/Author": "auteur",
    "/Keywords": "mots-clés",
    "/Creator": "logiciel",
    "/Producer": "producteur du PDF",
    "/CreationDate": "créé le",
    "/ModDate": "modifié le",
}
_DATES: Final = frozenset({"/CreationDate", "/ModDate"})
#: Written by software, in a few words: longer, it is somebody speaking.
_TOOLS: Final = frozenset({"/Creator", "/Producer"})
_LONGEST_TOOL: Final = 80
_DATE: Final = re.compile(r"D:(\d{4})(\d{2})(\d{2})(\d{2})?(\d{2})?")
_XMP_TEXT: Final = re.compile(
    r"<rdf:li[^>]*>([^<]{1,4000})</rdf:li>|<pdf:Keywords>([^<]{1,4000})</pdf:Keywords>"
)
_MAX_XMP: Final = 512 * 1024
_LONGEST: Final = 4_000
_MAX_DEPTH: Final = 20
_MAX_FOUND: Final = 500

#: Annotation flags: invisible, hidden, not shown on screen.
_UNSEEN: Final = 0b1 | 0b10 | 0b100000
_ACTIONS_FR: Final = {
    "/JavaScript": "du code JavaScript",
    "/Launch": "le lancement d'un programme",
    "/SubmitForm": "l'envoi d'un formulaire",
    "/ImportData": "l'import de données",
    "/GoToR": "un lien vers un autre fichier",
    "/GoToE": "un lien vers une pièce jointe",
    "/Rendition": "un média",
    "/Movie": "une vidéo",
    "/Sound": "un son",
}


@dataclass(slots=True)
class Note:
    """A comment, or the value of a form field. `seen` says that it may show on the page."""

    text: str
    seen: bool
    is_field: bool


@dataclass(slots=True)
class PageExtras:
    """What is attached to one page. `drawn` tells whether it has notes or fields to draw."""

    links: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    actions_fr: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    drawn: bool = False


@dataclass(slots=True)
class FileExtras:
    """What is attached to the file. `properties` maps French names to values."""

    properties: dict[str, str] = field(default_factory=dict)
    free_texts: list[str] = field(default_factory=list)
    bookmarks: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    actions_fr: list[str] = field(default_factory=list)


def read_file_extras(reader: PdfReader) -> FileExtras:
    """Read what surrounds the pages; what is damaged is left out."""
    extras = FileExtras()
    for read in (_read_properties, _read_xmp, _read_bookmarks, _read_attachments, _read_actions):
        try:
            read(reader, extras)
        except PYPDF_FAILURES:
            continue
    return extras


def read_page_extras(page: PageObject) -> PageExtras:
    """Read a page's annotations; from the first damaged one on they are left out."""
    extras = PageExtras()
    try:
        extras.actions_fr += _actions(as_dictionary(page.get("/AA")).values())
        for item in items(page.get("/Annots")):
            _read_annotation(as_dictionary(item), extras)
    except PYPDF_FAILURES:
        return extras
    return extras


def _read_annotation(annotation: DictionaryObject, extras: PageExtras) -> None:
    kind = name_of(annotation.get("/Subtype"))
    action = as_dictionary(annotation.get("/A"))
    if name_of(action.get("/S")) == "/URI" and (address := text_of(action.get("/URI"))):
        extras.links.append(address[:_LONGEST])
    extras.actions_fr += _actions([action, *as_dictionary(annotation.get("/AA")).values()])
    if kind in ("/Link", "/Popup"):
        return
    if kind == "/FileAttachment":
        extras.attachments.append(_file_name(annotation))
    extras.drawn = True
    seen = not int(number(annotation.get("/F"), 0)) & _UNSEEN
    is_field = kind == "/Widget"
    key = "/V" if is_field else "/Contents"
    if text := text_of(_inherited(annotation, key))[:_LONGEST].strip():
        # A note shows what its appearance draws, which the page then holds; a field without one
        # shows its value.
        shown = seen and is_field and "/AP" not in annotation
        extras.notes.append(Note(text, seen=shown, is_field=is_field))


def _file_name(annotation: DictionaryObject) -> str:
    specification = as_dictionary(annotation.get("/FS"))
    return text_of(specification.get("/UF")) or text_of(specification.get("/F")) or "sans nom"


def _inherited(annotation: DictionaryObject, key: str) -> PdfObject | None:
    """A value of a field, or of the field it belongs to."""
    owner = annotation
    for _ in range(_MAX_DEPTH):
        if (value := resolved(owner.get(key))) is not None:
            return value
        owner = as_dictionary(owner.get("/Parent"))
    return None


def _read_properties(reader: PdfReader, extras: FileExtras) -> None:
    for key, raw in as_dictionary(reader.trailer.get("/Info")).items():
        value = text_of(raw)[:_LONGEST].strip()
        if not value:
            continue
        name = _PROPERTIES.get(str(key), str(key).lstrip("/"))
        extras.properties[name] = _date(value) if key in _DATES else value
        is_tool = key in _TOOLS and len(value) <= _LONGEST_TOOL
        if key not in _DATES and not is_tool:
            extras.free_texts.append(f"{name} : {value}")


def _read_xmp(reader: PdfReader, extras: FileExtras) -> None:
    """Texts of the XMP packet that the properties do not repeat. It is not parsed as XML."""
    metadata = resolved(as_dictionary(reader.trailer.get("/Root")).get("/Metadata"))
    data = getattr(metadata, "get_data", bytes)()[:_MAX_XMP]
    known = " ".join(extras.properties.values())
    for found in _XMP_TEXT.finditer(data.decode("utf-8", errors="replace")):
        text = (found[1] or found[2]).strip()
        if len(text.split()) > 1 and text not in known:
            extras.free_texts.append(text)


def _read_bookmarks(reader: PdfReader, extras: FileExtras) -> None:
    root = as_dictionary(as_dictionary(reader.trailer.get("/Root")).get("/Outlines"))
    pending = [as_dictionary(root.get("/First"))]
    for _ in range(_MAX_FOUND):
        if not pending:
            return
        entry = pending.pop()
        if title := text_of(entry.get("/Title")).strip():
            extras.bookmarks.append(title[:_LONGEST])
        following = (as_dictionary(entry.get(key)) for key in ("/Next", "/First"))
        pending += [found for found in following if found]


def _read_attachments(reader: PdfReader, extras: FileExtras) -> None:
    names = as_dictionary(as_dictionary(reader.trailer.get("/Root")).get("/Names"))
    for name, _ in _tree(as_dictionary(names.get("/EmbeddedFiles"))):
        extras.attachments.append(name[:200])


def _read_actions(reader: PdfReader, extras: FileExtras) -> None:
    root = as_dictionary(reader.trailer.get("/Root"))
    scripts = _tree(as_dictionary(as_dictionary(root.get("/Names")).get("/JavaScript")))
    found = [root.get("/OpenAction"), *as_dictionary(root.get("/AA")).values()]
    extras.actions_fr += _actions([*found, *(script for _, script in scripts)])
    if "/XFA" in as_dictionary(root.get("/AcroForm")):
        extras.actions_fr.append("un formulaire XFA")


def _tree(node: DictionaryObject) -> Iterator[tuple[str, PdfObject]]:
    """Names and values of a name tree."""
    pending = [node]
    for _ in range(_MAX_FOUND):
        if not pending:
            return
        node = pending.pop()
        leaves = items(node.get("/Names"))
        yield from (
            (str(name), value) for name, value in zip(leaves[::2], leaves[1::2], strict=False)
        )
        pending += [as_dictionary(kid) for kid in items(node.get("/Kids"))]


def _actions(values: Iterable[PdfObject | None]) -> list[str]:
    """What actions would do, in French; what only moves about the file is not told."""
    found: list[str] = []
    for value in values:
        kind = name_of(as_dictionary(value).get("/S"))
        if kind in _ACTIONS_FR:
            found.append(_ACTIONS_FR[kind])
    return found


def _date(value: str) -> str:
    """« 2026-03-01 14:05 » from « D:20260301140500+01'00' »; the value itself otherwise."""
    found = _DATE.match(value)
    if not found:
        return value
    year, month, day, hour, minute = found.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}" if hour and minute else "")
