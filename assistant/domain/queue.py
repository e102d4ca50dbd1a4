"""The evaluator's queue: one line for each épreuve of each dossier."""

from collections.abc import Mapping

from assistant.domain.assessment import Assessment, ReadingState, reading_state
from assistant.domain.attention import Attention
from ingest.types import Frozen


class QueueFacts(Frozen):
    """An épreuve in a few figures, counted by the database.

    `drafted`: criteria with a draft or a failure; `settled`, `disputed`, `ruled`: criteria on
    which people agree, disagree, or at least one has ruled; `mine`: on which this person has;
    `stale`: rulings about a draft that was made again since; `to_review`: this person's « à
    revoir ». `reasons` counts the criteria that ask for attention, by reason.
    """

    assessment: Assessment
    flagged: int = 0
    drafted: int = 0
    settled: int = 0
    disputed: int = 0
    ruled: int = 0
    mine: int = 0
    stale: int = 0
    to_review: int = 0
    reasons: Mapping[Attention, int] = {}


class QueueLine(Frozen):
    """What a person may see of an épreuve in the queue.

    `done` of `total` criteria: settled ones, or this person's own while two people read without
    seeing each other.
    """

    dossier_id: str
    epreuve: str
    state: ReadingState
    done: int
    total: int
    drafted: int
    stale: int
    to_review: int
    holders: tuple[str, ...]
    mine: bool
    attention: tuple[tuple[Attention, int], ...]


def queue_line(
    facts: QueueFacts, person: str, *, total: int, readers: int, sits: bool = True
) -> QueueLine:
    """Turn figures into a line, without what another reader has ruled.

    `sits`: whether this person reads or settles, and is then not told who else does.
    """
    assessment = facts.assessment
    open_view = assessment.shows_others(readers)
    counts = {**facts.reasons, Attention.INJECTION: facts.flagged}
    if assessment.signature is not None:
        counts = {}
    return QueueLine(
        dossier_id=assessment.dossier_id,
        epreuve=assessment.epreuve,
        state=reading_state(
            assessment, ruled=facts.ruled, disputed=facts.disputed, readers=readers
        ),
        done=facts.settled if open_view else facts.mine,
        total=total,
        drafted=facts.drafted,
        stale=facts.stale if open_view else 0,
        to_review=facts.to_review,
        holders=assessment.holders_told(person, readers) if sits else assessment.holders,
        mine=assessment.seat_of(person) is not None,
        attention=tuple((reason, counts[reason]) for reason in Attention if counts.get(reason)),
    )
