"""The language model as a judge: builds the prompt, asks, hands the reply over unverified.

Quotes are checked by the review, verdicts derived by the rubric's rule. What is decided here is
how much of the file the model is shown, and what it may conclude from having seen only a part.
"""

from collections.abc import Iterator
from typing import Final

from assistant.adapters.criterion_reply import AttenduReply, CriterionReply, reply_type_for
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.finding import EngineId, Usage
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import ModelContextExceeded
from assistant.ports import Answer, ChatModel, Prompt
from assistant.prompting import (
    NOTHING,
    Extent,
    PromptLibrary,
    case_values,
    clean_quote,
    estimated_tokens,
    fitted_extent,
)

VERSION: Final = "llm/1"
#: No usual tokeniser packs more French than this into a token: fewer tokens counted by the server
#: mean that it read only a part of the prompt, as Ollama does without a word.
_MOST_CHARACTERS_PER_TOKEN: Final = 8

_PASSAGES_FR: Final = (
    "Le dossier dépasse le contexte du modèle : seuls les passages retenus par la recherche lui "
    "ont été transmis, avec le plan du livrable."
)
_CUT_PIECE_FR: Final = "Une pièce de comparaison trop longue n'a été transmise qu'en partie."
_TRUNCATED_FR: Final = (
    "Le serveur n'a lu que {read} tokens, moins que la demande n'en contient : il l'a sans doute "
    "tronquée sans le dire. Augmentez son contexte (num_ctx pour Ollama) ou baissez "
    "PREUVE_LLM_CONTEXT_TOKENS."
)
_WITHHELD_FR: Final = "[Absence non retenue : le modèle n'a lu qu'une partie du livrable.]"


class LlmJudge:
    """Implements `Judge` over a chat model.

    Units: `context_tokens` is what the model accepts, prompt and reply together;
    `reply_tokens` what is set aside for the reply, at most half of it.
    """

    def __init__(
        self,
        model: ChatModel,
        prompts: PromptLibrary,
        prompt_id: str,
        *,
        context_tokens: int,
        reply_tokens: int = 4000,
    ) -> None:
        self._model = model
        self._prompts = prompts
        self._prompt_id = prompt_id
        self._context_tokens = context_tokens
        self._room = context_tokens - min(reply_tokens, context_tokens // 2)

    @property
    def engine(self) -> EngineId:
        """Raises: `UnknownPrompt`."""
        return EngineId(
            engine="llm",
            version=VERSION,
            model=self._model.name,
            prompt=self._prompt_id,
            prompt_hash=self._prompts.template_hash(self._prompt_id),
            parameters={**self._model.parameters, "context_tokens": str(self._context_tokens)},
        )

    def assess(self, case: CriterionCase) -> Judgement:
        """Raises: a `ModelError`; `UnknownPrompt`."""
        prompt, extent = self.prompt(case)
        answer = self._model.answer(prompt, reply_type_for(case.criterion))
        truncated = _truncated(prompt, answer.usage)
        searched = bool(extent.passages) and not case.criterion.lecture.integrale
        may_conclude_absence = not truncated and (extent.whole or searched)
        return _judgement(
            answer,
            notes=tuple(_notes(extent, answer.usage, truncated=truncated)),
            may_conclude_absence=may_conclude_absence,
        )

    def prompt(self, case: CriterionCase) -> tuple[Prompt, Extent]:
        """The whole deliverables when they fit, else as many of the best passages as do.

        Raises: `ModelContextExceeded` when not even the instructions fit.
        """
        everything = Extent()
        prompt = self._render(case, everything)
        if _tokens(prompt) <= self._room:
            return prompt, everything
        left = self._room - _tokens(self._render(case, NOTHING))
        if left <= 0:
            raise ModelContextExceeded(
                f"no room beside the instructions: {left} tokens", model=self._model.name
            )
        extent = fitted_extent(case, left)
        return self._render(case, extent), extent

    def _render(self, case: CriterionCase, extent: Extent) -> Prompt:
        marker = self._prompts.marker(*(document.text for document in case.deliverables))
        return self._prompts.render(self._prompt_id, **case_values(case, extent, marker))


def _characters(prompt: Prompt) -> int:
    return sum(len(message.text) for message in prompt.messages)


def _tokens(prompt: Prompt) -> int:
    return sum(estimated_tokens(message.text) for message in prompt.messages)


def _truncated(prompt: Prompt, usage: Usage) -> bool:
    """Whether the server counted fewer tokens than the prompt can possibly have."""
    counted = usage.input_tokens / max(usage.calls, 1)
    return 0 < counted * _MOST_CHARACTERS_PER_TOKEN < _characters(prompt)


def _notes(extent: Extent, usage: Usage, *, truncated: bool) -> Iterator[str]:
    if not extent.whole:
        yield _PASSAGES_FR
    if extent.piece_characters is not None:
        yield _CUT_PIECE_FR
    if truncated:
        yield _TRUNCATED_FR.format(read=usage.input_tokens // max(usage.calls, 1))


def _judgement(
    answer: Answer[CriterionReply], *, notes: tuple[str, ...], may_conclude_absence: bool
) -> Judgement:
    reply = answer.reply
    return Judgement(
        attendus=tuple(
            _attendu(attendu, may_conclude_absence=may_conclude_absence)
            for attendu in sorted(reply.attendus, key=lambda attendu: attendu.numero)
        ),
        rationale=reply.motif.strip(),
        verdict=Verdict(reply.verdict_propose),
        missing=reply.manques,
        oral_questions=reply.questions_oral,
        notes_fr=notes,
        usage=answer.usage,
        raw_reply=answer.raw_text,
    )


def _attendu(attendu: AttenduReply, *, may_conclude_absence: bool) -> AttenduJudgement:
    status = AttenduStatus(attendu.statut)
    justification = attendu.justification.strip()
    if status is AttenduStatus.ABSENT and not may_conclude_absence:
        status = AttenduStatus.NOT_VERIFIABLE
        justification = f"{justification} {_WITHHELD_FR}".strip()
    return AttenduJudgement(
        numero=attendu.numero,
        quotes=tuple(clean_quote(quote) for quote in attendu.citations),
        status=status,
        justification=justification,
    )
