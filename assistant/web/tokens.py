"""The token against forged requests, and how our cookies are written.

The token is derived from a random cookie of the visit (and of the session once logged in): it
needs no store, survives a restart of the server, and is unknown to other sites.
"""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from fastapi import Request
from starlette.requests import HTTPConnection

from assistant.web.errors import RequestRefused
from assistant.web.site import token_of

VISIT_COOKIE: Final = "preuve_visite"
SESSION_COOKIE: Final = "preuve_session"
TOKEN_HEADER: Final = "X-Preuve-Jeton"
TOKEN_FIELD: Final = "jeton"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def new_visit() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def visit_of(request: HTTPConnection) -> str:
    """The visit's cookie, empty on a first page."""
    return request.cookies.get(cookie_name(VISIT_COOKIE, request.scope["scheme"]), "")


def session_of(request: HTTPConnection) -> str:
    """The session's cookie, empty before log-in."""
    return request.cookies.get(cookie_name(SESSION_COOKIE, request.scope["scheme"]), "")


def token_for(visit: str, request: HTTPConnection) -> str:
    """What this visitor must send back."""
    key = f"{visit}\n{session_of(request)}".encode()
    return hmac.new(key, b"preuve/jeton/1", sha256).hexdigest()


def cookie_name(name: str, scheme: str) -> str:
    """Over HTTPS the prefix makes browsers refuse the cookie of a neighbouring host."""
    return f"__Host-{name}" if scheme == "https" else name


def cookie(name: str, value: str, scheme: str, *, max_age: int | None = None) -> str:
    """A `Set-Cookie` header: out of scripts' reach, and not sent from other sites' forms.

    Units: `max_age` in seconds; None for as long as the browser is open.
    """
    parts = [f"{cookie_name(name, scheme)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if scheme == "https":
        parts.append("Secure")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    return "; ".join(parts)


async def same_page(request: Request) -> None:
    """A dependency of every route: what changes something carries the token.

    Raises: `RequestRefused`.
    """
    if request.method in _SAFE:
        return
    given = request.headers.get(TOKEN_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get(TOKEN_FIELD)
        given = field if isinstance(field, str) else ""
    if not visit_of(request) or not hmac.compare_digest(given.encode(), token_of(request).encode()):
        raise RequestRefused("no token, or another visit's")
