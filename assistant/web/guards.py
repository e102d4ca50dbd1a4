"""What every request goes through before any route: the host, its origin, who asks, headers.

Plain ASGI, so that streams (Gradio's events) pass unbuffered.
"""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web import tokens
from assistant.web.errors import RequestRefused, failure, status_of
from assistant.web.identity import Door, Visitor
from assistant.web.site import GRADIO_PATH
from assistant.web.tokens import VISIT_COOKIE
from ingest.errors import UserFacingError

Identify = Callable[[HTTPConnection], Visitor]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC_PATH: Final = "/static"

_OWN_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: Gradio's own pages build their styles and their components' scripts in the browser.
_GRADIO_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; form-action 'self'; "
    "base-uri 'self'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
    ),
    "X-Robots-Tag": "noindex, nofollow",
}


class SecureHeaders:
    """Headers that keep a page's data in the page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        gradio = path.startswith(GRADIO_PATH)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers["Content-Security-Policy"] = _GRADIO_POLICY if gradio else _OWN_POLICY
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                if not path.startswith(STATIC_PATH) and not _is_gradio_code(path):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        await self._app(scope, receive, with_headers)


class HostGuard:
    """Refuses names that are not ours: a hostile page whose name points here reads nothing."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            hosts = Headers(scope=scope).getlist("host")
            if len(hosts) != 1 or host_name(hosts[0]) not in self._names:
                await _refuse(scope, receive, send, 421, _WRONG_HOST_FR)
                return
        await self._app(scope, receive, send)


_WRONG_HOST_FR: Final = (
    "Cette adresse n'est pas celle de preuve. Ouvrez la page par son adresse habituelle, ou "
    "demandez à la personne qui administre preuve d'ajouter ce nom à PREUVE_PUBLIC_HOSTS."
)


class OriginGuard:
    """Whatever changes something must come from one of our own pages, as the browser says it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "websocket" or (
            scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        )
        if changes and not _from_our_pages(scope):
            await _refuse(scope, receive, send, 403, RequestRefused.template_fr)
            return
        await self._app(scope, receive, send)


class Identification:
    """Finds who asks, and the token that this visitor's forms and scripts send back."""

    def __init__(self, app: ASGIApp, identify: Identify) -> None:
        self._app = app
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(STATIC_PATH):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        try:
            visitor = await run_in_threadpool(self._identify, request)
        except UserFacingError as error:  # the store is down
            await _refuse(scope, receive, send, status_of(error), error.user_message)
            return
        if visitor.refused_fr:
            await _refuse(scope, receive, send, 403, visitor.refused_fr)
            return
        request.state.person = visitor.person
        request.state.door = visitor.door
        request.state.with_accounts = visitor.door is not Door.LOCAL
        request.state.with_login = visitor.door is Door.SESSION
        known = tokens.visit_of(request)
        visit = known or tokens.new_visit()
        request.state.token = tokens.token_for(visit, request)

        async def with_visit(message: Message) -> None:
            if message["type"] == "http.response.start" and not known:
                headers = MutableHeaders(scope=message)
                cookie = tokens.cookie(VISIT_COOKIE, visit, scope["scheme"])
                headers.append("Set-Cookie", cookie)
            await send(message)

        await self._app(scope, receive, with_visit)


def host_name(value: str) -> str:
    """The name in a Host header: lower case, without port, brackets or final dot."""
    try:
        return (urlsplit(f"//{value.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether an address of this name is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _from_our_pages(scope: Scope) -> bool:
    """What the browser says of the page that asks; scripts can write neither header.

    Under our policy of sending no referrer, a form of our own pages has « null » for its origin:
    then Sec-Fetch-Site alone is believed, which every current browser sends to HTTPS and to this
    machine.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin", "null")
    if origin == "null":
        return site == "same-origin"
    return site in (None, "same-origin") and _is_own_origin(origin, scope, headers)


def _is_own_origin(origin: str, scope: Scope, headers: Headers) -> bool:
    scheme = scope["scheme"].replace("ws", "http", 1) if scope["type"] == "websocket" else None
    return origin == f"{scheme or scope['scheme']}://{headers.get('host', '')}"


def _is_gradio_code(path: str) -> bool:
    return path.startswith((f"{GRADIO_PATH}/assets/", f"{GRADIO_PATH}/static/"))


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, message: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await failure(Request(scope), status, message)(scope, receive, send)
