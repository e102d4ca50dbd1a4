"""Where what is read in slides and sheets goes: seen text to blocks, the rest to hidden spans."""

from dataclasses import dataclass
from typing import Final

from ingest.building import DocumentBuilder
from ingest.types import Block, BlockKind, Box, Channel, HiddenReason, Locator, UnreadPart

_CHANNELS: Final = {
    HiddenReason.COMMENT: Channel.COMMENT,
    HiddenReason.PROPERTY: Channel.PROPERTIES,
    HiddenReason.ALT_TEXT: Channel.ALT_TEXT,
}


@dataclass(frozen=True, slots=True)
class Output:
    """Writes into a builder at a place. `hidden` is set when all that stands there is unseen."""

    builder: DocumentBuilder
    locator: Locator
    hidden: HiddenReason | None = None

    def at(self, **changes: object) -> "Output":
        """The same output with a locator changed in those fields."""
        return Output(self.builder, self.locator.model_copy(update=changes), self.hidden)

    def unseen(self, reason: HiddenReason | None) -> "Output":
        """The same output, hidden unless it already was."""
        if reason is None or self.hidden:
            return self
        return Output(self.builder, self.locator, reason)

    def show(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int | None = None,
        box: Box | None = None,
        formula: str | None = None,
    ) -> Block | None:
        """Add a block, or a hidden span where nothing is seen."""
        if self.hidden is not None:
            self.hide(text, self.hidden)
            return None
        boxes = (box,) if box is not None else ()
        return self.builder.add(kind, text, self.locator, level=level, boxes=boxes, formula=formula)

    def hide(self, text: str, reason: HiddenReason) -> None:
        """Record unseen text. In the body, its channel says that it is not on the page."""
        channel = self.locator.channel
        usual = Channel.HIDDEN if channel is Channel.BODY else channel
        locator = self.locator.model_copy(update={"channel": _CHANNELS.get(reason, usual)})
        self.builder.hide(text, reason, locator)

    def unread(self, reason_fr: str, weight: float) -> None:
        """Record a part that was not read. `weight`: its share of the file, 0 to 1."""
        self.builder.unread.append(
            UnreadPart(locator=self.locator, reason_fr=reason_fr, weight=weight)
        )

    def warn(self, message_fr: str) -> None:
        """Add a warning, once."""
        if message_fr not in self.builder.warnings_fr:
            self.builder.warnings_fr.append(message_fr)

    def link(self, address: str | None) -> None:
        """Record an outside address that the text points at."""
        if address:
            self.builder.links.append(address)
