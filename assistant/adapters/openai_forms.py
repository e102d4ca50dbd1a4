"""The ways of asking an OpenAI-compatible server for JSON, best first, and what each accepts.

Servers differ: some reject a form with 400, 404 or 422, some answer 500, some ignore it. The
ladder is walked down at the first use of an endpoint and what it accepted is remembered for the
life of the process.
"""

import copy
import json
import re
import threading
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from ingest.types import Frozen

#: Schema keywords that strict modes accept. Bounds and patterns are left to our own validation:
#: servers reject them (OpenAI's strict mode) or do not enforce them (llama.cpp, on floats).
_KEPT: Final = frozenset({"type", "properties", "items", "enum", "description", "anyOf", "const"})


class Form(StrEnum):
    """A way of asking for JSON. The order of the members is the ladder's."""

    JSON_SCHEMA = "json_schema"
    FUNCTION = "function"
    JSON_OBJECT = "json_object"
    TEXT = "text"

    @property
    def label_fr(self) -> str:
        return _LABELS[self]


_LABELS: Final[Mapping[Form, str]] = {
    Form.JSON_SCHEMA: "schéma JSON imposé par le serveur",
    Form.FUNCTION: "appel de fonction",
    Form.JSON_OBJECT: "mode JSON, schéma dans la consigne",
    Form.TEXT: "texte libre, schéma dans la consigne",
}


def ladder(setting: str) -> tuple[Form, ...]:
    """The forms to try, best first: all of them for « auto », else the one that was chosen."""
    return tuple(Form) if setting == "auto" else (Form(setting),)


@lru_cache(maxsize=64)
def _schema(reply_type: type[BaseModel]) -> dict[str, Any]:
    """Pydantic makes it again at each call; it is only read here."""
    return reply_type.model_json_schema()


@lru_cache(maxsize=64)
def schema_name(reply_type: type[BaseModel]) -> str:
    """The name a reply type has on the wire: its title, in characters every server accepts."""
    title = _schema(reply_type).get("title", reply_type.__name__)
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in str(title))[:64]


def strict_schema(reply_type: type[BaseModel]) -> dict[str, Any]:
    """A reply type's JSON schema in the form strict modes ask for.

    Every property required, no other allowed, references inlined, bounds and defaults dropped.
    """
    return copy.deepcopy(_strict_schema(reply_type))


@lru_cache(maxsize=64)
def _strict_schema(reply_type: type[BaseModel]) -> dict[str, Any]:
    schema = _schema(reply_type)
    definitions = schema.get("$defs", {})
    strict: dict[str, Any] = _strict(schema, definitions)
    strict.pop("description", None)  # our docstring: not for the model
    return strict


def _strict(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = copy.deepcopy(definitions[str(node["$ref"]).rsplit("/", 1)[-1]])
        target.pop("description", None)
        return _strict({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    kept = {k: _strict(v, definitions) for k, v in node.items() if k in _KEPT - {"properties"}}
    if "properties" in node:
        properties = {k: _strict(v, definitions) for k, v in node["properties"].items()}
        kept |= {
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return kept


def form_body(form: Form, reply_type: type[BaseModel]) -> dict[str, Any]:
    """What the request says so that the model answers in this form."""
    match form:
        case Form.JSON_SCHEMA:
            described = {
                "name": schema_name(reply_type),
                "schema": strict_schema(reply_type),
                "strict": True,
            }
            return {"response_format": {"type": "json_schema", "json_schema": described}}
        case Form.FUNCTION:
            function = {
                "name": schema_name(reply_type),
                "description": "Rend la réponse demandée.",
                "parameters": strict_schema(reply_type),
                "strict": True,
            }
            return {
                "tools": [{"type": "function", "function": function}],
                "tool_choice": {"type": "function", "function": {"name": function["name"]}},
            }
        case Form.JSON_OBJECT:
            return {"response_format": {"type": "json_object"}}
        case Form.TEXT:
            return {}


def schema_in_words(form: Form, reply_type: type[BaseModel]) -> str:
    """What the prompt must add where the server does not impose the schema itself."""
    if form in (Form.JSON_SCHEMA, Form.FUNCTION):
        return ""
    schema = json.dumps(strict_schema(reply_type), ensure_ascii=False, separators=(",", ":"))
    return f"Schéma JSON de la réponse, à respecter exactement :\n{schema}"


#: OpenAI's reasoning models refuse any temperature but their own.
_REASONS: Final = re.compile(r"(?:o\d|gpt-(?:[5-9]|\d\d))(?![-\w.]*chat)(?:[.-]|$)", re.IGNORECASE)


_OPENAI: Final = (".openai.com", ".azure.com")


def _provider(host: str) -> str:
    return f".{urlsplit(f'//{host}').hostname}"


def reasons(host: str, model: str) -> bool:
    """Whether a model of OpenAI thinks before it answers: the limit then counts its thoughts."""
    return _provider(host).endswith(_OPENAI) and _REASONS.match(model) is not None


def sampling_body(
    host: str,
    *,
    model: str = "",
    temperature: float,
    seed: int | None,
    max_tokens: int,
    dropped: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Temperature, seed and output limit under the names this host understands.

    OpenAI and Azure refuse `max_tokens` beside `max_completion_tokens`; Mistral knows only
    `max_tokens` and calls the seed `random_seed`; other servers obey one or the other, so both
    are sent. A request written for later cannot be asked again without what is refused.
    """
    mistral = _provider(host).endswith(".mistral.ai")
    openai = _provider(host).endswith(_OPENAI)
    values: dict[str, Any] = {}
    if not reasons(host, model):
        values["temperature"] = temperature
    if seed is not None:
        values["random_seed" if mistral else "seed"] = seed
    if not mistral:
        values["max_completion_tokens"] = max_tokens
    if not openai:
        values["max_tokens"] = max_tokens
    return {name: value for name, value in values.items() if name not in dropped}


class Accepted(Frozen):
    """What an endpoint accepted: a form, without some of the optional parameters."""

    form: Form
    dropped: frozenset[str] = frozenset()


class LadderMemory:
    """What each endpoint accepted for each reply type, shared by the threads of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._accepted: dict[tuple[str, str, str], Accepted] = {}

    def get(self, key: tuple[str, str, str]) -> Accepted | None:
        with self._lock:
            return self._accepted.get(key)

    def learn(self, key: tuple[str, str, str], accepted: Accepted) -> None:
        with self._lock:
            self._accepted[key] = accepted


#: One for the process: a second `OpenAiChatModel` on the same endpoint does not probe again.
SHARED_MEMORY: Final = LadderMemory()
