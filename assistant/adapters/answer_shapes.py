"""A recorded answer in whatever shape a tool wrote it, as the chat completion it stands for.

OpenAI's Batch API wraps a completion; other tools write the completion alone, a message, its text,
or the reply itself, and other providers have bodies of their own. Only the wrapping is undone
here: why the answer stopped, a refusal and the reply are read after, as those of a live answer.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

_OK: Final = 200
#: Where an answer is, from the outside in.
_HOLDERS: Final = (
    "response",
    "result",
    "body",
    "message",
    "completion",
    "answer",
    "output_text",
    "output",
    "reply",
    "content",
    "text",
)
#: A field that only a reply of ours has.
_REPLY_FIELDS: Final = frozenset({"attendus", "criteres", "citations"})
#: What other providers say of why an answer stopped, in the words of a chat completion.
_STOPPED: Final[Mapping[str, str]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "completed": "stop",
    "max_tokens": "length",
    "incomplete": "length",
    "refusal": "content_filter",
    "failed": "error",
    "cancelled": "error",
}
_DEEPEST: Final = 6


class Response(NamedTuple):
    """The HTTP status of an answer, and its chat completion's body; None when it has none."""

    status: int
    body: dict[str, Any] | None


def response_in(found: Mapping[str, Any]) -> Response:
    """The answer that a line of a file holds."""
    outer = found.get("response")
    status = _status(outer) if isinstance(outer, dict) else _OK
    if status != _OK and isinstance(outer, dict):
        body = outer.get("body")
        return Response(status, body if isinstance(body, dict) else {})
    own = {name: value for name, value in found.items() if name not in ("custom_id", "error")}
    return Response(status, _completion_in(own, _DEEPEST))


def completion(
    content: str, *, model: str = "", finish: str = "stop", usage: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A chat completion's body around its text, as a server gives it."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    body: dict[str, Any] = {"object": "chat.completion", "choices": [choice]}
    return body | ({"model": model} if model else {}) | ({"usage": dict(usage)} if usage else {})


def _status(response: Mapping[str, Any]) -> int:
    said = response.get("status_code", _OK)
    if isinstance(said, str) and said.isdigit():
        said = int(said)
    return said if isinstance(said, int) and _OK <= said <= 599 else 500


def _completion_in(found: object, depth: int) -> dict[str, Any] | None:
    """The completion that a value stands for; None when nothing there is an answer."""
    if isinstance(found, str):
        return _of_text(found, depth)
    if not isinstance(found, dict) or depth == 0:
        return None
    if isinstance(found.get("choices"), list):
        return _whole(found)
    if not _REPLY_FIELDS.isdisjoint(found):
        return completion(json.dumps(found, ensure_ascii=False))
    for parts in (found.get("content"), found.get("output")):
        if text := "".join(_texts(parts)):
            return _foreign(found, text)
    inner = (_completion_in(found.get(name), depth - 1) for name in _HOLDERS)
    return next((body for body in inner if body is not None), None)


def _of_text(text: str, depth: int) -> dict[str, Any]:
    """A body written as a string, or else the reply's text."""
    if text.lstrip().startswith("{") and '"choices"' in text:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return completion(text)
        return _completion_in(found, depth - 1) or completion(text)
    return completion(text)


def _texts(parts: object) -> Iterator[str]:
    """The text of the parts that a message is made of, and of those of its parts."""
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            continue
        if part.get("type") in ("text", "output_text") and isinstance(part.get("text"), str):
            yield part["text"]
        elif part.get("type") == "message":
            yield from _texts(part.get("content"))


def _foreign(found: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The body of a provider that is not read as a completion: its words for ours."""
    model, usage = found.get("model"), found.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    sent, given = counted.get("input_tokens"), counted.get("output_tokens")
    tokens = {}
    if isinstance(sent, int) and isinstance(given, int):
        tokens = {"prompt_tokens": sent, "completion_tokens": given, "total_tokens": sent + given}
    said = found.get("stop_reason") or found.get("status") or "stop"
    return completion(
        text,
        model=model if isinstance(model, str) else "",
        finish=_STOPPED.get(str(said), str(said)),
        usage=tokens,
    )


def _whole(body: Mapping[str, Any]) -> dict[str, Any]:
    """A completion with what a library needs and a tool may have left out."""
    choices = [
        {"index": index, "finish_reason": "stop", **choice, "message": _message(choice)}
        for index, choice in enumerate(body["choices"])
        if isinstance(choice, dict)
    ]
    return {"object": "chat.completion", **body, "choices": choices}


def _message(choice: Mapping[str, Any]) -> Any:
    message = choice.get("message", {"content": choice.get("text")})
    if not isinstance(message, dict):
        return message
    content = message.get("content")
    if isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False)
    return {"role": "assistant", **message, "content": content}
