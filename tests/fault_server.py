"""A small OpenAI-compatible server on loopback that fails on command.

Each request is answered by the next step of a script; the last step answers for ever after. A
step receives the exchange and answers as it likes, hang-ups and half replies included.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Body = dict[str, Any]


class Exchange:
    """One request, and the ways of answering it."""

    def __init__(self, handler: "_Handler", body: Body) -> None:
        self._handler = handler
        self.path = handler.path
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body

    def send(
        self,
        payload: object,
        status: int = 200,
        headers: dict[str, str] | None = None,
        *,
        content_type: str = "application/json",
    ) -> None:
        """Answer with JSON, or with raw bytes as they are."""
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self._handler.send_response(status)
        for name, value in (headers or {}).items():
            self._handler.send_header(name, value)
        self._handler.send_header("Content-Type", content_type)
        self._handler.send_header("Content-Length", str(len(data)))
        self._handler.end_headers()
        self._handler.wfile.write(data)

    def hang_up(self, announced: int = 1000, sent: bytes = b'{"id": "half') -> None:
        """Announce a body, send the beginning of it, and reset the connection."""
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", "application/json")
        self._handler.send_header("Content-Length", str(announced))
        self._handler.end_headers()
        self._handler.wfile.write(sent)
        self._handler.wfile.flush()
        linger = struct.pack("ii", 1, 0)  # close with a reset rather than politely
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.connection.close()
        self._handler.close_connection = True

    def drip(self, seconds_between: float, times: int) -> None:
        """Send a body one byte at a time, never silent long enough for a time-out per read."""
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", "application/json")
        self._handler.send_header("Content-Length", str(times))
        self._handler.end_headers()
        for _ in range(times):
            self._handler.wfile.write(b" ")
            self._handler.wfile.flush()
            time.sleep(seconds_between)

    @property
    def form(self) -> str:
        """The way this request asks for JSON, as the adapter's `Form` names it."""
        if "tools" in self.body:
            return "function"
        return str(self.body.get("response_format", {}).get("type", "text"))


Step = Callable[[Exchange], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        exchange = Exchange(self, json.loads(self.rfile.read(length) or b"{}"))
        try:
            self.server.next_step(exchange)(exchange)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client gave up first, as it should

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, steps: tuple[Step, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._steps = steps
        self._lock = threading.Lock()
        self.exchanges: list[Exchange] = []

    def next_step(self, exchange: Exchange) -> Step:
        with self._lock:
            step = self._steps[min(len(self.exchanges), len(self._steps) - 1)]
            self.exchanges.append(exchange)
        return step


class FaultServer:
    """`with FaultServer(status(429), ok(text)) as server: …` on a free port of 127.0.0.1."""

    def __init__(self, *steps: Step) -> None:
        self._server = _Server(steps)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def exchanges(self) -> list[Exchange]:
        return self._server.exchanges

    @property
    def bodies(self) -> list[Body]:
        return [exchange.body for exchange in self.exchanges]

    @property
    def forms(self) -> list[str]:
        return [exchange.form for exchange in self.exchanges]


def completion(
    content: str | None,
    *,
    finish_reason: str | None = "stop",
    usage: Body | None = None,
    **message: Any,
) -> Body:
    """The body of a chat completion."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "essai-2026-01-01",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
        "usage": usage or {"prompt_tokens": 9000, "completion_tokens": 50, "total_tokens": 9050},
    }


def ok(content: str | None, **options: Any) -> Step:
    """Answer with this content, whatever was asked."""
    return lambda exchange: exchange.send(completion(content, **options))


def tool_call(arguments: str, *, name: str = "criterion_reply") -> Step:
    """Answer with a function call."""
    call = {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return ok(None, finish_reason="tool_calls", tool_calls=[call])


def status(
    http: int,
    message: str = "no",
    *,
    headers: dict[str, str] | None = None,
    code: str | None = None,
    param: str | None = None,
) -> Step:
    """Answer with an HTTP error in OpenAI's form."""
    body = {"error": {"message": message, "type": None, "param": param, "code": code}}
    return lambda exchange: exchange.send(body, http, headers)


def raw(data: bytes, content_type: str = "application/json", code: int = 200) -> Step:
    """Answer with these bytes."""
    return lambda exchange: exchange.send(data, code, content_type=content_type)


def silence(seconds: float) -> Step:
    """Say nothing for a while, then hang up."""

    def step(exchange: Exchange) -> None:
        time.sleep(seconds)
        exchange.hang_up()

    return step


def by_form(answers: dict[str, Step]) -> Step:
    """A server that treats each way of asking for JSON in its own manner."""
    return lambda exchange: answers[exchange.form](exchange)
