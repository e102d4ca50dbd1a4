"""What a finding leaves open, the most telling first."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from assistant.advising.wording import after_que, as_quoted
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import CriterionCase
from assistant.domain.finding import AttenduFinding, CheckOutcome, CheckResult, Evidence
from assistant.domain.rubric import Criterion, Evaluable, Vue
from assistant.domain.verdict import AttenduStatus

_SETTLED: Final = frozenset({AttenduStatus.SATISFIED, AttenduStatus.LOCATED})
_HALF_WAY: Final = frozenset({AttenduStatus.PARTIAL, AttenduStatus.TO_CHECK})
#: Criteria whose proof is not in the text, whatever is written of it.
_WHERE_PROOF_IS: Final = {
    Evaluable.CONFIGURATION: AbstentionReason.CONFIGURATION,
    Evaluable.ORAL: AbstentionReason.ORAL,
}


class Opening(NamedTuple):
    """An attendu left open, and why.

    `settled`: found, and withheld all the same; `quote` and `place_fr`: the file's nearest words.
    """

    texte: str
    settled: bool
    half_way: bool
    judged: bool  # a model gave the status: its quote bears on the attendu
    reason: AbstentionReason | None
    quote: str = ""
    place_fr: str = ""

    @property
    def shows(self) -> str:
        """« montre que le contexte est posé », or « répond à ce point : « Benchmark » »."""
        return self._said("montre", "répond")

    @property
    def to_show(self) -> str:
        """The same after « afin de »."""
        return self._said("montrer", "répondre")

    def _said(self, show: str, answer: str) -> str:
        clause = after_que(self.texte)
        if clause and "montr" not in clause:  # « montre que… est montré » says nothing
            return f"{show} {clause}"
        return f"{answer} à ce point : {as_quoted(self.texte)}"


def openings(
    criterion: Criterion,
    attendus: Sequence[AttenduFinding],
    reasons: Sequence[AbstentionReason],
) -> Iterator[Opening]:
    """The determining attendus first, what is lacking before what is thin.

    When every determining one was found and the verdict withheld all the same (an image to be
    seen, say), they are open for that reason.
    """
    left = [a for a in attendus if a.status not in _SETTLED]
    left.sort(key=lambda a: (not a.etoile, a.status in _HALF_WAY, a.numero))
    if reasons and not any(a.etoile for a in left):
        starred = [a for a in attendus if a.etoile]
        seen = [a for a in starred if a.numero in _to_be_seen(criterion)]
        yield from (_opening(a, reasons[0], settled=True) for a in seen or starred)
    where = _WHERE_PROOF_IS.get(criterion.evaluable)
    yield from (_opening(a, a.reason or where) for a in left)


def _to_be_seen(criterion: Criterion) -> frozenset[int]:
    return frozenset(a.numero for a in criterion.attendus if a.vue is not Vue.SANS)


def failed_checks(case: CriterionCase) -> Iterator[CheckResult]:
    """The conclusive checks that found something wrong."""
    for check in case.checks:
        if check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C":
            yield check


def unread_place(case: CriterionCase) -> str:
    """« page 2 », the first part that could not be read; empty when it has no place."""
    parts = [part for document in case.deliverables for part in document.unread]
    return _without_file(str(parts[0].locator), parts[0].locator.file) if parts else ""


def _opening(
    attendu: AttenduFinding, reason: AbstentionReason | None, *, settled: bool = False
) -> Opening:
    first = attendu.evidence[0] if attendu.evidence else None
    return Opening(
        texte=attendu.texte,
        settled=settled,
        half_way=attendu.status in _HALF_WAY,
        judged=attendu.status is AttenduStatus.PARTIAL,
        reason=reason,
        quote=first.quote if first else "",
        place_fr=spoken_place(first) if first else "",
    )


def spoken_place(evidence: Evidence) -> str:
    """Where, as one says it aloud: « page 3, § Sources, tableau 2 »."""
    locator = evidence.locator
    fine = locator.model_copy(
        update={
            "heading_path": locator.heading_path[-1:],
            "row": None,
            "column": None,
            "paragraph": None if locator.heading_path else locator.paragraph,
        }
    )
    return _without_file(str(fine), locator.file)


def _without_file(place: str, filename: str) -> str:
    return place.removeprefix(filename).removeprefix(", ")
