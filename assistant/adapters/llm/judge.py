"""The language model as a judge: asks as its mode says, hands the reply over unverified.

Quotes are checked by the review, verdicts derived by the rubric's rule.
"""

import copy
from collections.abc import Sequence
from typing import Final, Self

from assistant.adapters.llm.dialogue import Ask, Dialogue, Ended, next_round
from assistant.adapters.llm.group import PerGroup
from assistant.adapters.llm.holding import hold
from assistant.adapters.llm.modes import ModeOptions, method_for
from assistant.adapters.llm.replies import EvidenceReply
from assistant.adapters.llm.showing import Showing
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.finding import EngineId, Usage
from assistant.domain.rubric import Criterion, Rubric
from assistant.ports import Answer, AnswerMemory, ChatModel, Prompt
from assistant.prompting import PromptLibrary

VERSION: Final = "llm/4"


class LlmJudge:
    """Implements `GroupJudge`, `RememberingJudge` and `AskingJudge` over a chat model, or two.

    Units: `context_tokens` is what the model accepts, prompt and reply together;
    `reply_tokens` what is set aside for the reply, at most half of it. `second` answers every
    other vote.
    """

    def __init__(
        self,
        model: ChatModel,
        prompts: PromptLibrary,
        prompt_id: str,
        *,
        context_tokens: int,
        reply_tokens: int = 4000,
        options: ModeOptions = ModeOptions(),  # noqa: B008 - frozen
        second: ChatModel | None = None,
    ) -> None:
        self.models: Final = (model,) if second is None else (model, second)
        self._memory: AnswerMemory | None = None
        self._prompts = prompts
        self._context_tokens = context_tokens
        self._options = options
        room = context_tokens - min(reply_tokens, context_tokens // 2)
        showing = Showing(prompts, min(room, options.useful or room), model.name)
        self._method = method_for(
            options, showing, prompt_id, reply_tokens=reply_tokens, voices=len(self.models)
        )

    @property
    def engine(self) -> EngineId:
        """Raises: `UnknownPrompt`."""
        main, *others = self._method.prompt_ids
        return EngineId(
            engine="llm",
            version=VERSION,
            model=" + ".join(model.name for model in self.models),
            prompt=main,
            prompt_hash=self._prompts.template_hash(main),
            parameters={
                **self.models[0].parameters,
                "context_tokens": str(self._context_tokens),
                **self._options.parameters,
                **{f"prompt_{n}": self._named(other) for n, other in enumerate(others, start=2)},
            },
        )

    def remembering(self, memory: AnswerMemory) -> Self:
        other = copy.copy(self)
        other._memory = memory
        return other

    def assess(self, case: CriterionCase) -> Judgement:
        """Raises: a `ModelError`; `UnknownPrompt`."""
        return hold(self.dialogue(case), self.models, self._memory)

    @property
    def asks_together(self) -> bool:
        """In mode « groupe » only."""
        return isinstance(self._method, PerGroup)

    def together(self, rubric: Rubric) -> tuple[tuple[Criterion, ...], ...]:
        """The criteria that are asked about in one request: each alone, but in mode « groupe »."""
        if isinstance(self._method, PerGroup):
            return self._method.together(rubric)
        return tuple((criterion,) for criterion in rubric.criteres)

    def assess_together(self, cases: Sequence[CriterionCase]) -> tuple[Judgement, ...]:
        """Raises: a `ModelError`; `UnknownPrompt`."""
        return hold(self.group_dialogue(cases), self.models, self._memory)

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """What is asked about one criterion."""
        return self._method.dialogue(case)

    def group_dialogue(self, cases: Sequence[CriterionCase]) -> Dialogue[tuple[Judgement, ...]]:
        """What is asked about criteria that go together."""
        if isinstance(self._method, PerGroup):
            return (yield from self._method.group_dialogue(cases))
        (case,) = cases
        return ((yield from self._method.dialogue(case)),)

    def foreseen(self, cases: Sequence[CriterionCase]) -> tuple[tuple[Prompt, ...], ...]:
        """Raises: `ModelContextExceeded`; `UnknownPrompt`."""
        dialogue = self.group_dialogue(cases)
        rounds: list[tuple[Prompt, ...]] = []
        due = next_round(dialogue)
        while not isinstance(due, Ended):
            rounds.append(tuple(one.prompt for one in due))
            if not all(issubclass(one.reply_type, EvidenceReply) for one in due):
                break
            due = next_round(dialogue, tuple(_nothing_found(one) for one in due))
        return tuple(rounds)

    def _named(self, prompt_id: str) -> str:
        return f"{prompt_id} {self._prompts.template_hash(prompt_id)[:16]}"


def _nothing_found(one: Ask[EvidenceReply]) -> Answer[EvidenceReply]:
    return Answer(reply=one.reply_type(attendus=()), raw_text="", usage=Usage())
