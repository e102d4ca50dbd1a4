"""The OpenAI Batch API's files: one request a line, one answer a line.

Source: platform.openai.com/docs/guides/batch. Requests hold `custom_id`, `method`, `url` and
`body`; answers `custom_id`, `response` (`status_code`, `body`) and `error`. Answers made by hand
or by other tools are read too: see `answer_shapes`.
"""

import codecs
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import Field

from assistant.adapters import tolerant_json
from assistant.adapters.answer_shapes import completion, response_in
from assistant.domain.case import CriterionScope
from assistant.ports import Prompt
from ingest.types import Frozen

__all__ = [
    "URL",
    "AnswerLine",
    "RequestId",
    "Step",
    "completion",
    "files_digest",
    "place_digest",
    "read_answers",
    "request_line",
    "text_of",
]

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
    """Every answer of a file, readable or not. Raises: `UnicodeDecodeError`.

    One a line, as the Batch API writes them; or objects over several lines, or one array of them.
    """
    text = text_of(data)
    whole = _objects(text)
    if whole is not None:
        yield from (_read(number, found) for number, found in whole)
        return
    for number, line in enumerate(text.split("\n"), start=1):  # JSON may hold other separators
        if not line.strip():
            continue
        try:
            found = tolerant_json.loads(line)
        except (ValueError, RecursionError):
            yield AnswerLine(number=number, problem_fr="la ligne n'est pas du JSON")
        else:
            yield _read(number, found)


def text_of(data: bytes) -> str:
    """The text of a file of answers, whatever console wrote it. Raises: `UnicodeDecodeError`."""
    encoding = next((e for mark, e in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "")
    return data.decode(encoding or "utf-8-sig")


def _objects(text: str) -> list[tuple[int, object]] | None:
    """The objects of a file that is not one a line, each with its first line; None when it is."""
    start = text.lstrip()
    array = start.startswith("[")
    if not array and not (start.startswith("{") and not _is_json(start.split("\n", 1)[0])):
        return None
    found = list[tuple[int, object]]()
    position, number = len(text) - len(start) + array, 1
    seen = 0
    while position < len(text):
        if text[position].isspace() or text[position] in ",[]":
            position += 1
            continue
        try:
            value, end, text = tolerant_json.decode(text, position)
        except (ValueError, RecursionError):
            return None
        number += text.count("\n", seen, position)
        found.append((number, value))
        seen, position = position, end
    return found


def _is_json(text: str) -> bool:
    try:
        tolerant_json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _read(number: int, found: object) -> AnswerLine:
    if not isinstance(found, dict):
        return AnswerLine(number=number, problem_fr="la ligne n'est pas un objet JSON")
    custom_id = found.get("custom_id")
    if not isinstance(custom_id, str) or not custom_id:
        return AnswerLine(number=number, problem_fr="la ligne n'a pas de « custom_id »")
    answer = AnswerLine(number=number, custom_id=custom_id)
    if found.get("error"):
        cause = f"le fournisseur n'a pas traité la demande : {_code(found['error'])}"
        return answer.model_copy(update={"problem_fr": cause})
    status, body = response_in(found)
    if body is None:
        return answer.model_copy(update={"problem_fr": "la ligne ne contient pas de réponse"})
    return answer.model_copy(update={"status": status, "body": body})


def _code(error: object) -> str:
    """The provider's code for an error: never its message, which may echo the candidate."""
    code = error.get("code") if isinstance(error, dict) else error
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "erreur sans code"
