"""The ways of judging with a language model, by the name that the setting gives them."""

from collections.abc import Sequence
from typing import Final, Protocol

from assistant.adapters.criterion_reply import FIRST_PROMPT
from assistant.adapters.llm.dialogue import Dialogue
from assistant.adapters.llm.group import PerGroup
from assistant.adapters.llm.per_criterion import PerCriterion
from assistant.adapters.llm.showing import Showing
from assistant.adapters.llm.small import SmallModel
from assistant.adapters.llm.two_steps import TwoSteps
from assistant.adapters.llm.votes import Votes
from assistant.domain.case import CriterionCase, Judgement
from assistant.settings import LlmMode
from ingest.types import Frozen

#: What a small model reads well, in tokens, when no setting says otherwise.
SMALL_USEFUL_TOKENS: Final = 6000


class Method(Protocol):
    """How a criterion is asked about: which requests, and what their answers make."""

    @property
    def prompt_ids(self) -> Sequence[str]:
        """The templates it may use, the main one first."""
        ...

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """Raises: `ModelContextExceeded` when not even a part of the file fits."""
        ...


class ModeOptions(Frozen):
    """A way of judging and what it depends on.

    Units: `useful_tokens`, the length of a prompt that the model reads well; None for all that it
    accepts. `votes`: readings of a criterion. `attendus_per_call`: for a small model. `vision`:
    how pictures are made, empty when none is sent. `examples`: decisions shown, at most.
    """

    mode: LlmMode = "critere"
    useful_tokens: int | None = None
    votes: int = 3
    attendus_per_call: int = 2
    vision: str = ""
    examples: int = 0

    @property
    def useful(self) -> int | None:
        if self.useful_tokens is None and self.mode == "petit_modele":
            return SMALL_USEFUL_TOKENS
        return self.useful_tokens

    @property
    def parameters(self) -> dict[str, str]:
        """What of this changes the answer, for the audit trail."""
        told: dict[str, str] = {"mode": self.mode}
        if self.useful is not None:
            told["useful_tokens"] = str(self.useful)
        if self.mode == "votes":
            told["votes"] = str(self.votes)
        if self.mode == "petit_modele":
            told["attendus_per_call"] = str(self.attendus_per_call)
        if self.whole_criterion and self.vision:
            told["vision"] = self.vision
        if self.whole_criterion and self.examples:
            told["examples"] = str(self.examples)
        return told

    @property
    def whole_criterion(self) -> bool:
        """Whether one request bears on one whole criterion: room for pictures and examples."""
        return self.mode in ("critere", "votes")


def method_for(
    options: ModeOptions, showing: Showing, prompt_id: str, *, reply_tokens: int, voices: int
) -> Method:
    """The method of a mode. `prompt_id`: the template of a request on one criterion."""
    two_steps = TwoSteps(showing)
    single = PerCriterion(
        showing,
        prompt_id,
        two_steps,
        sees=bool(options.whole_criterion and options.vision and prompt_id != FIRST_PROMPT),
        boundaries=bool(options.whole_criterion and options.examples),
    )
    match options.mode:
        case "critere":
            return single
        case "preuves_puis_verdict":
            return two_steps
        case "groupe":
            return PerGroup(showing, single, reply_tokens=reply_tokens)
        case "votes":
            return Votes(single, two_steps, count=options.votes, voices=voices)
        case "petit_modele":
            return SmallModel(showing, most=options.attendus_per_call)
