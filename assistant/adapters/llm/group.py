"""One request for several criteria of a group: the economical way."""

from collections.abc import Iterator, Sequence
from typing import Final

from assistant.adapters.criterion_reply import CriterionReply
from assistant.adapters.llm.dialogue import Ask, Dialogue, ask
from assistant.adapters.llm.judgement import judgement_of
from assistant.adapters.llm.per_criterion import PerCriterion
from assistant.adapters.llm.replies import group_reply
from assistant.adapters.llm.showing import Showing, showing_notes, truncated_usage
from assistant.agreement import agreed
from assistant.domain.case import ComparedPiece, CriterionCase, Judgement
from assistant.domain.finding import Usage
from assistant.domain.rubric import Criterion, Rubric
from assistant.ports import Answer
from assistant.prompting import Extent, group_values

GROUP_PROMPT: Final = "group_review.v3"
#: What one attendu takes in a reply, in tokens: two quotes, a status, a sentence. The rest of the
#: reply on a criterion takes as much again.
_TOKENS_PER_ATTENDU: Final = 150
_GROUP_FR: Final = "Demandé en une fois avec {others} autre(s) critère(s) du même groupe."


class PerGroup:
    """The criteria of a group in one request, as many as the reply has room for."""

    def __init__(self, showing: Showing, single: PerCriterion, *, reply_tokens: int) -> None:
        self._showing = showing
        self._single = single
        self._reply_tokens = reply_tokens

    @property
    def prompt_ids(self) -> tuple[str, ...]:
        return (GROUP_PROMPT, *self._single.prompt_ids)

    def together(self, rubric: Rubric) -> tuple[tuple[Criterion, ...], ...]:
        """The criteria that go in the same request, in the grid's order."""
        return tuple(
            bundle
            for group in rubric.groupes
            for bundle in _bundles(group.criteres, self._reply_tokens // _TOKENS_PER_ATTENDU)
        )

    def dialogue(self, case: CriterionCase) -> Dialogue[Judgement]:
        """One criterion alone, when its group could not be asked. Raises: as `PerCriterion`."""
        return self._single.dialogue(case)

    def group_dialogue(self, cases: Sequence[CriterionCase]) -> Dialogue[tuple[Judgement, ...]]:
        """All these criteria at once.

        Raises: `ModelContextExceeded` when the deliverables and the criteria do not fit whole.
        """
        cases = _with_the_same_pieces(cases)
        prompt = self._showing.render(
            GROUP_PROMPT, cases[0], Extent(), lambda extent, mark: group_values(cases, extent, mark)
        )
        if not self._showing.fits(prompt):
            raise self._showing.exceeded("the group does not fit whole")
        one = Ask(prompt, group_reply(case.criterion for case in cases))
        (answer,) = yield from ask([one])
        truncated = truncated_usage([one], [answer])
        told = [agreed(_GROUP_FR.format(others=len(cases) - 1))] if len(cases) > 1 else []
        notes = (*showing_notes(Extent(), truncated), *told)
        shares = shared_usage(answer.usage, len(cases))
        return tuple(
            judgement_of(
                Answer[CriterionReply](
                    reply=answer.reply.on(number), raw_text=answer.raw_text, usage=share
                ),
                notes=notes,
                may_conclude_absence=truncated is None,
            )
            for number, share in enumerate(shares, start=1)
        )


def shared_usage(usage: Usage, count: int) -> Iterator[Usage]:
    """The usage of one request cut between `count` findings, so that their sum is exact."""
    for n in range(count):
        yield Usage(
            calls=_share(usage.calls, count, n),
            input_tokens=_share(usage.input_tokens, count, n),
            cached_tokens=_share(usage.cached_tokens, count, n),
            output_tokens=_share(usage.output_tokens, count, n),
            cost_eur=None if usage.cost_eur is None else usage.cost_eur / count,
        )


def _share(total: int, count: int, n: int) -> int:
    return total // count + (1 if n < total % count else 0)


def _bundles(criteria: Sequence[Criterion], room: int) -> Iterator[tuple[Criterion, ...]]:
    bundle: list[Criterion] = []
    taken = 0
    for criterion in criteria:
        needed = len(criterion.attendus) + 1
        if bundle and taken + needed > room:
            yield tuple(bundle)
            bundle, taken = [], 0
        bundle.append(criterion)
        taken += needed
    yield tuple(bundle)


def _with_the_same_pieces(cases: Sequence[CriterionCase]) -> tuple[CriterionCase, ...]:
    """All the pieces that any of them compares with: the request shows each once."""
    pieces: dict[str, ComparedPiece] = {piece.nom: piece for case in cases for piece in case.pieces}
    together = tuple(pieces.values())
    return tuple(case.model_copy(update={"pieces": together}) for case in cases)
