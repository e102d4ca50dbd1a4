"""Where the walk of an OpenDocument file stands."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ingest.formats.appearance import Look
from ingest.formats.odf_tables import TableCell
from ingest.types import Channel, HiddenReason, Locator


@dataclass(frozen=True, slots=True)
class Context:
    """Where a text stands, what it inherits, and why it is hidden (None when it is not).

    `leads`: the main flow, whose paragraphs are counted and whose headings name what follows.
    `list_level` counts from 1 inside a list, `nesting` boxes inside boxes; `heading_level` makes
    headings of paragraphs (the title of a slide).
    """

    place: Locator
    look: Look
    reason: HiddenReason | None = None
    leads: bool = False
    list_level: int = 0
    heading_level: int = 0
    nesting: int = 0

    def at(self, **changes: object) -> "Context":
        """The same elsewhere: another place, outside the main flow."""
        return replace(self, place=self.place.model_copy(update=changes), leads=False)

    def hidden_by(self, reason: HiddenReason | None) -> "Context":
        """The same, hidden for that reason unless it already was for another."""
        return self if self.reason or reason is None else replace(self, reason=reason)

    @property
    def hidden_place(self) -> Locator:
        """The place of a hidden text, which says so unless its channel says more."""
        if self.place.channel is not Channel.BODY:
            return self.place
        return self.place.model_copy(update={"channel": Channel.HIDDEN})


@dataclass(frozen=True, slots=True)
class CellContext:
    """A table cell's context, and what a spreadsheet knows of it besides its text.

    `stored_value` stands in for a text that the file does not repeat.
    """

    context: Context
    stored_value: str = ""
    formula: str | None = None


#: Places a cell, given the context of its table.
CellPlacer = Callable[[TableCell, Context], CellContext]
