"""From what a server sent to a validated reply, or to the reason why it cannot be used."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.adapters import tolerant_json
from assistant.adapters.openai_endpoint import Endpoint
from assistant.adapters.openai_failures import Failure, Remedy
from assistant.domain.finding import Usage
from assistant.errors import ModelError, ModelRefused, ModelReplyInvalid, ModelUnavailable

Reply = TypeVar("Reply", bound=BaseModel)

_TRUNCATED: Final = frozenset({"length", "max_tokens", "model_length"})
_FILTERED: Final = frozenset({"content_filter", "safety", "recitation"})
_BROKEN: Final = frozenset({"error", "insufficient_system_resource", "aborted"})
_SHOWN_PROBLEMS: Final = 4
_LOOKS_LIKE_JSON: Final = re.compile(r"\s*[\"'}]")
_PROBLEMS_FR: Final = {
    "missing": "champ manquant",
    "extra_forbidden": "champ inattendu",
    "literal_error": "valeur non prévue",
    "enum": "valeur non prévue",
    "string_too_long": "texte trop long",
    "string_too_short": "texte vide",
    "too_long": "liste trop longue",
    "too_short": "liste trop courte",
    "string_type": "texte attendu",
    "list_type": "liste attendue",
    "tuple_type": "liste attendue",
    "int_type": "entier attendu",
    "int_parsing": "entier attendu",
}


@dataclass(frozen=True)
class Received:
    """A reply as it came: its text (or a function call's arguments), and why it stopped."""

    text: str
    finish_reason: str
    refusal: str
    usage: Usage


def read_reply(received: Received, reply_type: type[Reply], endpoint: Endpoint) -> Reply | Failure:
    """Validate a reply. A truncated one is never used, whatever could be parsed of it."""
    reason = received.finish_reason.lower()
    if received.refusal:
        return _refused("il décline la demande", "refusal", endpoint)
    if reason in _FILTERED:
        return _refused("filtre de contenu du fournisseur", "content filter", endpoint)
    if reason in _BROKEN:
        cause = "le serveur a interrompu la réponse"
        return Failure(Remedy.WAIT, ModelUnavailable, endpoint, cause, f"finish_reason {reason}")
    if reason in _TRUNCATED:
        return _unusable(
            endpoint,
            "réponse coupée, plus longue que PREUVE_LLM_MAX_OUTPUT_TOKENS",
            "elle dépassait la longueur permise ; sois plus bref : citations courtes, "
            "justifications d'une phrase",
            cut=True,
        )
    return _validated(received.text, reply_type, endpoint)


def _validated(text: str, reply_type: type[Reply], endpoint: Endpoint) -> Reply | Failure:
    if not text.strip():
        return _unusable(endpoint, "réponse vide", "elle était vide")
    found = json_object_in(text)
    if found is None:
        return _unusable(
            endpoint, "pas d'objet JSON complet", "ce n'était pas un objet JSON complet"
        )
    try:
        return reply_type.model_validate(found)
    except ValidationError as error:
        problems = _problems_fr(error)
        return _unusable(endpoint, problems, f"elle ne suit pas la forme demandée ({problems})")


def json_object_in(text: str) -> dict[str, Any] | None:
    """The JSON object a reply consists of or ends with; None when there is none, or a cut one.

    Reasoning before the object, a Markdown fence around it and words between braces after it are
    tolerated, and so are commas too many, line ends inside a text, and an object written as a JSON
    text. Of several objects the last counts. An opening brace left open after it means that the
    reply was cut, and so does an object that runs into the end of the text: the whole objects
    inside it are not looked at. An object alone in another one is what counts.
    """
    text = _out_of_its_string(text)
    last: dict[str, Any] | None = None
    position = text.find("{")
    while position != -1:
        try:
            last, end, text = tolerant_json.decode(text, position)
        except json.JSONDecodeError as error:
            if _ran_out(error):
                return None
            end = position + 1
            if _LOOKS_LIKE_JSON.match(text, end):
                last = None
        except RecursionError:
            return None
        position = text.find("{", end)
    return _unwrapped(last)


def _out_of_its_string(text: str) -> str:
    """The object that a reply holds as a JSON text; the reply itself when it holds none."""
    if not text.lstrip().startswith('"{'):
        return text
    try:
        inner = json.loads(text)
    except ValueError:
        return text
    return inner if isinstance(inner, str) else text


def _unwrapped(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a model put under a name of its own (« reponse »)."""
    if found is not None and len(found) == 1:
        (inner,) = found.values()
        if isinstance(inner, dict) and len(inner) > 1:
            return inner
    return found


def _ran_out(error: json.JSONDecodeError) -> bool:
    """Whether decoding failed because the text ended, rather than because it is not JSON."""
    return error.msg.startswith("Unterminated string") or error.pos >= len(error.doc.rstrip())


def _problems_fr(error: ValidationError) -> str:
    """Where the reply is wrong and how, without a word of what it says."""
    shown = []
    for problem in error.errors(include_url=False, include_input=False)[:_SHOWN_PROBLEMS]:
        place = ".".join(str(part) for part in problem["loc"])[:60]
        if problem["type"] == "value_error":
            what = str(problem["ctx"]["error"])
        else:
            what = _PROBLEMS_FR.get(problem["type"], "valeur incorrecte")
        shown.append(f"{place} : {what}" if place else what)
    return " ; ".join(shown)


def _unusable(endpoint: Endpoint, cause: str, correction: str, *, cut: bool = False) -> Failure:
    return Failure(
        Remedy.ASK_AGAIN,
        ModelReplyInvalid,
        endpoint,
        cause,
        f"unusable reply: {cause}",
        cut=cut,
        correction_fr=(
            f"Ta réponse précédente à cette demande était inutilisable : {correction}. "
            "Réponds à nouveau, par le seul objet JSON demandé."
        ),
    )


def _refused(cause: str, detail: str, endpoint: Endpoint) -> Failure:
    kind: type[ModelError] = ModelRefused
    return Failure(Remedy.NONE, kind, endpoint, cause, detail)
