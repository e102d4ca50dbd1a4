"""What stands out in a cohort's drafts and texts: worth a look, and no more than that.

Nothing is said of a small sample: an oddity among five is chance.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ingest.types import Frozen

#: Units: dossiers. Below it nothing is said.
FEWEST: Final = 8
FEWEST_TO_COMPARE: Final = 10
#: A text this many times longer or shorter than the median may be told.
_TIMES: Final = 2.5
#: And only when that is far outside the usual spread (robust deviations of the logarithm).
_DEVIATIONS: Final = 3.5
_MAD_TO_SIGMA: Final = 1.4826
#: A difference between two cohorts' shares of « acquis » drafts that is worth telling.
_SHIFT: Final = 0.1
_CHANCE: Final = 0.01
_PERMUTATIONS: Final = 4000
_SEED: Final = 2026


class CriterionDrafts(Frozen):
    """How many drafts of a criterion judge it, and how many of those find it met."""

    epreuve: str
    criterion_id: str
    text_fr: str
    judged: int
    met: int


class TextLength(Frozen):
    """The words of all that a candidate handed in for an épreuve."""

    dossier_id: str
    epreuve: str
    words: int


class OddLength(Frozen):
    """A text far from the others of its épreuve; half of those are from `low` to `high` words."""

    length: TextLength
    low: int
    high: int
    texts: int

    @property
    def longer(self) -> bool:
        return self.length.words > self.high


class EpreuveSpread(Frozen):
    """For each dossier, unnamed, the share of an épreuve's judged criteria drafted « acquis »."""

    epreuve: str
    made_by_fr: tuple[str, ...]
    shares: tuple[float, ...]


class CohortSpread(Frozen):
    """What a cohort leaves to be compared with the next: shares, in no candidate's order."""

    version: int = 1
    epreuves: tuple[EpreuveSpread, ...]


class Shift(Frozen):
    """An épreuve whose drafts differ from the last cohort's. Shares are means, 0 to 1."""

    epreuve: str
    before: float
    now: float
    dossiers_before: int
    dossiers_now: int
    same_engine: bool


class Outliers(Frozen):
    """All that stands out. `withheld`: the épreuves of which there were too few to say anything.

    `compared`: whether an earlier cohort was given.
    """

    nobody: tuple[CriterionDrafts, ...] = ()
    lengths: tuple[OddLength, ...] = ()
    shifts: tuple[Shift, ...] = ()
    withheld: tuple[str, ...] = ()
    compared: bool = False


def met_by_nobody(drafts: Iterable[CriterionDrafts]) -> tuple[CriterionDrafts, ...]:
    """The criteria that enough drafts judge and none finds met."""
    return tuple(one for one in drafts if one.judged >= FEWEST and one.met == 0)


def odd_lengths(lengths: Iterable[TextLength]) -> tuple[OddLength, ...]:
    """The texts far longer or shorter than the others of the same épreuve."""
    groups: defaultdict[str, list[TextLength]] = defaultdict(list)
    for length in lengths:
        groups[length.epreuve].append(length)
    return tuple(odd for _, group in sorted(groups.items()) for odd in _odd(group))


def shifts(now: CohortSpread, before: CohortSpread) -> tuple[Shift, ...]:
    """The épreuves whose share of « acquis » drafts moved by more than chance explains."""
    earlier = {spread.epreuve: spread for spread in before.epreuves}
    pairs = [(earlier[s.epreuve], s) for s in now.epreuves if s.epreuve in earlier]
    enough = [
        (old, new)
        for old, new in pairs
        if min(len(old.shares), len(new.shares)) >= FEWEST_TO_COMPARE
    ]
    return tuple(
        Shift(
            epreuve=new.epreuve,
            before=float(np.mean(old.shares)),
            now=float(np.mean(new.shares)),
            dossiers_before=len(old.shares),
            dossiers_now=len(new.shares),
            same_engine=set(old.made_by_fr) == set(new.made_by_fr),
        )
        for old, new in enough
        if _moved(old.shares, new.shares, _CHANCE / len(enough))
    )


def _odd(group: Sequence[TextLength]) -> Iterator[OddLength]:
    if len(group) < FEWEST:
        return
    words = np.array([max(1, length.words) for length in group], dtype=np.float64)
    logs: NDArray[np.float64] = np.log(words)
    middle = float(np.median(logs))
    deviation = max(0.1, _MAD_TO_SIGMA * float(np.median(np.abs(logs - middle))))
    low, high = (int(round(float(q))) for q in np.quantile(words, [0.25, 0.75]))
    for length, log in zip(group, logs, strict=True):
        away = abs(float(log) - middle)
        if away >= np.log(_TIMES) and away >= _DEVIATIONS * deviation:
            yield OddLength(length=length, low=low, high=high, texts=len(group))


def _moved(old: Sequence[float], new: Sequence[float], chance: float) -> bool:
    """Whether the means differ, by a permutation test over dossiers; the same answer each time."""
    gap = abs(float(np.mean(old)) - float(np.mean(new)))
    if gap < _SHIFT:
        return False
    every = np.array([*old, *new])
    drawn = np.random.default_rng(_SEED)
    as_far = sum(
        abs(float(np.mean(mixed[: len(old)]) - np.mean(mixed[len(old) :]))) >= gap - 1e-12
        for mixed in (drawn.permutation(every) for _ in range(_PERMUTATIONS))
    )
    return (as_far + 1) / (_PERMUTATIONS + 1) < chance
