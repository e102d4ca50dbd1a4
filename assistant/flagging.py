"""What flagged passages change in a finding: they are shown, and prove nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from assistant.domain.finding import Evidence, RejectedQuote
from ingest.suspicion import withheld_flags
from ingest.types import Document, Flag

REJECTED_FR: Final = "passage qui s'adresse à l'évaluateur ou à un assistant"
#: A quote is set aside when at least this share of it is flagged, or these many characters.
_MOST: Final = 0.5
_LONG: Final = 12
_LONGEST: Final = 160


def set_aside(
    evidence: Iterable[Evidence], documents: Sequence[Document]
) -> tuple[tuple[Evidence, ...], tuple[RejectedQuote, ...]]:
    """Split quotes into what may prove something and what a flagged passage says."""
    kept: list[Evidence] = []
    rejected: list[RejectedQuote] = []
    for item in evidence:
        if _is_flagged(item, documents):
            rejected.append(RejectedQuote(quote=item.quote, reason_fr=REJECTED_FR))
        else:
            kept.append(item)
    return tuple(kept), tuple(rejected)


def flag_notes(
    evidence: Sequence[Evidence], rejected: Sequence[RejectedQuote], documents: Sequence[Document]
) -> Iterator[str]:
    """French sentences about the flagged passages of what was judged."""
    for document in documents:
        if not document.flags:
            continue
        for flag in document.flags:
            if flag.visible and _is_quoted(flag, document, evidence, rejected):
                said = _short(flag.text)
                yield f"Passage signalé ({_place(flag)}) : {flag.reason_fr}. « {said} »"
        count = len(document.flags)
        plural = "s" if count > 1 else ""
        yield (
            f"« {document.filename} » contient {count} passage{plural} signalé{plural} (adressé à "
            "l'évaluateur ou à un assistant, ou déguisé), jamais compté comme preuve."
        )


def _is_quoted(
    flag: Flag,
    document: Document,
    evidence: Sequence[Evidence],
    rejected: Sequence[RejectedQuote],
) -> bool:
    if any(e.sha256 == document.sha256 and _overlap(flag, e) for e in evidence):
        return True
    return any(q.reason_fr == REJECTED_FR and q.quote in flag.text for q in rejected)


def _is_flagged(item: Evidence, documents: Sequence[Document]) -> bool:
    """Whether it says what a flagged passage says, or has such a passage in it.

    A word of two alphabets taints no more than itself.
    """
    for document in documents:
        if document.sha256 != item.sha256:
            continue
        if sum(_overlap(flag, item) for flag in document.flags) >= _MOST * len(item.quote):
            return True
        withheld = (
            max(0, min(end, item.end) - max(start, item.start))
            for start, end in withheld_flags(document)
        )
        if sum(withheld) >= _LONG:
            return True
    return False


def _overlap(flag: Flag, item: Evidence) -> int:
    """Characters that a visible flag and a quote of the same document share."""
    if flag.start is None or flag.end is None:
        return 0
    return max(0, min(flag.end, item.end) - max(flag.start, item.start))


def _place(flag: Flag) -> str:
    named, whole = flag.locator.file, str(flag.locator)
    return whole.removeprefix(named).removeprefix(", ") or named


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
