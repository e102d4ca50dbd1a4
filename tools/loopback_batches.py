"""The files and batches of the loopback server: what the OpenAI Batch API does, in memory.

Source: platform.openai.com/docs/api-reference/batch. Each request of a batch has its answer, or
its error, in the output or the error file; `batch_failures` is the share that fails.
"""

import email.parser
import email.policy
import json
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tools.loopback_llm import Provider, _Handler

Body = dict[str, Any]
_NOT_FOUND: Final = 404


class Batches:
    """Thread-safe. A batch is worked out when it is first asked for after `batch_seconds`."""

    def __init__(self, provider: "Provider") -> None:
        self._provider = provider
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, Body] = {}
        self._lock = threading.RLock()
        self._chance = random.Random(provider.behaviour.seed)

    def get(self, handler: "_Handler") -> None:
        parts = handler.path.strip("/").split("/")[1:]
        if not self._provider.behaviour.batches or not parts:
            handler.refuse(_NOT_FOUND, "not_found")
        elif parts[0] == "files" and parts[-1] == "content" and parts[1] in self._files:
            handler.send(200, self._files[parts[1]])
        elif parts[0].partition("?")[0] == "batches" and len(parts) == 1:
            with self._lock:
                found = [self._shown(identifier) for identifier in reversed(self._batches)]
            handler.send(200, {"object": "list", "data": found, "has_more": False})
        elif parts[0] == "batches" and len(parts) == 2 and parts[1] in self._batches:
            handler.send(200, self._now(parts[1]))
        else:
            handler.refuse(_NOT_FOUND, "not_found")

    def post(self, handler: "_Handler", data: bytes) -> None:
        path = handler.path.split("?")[0]
        if not self._provider.behaviour.batches:
            handler.refuse(_NOT_FOUND, "not_found")
        elif path.endswith("/files"):
            handler.send(200, self._upload(handler.headers.get("Content-Type", ""), data))
        elif path.endswith("/batches"):
            handler.send(200, self._create(json.loads(data)))
        elif path.endswith("/cancel"):
            handler.send(200, self._cancel(path.split("/")[-2]))
        else:
            handler.refuse(_NOT_FOUND, "not_found")

    def _upload(self, content_type: str, data: bytes) -> Body:
        head = f"Content-Type: {content_type}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + data)
        content = b""
        for part in message.iter_parts():
            if part.get_filename():
                payload = part.get_payload(decode=True)
                content = payload if isinstance(payload, bytes) else b""
        return self._file(content, "batch")

    def _file(self, content: bytes, purpose: str) -> Body:
        with self._lock:
            identifier = f"file-{len(self._files) + 1:06d}"
            self._files[identifier] = content
        return {
            "id": identifier,
            "object": "file",
            "bytes": len(content),
            "created_at": int(time.time()),
            "filename": "demandes.jsonl",
            "purpose": purpose,
            "status": "processed",
        }

    def _create(self, asked: Body) -> Body:
        with self._lock:
            identifier = f"batch_{len(self._batches) + 1:06d}"
            self._batches[identifier] = {
                "id": identifier,
                "object": "batch",
                "endpoint": asked["endpoint"],
                "input_file_id": asked["input_file_id"],
                "completion_window": asked["completion_window"],
                "metadata": asked.get("metadata"),
                "status": "in_progress",
                "created_at": int(time.time()),
                "request_counts": {"total": 0, "completed": 0, "failed": 0},
            }
            self._batches[identifier]["_ready"] = (
                time.monotonic() + self._provider.behaviour.batch_seconds
            )
            return self._shown(identifier)

    def _cancel(self, identifier: str) -> Body:
        with self._lock:
            self._batches[identifier]["status"] = "cancelled"
            return self._shown(identifier)

    def _now(self, identifier: str) -> Body:
        with self._lock:
            batch = self._batches[identifier]
            if batch["status"] == "in_progress" and time.monotonic() >= batch["_ready"]:
                self._work(batch)
            return self._shown(identifier)

    def _shown(self, identifier: str) -> Body:
        return {k: v for k, v in self._batches[identifier].items() if not k.startswith("_")}

    def _work(self, batch: Body) -> None:
        """Answer every line; some fail, as `batch_failures` says."""
        done: list[str] = []
        failed: list[str] = []
        for line in self._files[batch["input_file_id"]].decode().splitlines():
            request = json.loads(line)
            answer: Body = {"id": f"r-{len(done)}", "custom_id": request["custom_id"]}
            if self._chance.random() < self._provider.behaviour.batch_failures:
                code = {"code": "server_error", "message": "server_error"}
                failed.append(json.dumps({**answer, "response": None, "error": code}))
                continue
            body = self._provider.complete(request["body"], wait=False)
            self._provider.count("batch_answers")
            response = {"status_code": 200, "request_id": "r", "body": body}
            done.append(json.dumps({**answer, "response": response, "error": None}))
        batch["status"] = "completed"
        batch["completed_at"] = int(time.time())
        total = len(done) + len(failed)
        batch["request_counts"] = {"total": total, "completed": len(done), "failed": len(failed)}
        if done:
            batch["output_file_id"] = self._file("\n".join(done).encode(), "batch_output")["id"]
        if failed:
            batch["error_file_id"] = self._file("\n".join(failed).encode(), "batch_output")["id"]
