"""What the application and its reading processes say to each other.

A message is a JSON header and raw bodies, each preceded by its length. Nothing is pickled: what
comes back from a process that opened an untrusted file is checked like the file itself.
"""

import struct
from collections.abc import Sequence
from enum import StrEnum
from typing import IO, Final, TypeVar

from pydantic import TypeAdapter

from ingest import errors
from ingest.errors import IngestError, ReadingCrashed
from ingest.limits import ReadingLimits
from ingest.types import Box, Frozen

_COUNT: Final = struct.Struct(">H")
_LENGTH: Final = struct.Struct(">Q")

#: What `Job.FIND` answers.
BOXES: Final = TypeAdapter(tuple[Box, ...])

Header = TypeVar("Header", bound=Frozen)


class Job(StrEnum):
    """What a reading process can be asked."""

    READ = "read"  # one body back: the document as JSON
    UNPACK = "unpack"  # one body back for each of `Reply.names`
    DRAW = "draw"  # one body back: a PNG
    FIND = "find"  # one body back: the boxes of a quote's words on a page, as JSON
    PICTURE = "picture"  # one body back: a PNG or a JPEG, without metadata


class Cover(Frozen):
    """Words to paint over wherever a page shows them.

    `boxes`: the blocks of that page that hold them, painted whole when the words themselves are
    not found. `here`: they are known to stand on that page.
    """

    text: str
    boxes: tuple[Box, ...] = ()
    here: bool = False


class Request(Frozen):
    """A job on one file, whose bytes are the message's only body.

    `page` and after: to draw; `image` and after: a picture of the page, or of the embedded image
    that has this fingerprint, within a side in pixels and a weight in bytes, words painted over.
    """

    job: Job
    filename: str
    limits: ReadingLimits = ReadingLimits()
    page: int = 1
    quote: str = ""
    boxes: tuple[Box, ...] = ()
    image: str = ""
    side: int = 0
    max_bytes: int = 0
    covers: tuple[Cover, ...] = ()


class Failure(Frozen):
    """An `IngestError` on its way between two processes."""

    kind: str
    detail: str
    filename: str
    fields: dict[str, str]

    @classmethod
    def of(cls, error: IngestError) -> "Failure":
        fields = {name: value for name, value in error.fields.items() if name != "filename"}
        return cls(
            kind=type(error).__name__, detail=str(error), filename=error.filename, fields=fields
        )

    def error(self) -> IngestError:
        """The error as it was raised."""
        kind = getattr(errors, self.kind, ReadingCrashed)
        if not (isinstance(kind, type) and issubclass(kind, IngestError)):
            raise ValueError(f"{self.kind} is no ingestion error")
        return kind(self.detail, filename=self.filename, **self.fields)


class Reply(Frozen):
    """How a job ended.

    `failure`: the file as a whole; `failures`: entries of an archive. `retiring`: the process
    ends after this reply.
    """

    failure: Failure | None = None
    failures: tuple[Failure, ...] = ()
    names: tuple[str, ...] = ()
    retiring: bool = False


def send(stream: IO[bytes], header: Frozen, bodies: Sequence[bytes] = ()) -> None:
    """Write one message. Raises: `OSError` when nobody reads any more."""
    parts = [header.model_dump_json().encode(), *bodies]
    stream.write(_COUNT.pack(len(parts)))
    for part in parts:
        stream.write(_LENGTH.pack(len(part)))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes], kind: type[Header]) -> tuple[Header, list[bytes]]:
    """Read one message. Raises: `EOFError` when the other side is gone, `ValueError` on noise."""
    (count,) = _COUNT.unpack(_exactly(stream, _COUNT.size))
    parts = [_part(stream) for _ in range(count)]
    if not parts:
        raise ValueError("a message without a header")
    return kind.model_validate_json(parts[0]), parts[1:]


def _part(stream: IO[bytes]) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError(f"{len(data)} bytes of {size}")
    return data
