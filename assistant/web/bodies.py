"""Refuses what is sent in bulk before it fills the memory or the disk."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.errors import failure, plain_message
from assistant.web.site import GRADIO_PATH

#: What a form or a JSON request may weigh, in bytes.
SMALL: Final = 1_000_000
#: The routes that receive files, by the beginning of their path.
UPLOADS: Final = (f"{GRADIO_PATH}/gradio_api/upload", "/api/autocontrole/fichiers")


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
        left = limit
        started = False

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            if message["type"] == "http.request":
                left -= len(message.get("body", b""))
                if left < 0:
                    raise _TooLong
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except _TooLong:
            if not started:
                await _refuse(scope, receive, send)


class _TooLong(Exception):
    """A body went over its limit; never leaves this module."""


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = failure(Request(scope), 413, plain_message(413), {"Connection": "close"})
    await answer(scope, receive, send)
