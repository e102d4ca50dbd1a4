"""Refuses what is sent in bulk before it fills the memory or the disk."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.errors import failure, plain_message
from assistant.web.site import GRADIO_PATH

#: What a form or a JSON request may weigh, in bytes.
SMALL: Final = 1_000_000
#: The routes that receive files, by the beginning of their path.
UPLOADS: Final = (f"{GRADIO_PATH}/gradio_api/upload", "/autocontrole")


class BodyLimit:
    """Counts what comes in; beyond the limit, nothing more is read and the answer is a 413.

    Units: `uploads` in bytes, for a whole request with its files.
    """

    def __init__(self, app: ASGIApp, uploads: int) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._uploads if scope["path"].startswith(UPLOADS) else SMALL
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            await _refuse(scope, receive, send)
            return
        body = _Counted(scope, receive, send, limit)
        try:
            await self._app(scope, body.receive, body.send)
        except ClientDisconnect:
            if not body.over:
                raise


class _Counted:
    """One request, whose body is cut at the limit."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self.over = False
        self._scope = scope
        self._receive = receive
        self._send = send
        self._left = limit
        self._answered = False

    async def receive(self) -> Message:
        if self.over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
        if self._left >= 0:
            return message
        self.over = True
        if not self._answered:
            await _refuse(self._scope, self._receive, self._send)
        return {"type": "http.disconnect"}  # to the application, the sender has gone

    async def send(self, message: Message) -> None:
        if not self.over:
            self._answered = True
            await self._send(message)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = failure(Request(scope), 413, plain_message(413), {"Connection": "close"})
    await answer(scope, receive, send)
