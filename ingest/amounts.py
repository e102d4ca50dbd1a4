"""How much of one file is read, as the settings bound it.

Readers open readers: what bounds a reading holds for all that it calls, and for nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from pydantic import Field

from ingest.frozen import Frozen

MOST_CELLS: Final = 400_000
MOST_CHARACTERS: Final = 20_000_000
MOST_MARKUP: Final = 2_000_000


class Amounts(Frozen):
    """Bounds of one file: `cells` of tables, `characters` of text, `markup` tags and attributes."""

    cells: int = Field(default=MOST_CELLS, ge=1, le=MOST_CELLS)
    characters: int = Field(default=MOST_CHARACTERS, ge=1, le=MOST_CHARACTERS)
    markup: int = Field(default=MOST_MARKUP, ge=1, le=MOST_MARKUP)


_USUAL: Final = Amounts()
_UNDER_WAY: Final = ContextVar("amounts of the reading under way", default=_USUAL)


def amounts() -> Amounts:
    """Those of the reading under way."""
    return _UNDER_WAY.get()


@contextmanager
def reading_within(bounds: Amounts) -> Iterator[None]:
    """What is read inside is read within these bounds."""
    token = _UNDER_WAY.set(bounds)
    try:
        yield
    finally:
        _UNDER_WAY.reset(token)
