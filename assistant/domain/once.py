"""Remembers what was computed from objects that never change, by which objects they are.

A grid is the same object for every criterion of every dossier; hashing or writing it out again
each time took longer than judging what a candidate wrote.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, Generic, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

#: A référentiel's criteria, a few times over: the objects themselves are kept, so that none
#: takes the place of another.
_KEPT: Final = 1024


class _Same(Generic[T]):
    """An object, equal to itself only, whatever it holds."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it


def once_per_object(function: Callable[[*Ts], T]) -> Callable[[*Ts], T]:
    """For a pure function of objects that are never changed, the result included."""

    @lru_cache(_KEPT)
    def known(*objects: _Same[object]) -> T:
        return function(*(one.it for one in objects))  # type: ignore[arg-type]

    @wraps(function)
    def remembered(*objects: *Ts) -> T:
        return known(*(_Same(one) for one in objects))

    return remembered
