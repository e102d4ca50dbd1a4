"""The language model as a judge: builds the prompt, asks, hands the reply over unverified.

Quotes are checked by the review, verdicts derived by the rubric's rule. What is decided here is
how much of the file the model is shown.
"""

from typing import Final

from assistant.adapters.criterion_reply import reply_type_for
from assistant.adapters.llm.judgement import judgement_of
from assistant.adapters.llm.showing import is_truncated, prompt_tokens, showing_notes
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.finding import EngineId
from assistant.errors import ModelContextExceeded
from assistant.ports import ChatModel, Prompt
from assistant.prompting import NOTHING, Extent, PromptLibrary, case_values, fitted_extent

VERSION: Final = "llm/1"


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
        truncated = is_truncated(prompt, answer.usage)
        searched = bool(extent.passages) and not case.criterion.lecture.integrale
        may_conclude_absence = not truncated and (extent.whole or searched)
        return judgement_of(
            answer,
            notes=tuple(showing_notes(extent, answer.usage, truncated=truncated)),
            may_conclude_absence=may_conclude_absence,
        )

    def prompt(self, case: CriterionCase) -> tuple[Prompt, Extent]:
        """The whole deliverables when they fit, else as many of the best passages as do.

        Raises: `ModelContextExceeded` when not even the instructions fit.
        """
        everything = Extent()
        prompt = self._render(case, everything)
        if prompt_tokens(prompt) <= self._room:
            return prompt, everything
        left = self._room - prompt_tokens(self._render(case, NOTHING))
        if left <= 0:
            raise ModelContextExceeded(
                f"no room beside the instructions: {left} tokens", model=self._model.name
            )
        extent = fitted_extent(case, left)
        return self._render(case, extent), extent

    def _render(self, case: CriterionCase, extent: Extent) -> Prompt:
        marker = self._prompts.marker(*(document.text for document in case.deliverables))
        return self._prompts.render(self._prompt_id, **case_values(case, extent, marker))
