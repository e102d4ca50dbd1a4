"""A paragraph being gathered from a page: what is seen of it and what is not."""

import re
from dataclasses import dataclass, field
from typing import Final

from ingest.types import BlockKind, HiddenReason

_WHITESPACE: Final = re.compile(r"[ \t\r\n\f]+")


@dataclass(slots=True)
class ParagraphBuffer:
    """Text put piece by piece; `hidden` keeps unseen pieces in order, neighbours joined."""

    kind: BlockKind = BlockKind.PARAGRAPH
    level: int | None = None
    visible: list[str] = field(default_factory=list)
    hidden: list[tuple[HiddenReason, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.visible)

    @property
    def is_blank(self) -> bool:
        return not any(piece.strip() for piece in self.visible)

    def put(self, text: str, reason: HiddenReason | None, *, keep_lines: bool = False) -> None:
        """Append a piece, seen when `reason` is None. Spaces collapse as in a browser."""
        if not keep_lines:
            text = _WHITESPACE.sub(" ", text)
        if reason is None:
            self.visible.append(text)
        elif self.hidden and self.hidden[-1][0] is reason:
            self.hidden[-1] = (reason, self.hidden[-1][1] + text)
        elif text.strip():
            self.hidden.append((reason, text))
