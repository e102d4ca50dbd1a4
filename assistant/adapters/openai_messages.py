"""Between our messages and LangChain's, and from its replies to ours."""

import json
from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from assistant.adapters.openai_content import content_of
from assistant.adapters.openai_reply import Received
from assistant.domain.finding import Usage
from assistant.ports import Message

_TYPES: Final[dict[str, type[BaseMessage]]] = {"system": SystemMessage, "user": HumanMessage}


def to_langchain(messages: Sequence[Message]) -> list[BaseMessage]:
    """Our messages as LangChain's."""
    return [_TYPES[message.role](content=content_of(message)) for message in messages]


def from_langchain(message: AIMessage) -> Received:
    """The arguments of the function call when there is one, else the text."""
    details: dict[str, Any] = dict(message.usage_metadata or {})
    return Received(
        text=_arguments(message) or str(message.text),
        finish_reason=str(message.response_metadata.get("finish_reason") or ""),
        refusal=str(message.additional_kwargs.get("refusal") or ""),
        usage=Usage(
            calls=1,
            input_tokens=details.get("input_tokens") or 0,
            cached_tokens=(details.get("input_token_details") or {}).get("cache_read") or 0,
            output_tokens=details.get("output_tokens") or 0,
        ),
    )


def _arguments(message: AIMessage) -> str:
    """A function call's arguments as JSON text; what could not be parsed, as it came."""
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"], ensure_ascii=False)
    if message.invalid_tool_calls:
        return message.invalid_tool_calls[0]["args"] or ""
    return ""
