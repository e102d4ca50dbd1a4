"""The HTTP side of an OpenAI-compatible endpoint: one client, its limits, and what it may say.

Imported only when a remote model is used: the provider's libraries take seconds to load.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

import httpx2

from assistant.adapters.openai_endpoint import Endpoint
from assistant.errors import SettingsInvalid
from assistant.loopback import is_loopback

_CONNECT_SECONDS: Final = 10.0
_KEPT_CONNECTIONS: Final = 64
_STARTED: Final = "preuve.started"
#: At DEBUG these print whole requests, at INFO whole addresses: a candidate's text, or a password
#: written in a URL, would end in the log.
_TALKATIVE: Final = ("openai", "httpx2", "httpcore2", "langchain_openai", "langchain_core")
#: Read by the SDK from the environment: an account's ids, for OpenAI only.
_ACCOUNT_HEADERS: Final = ("OpenAI-Organization", "OpenAI-Project")
_ACCOUNTS_OF: Final = "api.openai.com"


def http_client(
    endpoint: Endpoint,
    transport: httpx2.BaseTransport | None = None,
    observe: Callable[[int, Mapping[str, str]], None] | None = None,
) -> httpx2.Client:
    """A client whose whole exchange ends in about `endpoint.timeout`, that goes nowhere else.

    The library's own time-out is per read: a server that sends one byte now and then outlives
    it. No redirect is followed, and the proxy of the environment is not used for this machine's
    own servers: either would take the candidate's text where nobody configured it to go.
    `transport` takes the place of the network: answers that were recorded are read through it.
    `observe` is told every answer's status and headers. As many connections as there are threads
    may be open.
    Raises: `SettingsInvalid` for an address the library cannot parse.
    """
    _require_an_address(endpoint)
    timeout = endpoint.timeout
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)

    def start(request: httpx2.Request) -> None:
        if endpoint.local_only:
            _refuse_outside(request.url.host)
        request.extensions[_STARTED] = time.monotonic()
        if request.url.host != _ACCOUNTS_OF:
            for name in _ACCOUNT_HEADERS:
                request.headers.pop(name, None)

    def bound(response: httpx2.Response) -> None:
        if observe is not None:
            observe(response.status_code, response.headers)
        deadline = response.request.extensions[_STARTED] + timeout
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _BoundedStream(response.stream, deadline)

    return httpx2.Client(
        timeout=httpx2.Timeout(timeout, connect=min(_CONNECT_SECONDS, timeout)),
        follow_redirects=False,
        trust_env=not (endpoint.local or endpoint.local_only),
        verify=_certificates(),
        transport=transport,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=_KEPT_CONNECTIONS),
        event_hooks={"request": [start], "response": [bound]},
    )


def _require_an_address(endpoint: Endpoint) -> None:
    """Raises: `SettingsInvalid`."""
    try:
        httpx2.URL(endpoint.url)
    except httpx2.InvalidURL as error:
        problem = f"l'adresse du serveur {endpoint.host} ne peut pas être utilisée."
        raise SettingsInvalid("the base URL cannot be parsed", problem=problem) from error


def _refuse_outside(host: str) -> None:
    """Stop a request that would leave the machine, « localhost » being what the system says it is.

    Raises: `httpx2.ConnectError`.
    """
    inside = is_loopback(host)
    if inside and host.casefold() == "localhost":
        found = socket.getaddrinfo(host, None)
        inside = all(is_loopback(str(address[0])) for *_, address in found)
    if not inside:
        raise httpx2.ConnectError("PREUVE_LOCAL_ONLY: the host is outside of this machine")


def idle_async_client() -> httpx2.AsyncClient:
    """A client that is never used: LangChain would build its own, and read all certificates."""
    return httpx2.AsyncClient(verify=_certificates(), trust_env=False)


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """The trusted certificates: a tenth of a second to read, so once for all clients."""
    return httpx2.create_ssl_context()


class _BoundedStream(httpx2.SyncByteStream):
    """A body that stops being read at a deadline, however slowly it comes."""

    def __init__(self, stream: httpx2.SyncByteStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            if time.monotonic() > self._deadline:
                raise httpx2.ReadTimeout("the body is still coming at the deadline")
            yield part

    def close(self) -> None:
        self._stream.close()
