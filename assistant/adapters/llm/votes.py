"""Votes: the same criterion read several times, its attendus in another order each time.

With a second model, the readings go to one and the other in turn.
"""

from assistant.adapters.llm.ballots import Order, in_true_order, merged, orders, reordered
from assistant.adapters.llm.dialogue import Dialogue, ask
from assistant.adapters.llm.judgement import with_answers
from assistant.adapters.llm.per_criterion import PerCriterion
from assistant.adapters.llm.two_steps import TwoSteps
from assistant.domain.case import CriterionCase, Judgement


class Votes:
    """`count` readings, by `voices` models in turn.

    A file read in parts is read once: the readings are then of the verified quotes.
    """

    def __init__(
        self, single: PerCriterion, parts: TwoSteps, *, count: int, voices: int = 1
    ) -> None:
        self._single = single
        self._parts = parts
        self._count = count
        self._voices = voices

    @property
    def prompt_ids(self) -> tuple[str, ...]:
        return self._single.prompt_ids

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """Raises: `ModelContextExceeded`."""
        drawn = orders(case, self._count)
        first = self._single.request(case)
        if first.leaves_sections_unread:
            return (yield from self._on_quotes(case, drawn))
        sent = [
            self._single.request(reordered(case, order), voice=n % self._voices)
            for n, order in enumerate(drawn)
        ]
        answers = yield from ask([one.ask for one in sent])
        ballots = [
            in_true_order(one.judgement(answer), order)
            for one, answer, order in zip(sent, answers, drawn, strict=True)
        ]
        return with_answers(merged(case, ballots), answers)

    def _on_quotes(self, case: CriterionCase, drawn: tuple[Order, ...]) -> Dialogue[Judgement]:
        reading = yield from self._parts.read(case)
        opinions = [
            self._parts.opinion(
                reordered(case, order), reading.reordered(order.shown), voice=n % self._voices
            )
            for n, order in enumerate(drawn)
        ]
        answers = yield from ask([one.ask for one in opinions])
        ballots = [
            in_true_order(one.judgement(answer), order)
            for one, answer, order in zip(opinions, answers, drawn, strict=True)
        ]
        return with_answers(merged(case, ballots), (*reading.answers, *answers))
