"""Windows of two texts that are close, joined where they touch in both."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Match(NamedTuple):
    """Two windows that are close, as ranges of sentence numbers of two texts."""

    left: int
    left_range: tuple[int, int]
    right: int
    right_range: tuple[int, int]


def merged_matches(matches: Iterable[Match]) -> Iterator[Match]:
    """Matches that touch in both texts, as one."""
    waiting = sorted(matches)
    while waiting:
        grown = waiting.pop(0)
        while touching := [m for m in waiting if _touch(grown, m)]:
            for match in touching:
                waiting.remove(match)
                grown = grown._replace(
                    left_range=_union(grown.left_range, match.left_range),
                    right_range=_union(grown.right_range, match.right_range),
                )
        yield grown


def _touch(one: Match, other: Match) -> bool:
    return all(
        a[0] <= b[1] and b[0] <= a[1]
        for a, b in (
            (one.left_range, other.left_range),
            (one.right_range, other.right_range),
        )
    )


def _union(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return min(one[0], other[0]), max(one[1], other[1])
