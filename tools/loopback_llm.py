"""A loopback OpenAI-compatible server that behaves like a provider: latency, prefix cache, faults.

It understands nothing (see `tools.mock_llm`, whose replies it gives), but it is honest about what
it does: quotes come from the prompt's document, cached tokens are those of a prefix it has really
met before, and it counts every call and every token on its own, to be compared with what a client
says. Faults are drawn by a seeded generator. Files and batches are those of the OpenAI Batch API.

`python -m tools.loopback_llm` prints its address, then serves until interrupted;
`GET /compte` gives its own account of what it served.
"""

import argparse
import hashlib
import json
import random
import re
import sys
import threading
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from pydantic import BaseModel

from tools.loopback_batches import Batches
from tools.mock_llm import reply_to

Body = dict[str, Any]
_PIECE: Final = re.compile(r"\w{1,6}|[^\w\s]")
#: Providers cache prefixes by steps, from a first length on. Source: OpenAI, « Prompt caching »
#: (1 024 tokens, then steps of 128).
_CACHE_STEP: Final = 128
_CACHE_FROM: Final = 1024
_REPLIES_KEPT: Final = 20_000


class Behaviour(BaseModel):
    """How the server answers. Units: seconds, tokens per second, shares between 0 and 1.

    `requests_per_minute` and `tokens_per_minute` of 0 mean no limit. A timed-out request is held
    for `hang_seconds`, then dropped. `refuse_after` successful answers, everything is refused as
    `refusal` says (« quota », « key », « model »). `reply`: what is answered to everything, for
    programs that ask in another form than ours.
    """

    seed: int = 0
    base_seconds: float = 0.0
    prefill_tokens_per_second: float = 1e9
    output_tokens_per_second: float = 1e9
    too_many: float = 0.0
    broken: float = 0.0
    truncated: float = 0.0
    silent: float = 0.0
    hang_seconds: float = 5.0
    retry_after: float = 0.0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    refuse_after: int = -1
    refusal: str = "quota"
    reply: str = ""
    batches: bool = True
    batch_seconds: float = 0.0
    batch_failures: float = 0.0


#: The faults that the cohort's tests and bench are made with.
FAULTS: Final = {"too_many": 0.05, "broken": 0.02, "truncated": 0.01, "silent": 0.01}
_REFUSALS: Final = {
    "quota": (429, "insufficient_quota"),
    "key": (401, "invalid_api_key"),
    "model": (404, "model_not_found"),
}


class Account(BaseModel):
    """What the server did, as it counts it. Tokens are those of the answers it sent whole."""

    calls: int = 0
    answers: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    too_many: int = 0
    broken: int = 0
    truncated: int = 0
    silent: int = 0
    refused: int = 0
    rate_limited: int = 0
    most_at_once: int = 0
    batch_answers: int = 0


def count_tokens(text: str) -> int:
    """Word pieces of six letters at most, and signs: about four characters each in French."""
    return len(_PIECE.findall(text))


class PrefixCache:
    """Which prefixes were met, by steps of tokens. Thread-safe; the least recent are forgotten."""

    def __init__(self, most: int = 200_000) -> None:
        self._met: OrderedDict[bytes, None] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def steps(self, schema: str, text: str) -> list[tuple[int, bytes]]:
        """Each prefix long enough to be cached: its tokens, and the digest of all before it.

        The schema comes first: an answer's form is part of what providers cache.
        """
        pieces = list(_PIECE.finditer(text))
        digest = hashlib.sha256(schema.encode())
        found, start = [], 0
        for tokens in range(_CACHE_STEP, len(pieces) + 1, _CACHE_STEP):
            end = pieces[tokens - 1].end()
            digest.update(text[start:end].encode())
            start = end
            if tokens >= _CACHE_FROM:
                found.append((tokens, digest.digest()))
        return found

    def cached(self, steps: list[tuple[int, bytes]]) -> int:
        """Tokens of the longest prefix met before."""
        with self._lock:
            for tokens, digest in reversed(steps):
                if digest in self._met:
                    return tokens
        return 0

    def learn(self, steps: list[tuple[int, bytes]]) -> None:
        """From now on these prefixes are known."""
        with self._lock:
            for _, digest in steps:
                self._met[digest] = None
                self._met.move_to_end(digest)
            while len(self._met) > self._most:
                self._met.popitem(last=False)


class Provider:
    """What answers the requests: shared by the server's threads and by its batches."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.account = Account()
        self.cache = PrefixCache()
        self.lock = threading.Lock()
        self._chance = random.Random(behaviour.seed)
        self._at_once = 0
        self._minute: list[tuple[float, int]] = []
        self._replies: dict[str, str] = {}
        self._admitted = 0  # requests not refused, answered or under way

    def enter(self) -> None:
        with self.lock:
            self.account.calls += 1
            self._at_once += 1
            self.account.most_at_once = max(self.account.most_at_once, self._at_once)

    def leave(self) -> None:
        with self.lock:
            self._at_once -= 1

    def count(self, name: str) -> None:
        with self.lock:
            setattr(self.account, name, getattr(self.account, name) + 1)

    def fault(self) -> str:
        """The fault this request meets, empty when none."""
        with self.lock:
            drawn = self._chance.random()
        for name in ("too_many", "broken", "truncated", "silent"):
            share = float(getattr(self.behaviour, name))
            if drawn < share:
                return name
            drawn -= share
        return ""

    def refusing(self) -> bool:
        """Whether this request comes after those that may be answered; those under way count."""
        after = self.behaviour.refuse_after
        with self.lock:
            refused = 0 <= after <= self._admitted
            self._admitted += not refused
        return refused

    def over_the_limit(self, tokens: int) -> float:
        """Seconds to wait before this request fits the limits; 0 when it does, and it counts."""
        requests, per_minute = (
            self.behaviour.requests_per_minute,
            self.behaviour.tokens_per_minute,
        )
        if not requests and not per_minute:
            return 0.0
        now = time.monotonic()
        with self.lock:
            self._minute = [(at, t) for at, t in self._minute if now - at < 60]
            spent = sum(t for _, t in self._minute)
            full = (requests and len(self._minute) >= requests) or (
                per_minute and spent + tokens > per_minute
            )
            if full and self._minute:
                self.account.rate_limited += 1
                return 60 - (now - self._minute[0][0])
            self._minute.append((now, tokens))
        return 0.0

    def complete(self, body: Body, *, cut: bool = False, wait: bool = True) -> Body:
        """A chat completion's body, after the time that it takes."""
        text = "\n".join(str(message["content"]) for message in body.get("messages", []))
        schema = json.dumps([body.get("response_format"), body.get("tools")], sort_keys=True)
        steps = self.cache.steps(schema, text)
        prompt = count_tokens(text)
        cached = self.cache.cached(steps)
        reply = self._reply(text)
        if cut:
            reply = reply[: max(1, len(reply) // 3)]
        written = count_tokens(reply)
        if wait:
            time.sleep((prompt - cached) / self.behaviour.prefill_tokens_per_second)
        self.cache.learn(steps)  # once the prompt is read, another request may share it
        if wait:
            time.sleep(
                self.behaviour.base_seconds + written / self.behaviour.output_tokens_per_second
            )
        with self.lock:
            self.account.answers += 1
            self.account.input_tokens += prompt
            self.account.cached_tokens += cached
            self.account.output_tokens += written
        return _completion(body, reply, "length" if cut else "stop", prompt, cached, written)

    def _reply(self, text: str) -> str:
        """The same prompt has the same reply, and is read once."""
        if self.behaviour.reply:
            return self.behaviour.reply
        key = hashlib.sha256(text.encode()).hexdigest()
        kept = self._replies.get(key)
        if kept is None:
            kept = json.dumps(reply_to(text), ensure_ascii=False)
            with self.lock:
                if len(self._replies) > _REPLIES_KEPT:
                    self._replies.clear()
                self._replies[key] = kept
        return kept


def _completion(body: Body, text: str, reason: str, prompt: int, cached: int, written: int) -> Body:
    return {
        "id": "chatcmpl-essai",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": str(body.get("model", "")),
        "choices": [
            {
                "index": 0,
                "finish_reason": reason,
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        if self.path == "/compte":
            self.send(200, self.server.provider.account.model_dump())
        else:
            self.server.batches.get(self)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self.path.endswith("/chat/completions"):
            self.server.batches.post(self, data)
            return
        provider = self.server.provider
        provider.enter()
        try:
            self._chat(json.loads(data), provider)
        except (BrokenPipeError, ConnectionResetError, json.JSONDecodeError):
            self.close_connection = True  # the client gave up first, be it while it asked
        finally:
            provider.leave()

    def _chat(self, body: Body, provider: Provider) -> None:
        if provider.refusing():
            provider.count("refused")
            self.refuse(*_REFUSALS[provider.behaviour.refusal])
            return
        wait = provider.over_the_limit(sum(len(str(m)) for m in body.get("messages", [])) // 4)
        if wait:
            self.refuse(429, "rate_limit_exceeded", {"Retry-After": f"{wait:.3f}"})
            return
        fault = provider.fault()
        if fault:
            provider.count(fault)
        match fault:
            case "too_many":
                after = provider.behaviour.retry_after
                self.refuse(
                    429, "rate_limit_exceeded", {"Retry-After": f"{after:g}"} if after else {}
                )
            case "broken":
                self.refuse(500, "server_error")
            case "silent":
                time.sleep(provider.behaviour.hang_seconds)
                self.close_connection = True
            case _:
                self.send(200, provider.complete(body, cut=fault == "truncated"))

    def refuse(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        self.send(status, {"error": {"message": code, "code": code, "type": code}}, headers)

    def send(
        self, status: int, payload: Body | bytes, headers: dict[str, str] | None = None
    ) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.provider = Provider(behaviour)
        self.batches = Batches(self.provider)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed between two requests is no fault of the server's."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class LoopbackServer:
    """`with LoopbackServer(Behaviour(**FAULTS)) as server: …` on a free port of 127.0.0.1."""

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0) -> None:
        self._server = _Server(port, behaviour or Behaviour())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

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
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def account(self) -> Account:
        """The server's own count, now."""
        return self._server.provider.account.model_copy()

    @property
    def behaviour(self) -> Behaviour:
        """May be changed while it serves."""
        return self._server.provider.behaviour


def main() -> None:
    """Serve until interrupted. Each option is a field of `Behaviour`."""
    parser = argparse.ArgumentParser(description="Serveur d'essai : il ne comprend rien.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--faults", action="store_true", help="5 % 429, 2 % 500, 1 %, 1 %")
    for name, field in Behaviour.model_fields.items():
        default = field.default
        if isinstance(default, int | float | str) and not isinstance(default, bool):
            parser.add_argument(f"--{name.replace('_', '-')}", type=type(default))
    given = {k: v for k, v in vars(parser.parse_args()).items() if v is not None}
    port, faults = given.pop("port"), given.pop("faults")
    behaviour = Behaviour.model_validate({**(FAULTS if faults else {}), **given})
    with LoopbackServer(behaviour, port) as serving:
        print(serving.url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(serving.account.model_dump_json(), flush=True)


if __name__ == "__main__":
    main()
