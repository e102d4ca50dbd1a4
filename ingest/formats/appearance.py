"""Whether a run of text can be seen at all, from how its styles say it is drawn."""

from dataclasses import dataclass
from typing import Final

from ingest.formats.colours import WHITE, Colour, is_lost_in
from ingest.types import HiddenReason

#: Units: points. Nothing under it is legible on paper; legal small print starts at 5.
SMALLEST_LEGIBLE: Final = 4.0

#: Share of their width that letters must keep to be told apart.
NARROWEST: Final = 0.2

#: Share of its colour that a text must keep to be seen.
FAINTEST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """How a run of text is drawn.

    Units: `size` in points, before `scale` (raised and lowered text is reduced). `colour` is
    None when the program chooses a legible one; `background` is None when it cannot be known (a
    picture, a gradient).
    """

    colour: Colour | None = None
    background: Colour | None = WHITE
    size: float = 12.0
    scale: float = 1.0
    opacity: float = 1.0
    shown: bool = True

    @property
    def hidden_reason(self) -> HiddenReason | None:
        """Why a reader does not see the text; None when they do."""
        if not self.shown:
            return HiddenReason.VANISHED
        if self.size * self.scale < SMALLEST_LEGIBLE:
            return HiddenReason.TINY
        if self.opacity < FAINTEST:
            return HiddenReason.NEAR_BACKGROUND
        if self.colour and self.background and is_lost_in(self.colour, self.background):
            return HiddenReason.NEAR_BACKGROUND
        return None
