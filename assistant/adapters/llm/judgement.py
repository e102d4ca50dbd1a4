"""From a model's reply to a judgement, unverified: quotes are checked by the review.

What is decided here is what a model may conclude from having seen only a part of the file.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from assistant.adapters.criterion_reply import (
    AdvisedReply,
    AttenduReply,
    CriterionReply,
    SeeingAttenduReply,
)
from assistant.adapters.llm.dialogue import total_usage
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, Judgement, Sighting
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.ports import Answer
from assistant.prompting import clean_quote

_WITHHELD_FR: Final = "[Absence non retenue : le modèle n'a lu qu'une partie du livrable.]"


def judgement_of(
    answer: Answer[CriterionReply], *, notes: tuple[str, ...], may_conclude_absence: bool
) -> Judgement:
    """The model's word on a criterion; `notes` tell the assessor how it was given."""
    reply = answer.reply
    return Judgement(
        attendus=tuple(
            attendu_judgement(attendu, may_conclude_absence=may_conclude_absence)
            for attendu in sorted(reply.attendus, key=lambda attendu: attendu.numero)
        ),
        rationale=reply.motif.strip(),
        verdict=Verdict(reply.verdict_propose),
        missing=reply.manques,
        oral_questions=reply.questions_oral,
        advice_fr=reply.conseil if isinstance(reply, AdvisedReply) else "",
        notes_fr=notes,
        usage=answer.usage,
        raw_reply=answer.raw_text,
    )


def attendu_judgement(attendu: AttenduReply, *, may_conclude_absence: bool) -> AttenduJudgement:
    """The model's word on one attendu."""
    word = word_on(
        attendu.numero,
        attendu.citations,
        attendu.statut,
        attendu.justification,
        may_conclude_absence=may_conclude_absence,
    )
    if not isinstance(attendu, SeeingAttenduReply):
        return word
    seen = tuple(Sighting(picture=v.image, observation=v.observation) for v in attendu.vues)
    return word.model_copy(update={"seen": seen})


def word_on(
    numero: int,
    quotes: Iterable[str],
    statut: str,
    justification: str,
    *,
    may_conclude_absence: bool,
) -> AttenduJudgement:
    """A status on an attendu; an absence that may not be concluded is withheld, and said so."""
    status, reason = AttenduStatus(statut), None
    justification = justification.strip()
    if status is AttenduStatus.ABSENT and not may_conclude_absence:
        status, reason = AttenduStatus.NOT_VERIFIABLE, AbstentionReason.NOT_SENT
        justification = f"{justification} {_WITHHELD_FR}".strip()
    return AttenduJudgement(
        numero=numero,
        quotes=tuple(clean_quote(quote) for quote in quotes),
        status=status,
        justification=justification,
        reason=reason,
    )


def with_answers(judgement: Judgement, answers: Sequence[Answer[Any]]) -> Judgement:
    """The judgement with all that was answered for it, and what that used."""
    return judgement.model_copy(
        update={
            "usage": total_usage(answers),
            "raw_reply": "\n\n".join(answer.raw_text for answer in answers),
        }
    )
