"""The OpenAI Batch API's files: one request a line, one answer a line.

Source: platform.openai.com/docs/guides/batch. Requests hold `custom_id`, `method`, `url` and
`body`; answers `custom_id`, `response` (`status_code`, `body`) and `error`. Answers made by hand
or by other tools are read too: a chat completion's body, or its text alone, beside the id.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import Field

from assistant.domain.case import CriterionScope
from assistant.ports import Prompt
from ingest.types import Frozen

URL: Final = "/v1/chat/completions"
_OK: Final = 200
_ID: Final = re.compile(
    r"preuve-([0-9a-f]{12})-([0-9a-f]{8})-([0-9a-f]{16,24})(?:-([0-9])([0-9]{3})-([0-9a-f]{8}))?"
)
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_BYTE_ORDER_MARKS: Final = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Step(Frozen):
    """Which request of several: its round and its place in it, both from 0 at least.

    Round 0 asks about several criteria at once, 1 and more about one. `digest` begins the SHA-256
    of the request's text: a later round depends on the answers of an earlier one.
    """

    round: int = Field(ge=0, le=9)
    index: int = Field(ge=0, le=999)
    digest: str

    def __str__(self) -> str:
        return f"{self.round}{self.index:03d}-{self.digest}"

    @classmethod
    def of(cls, round_: int, index: int, prompt: Prompt) -> "Step":
        digest = _digest(message.text for message in prompt.messages)[:8]
        return cls(round=round_, index=index, digest=digest)


class RequestId(Frozen):
    """A request's `custom_id`, 60 characters at most: digests only, nothing of the candidate.

    `place` stands for the dossier, the épreuve and the criterion; `files` for the files judged;
    `key` begins the key under which the finding is kept. Two of them tell what changed since.
    `step` is None when one request makes the whole finding.
    """

    place: str
    files: str
    key: str
    step: Step | None = None

    def __str__(self) -> str:
        if self.step is None:
            return f"preuve-{self.place}-{self.files}-{self.key}"
        return f"preuve-{self.place}-{self.files}-{self.key[:16]}-{self.step}"

    @classmethod
    def of(
        cls, dossier_id: str, scope: CriterionScope, key: str, step: Step | None = None
    ) -> "RequestId":
        place = place_digest(dossier_id, scope.rubric.id, scope.criterion.id)
        return cls(place=place, files=files_digest(scope), key=key[:24], step=step)

    @classmethod
    def parse(cls, text: str) -> "RequestId | None":
        """None for an id that is not ours."""
        if (match := _ID.fullmatch(text)) is None:
            return None
        place, files, key, round_, index, digest = match.groups()
        step = None
        if digest is not None:
            step = Step(round=int(round_), index=int(index), digest=digest)
        return cls(place=place, files=files, key=key, step=step)


def place_digest(dossier_id: str, epreuve: str, criterion_id: str) -> str:
    """Where an answer belongs, in twelve hexadecimal digits."""
    return _digest([dossier_id, epreuve, criterion_id])[:12]


def files_digest(scope: CriterionScope) -> str:
    """The deliverables and what they are compared with, in eight hexadecimal digits."""
    compared = [d for piece in (*scope.pieces, *scope.context) for d in piece.documents]
    return _digest([d.sha256 for d in (*scope.deliverables, *compared)])[:8]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def request_line(custom_id: RequestId, body: Mapping[str, Any]) -> str:
    """One request, in ASCII: no console and no editor can damage its accents."""
    request = {"custom_id": str(custom_id), "method": "POST", "url": URL, "body": dict(body)}
    return json.dumps(request, separators=(",", ":"))


class AnswerLine(Frozen):
    """One line of answers. `number` counts from 1; `status` is the provider's HTTP status.

    `custom_id` is empty when the line does not say it, and `problem_fr` when it can be read.
    """

    number: int
    custom_id: str = ""
    status: int = _OK
    body: dict[str, Any] = {}
    problem_fr: str = ""

    @property
    def model(self) -> str:
        """The model that says it answered; empty when the answer does not say."""
        name = self.body.get("model")
        return name if isinstance(name, str) else ""


def read_answers(data: bytes) -> Iterator[AnswerLine]:
    """Every line that is not blank, readable or not. Raises: `UnicodeDecodeError`."""
    for number, line in enumerate(
        text_of(data).split("\n"), start=1
    ):  # JSON may hold other separators
        if line.strip():
            yield _read(number, line)


def text_of(data: bytes) -> str:
    """The text of a file of answers, whatever console wrote it. Raises: `UnicodeDecodeError`."""
    encoding = next((e for mark, e in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "")
    return data.decode(encoding or "utf-8-sig")


def _read(number: int, line: str) -> AnswerLine:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return AnswerLine(number=number, problem_fr="la ligne n'est pas du JSON")
    if not isinstance(found, dict):
        return AnswerLine(number=number, problem_fr="la ligne n'est pas un objet JSON")
    custom_id = found.get("custom_id")
    if not isinstance(custom_id, str) or not custom_id:
        return AnswerLine(number=number, problem_fr="la ligne n'a pas de « custom_id »")
    answer = AnswerLine(number=number, custom_id=custom_id)
    if found.get("error"):
        cause = f"le fournisseur n'a pas traité la demande : {_code(found['error'])}"
        return answer.model_copy(update={"problem_fr": cause})
    status, body = _status_and_body(found)
    if body is None:
        return answer.model_copy(update={"problem_fr": "la ligne ne contient pas de réponse"})
    return answer.model_copy(update={"status": status, "body": body})


def _status_and_body(found: Mapping[str, Any]) -> tuple[int, dict[str, Any] | None]:
    """The HTTP status and the body of an answer, in any of the shapes that are read."""
    response = found.get("response")
    if isinstance(response, dict) and "choices" not in response:
        status, body = response.get("status_code", _OK), response.get("body")
        known = isinstance(status, int) and _OK <= status <= 599
        return (status if known else 500), body if isinstance(body, dict) else None
    for body in (response, found.get("body"), found):
        if isinstance(body, dict) and "choices" in body:
            return _OK, {k: v for k, v in body.items() if k != "custom_id"}
    content = found.get("content")
    return _OK, completion(content) if isinstance(content, str) else None


def completion(content: str, *, model: str = "") -> dict[str, Any]:
    """A chat completion's body around its text, as a server gives it."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"object": "chat.completion", "choices": [choice]} | ({"model": model} if model else {})


def _code(error: object) -> str:
    """The provider's code for an error: never its message, which may echo the candidate."""
    code = error.get("code") if isinstance(error, dict) else error
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "erreur sans code"
