"""Answers that were recorded, read exactly as if the server had just given them.

The recorded HTTP response goes through the same client, the same library and the same validation
as a live one: only the network is replaced. Nothing is sent, and no key is needed.
"""

import json
from typing import Final

import httpx2
from pydantic import SecretStr

from assistant.adapters.batch_format import AnswerLine
from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_endpoint import NO_KEY
from assistant.adapters.openai_forms import LadderMemory
from assistant.adapters.openai_reply import Reply
from assistant.errors import ModelUnavailable, RecordedAnswerUnusable
from assistant.ports import Answer, Prompt
from assistant.pricing import EuroPrice
from assistant.settings import Settings

#: The model's name in requests written before anyone chose a model.
PLACEHOLDER_MODEL: Final = "modele-a-choisir"


def offline_settings(settings: Settings, model: str = "") -> Settings:
    """The settings of a model that is not called: any name, no key, one attempt."""
    return settings.model_copy(
        update={
            "llm_model": model or settings.llm_model or PLACEHOLDER_MODEL,
            "llm_api_key": SecretStr(NO_KEY),
            "llm_max_attempts": 1,
        }
    )


class RecordedChatModel(OpenAiChatModel):
    """A `ChatModel` that answers with the line it holds, whatever it is asked.

    `price`: what such an answer was paid, when somebody knows.

    Raises, when built: `SettingsInvalid`.
    """

    def __init__(self, settings: Settings, price: EuroPrice | None = None) -> None:
        self._network = _Recorded()
        super().__init__(settings, memory=LadderMemory(), transport=self._network, price=price)

    def hold(self, line: AnswerLine) -> None:
        """Answer with this line from now on."""
        self._network.line = line

    def answer(self, prompt: Prompt, reply_type: type[Reply]) -> Answer[Reply]:
        """See `ChatModel`. Raises: `RecordedAnswerUnusable` where the line holds no reply."""
        if problem := self._network.line.problem_fr:
            raise RecordedAnswerUnusable(problem, cause=problem)
        try:
            return super().answer(prompt, reply_type)
        except ModelUnavailable as error:  # its message says to try again at once
            raise RecordedAnswerUnusable(str(error), cause=error.fields["cause"]) from error


class _Recorded(httpx2.BaseTransport):
    """Stands in for the network: every request receives the line's response."""

    line = AnswerLine(number=0, problem_fr="aucune réponse enregistrée")

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        content = json.dumps(self.line.body).encode()
        headers = {"Content-Type": "application/json"}
        return httpx2.Response(self.line.status, headers=headers, content=content)
