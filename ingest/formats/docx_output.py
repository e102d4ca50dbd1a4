"""Where what is read in a .docx goes: seen text to blocks, the rest to hidden spans."""

from dataclasses import dataclass
from typing import Final

from ingest.building import DocumentBuilder
from ingest.formats.docx_paragraph import Paragraph
from ingest.formats.docx_source import Place
from ingest.types import (
    Block,
    BlockKind,
    Channel,
    Document,
    HiddenReason,
    ImageInfo,
    Locator,
    UnreadPart,
)

_CHANNELS: Final = {
    HiddenReason.DELETED: Channel.DELETED,
    HiddenReason.COMMENT: Channel.COMMENT,
    HiddenReason.PROPERTY: Channel.PROPERTIES,
    HiddenReason.ALT_TEXT: Channel.ALT_TEXT,
}


@dataclass(frozen=True)
class _Unread:
    locator: Locator
    reason_fr: str
    characters: int


class Output:
    """Fills a `DocumentBuilder`, and weighs what was left unread once the rest is known."""

    def __init__(self, builder: DocumentBuilder) -> None:
        self._builder = builder
        self._unread: list[_Unread] = []

    @property
    def has_text(self) -> bool:
        return bool(self._builder.blocks)

    @property
    def has_hidden_text(self) -> bool:
        kept_aside = (HiddenReason.PROPERTY, HiddenReason.ALT_TEXT, HiddenReason.COMMENT)
        return any(span.reason not in kept_aside for span in self._builder.hidden)

    @property
    def images(self) -> list[ImageInfo]:
        return self._builder.images

    @property
    def unread_reasons(self) -> list[str]:
        return [part.reason_fr for part in self._unread]

    def show(
        self, kind: BlockKind, text: str, place: Place, *, level: int | None = None
    ) -> Block | None:
        """Add a block, or a hidden span when nothing can be seen at that place."""
        if place.hidden is not None:
            self.hide(text, place.hidden, place)
            return None
        return self._builder.add(kind, text, place.locator, level=level)

    def hide(self, text: str, reason: HiddenReason, place: Place) -> None:
        """Record unseen text. In the body, its channel says that it is not on the page."""
        usual = Channel.HIDDEN if place.in_body else place.locator.channel
        locator = place.locator.model_copy(update={"channel": _CHANNELS.get(reason, usual)})
        self._builder.hide(text, reason, locator)

    def side_effects(self, paragraph: Paragraph, place: Place) -> None:
        """Record what a paragraph has besides its visible text: unseen stretches, links."""
        for text, reason in paragraph.hidden():
            self.hide(text, reason, place)
        self._builder.links += paragraph.links

    def unread(self, reason_fr: str, place: Place, *, characters: int) -> None:
        """Record a part that was not read, with the length of text it may hold."""
        self._unread.append(_Unread(place.locator, reason_fr, max(1, characters)))

    def warn(self, message_fr: str) -> None:
        """Add a warning, once."""
        if message_fr not in self._builder.warnings_fr:
            self._builder.warnings_fr.append(message_fr)

    def finish(self) -> Document:
        """The document. An unread part weighs its estimated share of all the text."""
        read = sum(len(block.text) for block in self._builder.blocks)
        whole = read + sum(part.characters for part in self._unread)
        self._builder.unread += [
            UnreadPart(
                locator=part.locator,
                reason_fr=part.reason_fr,
                weight=round(part.characters / whole, 4) if whole else 1.0,
            )
            for part in self._unread
        ]
        return self._builder.build()
