"""From the attendus to the verdict, or to the reasons why none can be given."""

from collections.abc import Iterable
from typing import NamedTuple

from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.finding import AttenduFinding, CheckOutcome, CheckResult, EngineId
from assistant.domain.verdict import AttenduStatus, Verdict, derive_verdict
from assistant.substance import sends_elsewhere


class Conclusion(NamedTuple):
    """A verdict; when it is « not assessable », why, in a sentence and in the closed list.

    `note_fr`: why it is not the one that the shares of the rule lead to; empty when it is.
    """

    verdict: Verdict
    abstention_fr: str = ""
    reasons: tuple[AbstentionReason, ...] = ()
    note_fr: str = ""


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
    if derived is Verdict.NOT_ASSESSABLE or _left_open(derived, attendus, judgement):
        return _unknown(attendus, judgement, case)
    if derived is Verdict.NOT_MET:
        return Conclusion(derived)
    if derived is Verdict.PARTIALLY_MET and (error := _substance_note(attendus, judgement, case)):
        return Conclusion(Verdict.NOT_MET, note_fr=error)
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


def _left_open(derived: Verdict, attendus: Iterable[AttenduFinding], judgement: Judgement) -> bool:
    """Whether « partly met » only counts what is unknown twice, and the judge says it is.

    The best and the worst case agree, but on what nobody saw (a brief that is told at the oral):
    a model that reads that and abstains is right to.
    """
    unknown = any(a.etoile and a.status.rank is None for a in attendus)
    abstains = judgement.verdict is Verdict.NOT_ASSESSABLE
    return derived is Verdict.PARTIALLY_MET and unknown and abstains


def _substance_note(
    attendus: Iterable[AttenduFinding], judgement: Judgement, case: CriterionCase
) -> str:
    """The error of substance that makes a criterion not met whatever the shares; empty if none.

    Either a computed check says it, on a determining attendu; or the model says that the criterion
    is not met, and what it quotes (found again in the file) shows the contrary of one.
    """
    starred = [a for a in attendus if a.etoile]
    label = case.certification.libelle(Verdict.NOT_MET)
    failed = _failed_checks(case)
    for a in starred:
        if code := next((c.code for c in failed if c.attendu == a.numero), ""):
            return (
                f"Erreur de fond : le contrôle {code} est en écart sur l'attendu déterminant "
                f"n° {a.numero} ; la grille conclut alors « {label} »."
            )
    contrary = [a for a in starred if a.status is AttenduStatus.ABSENT and _contradicted(a)]
    if judgement.verdict is not Verdict.NOT_MET or not (contrary or failed):
        return ""
    what = (
        f"cite ce qui contredit l'attendu déterminant n° {contrary[0].numero}"
        if contrary
        else f"s'accorde avec le contrôle {failed[0].code}, en écart"
    )
    return (
        f"Erreur de fond : le modèle propose « {label} » et {what} ; la grille conclut alors "
        f"« {label} », même si d'autres attendus sont remplis."
    )


def _contradicted(attendu: AttenduFinding) -> bool:
    """Whether the file is quoted saying something on it, other than that it will come."""
    return any(not sends_elsewhere(item.quote) for item in attendu.evidence)


def _error_of_substance(case: CriterionCase) -> str:
    """The code of a conclusive check whose failure is an error of substance; empty when none.

    The embedded engine takes it for what it is (a false total is not met); a model that finds the
    criterion met all the same is contradicted, and a person settles it.
    """
    return next((check.code for check in _failed_checks(case)), "")


def _failed_checks(case: CriterionCase) -> tuple[CheckResult, ...]:
    """The conclusive checks whose failure the grid calls an error of substance."""
    substance = case.certification.seuils.regle.erreurs_de_fond
    return tuple(
        check
        for check in case.checks
        if check.code in substance
        and check.outcome is CheckOutcome.DISCREPANCY
        and check.strength == "C"
    )
