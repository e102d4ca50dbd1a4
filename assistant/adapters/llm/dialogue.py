"""How a judge talks with a model: in rounds of requests, each made from the answers before it.

A dialogue is a generator. It yields a round, is sent the round's answers in order, and ends by
returning what it made of them. Whoever holds it decides where the answers come from: a live
model, or a file of recorded answers that may stop after the first round.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, cast

from assistant.domain.finding import Usage
from assistant.ports import Answer, Prompt, Reply

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask(Generic[Reply]):
    """One request. `voice` says which of the judge's models it is for, 0 being the first."""

    prompt: Prompt
    reply_type: type[Reply]
    voice: int = 0


Round: TypeAlias = tuple[Ask[Any], ...]
Answers: TypeAlias = tuple[Answer[Any], ...]
Dialogue: TypeAlias = Generator[Round, Answers, T]


def ask(asks: Sequence[Ask[Reply]]) -> Dialogue[tuple[Answer[Reply], ...]]:
    """One round, its answers typed. No request, no round."""
    if not asks:
        return ()
    answers = yield tuple(asks)
    return cast(tuple[Answer[Reply], ...], answers)


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """What a dialogue returned."""

    value: T


def next_round(dialogue: Dialogue[T], answers: Answers | None = None) -> Round | Ended[T]:
    """The first round, or the one that these answers lead to; or the end."""
    try:
        return next(dialogue) if answers is None else dialogue.send(answers)
    except StopIteration as end:
        return Ended(end.value)


def total_usage(answers: Sequence[Answer[Any]]) -> Usage:
    """The sum of what these answers used; no cost unless each has one."""
    costs = [answer.usage.cost_eur for answer in answers]
    known = [cost for cost in costs if cost is not None]
    return Usage(
        calls=sum(answer.usage.calls for answer in answers),
        input_tokens=sum(answer.usage.input_tokens for answer in answers),
        cached_tokens=sum(answer.usage.cached_tokens for answer in answers),
        output_tokens=sum(answer.usage.output_tokens for answer in answers),
        cost_eur=sum(known) if known and len(known) == len(costs) else None,
    )
