"""One concrete thing that the candidate can do."""

from collections.abc import Sequence

from assistant.advising.openings import (
    Opening,
    failed_checks,
    openings,
    spoken_place,
    unread_place,
)
from assistant.advising.wording import after_que, as_quoted, lowered, sentence
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import CriterionCase
from assistant.domain.finding import AttenduFinding
from assistant.domain.rubric import Criterion


def advice(
    case: CriterionCase,
    attendus: Sequence[AttenduFinding],
    reasons: Sequence[AbstentionReason] = (),
) -> str:
    """On what matters most; empty when nothing is open. `reasons` are those of an abstention."""
    if check := next(failed_checks(case), None):
        return (
            f"Corrigez ou expliquez un écart relevé par un contrôle. {sentence(check.message_fr)}"
        )
    if case.missing_pieces:
        names = ", ".join(f"« {nom} »" for nom in case.missing_pieces)
        return f"Joignez au dossier la pièce avec laquelle ce critère se compare : {names}."
    opening = next(openings(case.criterion, attendus, reasons), None)
    return _to_do(case, opening) if opening else ""


def next_step(criterion: Criterion, attendus: Sequence[AttenduFinding]) -> str:
    """One thing to do on a criterion whose finding carries no advice, in the words of `advice`.

    Whether a finding has an advice follows from its verdict: a candidate, who must not be told of
    any, gets one for every criterion.
    """
    if opening := next(openings(criterion, attendus, ()), None):
        return f"{_first_step(opening)}.{_form(criterion)}"
    cited = sorted((a for a in attendus if a.evidence), key=lambda a: not a.etoile)
    if not cited:
        return f"Relisez votre livrable avec ce critère sous les yeux.{_form(criterion)}"
    first = cited[0]
    clause = after_que(first.texte)
    point = f"répond-il à ce point : {as_quoted(first.texte)}"
    asked = f"montre-t-il {clause}" if clause else point
    place = spoken_place(first.evidence[0])
    return f"Relisez le passage cité ({place}) : à lui seul, {asked} ?{_form(criterion)}"


def _to_do(case: CriterionCase, opening: Opening) -> str:
    if opening.reason is AbstentionReason.UNREAD and not opening.half_way:
        where = unread_place(case)
        named = f" ({where})" if where else ""
        return (
            f"Remplacez la partie du fichier qui n'a pas pu être lue{named} par du texte ou par "
            "une image nette, puis déposez le fichier à nouveau."
        )
    return f"{_first_step(opening)}.{_form(case.criterion)}"


def _first_step(opening: Opening) -> str:
    if opening.half_way and opening.place_fr:
        what = "Complétez le passage" if opening.judged else "Complétez votre livrable"
        near = (
            opening.place_fr if opening.judged else f"passage le plus proche : {opening.place_fr}"
        )
        return f"{what} ({near}) afin de {opening.to_show}"
    match opening.reason:
        case AbstentionReason.VISUAL if opening.settled:
            return f"Vérifiez qu'une image lisible et légendée {opening.shows}"
        case AbstentionReason.VISUAL:
            return f"Insérez une image lisible et légendée qui {opening.shows}"
        case AbstentionReason.CONFIGURATION:
            return f"Joignez une capture lisible et légendée de l'outil qui {opening.shows}"
        case AbstentionReason.ORAL:
            return f"Préparez pour la soutenance un exemple précis qui {opening.shows}"
        case AbstentionReason.DEFERRED:
            return f"Placez dans le livrable lui-même ce qui {opening.shows}"
        case AbstentionReason.NO_VERIFIED_QUOTE:  # the element may be there: only the quote failed
            shown = f"Vérifiez qu'un passage de votre livrable {opening.shows}"
            return f"{shown} ; ajoutez-le s'il manque"
        case _:
            return f"Ajoutez un passage qui {opening.shows}"


def _form(criterion: Criterion) -> str:
    """What the grid expects as proof, said as an example."""
    expected = criterion.preuve_attendue.strip()
    return f" La grille attend par exemple : {lowered(sentence(expected))}" if expected else ""
