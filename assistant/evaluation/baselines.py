"""Two judges that know nothing, beside which any other must be read.

Both learn from the part one may look at, never from the part held out. A set without such a part
is learnt from the other candidates: what is said of a candidate never comes from their labels.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product
from typing import Final, Literal

from assistant.domain.verdict import Verdict
from assistant.evaluation.run import Row

BaselineName = Literal["majorite", "mots-cles"]
BASELINES: Final[tuple[BaselineName, ...]] = ("majorite", "mots-cles")
NAMES: Final[dict[BaselineName, str]] = {"majorite": "Majorité", "mots-cles": "Mots-clés"}
LABELS: Final[dict[BaselineName, str]] = {
    "majorite": "Majorité (toujours le verdict le plus fréquent)",
    "mots-cles": "Mots-clés (part des mots de repérage présents)",
}
_SHARES: Final = tuple(step / 20 for step in range(1, 21))
_Guess = Callable[[Row], Verdict]


def baseline(name: BaselineName, rows: Sequence[Row]) -> tuple[Row, ...] | None:
    """The rows as that baseline would have drafted them; None when it has nothing to learn from."""
    learn = _majority if name == "majorite" else _keywords
    looked_at = [row for row in rows if row.part == "regarder"]
    guesses: dict[str, _Guess] = {}
    for candidate in dict.fromkeys(row.candidate for row in rows):
        lessons = looked_at or [row for row in rows if row.candidate != candidate]
        if not lessons:
            return None
        guesses[candidate] = learn(lessons)
    return tuple(_drafted(row, guesses[row.candidate](row)) for row in rows)


def _drafted(row: Row, verdict: Verdict) -> Row:
    """What a baseline drafts; it quotes nothing and searches nothing."""
    return Row(
        candidate=row.candidate,
        part=row.part,
        file=row.file,
        epreuve=row.epreuve,
        group=row.group,
        criterion=row.criterion,
        gold=row.gold,
        draft=verdict,
    )


def _majority(lessons: Sequence[Row]) -> _Guess:
    ((verdict, _),) = Counter(row.gold for row in lessons).most_common(1)
    return lambda row: verdict


def _keywords(lessons: Sequence[Row]) -> _Guess:
    """Two thresholds on the share of cues: the pair that agrees most with the lessons.

    Ties go to the lowest thresholds, so that the choice never varies.
    """
    low, high = max(
        ((low, high) for low, high in product(_SHARES, _SHARES) if low <= high),
        key=lambda pair: (_right(lessons, *pair), -pair[0], -pair[1]),
    )
    return lambda row: _by_share(row.cue_share, low, high)


def _right(lessons: Sequence[Row], low: float, high: float) -> int:
    return sum(_by_share(row.cue_share, low, high) is row.gold for row in lessons)


def _by_share(share: float, low: float, high: float) -> Verdict:
    if share >= high:
        return Verdict.MET
    return Verdict.PARTIALLY_MET if share >= low else Verdict.NOT_MET
