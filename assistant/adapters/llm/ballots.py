"""Several readings of one criterion: their attendus in other orders, and what they say together.

Nothing here asks anything: an order in, a case out; judgements in, one judgement out.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement, Sighting
from assistant.domain.verdict import AttenduStatus, Verdict

_TRIES: Final = 20
_SPLIT_NOTE_FR: Final = (
    "Incertitude : sur {count} lectures du modèle, {split}. Ces lectures ne valent pas une "
    "probabilité : à vérifier dans le texte."
)
_AGREED_FR: Final = "Les {count} lectures du modèle concordent sur tous les attendus."
_ABSTENTION_FR: Final = (
    "Les lectures du modèle divergent sur un attendu déterminant ({split}) : à trancher par "
    "l'évaluateur."
)


class Order(NamedTuple):
    """An order of the attendus: `numbers[i]` is the true number of the one shown as i + 1."""

    numbers: tuple[int, ...]

    @property
    def shown(self) -> dict[int, int]:
        """True number → number shown."""
        return {true: position for position, true in enumerate(self.numbers, start=1)}


def orders(case: CriterionCase, count: int) -> tuple[Order, ...]:
    """The grid's own order, then others, different as long as there are any.

    Drawn from the criterion's id: the same criterion is always read in the same orders.
    """
    own = tuple(attendu.numero for attendu in case.criterion.attendus)
    drawn = [own]
    generator = random.Random(case.criterion.id)
    while len(drawn) < count:
        for _ in range(_TRIES):
            shuffled = list(own)
            generator.shuffle(shuffled)
            if tuple(shuffled) not in drawn:
                break
        drawn.append(tuple(shuffled))
    return tuple(Order(numbers) for numbers in drawn[:count])


def reordered(case: CriterionCase, order: Order) -> CriterionCase:
    """The same case, its attendus renumbered in that order, in passages and checks too."""
    shown, criterion = order.shown, case.criterion
    by_number = {attendu.numero: attendu for attendu in criterion.attendus}
    attendus = tuple(
        by_number[true].model_copy(update={"numero": position})
        for position, true in enumerate(order.numbers, start=1)
    )
    passages = tuple(
        p.model_copy(update={"attendus": tuple(sorted(shown[n] for n in p.attendus))})
        for p in case.passages.passages
    )
    checks = tuple(
        c if c.attendu is None else c.model_copy(update={"attendu": shown[c.attendu]})
        for c in case.checks
    )
    return case.model_copy(
        update={
            "criterion": criterion.model_copy(update={"attendus": attendus}),
            "passages": case.passages.model_copy(update={"passages": passages}),
            "checks": checks,
        }
    )


def in_true_order(judgement: Judgement, order: Order) -> Judgement:
    """The judgement given on a reordered case, under the attendus' true numbers."""
    words = [
        word.model_copy(update={"numero": order.numbers[word.numero - 1]})
        for word in judgement.attendus
    ]
    ordered = tuple(sorted(words, key=lambda word: word.numero))
    return judgement.model_copy(update={"attendus": ordered})


def merged(case: CriterionCase, ballots: Sequence[Judgement]) -> Judgement:
    """One judgement from several readings of the same attendus.

    An attendu on which all agree keeps its status. Otherwise a determining one (★) cannot be
    told, and the others take what most say, or the least favourable. The reasons and the verdict
    in the model's own words are those of the reading nearest to the result, the first being the
    one in the grid's order.
    """
    stars = {attendu.numero for attendu in case.criterion.etoiles}
    numbers = [attendu.numero for attendu in case.criterion.attendus]
    columns = [[_word(ballot, numero) for ballot in ballots] for numero in numbers]
    words = tuple(_merged_word(column, star=column[0].numero in stars) for column in columns)
    split = [column for column in columns if _is_split(column)]
    split_stars = [column for column in split if column[0].numero in stars]
    nearest = max(ballots, key=lambda ballot: _nearness(ballot, words))
    return nearest.model_copy(
        update={
            "attendus": words,
            "verdict": _majority([b.verdict for b in ballots if b.verdict is not None]),
            "abstention_fr": _ABSTENTION_FR.format(split=_told(split_stars)) if split_stars else "",
            "abstention": AbstentionReason.SPLIT_VOTES if split_stars else None,
            "notes_fr": tuple(dict.fromkeys(_notes(ballots, split))),
        }
    )


def _word(ballot: Judgement, numero: int) -> AttenduJudgement:
    return next(word for word in ballot.attendus if word.numero == numero)


def _is_split(column: Sequence[AttenduJudgement]) -> bool:
    return len({word.status for word in column}) > 1


def _merged_word(column: Sequence[AttenduJudgement], *, star: bool) -> AttenduJudgement:
    if not _is_split(column):
        return column[0].model_copy(update={"quotes": _quotes(column), "seen": _seen(column)})
    told = f"[Lectures partagées : {_counts(column)}.]"
    if star:
        return AttenduJudgement(
            numero=column[0].numero,
            quotes=_quotes(column),
            seen=_seen(column),
            status=AttenduStatus.NOT_VERIFIABLE,
            justification=told,
            reason=AbstentionReason.SPLIT_VOTES,
        )
    status = _usual_status(column)
    agreeing = [word for word in column if word.status is status]
    return agreeing[0].model_copy(
        update={
            "quotes": _quotes(agreeing),
            "seen": _seen(agreeing),
            "justification": f"{agreeing[0].justification} {told}".strip(),
        }
    )


def _usual_status(column: Sequence[AttenduJudgement]) -> AttenduStatus:
    """What more than half say; without such a majority, the least favourable of what was told."""
    counts = Counter(word.status for word in column)
    status, most = counts.most_common(1)[0]
    if 2 * most > len(column):
        return status
    return min(counts, key=lambda status: (status.rank is None, status.rank or 0))


def _quotes(column: Sequence[AttenduJudgement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(quote for word in column for quote in word.quotes))


def _seen(column: Sequence[AttenduJudgement]) -> tuple[Sighting, ...]:
    """What each reading saw, one for each picture."""
    return tuple({sight.picture: sight for word in column for sight in word.seen}.values())


def _counts(column: Sequence[AttenduJudgement]) -> str:
    counts = Counter(word.status for word in column).most_common()
    return ", ".join(f"« {status.label_fr} » {times} fois" for status, times in counts)


def _told(split: Sequence[Sequence[AttenduJudgement]]) -> str:
    return " ; ".join(f"n° {column[0].numero} : {_counts(column)}" for column in split)


def _nearness(ballot: Judgement, words: Sequence[AttenduJudgement]) -> int:
    return sum(_word(ballot, word.numero).status is word.status for word in words)


def _majority(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The verdict that more than half propose; None when there is no such verdict."""
    for verdict, times in Counter(verdicts).most_common(1):
        if 2 * times > len(verdicts):
            return verdict
    return None


def _notes(
    ballots: Sequence[Judgement], split: Sequence[Sequence[AttenduJudgement]]
) -> Iterator[str]:
    for ballot in ballots:
        yield from ballot.notes_fr
    if split:
        yield _SPLIT_NOTE_FR.format(count=len(ballots), split=f"désaccord sur {_told(split)}")
    else:
        yield _AGREED_FR.format(count=len(ballots))
