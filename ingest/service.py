"""Where files enter: read from the cache or by the readers, in parallel, each within limits."""

import unicodedata
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from ingest import jobs
from ingest.cache import DocumentCache
from ingest.cleaning import storable_text
from ingest.errors import FileTooLarge, FileUnavailable, IngestError, system_cause_fr
from ingest.isolation import DEFAULT_WORKERS, shared_pool
from ingest.limits import ReadingLimits, megabytes
from ingest.types import Box, Document, SourceFile
from ingest.wire import BOXES, Cover, Job, Reply, Request

#: Part of what identifies a review: raise it when reading changes what is extracted.
READER_VERSION: Final = "ingest/5"


class ReadingService:
    """Reads untrusted files. Safe to share between threads.

    `isolated=False` reads in this very process, without limits of time and memory: for tests.
    """

    def __init__(
        self,
        limits: ReadingLimits | None = None,
        *,
        cache: DocumentCache | None = None,
        workers: int = DEFAULT_WORKERS,
        isolated: bool = True,
    ) -> None:
        self.limits = limits or ReadingLimits()
        self._cache = cache
        self._workers = workers
        self._isolated = isolated

    def load(self, path: Path, name: str) -> SourceFile:
        """A file's bytes, under the name that it is shown by.

        Raises: `FileTooLarge` before anything is read; `FileUnavailable`.
        """
        name = storable_text(unicodedata.normalize("NFC", name))
        try:
            size = path.stat().st_size
            if size > self.limits.max_bytes:
                raise FileTooLarge(
                    f"{size} bytes",
                    filename=name,
                    size=megabytes(size),
                    limit=megabytes(self.limits.max_bytes),
                )
            return SourceFile.from_bytes(name, path.read_bytes())
        except OSError as error:
            cause = system_cause_fr(error)
            raise FileUnavailable(cause, filename=name, cause=cause) from error

    def read(self, file: SourceFile) -> Document:
        """Read a file whatever its format.

        Raises: an `IngestError`, `ReadingTimedOut` and `ReadingCrashed` among them.
        """
        kept = self._cache.get(file, self.limits) if self._cache else None
        if kept is not None:
            return kept
        _, (data,) = self._run(Request(job=Job.READ, filename=file.filename), file)
        document = Document.model_validate_json(data)
        if self._cache:
            self._cache.put(file, self.limits, data)
        return document

    def read_all(self, files: Sequence[SourceFile]) -> list[Document | IngestError]:
        """Read files in parallel; a failure takes the place of its file's document."""
        with ThreadPoolExecutor(self._workers, thread_name_prefix="lecture") as threads:
            return list(threads.map(self._read_or_error, files))

    def unpack(self, file: SourceFile) -> tuple[tuple[SourceFile, ...], tuple[IngestError, ...]]:
        """The files of a .zip and what could not be taken out of it.

        Raises: an `IngestError` when the archive as a whole is refused.
        """
        reply, bodies = self._run(Request(job=Job.UNPACK, filename=file.filename), file)
        files = zip(reply.names, bodies, strict=True)
        return (
            tuple(SourceFile.from_bytes(storable_text(name), data) for name, data in files),
            tuple(failure.error() for failure in reply.failures),
        )

    def draw(
        self, file: SourceFile, page: int, *, quote: str = "", boxes: Iterable[Box] = ()
    ) -> bytes:
        """A PNG of a PDF's page or of an image, with a quote highlighted.

        Raises: an `IngestError`.
        """
        request = Request(
            job=Job.DRAW, filename=file.filename, page=page, quote=quote, boxes=tuple(boxes)
        )
        _, (png,) = self._run(request, file)
        return png

    def find(
        self, file: SourceFile, page: int, quote: str, boxes: Iterable[Box]
    ) -> tuple[Box, ...]:
        """One box for each line of a quote on a PDF's page; none when its words are not found.

        `boxes` are those of the blocks that it stands in. Raises: an `IngestError`.
        """
        request = Request(
            job=Job.FIND, filename=file.filename, page=page, quote=quote, boxes=tuple(boxes)
        )
        _, (found,) = self._run(request, file)
        return BOXES.validate_json(found)

    def picture(
        self,
        file: SourceFile,
        *,
        page: int = 1,
        image: str = "",
        side: int,
        max_bytes: int,
        covers: Iterable[Cover] = (),
    ) -> bytes:
        """A page, or the embedded image with that fingerprint, as a PNG or JPEG of its pixels only.

        `covers`: words painted over on the page; a page where they cannot be found is refused.
        Units: `side` in pixels, the longer one; bytes. Raises: an `IngestError`.
        """
        request = Request(
            job=Job.PICTURE,
            filename=file.filename,
            page=page,
            image=image,
            side=side,
            max_bytes=max_bytes,
            covers=tuple(covers),
        )
        _, (data,) = self._run(request, file)
        return data

    def _read_or_error(self, file: SourceFile) -> Document | IngestError:
        try:
            return self.read(file)
        except IngestError as error:
            return error

    def _run(self, request: Request, file: SourceFile) -> tuple[Reply, list[bytes]]:
        request = request.model_copy(update={"limits": self.limits})
        if self._isolated:
            return shared_pool(self._workers).run(request, file.data)
        reply, bodies = jobs.run(request, file.data)
        if reply.failure is not None:
            raise reply.failure.error()
        return reply, bodies
