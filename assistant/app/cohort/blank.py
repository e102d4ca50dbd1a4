"""Measures what a judge asks when the documents are empty: its instructions and each criterion."""

from collections.abc import Sequence
from typing import Final

from assistant.cohort import BlankRequest
from assistant.domain.case import CriterionCase, Passages
from assistant.domain.cohort import PlannedCriterion
from assistant.domain.rubric import Certification, Rubric, RubricSet
from assistant.errors import ModelContextExceeded
from assistant.ports import AskingJudge, Judge, Prompt
from ingest.types import Document

_NOTHING: Final = Document(filename="vide.md", sha256="0" * 64, format="md", text="", blocks=())


class BlankMeasures:
    """By the judge's own templates, each group of criteria once."""

    def __init__(self, judge: Judge, rubrics: RubricSet) -> None:
        self._judge = judge
        self._rubrics = rubrics
        self._measured: dict[tuple[str, ...], tuple[BlankRequest, ...]] = {}

    def __call__(self, group: Sequence[PlannedCriterion]) -> tuple[BlankRequest, ...]:
        """Empty for a judge that asks nothing, or whose instructions alone do not fit."""
        key = tuple(planned.criterion_id for planned in group)
        if key not in self._measured:
            self._measured[key] = self._measure(self._rubrics.rubric(group[0].epreuve), key)
        return self._measured[key]

    def _measure(self, rubric: Rubric, criteria: Sequence[str]) -> tuple[BlankRequest, ...]:
        if not isinstance(self._judge, AskingJudge):
            return ()
        cases = [_blank(self._rubrics.certification, rubric, one) for one in criteria]
        try:
            rounds = self._judge.foreseen(cases)
        except ModelContextExceeded:
            return ()  # the run will say so of each criterion, and ask nothing
        return tuple(
            _lengths(prompt, later=later)
            for later, prompts in enumerate(rounds)
            for prompt in prompts
        )


def _blank(certification: Certification, rubric: Rubric, criterion_id: str) -> CriterionCase:
    return CriterionCase(
        certification=certification,
        rubric=rubric,
        criterion=rubric.critere(criterion_id),
        deliverables=(_NOTHING,),
        passages=Passages(passages=(), queries=()),
    )


def _lengths(prompt: Prompt, *, later: int) -> BlankRequest:
    first, *between, last = [len(message.text) for message in prompt.messages]
    return BlankRequest(
        instructions=first, frame=sum(between), own=last, shows_documents=later == 0
    )
