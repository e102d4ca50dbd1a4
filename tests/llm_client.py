"""A client of the fault server, and what no error of it may ever repeat."""

from typing import Any

import pytest

from assistant.adapters.criterion_reply import CriterionReply, reply_type_for
from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory
from assistant.errors import (
    ModelError,
)
from assistant.ports import Answer, Message, Prompt
from assistant.settings import Settings
from tests.fault_server import (
    FaultServer,
)
from tests.llm_cases import criterion

KEY = "sk-essai-0123456789abcdef"
TEXT = "Le texte du candidat, qui ne doit aller nulle part ailleurs."
PROMPT = Prompt(
    id="essai.v1",
    template_hash="0" * 64,
    messages=(
        Message(role="system", text="Consigne, réponse en JSON."),
        Message(role="user", text=TEXT),
        Message(role="user", text="Le critère."),
    ),
)
REPLY = reply_type_for(criterion())


def settings(url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "llm_model": "essai",
        "llm_base_url": url,
        "llm_api_key": KEY,
        "llm_timeout_seconds": 5.0,
    } | changes
    return Settings(_env_file=None, **values)


class Waits(list[float]):
    """Stands in for `time.sleep`: remembers, does not sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def model(url: str, waits: Waits | None = None, **changes: Any) -> OpenAiChatModel:
    memory = changes.pop("memory", None) or LadderMemory()
    return OpenAiChatModel(
        settings(url, **changes), memory=memory, sleep=waits if waits is not None else Waits()
    )


def ask(server: FaultServer, waits: Waits | None = None, **changes: Any) -> Answer[CriterionReply]:
    return model(server.url, waits, **changes).answer(PROMPT, REPLY)


def refusal(server: FaultServer, waits: Waits | None = None, **changes: Any) -> ModelError:
    """The error that comes out, with its French message; anything else fails the test."""
    with pytest.raises(ModelError) as caught:
        ask(server, waits, **changes)
    message = caught.value.user_message
    assert message
    assert "{" not in message
    for secret in (KEY, TEXT, "0123456789abcdef"):
        assert secret not in message
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value)
    return caught.value


def assert_strict(node: Any) -> None:
    """Every object closed, every property required, no reference, no bound."""
    if isinstance(node, list):
        for item in node:
            assert_strict(item)
    if not isinstance(node, dict):
        return
    if node.get("type") == "object":
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
    assert not {"$ref", "$defs", "maxLength", "maxItems", "minimum", "default"} & set(node)
    for value in node.values():
        assert_strict(value)
