"""How much of a case fits in a prompt."""

import math
from typing import Final

from assistant.domain.case import CriterionCase, Passage
from assistant.prompting.parts import Part
from ingest.types import Frozen

#: Fewer characters per token than any usual model needs for French (3.5 to 4.5), so that the
#: estimate errs on the long side. No tokeniser is loaded: it would be downloaded, and wrong for
#: most servers.
CHARACTERS_PER_TOKEN: Final = 3.2
_PLACE_CHARACTERS: Final = 200  # the line that says where a passage stands, at most


class Extent(Frozen):
    """How much of the case a prompt shows.

    `passages` is None for the whole deliverables, else the passages shown instead of them.
    `piece_characters` bounds each compared piece; None shows them whole. `part`: one part of the
    deliverables, read whole, instead of passages.
    """

    passages: tuple[Passage, ...] | None = None
    piece_characters: int | None = None
    part: Part | None = None

    @property
    def whole(self) -> bool:
        return self.passages is None and self.part is None


#: The instructions and the criterion alone.
NOTHING: Final = Extent(passages=(), piece_characters=0)


def estimated_tokens(text: str) -> int:
    """How many tokens a text takes, on the long side."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def fitted_extent(case: CriterionCase, tokens: int) -> Extent:
    """The compared pieces in at most half of the room, the best passages in what is left.

    Units: `tokens` is the room beside the instructions and the criterion.
    """
    room = int(tokens * CHARACTERS_PER_TOKEN)
    sizes = [len(document.text) for piece in case.pieces for document in piece.documents]
    cut = sum(sizes) > room // 2
    per_piece = room // 2 // len(sizes) if cut else None
    left = room - min(sum(sizes), room // 2)
    kept: list[Passage] = []
    for passage in case.passages.passages:
        cost = len(passage.chunk.text) + _PLACE_CHARACTERS
        if cost <= left:
            kept.append(passage)
            left -= cost
    return Extent(passages=tuple(kept), piece_characters=per_piece)
