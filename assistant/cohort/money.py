"""A sum of euros as a person writes it."""

import re
from typing import Final

_SUM: Final = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?\s*(?:€|eur|euros?)?", re.IGNORECASE)


def parse_euros(text: str) -> float | None:
    """« 25eur », « 25 € », « 12,50 »; None for anything else, a sum of zero included."""
    match = _SUM.fullmatch(text.strip().replace("\u00a0", " ").replace("\u202f", " "))
    if match is None:
        return None
    euros = int(match[1]) + int((match[2] or "0").ljust(2, "0")) / 100
    return euros or None
