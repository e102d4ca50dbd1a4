"""Reads PDF files: text in reading order with its boxes, scans by OCR, hidden text apart."""

from collections.abc import Sequence

from ingest.building import DocumentBuilder
from ingest.errors import NothingReadable
from ingest.formats.ocr import OcrFinder, find_tesseract
from ingest.formats.pdf_blocks import Writer
from ingest.formats.pdf_extras import FileExtras, read_file_extras
from ingest.formats.pdf_furniture import PageContent, set_apart_footnotes, set_apart_margins
from ingest.formats.pdf_limits import PdfLimits
from ingest.formats.pdf_lines import lines_of
from ingest.formats.pdf_open import OpenPdf, open_pdf
from ingest.formats.pdf_page import hidden_texts
from ingest.formats.pdf_paragraphs import body_size
from ingest.formats.pdf_reading import Layer, PageReading, PdfReading
from ingest.types import BlockKind, Channel, Document, HiddenReason, Locator, SourceFile, UnreadPart

_EMPTY_PASSWORD_FR = (
    "Ce PDF est chiffré avec un mot de passe vide (impression ou copie restreintes) : il a pu "
    "être ouvert."
)
_TRUNCATED_FR = "La fin du fichier manque : il a été lu autant que possible. Demandez-en une copie."
_UNKNOWN_STRUCTURE_FR = (
    "La structure de ce PDF est abîmée : ses commentaires, liens et pièces jointes n'ont pas pu "
    "être lus."
)
_LAYERS_FR = {
    Layer.CHECKED: "numérisation avec un texte déjà reconnu, vérifié sur l'image",
    Layer.UNCHECKED: "numérisation avec un texte déjà reconnu, non vérifié sur l'image",
    Layer.DENIED: "le texte caché derrière l'image ne correspond pas à ce qu'elle montre : il est "
    "écarté, et l'image a été lue par reconnaissance de caractères",
}


def read_pdf(
    file: SourceFile, *, ocr: OcrFinder = find_tesseract, limits: PdfLimits | None = None
) -> Document:
    """Read a PDF. `ocr` finds the engine for pages without text, when there are any.

    A page that cannot be read becomes an `UnreadPart`; the others are read.
    Raises: `EmptyFile`, `WrongExtension`, `EncryptedFile`, `CorruptedFile`, `FileTooLarge`,
    `NothingReadable`.
    """
    limits = limits or PdfLimits()
    opened = open_pdf(file, limits)
    try:
        reading = PdfReading(opened, file.filename, ocr=ocr, limits=limits)
        readings = list(reading.pages())
        extras = read_file_extras(opened.reader) if opened.reader else FileExtras()
        if reading.ocr_name:
            extras.properties["reconnaissance de caractères"] = reading.ocr_name
        document = _Assembly(file, readings).document(opened, extras)
    finally:
        opened.close()
    _require_something(document)
    return document


class _Assembly:
    """Puts the pages of a document together."""

    def __init__(self, file: SourceFile, readings: Sequence[PageReading]) -> None:
        self._filename = file.filename
        self._readings = readings
        self._builder = DocumentBuilder(file, format_name="pdf")
        contents = [content for reading in readings for content in reading.contents]
        _set_apart(contents)
        self._writer = Writer(self._builder, file.filename, contents)

    def document(self, opened: OpenPdf, extras: FileExtras) -> Document:
        """The whole document, from its pages and what surrounds them."""
        builder = self._builder
        builder.unit_name_fr, builder.unit_count = "pages", len(self._readings)
        for reading in self._readings:
            builder.page_sizes.append(reading.size)
            self._add_page(reading)
        self._add_file_extras(extras)
        self._warn_of_file(opened, extras)
        self._warn_of_pages()
        return builder.build()

    def _add_page(self, reading: PageReading) -> None:
        builder, number = self._builder, reading.number
        for content in reading.contents:
            self._writer.add_page(content)
        if reading.confidence is not None:
            builder.ocr_confidence[number] = round(reading.confidence, 1)
        if reading.unread_fr:
            self._add_unread(reading.unread_fr, self._place(number), 1 / len(self._readings))
        self._add_hidden(reading)
        self._add_notes(reading)
        builder.links += reading.extras.links

    def _add_hidden(self, reading: PageReading) -> None:
        seen = reading.seen
        if seen is None:
            return
        for text, reason in hidden_texts(seen.words):
            self._hide(text, reason, reading.number, Channel.HIDDEN)
        self._builder.images += seen.images
        texts = [*(image.alt_text for image in seen.images), *seen.lone_texts]
        for text in texts:
            self._hide(text, HiddenReason.ALT_TEXT, reading.number, Channel.ALT_TEXT)
        self._builder.warnings_fr += seen.warnings_fr

    def _add_notes(self, reading: PageReading) -> None:
        """Comments and values of fields that the page itself does not show."""
        shown = (
            _letters(" ".join(word.text for word in reading.seen.visible)) if reading.seen else ""
        )
        for note in reading.extras.notes:
            if _letters(note.text) in shown:
                continue
            if note.seen:
                place = self._place(reading.number, Channel.TEXT_BOX)
                self._builder.add(BlockKind.PARAGRAPH, note.text, place)
            elif note.is_field:
                self._hide(note.text, HiddenReason.VANISHED, reading.number, Channel.HIDDEN)
            else:
                self._hide(note.text, HiddenReason.COMMENT, reading.number, Channel.COMMENT)

    def _add_file_extras(self, extras: FileExtras) -> None:
        builder = self._builder
        builder.metadata |= extras.properties
        bookmarks = self._unseen_bookmarks(extras.bookmarks)
        place = Locator(file=self._filename, channel=Channel.PROPERTIES)
        for free_text in (*extras.free_texts, *(f"signet : {title}" for title in bookmarks)):
            builder.hide(free_text, HiddenReason.PROPERTY, place)
        for name in extras.attachments:
            self._add_unread(f"pièce jointe non lue : {name}", Locator(file=self._filename), 0.0)
        for reading in self._readings:
            for name in reading.extras.attachments:
                self._add_unread(f"pièce jointe non lue : {name}", self._place(reading.number), 0.0)

    def _unseen_bookmarks(self, titles: list[str]) -> list[str]:
        """Bookmarks that say what no page says."""
        if not titles:
            return []
        text = _letters(" ".join(block.text for block in self._builder.blocks))
        return [title for title in titles if _letters(title) not in text]

    def _warn_of_file(self, opened: OpenPdf, extras: FileExtras) -> None:
        warnings = self._builder.warnings_fr
        if opened.opened_by_empty_password:
            warnings.append(_EMPTY_PASSWORD_FR)
        if opened.truncated:
            warnings.append(_TRUNCATED_FR)
        if opened.reader is None:
            warnings.append(_UNKNOWN_STRUCTURE_FR)
        attached = [*extras.attachments]
        actions = [*extras.actions_fr]
        for reading in self._readings:
            attached += reading.extras.attachments
            actions += reading.extras.actions_fr
        if attached:
            warnings.append(f"Ce PDF contient {len(attached)} pièce(s) jointe(s), non lue(s).")
        for action_fr in dict.fromkeys(actions):
            warnings.append(f"Ce PDF contient {action_fr} : rien n'est exécuté.")

    def _warn_of_pages(self) -> None:
        for layer, message_fr in _LAYERS_FR.items():
            numbers = [reading.number for reading in self._readings if reading.layer is layer]
            if numbers:
                self._builder.warnings_fr.append(f"{_pages_fr(numbers)} : {message_fr}.")

    def _add_unread(self, reason_fr: str, place: Locator, weight: float) -> None:
        part = UnreadPart(locator=place, reason_fr=reason_fr, weight=weight)
        self._builder.unread.append(part)

    def _hide(self, text: str, reason: HiddenReason, page: int, channel: Channel) -> None:
        self._builder.hide(text, reason, self._place(page, channel))

    def _place(self, page: int, channel: Channel = Channel.BODY) -> Locator:
        return Locator(file=self._filename, page=page, channel=channel)


def _set_apart(contents: list[PageContent]) -> None:
    """Take headers, footers and footnotes out of the pages."""
    body = body_size(line for content in contents for line in lines_of(content.words))
    set_apart_margins(contents, body)
    for content in contents:
        set_apart_footnotes(content, body)


def _letters(text: str) -> str:
    """Letters and digits only, to tell whether one text holds another."""
    return "".join(char for char in text.lower() if char.isalnum())


def _pages_fr(numbers: list[int]) -> str:
    """« Pages 1 à 3, 5 »."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = [str(run[0]) if len(run) == 1 else f"{run[0]} à {run[-1]}" for run in runs]
    return ("Page " if len(numbers) == 1 else "Pages ") + ", ".join(named)


def _require_something(document: Document) -> None:
    """A file of blank pages is an error; one whose pages could not be read is not."""
    hidden_on_pages = any(span.locator.page for span in document.hidden)
    if document.text or document.unread or document.images or hidden_on_pages:
        return
    raise NothingReadable(
        "blank pages",
        filename=document.filename,
        cause="ses pages sont blanches",
        mend="Vérifiez que c'est le bon fichier, puis déposez-le à nouveau.",
    )
