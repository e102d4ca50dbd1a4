"""Whether retrieval brings the gold citation, and how far down."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from assistant.domain.case import Passage
from assistant.domain.french import stems
from assistant.domain.rubric import Criterion, RetrievalSettings
from assistant.evaluation.citations import Span
from assistant.evaluation.labels import GoldLabel
from assistant.evaluation.run import RetrievalHit
from assistant.evaluation.subject import Bench

#: How deep the curves go. Units: passages.
CRITERION_DEPTH: Final = 20
ATTENDU_DEPTH: Final = 10
_COVERED: Final = 0.5  # share of the citation that a passage must hold
_CLEAR_WORDS: Final = 2.0  # distinctive words an attendu must share with the label
_CLEAR_LEAD: Final = 2.0  # and how many times those of the next attendu


def retrieval_hit(
    label: GoldLabel,
    spans: Sequence[Span],
    criterion: Criterion,
    bench: Bench,
    settings: RetrievalSettings,
    *,
    characters: int,
) -> RetrievalHit:
    """Ranks of the citation, for the criterion and for the attendu it supports when decidable.

    `settings` are those in use; `characters` is the length of all the deliverables.
    """
    chosen = bench.passages(criterion)
    given = chosen.passages
    deep = settings.model_copy(update={"per_criterion": CRITERION_DEPTH})
    attendu = supported_attendu(label, criterion)
    own = () if attendu is None else chosen.for_attendu(attendu)
    return RetrievalHit(
        rank=_rank(bench.passages(criterion, deep).passages[:CRITERION_DEPTH], spans),
        used=len(given),
        seen=_rank(given, spans) is not None,
        seen_by_attendu=_rank([p for p in given if p.attendus], spans) is not None,
        attendu=attendu,
        attendu_rank=None if attendu is None else _attendu_rank(attendu, spans, criterion, bench),
        attendu_used=len(own),
        attendu_seen=None if attendu is None else _rank(own, spans) is not None,
        attendu_share=None if attendu is None else _share(own, characters),
        share_given=_share(given, characters),
    )


def _share(passages: Sequence[Passage], characters: int) -> float:
    return round(sum(len(passage.chunk.text) for passage in passages) / characters, 4)


def _attendu_rank(
    numero: int, spans: Sequence[Span], criterion: Criterion, bench: Bench
) -> int | None:
    """The rank in the attendu's own ranking, obtained by searching for that attendu alone."""
    alone = criterion.model_copy(
        update={"attendus": tuple(a for a in criterion.attendus if a.numero == numero)}
    )
    only = RetrievalSettings(per_attendu=ATTENDU_DEPTH, per_criterion=1, voisins=0)
    return _rank(bench.passages(alone, only).for_attendu(numero)[:ATTENDU_DEPTH], spans)


def _rank(passages: Sequence[Passage], spans: Sequence[Span]) -> int | None:
    for rank, passage in enumerate(passages, start=1):
        if any(_covers(passage, span) for span in spans):
            return rank
    return None


def _covers(passage: Passage, span: Span) -> bool:
    chunk = passage.chunk
    if chunk.sha256 != span.sha256:
        return False
    common = min(chunk.end, span.end) - max(chunk.start, span.start)
    return common >= _COVERED * (span.end - span.start)


def supported_attendu(label: GoldLabel, criterion: Criterion) -> int | None:
    """The attendu that the label speaks of, from its own words; None when that is not plain.

    A word that several attendus share counts for one over their number. Nothing here looks at
    what retrieval finds, so that the measure does not lean its way.
    """
    words = {attendu.numero: frozenset(stems(attendu.texte)) for attendu in criterion.attendus}
    shared = Counter(word for own in words.values() for word in own)
    said = frozenset(stems(f"{label.commentaire} {label.citation}"))
    scores = sorted(
        ((sum(1 / shared[word] for word in said & own), -numero) for numero, own in words.items()),
        reverse=True,
    )
    best, second = scores[0], scores[1] if len(scores) > 1 else (0.0, 0)
    if best[0] >= _CLEAR_WORDS and best[0] >= _CLEAR_LEAD * second[0]:
        return -best[1]
    return None
