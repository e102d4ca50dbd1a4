"""The judge of a model that is not at hand: it talks as a live one does, with recorded answers.

Where an answer is missing, the dialogue stops there and says what must still be asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from assistant.adapters.batch_format import AnswerLine, Step
from assistant.adapters.llm.dialogue import Ask, Dialogue, Ended, T, next_round
from assistant.adapters.llm.judge import LlmJudge
from assistant.adapters.llm.replies import EvidenceReply
from assistant.adapters.openai_recorded import RecordedChatModel
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.finding import EngineId
from assistant.domain.rubric import Criterion, Rubric
from assistant.errors import ASK_ALONE, ModelError
from assistant.ports import Answer

_GROUP_ROUND: Final = 0
_ALONE_ROUND: Final = 1


class Missing(NamedTuple):
    """A request without its answer. `step` is None when one request makes the whole finding."""

    step: Step | None
    ask: Ask[Any]
    body: dict[str, Any]

    @property
    def comes_before_another(self) -> bool:
        """Whether its answer will lead to one more request at least."""
        return issubclass(self.ask.reply_type, EvidenceReply)


class AnswersMissing(Exception):
    """The dialogue cannot go on: these requests have no answer yet.

    `later`: others were answered before them, in an earlier round.
    """

    def __init__(self, missing: Sequence[Missing], *, later: bool) -> None:
        super().__init__(f"{len(missing)} answer(s) missing")
        self.missing = tuple(missing)
        self.later = later


class RecordedJudge:
    """A `Judge` and a `GroupJudge` over recorded answers.

    `ask_again`: a recorded answer that cannot be used counts as missing rather than as a failure,
    but for that of a group, whose criteria are then asked about one by one.
    """

    def __init__(
        self, judge: LlmJudge, voices: Sequence[RecordedChatModel], *, ask_again: bool = False
    ) -> None:
        self._judge = judge
        self._voices = voices
        self._ask_again = ask_again
        self._lines: Mapping[Step | None, AnswerLine] = {}
        self.used: list[tuple[AnswerLine, RecordedChatModel]] = []

    def hold(self, lines: Mapping[Step | None, AnswerLine]) -> None:
        """Answer with these lines from now on."""
        self._lines = lines
        self.used = []

    @property
    def engine(self) -> EngineId:
        """That of the live judge: the findings are the same."""
        return self._judge.engine

    @property
    def asks_together(self) -> bool:
        return self._judge.asks_together

    def together(self, rubric: Rubric) -> tuple[tuple[Criterion, ...], ...]:
        return self._judge.together(rubric)

    def assess(self, case: CriterionCase) -> Judgement:
        """Raises: `AnswersMissing`; a `ModelError`."""
        return self._replay(self._judge.dialogue(case), _ALONE_ROUND)

    def assess_together(self, cases: Sequence[CriterionCase]) -> tuple[Judgement, ...]:
        """Raises: `AnswersMissing`; a `ModelError`."""
        return self._replay(self._judge.group_dialogue(cases), _GROUP_ROUND)

    def _replay(self, dialogue: Dialogue[T], first: int) -> T:
        number, step = first, next_round(dialogue)
        while not isinstance(step, Ended):
            lone = number == _ALONE_ROUND and len(step) == 1
            steps = [
                None if lone else Step.of(number, index, one.prompt)
                for index, one in enumerate(step)
            ]
            answers = self._answers(list(zip(steps, step, strict=True)), later=number > first)
            number, step = number + 1, next_round(dialogue, answers)
        return step.value

    def _answers(
        self, asked: Sequence[tuple[Step | None, Ask[Any]]], *, later: bool
    ) -> tuple[Answer[Any], ...]:
        answers: list[Answer[Any]] = []
        missing: list[Missing] = []
        for step, one in asked:
            answer = self._answer(step, one)
            if answer is None:
                body = self._voices[one.voice].request(one.prompt, one.reply_type)
                missing.append(Missing(step, one, body))
            else:
                answers.append(answer)
        if missing:
            raise AnswersMissing(missing, later=later)
        return tuple(answers)

    def _answer(self, step: Step | None, one: Ask[Any]) -> Answer[Any] | None:
        line = self._lines.get(step)
        if line is None:
            return None
        voice = self._voices[one.voice]
        voice.hold(line)
        self.used.append((line, voice))
        try:
            return voice.answer(one.prompt, one.reply_type)
        except ModelError as error:
            of_a_group = step is not None and step.round == _GROUP_ROUND
            if self._ask_again and not (of_a_group and isinstance(error, ASK_ALONE)):
                return None
            raise
