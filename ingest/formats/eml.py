"""Reads e-mails (.eml): who wrote, to whom, when, about what, and the message itself."""

from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.policy import compat32, default
from typing import Final

from ingest.building import DocumentBuilder
from ingest.errors import CorruptedFile, EncryptedFile, IngestError
from ingest.formats.encoding import decode_text
from ingest.formats.html import parse_html
from ingest.formats.markup import MarkupReader
from ingest.formats.plain import paragraphs
from ingest.formats.unread import Unread
from ingest.normalising import normalise
from ingest.types import BlockKind, Document, ImageInfo, Locator, SourceFile

#: Forwarded messages inside forwarded messages: deeper ones are left unread, and said to be.
_MAX_FORWARDS: Final = 5
#: Units: characters. A longer header is cut: the parser of addresses takes a quadratic time.
_LONGEST_HEADER: Final = 4000
#: Units: characters. What an attachment or a message left unread may hold: about a page.
_PAGE: Final = 2000
#: Share of the words of a web version that the plain one must hold to be the same message.
_SAME_MESSAGE: Final = 0.7

_SHOWN: Final = (("From", "De"), ("To", "À"), ("Cc", "Cc"), ("Date", "Date"))
_ENCRYPTED: Final = frozenset({"multipart/encrypted", "application/pkcs7-mime"})

#: What the parser of headers raises on malformed ones.
_HEADER_ERRORS: Final = (
    MessageError,
    AttributeError,
    IndexError,
    KeyError,
    LookupError,
    TypeError,
    ValueError,
)


def read_eml(file: SourceFile) -> Document:
    """Read a message: its subject as a heading, its senders and date, its text.

    The plain version is read rather than the web one. Attachments are unread parts.
    Raises: `CorruptedFile`, `EncryptedFile`.
    """
    try:
        message = message_from_bytes(file.data, policy=compat32)
        if message.get_content_type() in _ENCRYPTED:
            raise EncryptedFile("encrypted message", filename=file.filename)
        builder = DocumentBuilder(file, format_name="eml")
        _MessageReader(builder, file.filename).read(message)
    except RecursionError as error:
        # Parts inside parts by the hundred: no mail program writes that.
        raise CorruptedFile("parts nested too deep", filename=file.filename) from error
    return builder.build()


class _MessageReader:
    def __init__(self, builder: DocumentBuilder, filename: str) -> None:
        self._builder = builder
        self._filename = filename
        self._outline: tuple[str, ...] = ()
        self._left_unread = Unread()

    def read(self, message: Message) -> None:
        """Read a message, those it forwards after it."""
        self._message(message, forwards=0)
        self._left_unread.weigh(self._builder)

    def _message(self, message: Message, forwards: int) -> None:
        subject = header(message, "Subject")
        self._outline = (*self._outline[:forwards], *filter(None, [subject]))
        self._add(BlockKind.HEADING, subject, level=forwards + 1)
        lines = [(label, header(message, name)) for name, label in _SHOWN]
        self._add(BlockKind.PARAGRAPH, "\n".join(f"{n} : {v}" for n, v in lines if v))
        if not forwards:
            self._builder.metadata |= {label: value for label, value in lines if value}
            self._builder.metadata |= {"objet": subject} if subject else {}
        self._part(message, forwards)

    def _part(self, part: Message, forwards: int) -> None:
        kind = part.get_content_type()
        if _is_attachment(part):
            self._attachment(part)
        elif kind == "multipart/alternative":
            self._alternatives(_children(part), forwards)
        elif kind == "message/rfc822":
            self._forwarded(part, forwards)
        elif part.is_multipart():
            for child in _children(part):
                self._part(child, forwards)
        elif kind == "text/html":
            self._web(_text(part))
        elif kind.startswith(("text/", "multipart/")) and kind != "text/calendar":
            # A multipart that is not one has lost its boundaries: its text is all there is.
            self._plain(_text(part))
        elif kind.startswith("image/") and part.get("Content-ID"):
            self._inline_image(part)
        else:
            self._attachment(part)

    def _alternatives(self, versions: list[Message], forwards: int) -> None:
        """The same message several times over: the plain one is read, else the last."""
        plain = next((v for v in versions if v.get_content_type() == "text/plain"), None)
        web = next((v for v in _leaves(versions) if v.get_content_type() == "text/html"), None)
        if plain is not None and _text(plain).strip():
            self._plain(_text(plain))
            if web is not None:
                self._compare(_text(plain), _text(web))
        elif versions:
            self._part(versions[-1], forwards)

    def _compare(self, plain: str, web: str) -> None:
        """Warn when the web version, which a mail program would show, says something else."""
        probe = DocumentBuilder(SourceFile.from_bytes(self._filename, b""), format_name="html")
        try:
            root = parse_html(web, filename=self._filename)
        except IngestError:
            return
        MarkupReader(probe, Locator(file=self._filename)).read(root)
        words = set(probe.build().text.lower().split())
        same = words & set(normalise(plain).lower().split())
        if words and len(same) < _SAME_MESSAGE * len(words):
            self._builder.warnings_fr.append(
                "Le message a deux versions qui diffèrent : seule la version texte est lue, un "
                "logiciel de messagerie montre l'autre."
            )

    def _plain(self, text: str) -> None:
        for kind, paragraph in paragraphs(text):
            self._add(kind, paragraph, level=1 if kind is BlockKind.LIST_ITEM else None)

    def _web(self, text: str) -> None:
        try:
            root = parse_html(text, filename=self._filename)
        except IngestError as error:
            reason = f"version web du message illisible ({error})"
            self._left_unread.add_share(reason, self._here(), share=1.0)
            return
        MarkupReader(self._builder, self._here()).read(root)

    def _forwarded(self, part: Message, forwards: int) -> None:
        for message in _children(part):
            if forwards < _MAX_FORWARDS:
                outline = self._outline
                self._message(message, forwards + 1)
                self._outline = outline
            else:
                reason = "messages transférés imbriqués à l'excès"
                self._left_unread.add(reason, self._here(), characters=_PAGE)

    def _attachment(self, part: Message) -> None:
        name = header_text(part.get_filename() or "") or part.get_content_type()
        self._builder.warnings_fr.append(f"Pièce jointe non lue : {name}. Joignez-la au dossier.")
        reason = f"pièce jointe « {name} » : enregistrez-la et joignez-la au dossier"
        self._left_unread.add(reason, self._here(), characters=_PAGE)

    def _inline_image(self, part: Message) -> None:
        self._builder.images.append(
            ImageInfo(locator=self._here(), content_type=part.get_content_type())
        )

    def _add(self, kind: BlockKind, text: str, *, level: int | None = None) -> None:
        place = self._here().model_copy(update={"paragraph": len(self._builder.blocks) + 1})
        self._builder.add(kind, text, place, level=level)

    def _here(self) -> Locator:
        return Locator(
            file=self._filename,
            heading_path=self._outline,
            paragraph=len(self._builder.blocks) or None,
        )


def header(message: Message, name: str) -> str:
    """A header field, decoded; empty when absent. A malformed one is given as it stands."""
    return header_text(message.get(name) or "", name)


def header_text(raw: object, name: str = "Subject") -> str:
    """The text of a header's value, encoded words (`=?utf-8?…?=`) decoded."""
    value = str(raw)[:_LONGEST_HEADER].encode("utf-8", errors="replace").decode("utf-8")
    try:
        return normalise(str(default.header_factory(name, value)).replace("\n", " "))
    except _HEADER_ERRORS:
        return normalise(value.replace("\n", " "))


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [p for p in payload if isinstance(p, Message)] if isinstance(payload, list) else []


def _leaves(parts: list[Message]) -> Iterator[Message]:
    for part in parts:
        yield from _leaves(_children(part)) if part.is_multipart() else [part]


def _is_attachment(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition") or "").lower()
    named = disposition.startswith("attachment") or (
        part.get_filename() is not None and not part.get_content_type().startswith("image/")
    )
    return named and part.get_content_type() != "message/rfc822"


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    return decode_text(data, declared=str(part.get_param("charset") or "")).text
