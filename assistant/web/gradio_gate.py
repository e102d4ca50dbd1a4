"""The door to Gradio's pages: its routes one by one, and to each visitor only their own files.

Gradio keeps what is uploaded in one folder that every visitor may ask it for, and takes the name
of a session from the browser's word. Here a session belongs to the visitor who first used it, an
uploaded file to the visitor who sent it; anyone else is answered as if it did not exist. A route
that a new version of Gradio adds is refused until it is listed here.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final, TypeAlias, TypeVar

from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.domain.access import Action
from assistant.web import tokens
from assistant.web.errors import LoginNeeded, NotForYou, WebError, answer_to
from assistant.web.policy import require
from assistant.web.rates import asker_of
from assistant.web.site import GRADIO_PATH, person_or_none, site_of

K = TypeVar("K")
V = TypeVar("V")
Json: TypeAlias = "str | int | float | bool | None | list[Json] | dict[str, Json]"

#: What the page itself needs: code, style, configuration. They tell nothing of anyone.
_PAGE: Final = re.compile(
    r"/?|/config/?|/theme\.css|/favicon\.ico|/manifest\.json|/(?:assets|static|svelte)/.+"
    r"|/gradio_api/(?:info|startup-events|app_id)/?"
)
_LEAVES: Final = re.compile(r"\.\.|[\\:\x00]|//")
_API: Final = "/gradio_api"
_FILE: Final = f"{_API}/file="
_UPLOAD: Final = f"{_API}/upload"
_JOIN: Final = f"{_API}/queue/join"
_DATA: Final = f"{_API}/queue/data"
_CANCEL: Final = f"{_API}/cancel"
_PROGRESS: Final = f"{_API}/upload_progress"
_HEARTBEAT: Final = f"{_API}/heartbeat/"
#: How much is remembered of who owns what, in all.
_REMEMBERED: Final = 20_000


class Sessions:
    """Whose each session is: the first visitor's who uses it. Thread-safe, and bounded."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def claim(self, session: str, visitor: str) -> bool:
        """Whether the session is this visitor's."""
        with self._lock:
            known = self._owners.setdefault(session, visitor)
            _forget_the_oldest(self._owners, session)
        return known == visitor


class Sent:
    """Who sent which file. Thread-safe, and bounded.

    Gradio names a file after its bytes: two visitors who send the same have one path, each by
    right of having had the bytes.
    """

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, path: str, visitor: str) -> None:
        with self._lock:
            self._sent[path, visitor] = None
            _forget_the_oldest(self._sent, (path, visitor))

    def has(self, path: str, visitor: str) -> bool:
        with self._lock:
            return (path, visitor) in self._sent


def _forget_the_oldest(known: OrderedDict[K, V], used: K) -> None:
    known.move_to_end(used)
    while len(known) > _REMEMBERED:
        known.popitem(last=False)


class GradioGate:
    """Stands between the site and what Gradio mounts at `GRADIO_PATH`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._sessions = Sessions()
        self._files = Sent()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] == "lifespan" or not _is_gradio(path):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            inner_receive, inner_send = await self._pass(
                request, path.removeprefix(GRADIO_PATH), send
            )
        except WebError as error:
            await answer_to(request, error)(scope, receive, send)
            return
        await self._app(scope, inner_receive, inner_send)

    async def _pass(self, request: Request, path: str, send: Send) -> tuple[Receive, Send]:
        """What Gradio may receive and send. Raises: `WebError`."""
        person = person_or_none(request)
        if person is None:
            raise LoginNeeded(path)
        require(site_of(request), person, Action.DEPOSIT)
        if request.method == "POST":
            return await self._pass_post(request, path, send)
        if request.method not in ("GET", "HEAD") or not self._may_get(request, path):
            raise NotForYou(path)
        return request.receive, send

    def _may_get(self, request: Request, path: str) -> bool:
        owner = owner_of(request)
        if path.startswith(_FILE):
            return self._files.has(path.removeprefix(_FILE), owner)
        if path.startswith(_HEARTBEAT):
            return self._sessions.claim(path.removeprefix(_HEARTBEAT), owner)
        if path == _DATA:
            return self._sessions.claim(_only(request.query_params, "session_hash"), owner)
        if path == _PROGRESS:
            return self._sessions.claim(_only(request.query_params, "upload_id"), owner)
        return _PAGE.fullmatch(path) is not None and not _LEAVES.search(path)

    async def _pass_post(self, request: Request, path: str, send: Send) -> tuple[Receive, Send]:
        owner = owner_of(request)
        if path == _UPLOAD:
            site_of(request).rates.take("envoi", asker_of(request))
            upload = request.query_params.get("upload_id")
            if upload is not None and not self._sessions.claim(upload, owner):
                raise NotForYou("another's upload")
            _without(request.scope, b"accept-encoding")  # the answer is read on its way
            return request.receive, _Uploaded(send, self._files, owner)
        if path not in (_JOIN, _CANCEL):
            raise NotForYou(path)
        body = await request.body()
        self._check(body, owner)
        return _replayed(body, request.receive), send

    def _check(self, body: bytes, owner: str) -> None:
        """An event of one's own session, about files of one's own. Raises: `NotForYou`."""
        try:
            event: Json = json.loads(body)
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
            event = None
        session = event.get("session_hash") if isinstance(event, dict) else None
        if not isinstance(session, str) or not self._sessions.claim(session, owner):
            raise NotForYou("another's session")
        for path in _paths(event):
            if not (isinstance(path, str) and self._files.has(path, owner)):
                raise NotForYou("another's file")


class _Uploaded:
    """Notes whose the files are that Gradio says it has received."""

    def __init__(self, send: Send, files: Sent, owner: str) -> None:
        self._send = send
        self._files = files
        self._owner = owner
        self._body = b""
        self._status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body") and self._status == 200:
                for path in json.loads(self._body):
                    self._files.add(path, self._owner)
        await self._send(message)


def owner_of(request: HTTPConnection) -> str:
    """This visitor, in this browser, under this log-in."""
    person = person_or_none(request)
    parts = (person.id if person else "", tokens.session_of(request), tokens.visit_of(request))
    return sha256("\n".join(parts).encode()).hexdigest()


def _is_gradio(path: str) -> bool:
    return path == GRADIO_PATH or path.startswith(f"{GRADIO_PATH}/")


def _only(query: QueryParams, name: str) -> str:
    """A parameter given once. Raises: `NotForYou`: two readers could each take another value."""
    values = query.getlist(name)
    if len(values) != 1:
        raise NotForYou(f"{len(values)} {name}")
    return values[0]


def _paths(value: Json) -> Iterator[Json]:
    """Every path that an event's data names, however deep."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, Mapping):
            if "path" in item:
                yield item["path"]
            todo += item.values()
        elif isinstance(item, list):
            todo += item


def _without(scope: Scope, header: bytes) -> None:
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name != header]


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body again for Gradio, then whatever the connection still says."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
