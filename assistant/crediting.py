"""Which quotes are credited, and when a lesser status is not held against the candidate."""

from collections.abc import Iterable, Iterator
from typing import Final

from assistant.domain.case import CriterionCase, UnseenPassage
from assistant.domain.finding import Evidence, RejectedQuote
from assistant.domain.french import stems
from assistant.domain.rubric import Attendu
from assistant.flagging import set_aside
from assistant.relevance import Work
from assistant.substance import PROMISE_FR, AlreadySaid, sends_elsewhere
from ingest.types import BlockKind, Document

#: In the key of every finding: other rules, other findings.
VERSION: Final = "credit/2"
_SHARED_WORDS: Final = 2


def credited(
    evidence: Iterable[Evidence], case: CriterionCase
) -> tuple[tuple[Evidence, ...], tuple[RejectedQuote, ...]]:
    """Split quotes into what may prove something and what does not, with the reason.

    What a flagged passage says proves nothing; nor does what the grid or the brief says already,
    nor what has nothing to do with the work.
    """
    kept, rejected = set_aside(evidence, case.deliverables)
    briefs = tuple(_briefs(case))
    said = AlreadySaid(case.criterion, case.rubric, briefs)
    work = Work(said, case.rubric, case.deliverables, briefs)
    annexes = any(_names_an_annex(document) for document in case.deliverables)
    why = {
        item: said.emptiness(item.quote, title=_is_a_title(item, case), annexes=annexes)
        or _strangeness(item.quote, work)
        for item in kept
    }
    empty = [RejectedQuote(quote=i.quote, reason_fr=reason) for i, reason in why.items() if reason]
    return tuple(item for item in kept if not why[item]), (*rejected, *empty)


def possible_proof(
    attendu: Attendu, case: CriterionCase, unseen: Iterable[UnseenPassage]
) -> UnseenPassage | None:
    """A passage that no judge was shown and that speaks of the attendu with words of its own."""
    wanted = frozenset(stems(attendu.texte)) | {
        stem for cue in case.criterion.reperage for stem in stems(cue)
    }
    said = AlreadySaid(case.criterion, case.rubric)
    for passage in unseen:
        shared = wanted & frozenset(stems(passage.text))
        if len(shared) >= _SHARED_WORDS and not said.emptiness(passage.text):
            return passage
    return None


def _strangeness(quote: str, work: Work) -> str:
    """What will be shown elsewhere may speak of the jury: that announces, and proves nothing."""
    why = work.strangeness(quote)
    return PROMISE_FR if why and sends_elsewhere(quote) else why


def _briefs(case: CriterionCase) -> Iterator[str]:
    for piece in (*case.pieces, *case.context):
        known = case.certification.piece(piece.nom)
        if piece.nom == "brief" or (known is not None and known.role == "brief"):
            yield from (document.text for document in piece.documents)


def _names_an_annex(document: Document) -> bool:
    titles = (heading.text for heading in document.headings)
    sheets = (block.locator.sheet or "" for block in document.blocks)
    return any("annexe" in text.casefold() for text in (document.filename, *titles, *sheets))


def _is_a_title(item: Evidence, case: CriterionCase) -> bool:
    document = next(d for d in case.deliverables if d.sha256 == item.sha256)
    blocks = document.blocks_between(item.start, item.end)
    return all(block.kind is BlockKind.HEADING for block in blocks)
