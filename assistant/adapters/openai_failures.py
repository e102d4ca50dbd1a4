"""What went wrong with a request to an OpenAI-compatible endpoint, and what may be done about it.

The words of the server are read here and nowhere else: they may echo a key or a candidate's text,
so they are never part of an error's message.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from assistant.adapters.openai_endpoint import Endpoint
from assistant.adapters.openai_waiting import retry_after_seconds
from assistant.errors import (
    ModelCannotSee,
    ModelContextExceeded,
    ModelError,
    ModelKeyRefused,
    ModelNotFound,
    ModelQuotaExceeded,
    ModelRefused,
    ModelRequestRejected,
    ModelUnavailable,
)

if TYPE_CHECKING:
    import openai

#: What the SDK and LangChain raise on a body that is not the JSON they expect. They are bare
#: built-in errors (`JSONDecodeError` is a `ValueError`), so they are caught around that one call
#: only.
MALFORMED_BODY: Final = (ValueError, KeyError, TypeError, AttributeError, IndexError)

#: Request parameters a server may refuse without being unable to answer.
OPTIONAL_PARAMETERS: Final = (
    "max_completion_tokens",
    "max_tokens",
    "random_seed",
    "seed",
    "temperature",
)

_KEY: Final = re.compile(
    r"(api[ _-]?key[^.]{0,40}(not valid|invalid))|(in(valid|correct) api[ _-]?key)"
)
_MODEL: Final = re.compile(
    r"model_?not_?found|deploymentnotfound|unknown model|invalid model\b|not a valid model|"
    r"model[^.\n]{0,120}(does not exist|doesn't exist|not found|not exist)"
)
_CONTEXT: Final = re.compile(
    r"context[ _](length|window|size)|contextwindow|exceed_context|maximum context|"
    r"prompt (is|was) too long|too many (input )?tokens|input tokens exceed|"
    r"request too large|exceeds? the (available|maximum) (context|number of tokens)"
)
_QUOTA: Final = re.compile(
    r"insufficient[_ ](quota|balance|funds|credits?)|exceeded your current quota|"
    r"billing[_ ]hard[_ ]limit|credit balance|quota[^.]{0,20}exhausted"
)
_FILTERED: Final = re.compile(
    r"content[_ ]?filter|content management policy|responsibleai|content policy|data_inspection"
)
_PICTURES: Final = re.compile(
    r"image_url|(images?|vision|multi-?modal)[^.\n]{0,60}not (supported|enabled|available|allowed)|"
    r"(not|n't) (support|accept|process|have)[^.\n]{0,40}(images?|vision|multi-?modal)|"
    r"not a (multi-?modal|vision)|image input"
)
_KEY_SHAPED: Final = re.compile(r"\b(?:sk|key|pk)-[\w*-]+")
_SHOWN: Final = 200
_READ: Final = 4000


class Remedy(Enum):
    """What may help after a failure."""

    NONE = auto()
    WAIT = auto()  # the same request may pass later
    OTHER_FORM = auto()  # this way of asking for JSON is refused
    MAYBE_OTHER_FORM = auto()  # HTTP 500: a breakdown, or a form the server does not know
    DROP_PARAMETER = auto()
    ASK_AGAIN = auto()  # the reply is unusable: say why, and ask for another


@dataclass(frozen=True)
class Failure:
    """One failed request.

    `status` is the HTTP status, None when no answer came. `detail` goes to the log;
    `server_words` to « preuve doctor » only.
    """

    remedy: Remedy
    kind: type[ModelError]
    endpoint: Endpoint
    cause_fr: str
    detail: str
    status: int | None = None
    retry_after: float | None = None
    parameter: str = ""
    correction_fr: str = ""
    cut: bool = False  # the reply was longer than what was allowed
    server_words: str = ""

    def error(self, attempts: int) -> ModelError:
        """The typed error to raise when nothing more can be tried."""
        tries = f", après {attempts} essais" if attempts > 1 else ""
        return self.kind(
            f"{self.detail} ({self.endpoint.host}, {attempts} attempt(s))",
            cause=f"{self.cause_fr}{tries}",
            host=self.endpoint.host,
            model=self.endpoint.model,
        )


def failure_of(error: Exception, endpoint: Endpoint) -> Failure:
    """Classify what the SDK or LangChain raised."""
    import openai

    match error:
        case openai.APIStatusError():
            return _of_status(error, endpoint)
        case openai.APITimeoutError():
            cause = f"pas de réponse complète en {endpoint.timeout:g} s"
            return Failure(Remedy.WAIT, ModelUnavailable, endpoint, cause, "time-out")
        case openai.APIConnectionError():
            cause = _connection_cause(error, endpoint)
            return Failure(Remedy.WAIT, ModelUnavailable, endpoint, cause, "connection error")
        case UnicodeError():  # the name of the host cannot be encoded
            cause = f"serveur introuvable : {endpoint.host}"
            return Failure(Remedy.WAIT, ModelUnavailable, endpoint, cause, "host name")
        case _ if _CONTEXT.search(str(error).lower()):
            return Failure(
                Remedy.NONE, ModelContextExceeded, endpoint, "contexte dépassé", "context exceeded"
            )
        case _:
            cause = "le serveur répond autre chose que le JSON d'une API compatible OpenAI"
            detail = f"malformed HTTP body: {type(error).__name__}"
            return Failure(Remedy.WAIT, ModelUnavailable, endpoint, cause, detail, status=200)


def _of_status(error: "openai.APIStatusError", endpoint: Endpoint) -> Failure:
    words = f"{error.message} {error.body}"[:_READ]
    failure = _explicit(error, words.lower(), endpoint) or _by_status(error, endpoint)
    shown = re.sub(r"\s+", " ", error.message)[:_SHOWN]
    if endpoint.secret:
        shown = shown.replace(endpoint.secret, "…")
    return replace(failure, server_words=_KEY_SHAPED.sub("…", shown))


def _explicit(error: "openai.APIStatusError", words: str, endpoint: Endpoint) -> Failure | None:
    """What the server says it is, when it says so clearly enough."""
    status = error.status_code

    def final(kind: type[ModelError], cause: str) -> Failure:
        return _of(error, Remedy.NONE, kind, endpoint, cause)

    if status in (401, 403) or (status == 400 and _KEY.search(words)):
        return final(ModelKeyRefused, "clé refusée")
    if status == 402 or (status == 429 and _QUOTA.search(words)):
        return final(ModelQuotaExceeded, "crédit ou quota épuisé")
    if status == 413 or _CONTEXT.search(words):
        return final(ModelContextExceeded, "contexte dépassé")
    if status in (400, 404, 422) and _MODEL.search(words):
        return final(ModelNotFound, "modèle inconnu")
    if status in (400, 404, 415, 422, 500) and _PICTURES.search(words):
        return final(ModelCannotSee, "images refusées")
    if status in (400, 422) and _FILTERED.search(words):
        return final(ModelRefused, "filtre de contenu du fournisseur")
    if status in (400, 422) and (parameter := _refused_parameter(error)):
        refused = _of(error, Remedy.DROP_PARAMETER, ModelRequestRejected, endpoint, "")
        return replace(refused, parameter=parameter)
    return None


def _by_status(error: "openai.APIStatusError", endpoint: Endpoint) -> Failure:
    status = error.status_code
    if status == 404:
        return _of(error, Remedy.OTHER_FORM, ModelNotFound, endpoint, "adresse inconnue")
    if 300 <= status < 400:
        cause = "il renvoie vers une autre adresse"
        return _of(error, Remedy.NONE, ModelRequestRejected, endpoint, cause)
    if status == 500:
        cause = "erreur interne du serveur"
        return _of(error, Remedy.MAYBE_OTHER_FORM, ModelUnavailable, endpoint, cause)
    if status == 429:
        return _busy(error, endpoint, "trop de demandes")
    if status in (408, 409, 425) or status >= 502:
        return _busy(error, endpoint, "serveur surchargé ou en panne")
    return _of(error, Remedy.OTHER_FORM, ModelRequestRejected, endpoint, "demande refusée")


def _busy(error: "openai.APIStatusError", endpoint: Endpoint, cause: str) -> Failure:
    wait = retry_after_seconds(error.response.headers)
    if wait:
        cause = f"{cause}, attente demandée : {wait:.0f} s"
    busy = _of(error, Remedy.WAIT, ModelUnavailable, endpoint, cause)
    return replace(busy, retry_after=wait)


def _of(
    error: "openai.APIStatusError",
    remedy: Remedy,
    kind: type[ModelError],
    endpoint: Endpoint,
    cause: str,
) -> Failure:
    status = error.status_code
    cause = f"{cause}, HTTP {status}" if cause else f"HTTP {status}"
    return Failure(remedy, kind, endpoint, cause, f"HTTP {status}", status=status)


def _refused_parameter(error: "openai.APIStatusError") -> str:
    """The optional parameter the server complains about; empty when it is something else."""
    if error.param:
        return error.param if error.param in OPTIONAL_PARAMETERS else ""
    for name in OPTIONAL_PARAMETERS:
        if re.search(rf"['\"`]{name}['\"`]", f"{error.message} {error.body}"[:_READ]):
            return name
    return ""


def _connection_cause(error: "openai.APIConnectionError", endpoint: Endpoint) -> str:
    chain = list(_causes(error))
    if any(type(cause).__name__ == "gaierror" for cause in chain):
        return f"serveur introuvable : {endpoint.host}"
    if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
        return f"connexion refusée par {endpoint.host} : le serveur est-il démarré ?"
    if any("SSL" in type(cause).__name__ or "CERTIFICATE" in str(cause) for cause in chain):
        return f"certificat de sécurité refusé pour {endpoint.host}"
    if any("Protocol" in type(cause).__name__ or "Read" in type(cause).__name__ for cause in chain):
        return f"connexion coupée par {endpoint.host} pendant la réponse"
    return f"connexion impossible à {endpoint.host}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
