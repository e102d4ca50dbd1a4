"""One to three questions for the soutenance."""

from collections.abc import Iterator, Sequence
from typing import Final

from assistant.advising.openings import Opening, failed_checks, openings, unread_place
from assistant.advising.wording import as_quoted, sentence, shortened
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import CriterionCase
from assistant.domain.finding import AttenduFinding

MAX_QUESTIONS: Final = 3
#: One failed check is worth a question; the others are on the screen.
_CHECKS_ASKED: Final = 1
_LONGEST_QUOTE: Final = 110


def questions(
    case: CriterionCase,
    attendus: Sequence[AttenduFinding],
    reasons: Sequence[AbstentionReason] = (),
) -> tuple[str, ...]:
    """On what is open, each once; `reasons` are those of an abstention."""
    asked = [
        *_on_pieces(case),
        *_on_checks(case),
        *(_on_attendu(case, opening) for opening in openings(case.criterion, attendus, reasons)),
    ]
    return tuple(dict.fromkeys(asked))[:MAX_QUESTIONS]


def _on_pieces(case: CriterionCase) -> Iterator[str]:
    for nom in case.missing_pieces:
        yield (
            f"La pièce « {nom} » n'est pas dans le dossier. Pouvez-vous la présenter, et dire ce "
            "que votre travail en reprend ?"
        )


def _on_checks(case: CriterionCase) -> Iterator[str]:
    for check in [*failed_checks(case)][:_CHECKS_ASKED]:
        told = sentence(check.message_fr)
        yield f"Un contrôle relève un écart. {told} Comment l'expliquez-vous ?"


def _on_attendu(case: CriterionCase, opening: Opening) -> str:
    if opening.half_way:
        return _on_half_way(opening)
    match opening.reason:
        case AbstentionReason.VISUAL:
            return f"Pouvez-vous afficher l'image ou la page qui {opening.shows} ?"
        case AbstentionReason.CONFIGURATION:
            return f"Pouvez-vous ouvrir l'outil, et faire voir ce qui {opening.shows} ?"
        case AbstentionReason.ORAL:
            return f"Quel exemple de votre travail {opening.shows} ?"
        case AbstentionReason.DEFERRED:
            return (
                "Votre dossier renvoie ce point à l'oral ou à un autre document : "
                f"{as_quoted(opening.texte)}. Pouvez-vous le montrer maintenant ?"
            )
        case AbstentionReason.UNREAD:
            where = unread_place(case)
            named = f" ({where})" if where else ""
            return (
                f"Une partie de votre fichier n'a pas pu être lue{named}. Y trouve-t-on ce qui "
                f"{opening.shows} ?"
            )
        case _:
            return f"Quelle partie de votre dossier {opening.shows} ?"


def _on_half_way(opening: Opening) -> str:
    where = f" ({opening.place_fr})" if opening.place_fr else ""
    if opening.judged and opening.quote:
        quote = shortened(opening.quote, _LONGEST_QUOTE)
        return f"Vous écrivez « {quote} »{where}. Qu'est-ce qui {opening.shows} ?"
    if opening.place_fr:
        return f"Dans le passage repéré{where}, qu'est-ce qui {opening.shows} ?"
    return f"Quelle partie de votre dossier {opening.shows} ?"
