"""A chat model that recites: for tests, and for a demonstration without a key."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ValidationError

from assistant.domain.finding import Usage
from assistant.errors import ModelError, ModelReplyInvalid, ModelUnavailable
from assistant.ports import Answer, Prompt, Reply


class ScriptedChatModel:
    """Hands out `replies` in order and keeps every prompt it was sent.

    A reply is validated as a server's would be; an error of the list is raised in its turn.
    """

    name: Final = "scripted/1"
    parameters: Final[dict[str, str]] = {}

    def __init__(self, replies: Iterable[BaseModel | ModelError]) -> None:
        self._replies = deque(replies)
        self.prompts: list[Prompt] = []

    def answer(self, prompt: Prompt, reply_type: type[Reply]) -> Answer[Reply]:
        """Raises: the scripted error; `ModelReplyInvalid`; `ModelUnavailable` past the end."""
        self.prompts.append(prompt)
        if not self._replies:
            raise ModelUnavailable("the script is over", cause="le script est terminé")
        line = self._replies.popleft()
        if isinstance(line, ModelError):
            raise line
        raw = line.model_dump_json()
        try:
            reply = reply_type.model_validate_json(raw)
        except ValidationError as error:
            raise ModelReplyInvalid(
                f"scripted reply: {error.error_count()} problem(s)", cause="réponse hors schéma"
            ) from error
        return Answer(reply=reply, raw_text=raw, usage=Usage(calls=1))
