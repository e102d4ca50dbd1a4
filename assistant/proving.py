"""One attendu: what its proof allows of the judge's word.

A status that claims something needs a quote found again in the candidate's text; an absence needs
a text that was read whole; a conclusive check overrules on its own attendu. What is withheld says
so, with its reason.
"""

from typing import Final, NamedTuple

from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase
from assistant.domain.finding import (
    AttenduFinding,
    CheckOutcome,
    CheckResult,
    Evidence,
    RejectedQuote,
)
from assistant.domain.rubric import Attendu, Evaluable
from assistant.domain.verdict import AttenduStatus
from assistant.flagging import set_aside
from assistant.grounding import Grounder

CLAIMS: Final = frozenset(
    {
        AttenduStatus.SATISFIED,
        AttenduStatus.PARTIAL,
        AttenduStatus.LOCATED,
        AttenduStatus.TO_CHECK,
    }
)
ABSENCES: Final = frozenset({AttenduStatus.ABSENT, AttenduStatus.NOT_LOCATED})
_WHERE_PROOF_IS: Final = {
    Evaluable.ORAL: AbstentionReason.ORAL,
    Evaluable.CONFIGURATION: AbstentionReason.CONFIGURATION,
    Evaluable.DOCUMENT_VISUEL: AbstentionReason.VISUAL,
}


class _Word(NamedTuple):
    """A status with the sentence that goes with it, and why it is not another."""

    status: AttenduStatus
    justification: str
    reason: AbstentionReason | None = None


def prove(
    attendu: Attendu, word: AttenduJudgement | None, case: CriterionCase, grounder: Grounder
) -> AttenduFinding:
    """The attendu's finding. `word` is None when the judge said nothing of it."""
    word = word or _silence(attendu)
    evidence, rejected = grounder.ground(word.quotes)
    refuted = _refutation(attendu, case)
    if refuted is not None:
        evidence = _with_observed(evidence, refuted, case)
    evidence, flagged = set_aside(evidence, case.deliverables)
    allowed = _allowed(word, evidence, flagged, refuted, case)
    return AttenduFinding(
        numero=attendu.numero,
        texte=attendu.texte,
        etoile=attendu.etoile,
        status=allowed.status,
        justification=allowed.justification,
        evidence=evidence,
        rejected=(*rejected, *flagged),
        withheld=word.status if allowed.status is not word.status else None,
        reason=allowed.reason,
    )


def _silence(attendu: Attendu) -> AttenduJudgement:
    return AttenduJudgement(
        numero=attendu.numero,
        status=AttenduStatus.NOT_VERIFIABLE,
        justification="Aucune réponse sur cet attendu.",
        reason=AbstentionReason.NO_ANSWER,
    )


def _allowed(
    word: AttenduJudgement,
    evidence: tuple[Evidence, ...],
    flagged: tuple[RejectedQuote, ...],
    refuted: CheckResult | None,
    case: CriterionCase,
) -> _Word:
    said = _Word(word.status, word.justification)
    if word.status in CLAIMS and not evidence:
        reason = (
            AbstentionReason.SUSPECTED_INJECTION if flagged else AbstentionReason.NO_VERIFIED_QUOTE
        )
        return _withheld(said, "Retenu : aucune citation vérifiée.", reason)
    if word.status in CLAIMS and refuted is not None:
        note = f"[Contredit par le contrôle {refuted.code}.]"
        return _Word(AttenduStatus.ABSENT, f"{word.justification} {note}".strip())
    if word.status in ABSENCES and not evidence and case.coverage < 1.0:
        note = "Retenu : une partie du dossier n'a pas été lue."
        return _withheld(said, note, AbstentionReason.UNREAD)
    if word.status is AttenduStatus.NOT_VERIFIABLE:
        return said._replace(reason=word.reason or _why_unverifiable(case))
    return said


def _withheld(said: _Word, note: str, reason: AbstentionReason) -> _Word:
    justification = f"{said.justification} [{note}]".strip()
    return _Word(AttenduStatus.NOT_VERIFIABLE, justification, reason)


def _why_unverifiable(case: CriterionCase) -> AbstentionReason:
    """What the criterion asks for that the file cannot give, else what is lacking in the file."""
    if case.missing_pieces:
        return AbstentionReason.MISSING_PIECE
    if where := _WHERE_PROOF_IS.get(case.criterion.evaluable):
        return where
    return AbstentionReason.UNREAD if case.coverage < 1.0 else AbstentionReason.UNDECIDED


def _refutation(attendu: Attendu, case: CriterionCase) -> CheckResult | None:
    """A conclusive check that fails on this very attendu."""
    for check in case.checks:
        failed = check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C"
        if failed and check.attendu == attendu.numero:
            return check
    return None


def _with_observed(
    evidence: tuple[Evidence, ...], check: CheckResult, case: CriterionCase
) -> tuple[Evidence, ...]:
    """The quotes, then the values that the check read in the deliverables, each place once."""
    own = {document.sha256 for document in case.deliverables}
    observed = [item for item in check.observed if item.sha256 in own]
    return tuple({(e.sha256, e.start, e.end): e for e in (*evidence, *observed)}.values())
