"""From the attendus to the verdict, or to the reasons why none can be given."""

from collections.abc import Iterable
from typing import NamedTuple

from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.finding import AttenduFinding, CheckOutcome, EngineId
from assistant.domain.verdict import Verdict, derive_verdict


class Conclusion(NamedTuple):
    """A verdict; when it is « not assessable », why, in a sentence and in the closed list."""

    verdict: Verdict
    abstention_fr: str = ""
    reasons: tuple[AbstentionReason, ...] = ()


def conclude(
    attendus: tuple[AttenduFinding, ...],
    judgement: Judgement,
    case: CriterionCase,
    engine: EngineId,
) -> Conclusion:
    """What the rubric's rule derives from the ★ attendus, when nothing forbids it."""
    rule = case.certification.seuils.regle
    derived = derive_verdict([a.status for a in attendus if a.etoile], rule)
    refuted = _error_of_substance(case)
    if engine.engine == "embedded" and refuted and derived is not Verdict.NOT_ASSESSABLE:
        return Conclusion(Verdict.NOT_MET)
    if case.missing_pieces:
        why = f"La comparaison demande une pièce absente : {_missing_names(case)}."
        return _abstained(why, AbstentionReason.MISSING_PIECE)
    if derived is Verdict.NOT_ASSESSABLE:
        return _unknown(attendus, judgement, case)
    if derived is Verdict.NOT_MET:
        return Conclusion(derived)
    if judgement.abstention is not None and _forbids(judgement.abstention, derived):
        return _abstained(judgement.abstention_fr, judgement.abstention)
    if derived is Verdict.MET and refuted:
        why = f"Le contrôle {refuted} contredit le modèle : à trancher par l'évaluateur."
        return _abstained(why, AbstentionReason.CHECK_AGAINST_MODEL)
    return Conclusion(derived)


def _forbids(abstention: AbstentionReason, derived: Verdict) -> bool:
    """What is amiss in words is amiss whatever the pictures show; what is met may not be."""
    return not (abstention is AbstentionReason.VISUAL and derived is Verdict.PARTIALLY_MET)


def _abstained(why_fr: str, *reasons: AbstentionReason) -> Conclusion:
    return Conclusion(Verdict.NOT_ASSESSABLE, why_fr, reasons)


def _unknown(
    attendus: Iterable[AttenduFinding], judgement: Judgement, case: CriterionCase
) -> Conclusion:
    """The verdict hangs on determining attendus that nobody could tell."""
    unknown = [a for a in attendus if a.etoile and a.status.rank is None]
    found = [a.reason or AbstentionReason.UNDECIDED for a in unknown]
    own = [judgement.abstention] if judgement.abstention is not None else []
    reasons = tuple(dict.fromkeys([*own, *found]))
    if judgement.abstention_fr:
        return _abstained(judgement.abstention_fr, *reasons)
    numbers = ", ".join(f"n° {a.numero}" for a in unknown)
    causes = " ; ".join(_cause(reason, case) for reason in reasons)
    named = f"d'attendus déterminants non vérifiables ({numbers})"
    if len(unknown) == 1:
        named = f"d'un attendu déterminant non vérifiable ({numbers})"
    return _abstained(f"Le verdict dépend {named} : {causes}.", *reasons)


def _cause(reason: AbstentionReason, case: CriterionCase) -> str:
    if reason is AbstentionReason.MISSING_PIECE and case.missing_pieces:
        return f"{reason.label_fr} ({_missing_names(case)})"
    return reason.label_fr


def _missing_names(case: CriterionCase) -> str:
    return ", ".join(f"« {nom} »" for nom in case.missing_pieces)


def _error_of_substance(case: CriterionCase) -> str:
    """The code of a conclusive check whose failure is an error of substance; empty when none.

    The embedded engine takes it for what it is (a false total is not met); a model that finds the
    criterion met all the same is contradicted, and a person settles it.
    """
    substance = case.certification.seuils.regle.erreurs_de_fond
    for check in case.checks:
        failed = check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C"
        if failed and check.code in substance:
            return check.code
    return ""
