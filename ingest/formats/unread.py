"""Weighs what was left unread in a file once the length of the rest is known."""

from ingest.building import DocumentBuilder
from ingest.types import Locator, UnreadPart


class Unread:
    """Parts left unread: some by the text they may hold, some by their share of the document."""

    def __init__(self) -> None:
        self._by_length: list[tuple[Locator, str, int]] = []
        self._by_share: list[UnreadPart] = []

    def add(self, reason_fr: str, locator: Locator, *, characters: int) -> None:
        """Record a part that may hold about that many characters."""
        self._by_length.append((locator, reason_fr, max(1, characters)))

    def add_share(self, reason_fr: str, locator: Locator, *, share: float) -> None:
        """Record a part that is about that share of the document, 0 to 1."""
        self._by_share.append(UnreadPart(locator=locator, reason_fr=reason_fr, weight=share))

    def weigh(self, builder: DocumentBuilder) -> None:
        """Hand the parts over to the document, now that its text is known."""
        read = sum(len(block.text) for block in builder.blocks)
        whole = read + sum(characters for _, _, characters in self._by_length)
        builder.unread += self._by_share
        builder.unread += [
            UnreadPart(locator=place, reason_fr=reason, weight=round(characters / whole, 4))
            for place, reason, characters in self._by_length
        ]
