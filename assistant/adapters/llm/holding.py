"""Holds a dialogue with live models, and pays for no answer twice.

Before it asks again, it keeps the answers that it has: a dialogue that is cut takes up where it
was. The last answers are not kept, since the draft that they make is.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.adapters.llm.dialogue import Ask, Dialogue, Ended, T, next_round
from assistant.ports import Answer, AnswerMemory, ChatModel, GivenAnswer, Reply


def hold(
    dialogue: Dialogue[T], models: Sequence[ChatModel], memory: AnswerMemory | None = None
) -> T:
    """One request after the other, those that `memory` knows the answers of left out.

    Raises: a `ModelError`; `StoreUnavailable`.
    """
    holder = _Holder(models, memory)
    step = next_round(dialogue)
    while not isinstance(step, Ended):
        step = next_round(dialogue, tuple(holder.answer(one) for one in step))
    return step.value


class _Holder:
    """One dialogue. A request is known by its rank in it and by all that it says."""

    def __init__(self, models: Sequence[ChatModel], memory: AnswerMemory | None) -> None:
        self._models = models
        self._memory = memory
        self._rank = 0
        self._unkept: list[tuple[str, Answer[Any]]] = []

    def answer(self, one: Ask[Reply]) -> Answer[Reply]:
        model = self._models[one.voice]
        name = _name(self._rank, model.name, one)
        self._rank += 1
        if (given := self._given(name, one.reply_type)) is not None:
            return given
        self._keep()
        answer = model.answer(one.prompt, one.reply_type)
        self._unkept.append((name, answer))
        return answer

    def _given(self, name: str, reply_type: type[Reply]) -> Answer[Reply] | None:
        """What was answered before a cut; None when it is no longer what is asked for."""
        given = self._memory.recall(name) if self._memory is not None else None
        if given is None:
            return None
        try:
            reply = reply_type.model_validate_json(given.reply_json)
        except ValidationError:
            return None
        return Answer(reply=reply, raw_text=given.raw_text, usage=given.usage)

    def _keep(self) -> None:
        if self._memory is None:
            return
        for name, answer in self._unkept:
            given = GivenAnswer(
                reply_json=answer.reply.model_dump_json(),
                raw_text=answer.raw_text,
                usage=answer.usage,
            )
            self._memory.keep(name, given)
        self._unkept.clear()


def _name(rank: int, model: str, one: Ask[Any]) -> str:
    """The rank too: two votes may ask the very same thing, and each is to be answered."""
    prompt = one.prompt
    reply_type: type[BaseModel] = one.reply_type
    said = [
        model,
        prompt.template_hash,
        *(f"{message.role}: {message.text}" for message in prompt.messages),
        *(picture.sha256 for picture in prompt.pictures),
        _schema(reply_type),
    ]
    text = "\0".join(said).encode("utf-8", "surrogatepass")
    return f"{rank:03d}-{hashlib.sha256(text).hexdigest()}"


@lru_cache(maxsize=256)
def _schema(reply_type: type[BaseModel]) -> str:
    """Made once for its type: pydantic takes longer over it than over a request."""
    return json.dumps(reply_type.model_json_schema(), sort_keys=True)
