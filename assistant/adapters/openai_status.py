"""What a connection test says of an endpoint, for « preuve doctor »."""

from typing import Final

from assistant.adapters.openai_failures import Failure
from assistant.errors import ModelKeyRefused, ModelNotFound
from assistant.ports import Message, Prompt
from ingest.types import Frozen

PING: Final = Prompt(
    id="ping",
    template_hash="",
    messages=(
        Message(role="system", text="Tu réponds par un seul objet JSON, sans autre texte."),
        Message(role="user", text='Réponds par l\'objet JSON {"reponse": "prêt"}.'),
    ),
)


class Ping(Frozen):
    """The reply to a connection test."""

    reponse: str


class ModelStatus(Frozen):
    """What a connection test found; None where it could not tell.

    `form_fr` says how the endpoint gives JSON; `server_words` is the beginning of its error
    message, keys struck out. Units: `seconds` for the exchange.
    """

    ok: bool
    host: str
    model: str
    reachable: bool
    key_accepted: bool | None = None
    model_known: bool | None = None
    form_fr: str = ""
    seconds: float
    message_fr: str
    server_words: str = ""

    def __str__(self) -> str:
        """One line for a person: the message, and what the server said when it refused."""
        said = f" Le serveur dit : « {self.server_words} »." if self.server_words else ""
        return f"{self.message_fr}{said}"


def failed_status(failure: Failure, *, attempts: int, seconds: float) -> ModelStatus:
    """What a failed test still tells: a server that refuses the key was reached, say."""
    answered = failure.status is not None
    key_refused = failure.kind is ModelKeyRefused
    unknown = failure.kind is ModelNotFound
    return ModelStatus(
        ok=False,
        host=failure.endpoint.host,
        model=failure.endpoint.model,
        reachable=answered,
        key_accepted=False if key_refused else True if unknown else None,
        model_known=False if unknown else None,
        seconds=seconds,
        message_fr=failure.error(attempts).user_message,
        server_words=failure.server_words,
    )
