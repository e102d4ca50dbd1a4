"""Gives memory back to the system between two dossiers.

Glibc keeps what was freed in arenas, one per thread: a cohort's dossiers, opened and judged in
many threads, would hold several times what they need.
"""

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Return the freed pages; does nothing where the C library has no such call."""
    _trim()(0)


@cache
def _trim() -> Callable[[int], object]:
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # musl, macOS, Windows
        return lambda _: None
    return trim
