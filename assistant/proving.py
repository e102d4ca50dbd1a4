"""One attendu: what its proof allows of the judge's word.

A status that claims something needs a quote found again in the candidate's text, or, where the
grid says that sight may prove, a page that was really shown; where only sight tells, it needs that
page. An absence needs a text that was read whole, and images that were seen. A conclusive check
overrules on its own attendu. What is withheld says so, with its reason.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from assistant.crediting import credited, possible_proof
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase, UnseenPassage
from assistant.domain.finding import (
    AttenduFinding,
    CheckOutcome,
    CheckResult,
    Evidence,
    RejectedQuote,
    SeenPage,
)
from assistant.domain.picture import Picture
from assistant.domain.rubric import Attendu, Evaluable, Vue
from assistant.domain.verdict import AttenduStatus
from assistant.flagging import REJECTED_FR
from assistant.grounding import Grounder
from assistant.observing import shown_images
from assistant.substance import ELSEWHERE_FR, PROMISE_FR, sends_elsewhere

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


#: What a model concludes, which the embedded engine never does.
_CONCLUSIONS: Final = frozenset(
    {AttenduStatus.SATISFIED, AttenduStatus.PARTIAL, AttenduStatus.ABSENT}
)
_WORDS_PROVE_FR: Final = "observation d'une image ; cet attendu se prouve par des mots"
_NO_SUCH_PICTURE_FR: Final = "observation d'une image qui n'a pas été transmise"


_BEST: Final = 2  # the rank of a status than which none is better


class _Proof(NamedTuple):
    """What is left once quotes, pictures and checks are verified."""

    evidence: tuple[Evidence, ...]
    seen: tuple[SeenPage, ...]
    empty: tuple[RejectedQuote, ...]
    refuted: CheckResult | None

    @property
    def found(self) -> bool:
        return bool(self.evidence or self.seen)


class _Word(NamedTuple):
    """A status with the sentence that goes with it, and why it is not another."""

    status: AttenduStatus
    justification: str
    reason: AbstentionReason | None = None


def prove(
    attendu: Attendu,
    word: AttenduJudgement | None,
    case: CriterionCase,
    grounder: Grounder,
    unseen: Sequence[UnseenPassage] = (),
) -> AttenduFinding:
    """The attendu's finding. `word` is None when the judge said nothing of it.

    `unseen`: what no judge was shown; a status below the best is not held against a candidate
    when one of these passages may have been the proof.
    """
    word = word or _silence(attendu)
    found, rejected = grounder.ground(word.quotes)
    evidence, empty = credited(found, case)
    refuted = _refutation(attendu, case)
    if refuted is not None:
        evidence = _with_observed(evidence, refuted, case)
    if word.status in (AttenduStatus.NOT_VERIFIABLE, AttenduStatus.ABSENT):
        evidence, empty, word = _deferred(word, evidence, empty, found)
    seen, unfounded = _pages_seen(attendu, word, case)
    allowed = _allowed(attendu, word, _Proof(evidence, seen, empty, refuted), case)
    if hidden := possible_proof(attendu, case, unseen):
        allowed = _spared(allowed, hidden, refuted)
    return AttenduFinding(
        numero=attendu.numero,
        texte=attendu.texte,
        etoile=attendu.etoile,
        status=allowed.status,
        justification=allowed.justification,
        evidence=evidence,
        rejected=(*rejected, *empty, *unfounded),
        withheld=word.status if allowed.status is not word.status else None,
        reason=allowed.reason,
        vue=attendu.vue,
        seen=seen,
    )


def _deferred(
    word: AttenduJudgement,
    evidence: tuple[Evidence, ...],
    empty: tuple[RejectedQuote, ...],
    found: tuple[Evidence, ...],
) -> tuple[tuple[Evidence, ...], tuple[RejectedQuote, ...], AttenduJudgement]:
    """What announces or sends elsewhere proves nothing, and shows just that it is not there."""
    announced = {quote.quote for quote in empty if quote.reason_fr in (PROMISE_FR, ELSEWHERE_FR)}
    kept = (*evidence, *(item for item in found if item.quote in announced))
    left = tuple(quote for quote in empty if quote.quote not in announced)
    unverifiable = word.status is AttenduStatus.NOT_VERIFIABLE and word.reason is None
    if unverifiable and any(sends_elsewhere(item.quote) for item in kept):
        word = word.model_copy(update={"reason": AbstentionReason.DEFERRED})
    return kept, left, word


def _pages_seen(
    attendu: Attendu, word: AttenduJudgement, case: CriterionCase
) -> tuple[tuple[SeenPage, ...], tuple[RejectedQuote, ...]]:
    """The observations that bear on a picture that was shown, where sight counts; the others."""
    kept: list[SeenPage] = []
    dropped: list[RejectedQuote] = []
    for sighting in word.seen:
        said = " ".join(sighting.observation.split())
        if attendu.vue is Vue.SANS:
            dropped.append(RejectedQuote(quote=said, reason_fr=_WORDS_PROVE_FR))
        elif not 1 <= sighting.picture <= len(case.pictures):
            dropped.append(RejectedQuote(quote=said, reason_fr=_NO_SUCH_PICTURE_FR))
        elif said:
            kept.append(_seen_page(said, case.pictures[sighting.picture - 1]))
    return tuple(kept), tuple(dropped)


def _seen_page(observation: str, picture: Picture) -> SeenPage:
    return SeenPage(
        observation=observation,
        filename=picture.filename,
        sha256=picture.file_sha256,
        picture_sha256=picture.sha256,
        locator=picture.locator,
        place_fr=picture.place_fr,
    )


def _silence(attendu: Attendu) -> AttenduJudgement:
    return AttenduJudgement(
        numero=attendu.numero,
        status=AttenduStatus.NOT_VERIFIABLE,
        justification="Aucune réponse sur cet attendu.",
        reason=AbstentionReason.NO_ANSWER,
    )


def _allowed(attendu: Attendu, word: AttenduJudgement, proof: _Proof, case: CriterionCase) -> _Word:
    said = _Word(word.status, word.justification)
    if word.status in CLAIMS and not proof.found:
        return _withheld(said, "Retenu : aucune citation vérifiée.", _why_unproven(proof))
    if word.status in CLAIMS and proof.refuted is not None:
        note = f"[Contredit par le contrôle {proof.refuted.code}.]"
        return _Word(AttenduStatus.ABSENT, f"{word.justification} {note}".strip())
    if _needs_sight(attendu, word.status, proof, case):
        return _withheld(said, "Retenu : il faut voir l'image ou la page.", AbstentionReason.VISUAL)
    if word.status in ABSENCES and not proof.found and case.coverage < 1.0:
        note = "Retenu : une partie du dossier n'a pas été lue."
        return _withheld(said, note, AbstentionReason.UNREAD)
    if word.status is AttenduStatus.NOT_VERIFIABLE:
        return said._replace(reason=word.reason or _why_unverifiable(attendu, case))
    return said


def _why_unproven(proof: _Proof) -> AbstentionReason:
    if any(quote.reason_fr == REJECTED_FR for quote in proof.empty):
        return AbstentionReason.SUSPECTED_INJECTION
    return AbstentionReason.EMPTY_QUOTE if proof.empty else AbstentionReason.NO_VERIFIED_QUOTE


def _spared(said: _Word, hidden: UnseenPassage, refuted: CheckResult | None) -> _Word:
    """A status below the best withheld, unless a computed check carries it."""
    if refuted is not None or said.status.rank in (None, _BEST):
        return said
    return _withheld(said, f"Retenu : {hidden.reason.label_fr}, à lire.", hidden.reason)


def _needs_sight(
    attendu: Attendu, status: AttenduStatus, proof: _Proof, case: CriterionCase
) -> bool:
    """Whether a judge that reads only words said more than words can tell.

    Where sight is necessary, nothing is concluded without a page; where it is useful, an absence
    is not concluded from words as long as images of the file were not shown. What the embedded
    engine locates is no conclusion, and it abstains on such criteria by itself.
    """
    if proof.seen or status not in _CONCLUSIONS:
        return False
    if status is AttenduStatus.ABSENT and proof.evidence:
        return False
    if attendu.vue is Vue.NECESSAIRE:
        return True
    unseen = not case.pictures and any(shown_images(d) for d in case.deliverables)
    return attendu.vue is Vue.UTILE and status is AttenduStatus.ABSENT and unseen


def _withheld(said: _Word, note: str, reason: AbstentionReason) -> _Word:
    justification = f"{said.justification} [{note}]".strip()
    return _Word(AttenduStatus.NOT_VERIFIABLE, justification, reason)


def _why_unverifiable(attendu: Attendu, case: CriterionCase) -> AbstentionReason:
    """What the criterion asks for that the file cannot give, else what is lacking in the file."""
    if case.missing_pieces:
        return AbstentionReason.MISSING_PIECE
    if attendu.vue is not Vue.SANS and not case.pictures:
        return AbstentionReason.VISUAL
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
