"""Which endpoint the settings point at, checked before anything heavy is loaded."""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from assistant.errors import ModelNotConfigured, SettingsInvalid
from assistant.loopback import is_loopback
from assistant.settings import Settings

OPENAI_URL: Final = "https://api.openai.com/v1"
#: The SDK refuses an empty key; a local server ignores this one.
NO_KEY: Final = "sans-cle"
_HTTP_ADDRESS: Final = re.compile(
    r"https?://(?:[^\s/?#@]*@)?(?:[^\s/?#@\[\]]+|\[[0-9a-fA-F:.]+\](?::\d+)?)(?:/[\x21-\x7e]*)?"
)


@dataclass(frozen=True)
class Endpoint:
    """Where requests go. Units: `timeout` in seconds, for one whole exchange.

    `url` and `secret` are kept out of `repr`: an address may carry a password.
    """

    url: str = field(repr=False)
    secret: str = field(repr=False)
    host: str
    model: str
    timeout: float

    #: Nothing but this machine may be reached, whatever the environment's proxies say.
    local_only: bool = False

    @property
    def local(self) -> bool:
        """Whether the host is this very machine."""
        return is_loopback(urlsplit(self.url).hostname or "")


def chat_endpoint(settings: Settings) -> Endpoint:
    """The language model's. Raises: `ModelNotConfigured`, `SettingsInvalid`."""
    if not settings.llm_configured:
        raise ModelNotConfigured("no endpoint in the settings")
    url = _checked(settings.llm_base_url, "PREUVE_LLM_BASE_URL")
    secret = settings.llm_api_key.get_secret_value()
    return _endpoint(settings, url, secret, settings.llm_model)


def embedding_endpoint(settings: Settings) -> Endpoint:
    """The embeddings', the language model's address and key where it has none of its own.

    The model's key is never sent to another host than the model's.
    Raises: `ModelNotConfigured`, `SettingsInvalid`.
    """
    if not settings.embedding_model:
        raise ModelNotConfigured("no embedding model in the settings")
    url = _checked(
        settings.embedding_base_url or settings.llm_base_url, "PREUVE_EMBEDDING_BASE_URL"
    )
    secret = settings.embedding_api_key.get_secret_value()
    if not secret and _host(url) == _host(settings.llm_base_url or OPENAI_URL):
        secret = settings.llm_api_key.get_secret_value()
    return _endpoint(settings, url, secret, settings.embedding_model)


def _endpoint(settings: Settings, url: str, secret: str, model: str) -> Endpoint:
    if not re.fullmatch(r"[\x21-\x7e]*", secret := secret.strip()):
        raise SettingsInvalid(
            "the key holds characters that no HTTP header can carry",
            problem="la clé d'accès contient une espace ou un caractère accentué ; recopiez-la.",
        )
    if settings.local_only and not is_loopback(urlsplit(url).hostname or ""):
        raise SettingsInvalid(
            "an endpoint outside of this machine",
            problem="PREUVE_LOCAL_ONLY refuse un serveur hors de cette machine.",
        )
    return Endpoint(
        url=url,
        secret=secret,
        host=_host(url),
        model=model,
        timeout=settings.llm_timeout_seconds,
        local_only=settings.local_only,
    )


def _host(url: str) -> str:
    """Host and port, without the name and password an address may carry."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _checked(address: str, variable: str) -> str:
    address = address.strip().rstrip("/") or OPENAI_URL
    if not _HTTP_ADDRESS.fullmatch(address) or not _port_is_valid(address):
        raise SettingsInvalid(
            f"{variable} is not an http address",
            problem=f"{variable} doit commencer par http:// ou https:// et nommer un serveur.",
        )
    return address


def _port_is_valid(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False
