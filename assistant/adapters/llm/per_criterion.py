"""One request for one criterion: the quotes, then the statuses, then the verdict, in one reply."""

from dataclasses import dataclass

from assistant.adapters.criterion_reply import CriterionReply, reply_type_for
from assistant.adapters.llm.dialogue import Ask, Dialogue, ask
from assistant.adapters.llm.judgement import judgement_of
from assistant.adapters.llm.showing import (
    Showing,
    may_conclude_absence,
    showing_notes,
    truncated_usage,
)
from assistant.adapters.llm.two_steps import TwoSteps
from assistant.domain.case import CriterionCase, Judgement
from assistant.ports import Answer
from assistant.prompting import Extent, case_values


@dataclass(frozen=True, slots=True)
class Sent:
    """A request on a criterion, and how much of the file it shows."""

    case: CriterionCase
    ask: Ask[CriterionReply]
    extent: Extent

    def judgement(self, answer: Answer[CriterionReply]) -> Judgement:
        """What the answer says, kept within what the request let the model see."""
        truncated = truncated_usage([self.ask], [answer])
        return judgement_of(
            answer,
            notes=tuple(showing_notes(self.extent, truncated)),
            may_conclude_absence=truncated is None and may_conclude_absence(self.case, self.extent),
        )

    @property
    def leaves_sections_unread(self) -> bool:
        """Whether the grid asks for a whole reading that one request cannot hold."""
        return self.case.criterion.lecture.integrale and not self.extent.whole


class PerCriterion:
    """The default way. A criterion to be read whole, in a file too long, is read in parts."""

    def __init__(
        self,
        showing: Showing,
        prompt_id: str,
        parts: TwoSteps,
        *,
        sees: bool = False,
        boundaries: bool = False,
    ) -> None:
        self._showing = showing
        self._prompt_id = prompt_id
        self._parts = parts
        self._sees = sees
        self._boundaries = boundaries

    @property
    def prompt_ids(self) -> tuple[str, ...]:
        return (self._prompt_id, *self._parts.prompt_ids)

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """Raises: `ModelContextExceeded`."""
        sent = self.request(case)
        if sent.leaves_sections_unread:
            return (yield from self._parts.dialogue(case))
        (answer,) = yield from ask([sent.ask])
        return sent.judgement(answer)

    def request(self, case: CriterionCase, *, voice: int = 0) -> Sent:
        """The request, with as much of the file as it can hold."""
        prompt, extent = self._showing.fitted(
            self._prompt_id, case, lambda *shown: self._values(case, *shown), pictures=self._sees
        )
        due = reply_type_for(case.criterion, self._prompt_id, sees=self._sees)
        return Sent(case, Ask(prompt, due, voice), extent)

    def _values(self, case: CriterionCase, extent: Extent, marker: str) -> dict[str, object]:
        examples = case.examples if self._boundaries else None
        return case_values(case, extent, marker, sees=self._sees, examples=examples)
