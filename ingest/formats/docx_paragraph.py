"""What a paragraph turns out to hold, before it becomes a block."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, TypeAlias

from ingest.formats.docx_styles import Props
from ingest.formats.docx_xml import Element
from ingest.types import HiddenReason

Reason: TypeAlias = HiddenReason | None

#: Text hidden for these reasons leaves no room on the page; the others leave a gap.
WITHOUT_ROOM: Final = frozenset({HiddenReason.VANISHED, HiddenReason.DELETED, HiddenReason.MARKUP})


@dataclass(frozen=True)
class Piece:
    """A stretch of text, and why it is not seen when it is not."""

    text: str
    reason: Reason


@dataclass(frozen=True)
class NoteMark:
    """A call to a note. `mark` is the sign that stands for its number, when there is one."""

    kind: str  # « footnote » or « endnote »
    id: str
    mark: str


@dataclass(frozen=True)
class CommentMark:
    """The place a comment is about."""

    id: str


@dataclass(frozen=True)
class Graphic:
    """A drawing, a VML picture or an embedded object."""

    element: Element
    reason: Reason


Attached: TypeAlias = NoteMark | CommentMark | Graphic


@dataclass
class Paragraph:
    """What was found in a paragraph, in order."""

    style: str
    props: Props
    size: int = 22  # half-points of its first run
    pieces: list[Piece] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader sees. An unseen text that takes room leaves a space."""
        return "".join(piece.text if piece.reason is None else _gap(piece) for piece in self.pieces)

    def hidden(self) -> Iterator[tuple[str, HiddenReason]]:
        """Each unseen stretch with its reason."""
        for reason, pieces in groupby(self.pieces, key=lambda piece: piece.reason):
            if reason is not None:
                yield "".join(piece.text for piece in pieces), reason

    def cover(self) -> None:
        """Declare what was seen to be under a picture."""
        self.pieces = [
            Piece(p.text, HiddenReason.COVERED if p.reason is None else p.reason)
            for p in self.pieces
        ]


def _gap(piece: Piece) -> str:
    if piece.reason in WITHOUT_ROOM:
        return ""
    return " " if piece.text else ""
