"""What is done with an untrusted file, wherever it runs: in a process of its own, or here."""

from ingest.cleaning import to_json
from ingest.errors import IngestError
from ingest.limits import ReadingLimits
from ingest.registry import read
from ingest.suspicion import flagged
from ingest.types import SourceFile
from ingest.wire import BOXES, Failure, Job, Reply, Request


def run(request: Request, data: bytes) -> tuple[Reply, list[bytes]]:
    """Do a job. A foreseen failure is part of the reply; any other is raised."""
    file = SourceFile.from_bytes(request.filename, data)
    try:
        match request.job:
            case Job.READ:
                document = flagged(read(file, limits=request.limits))
                return Reply(), [to_json(document)]
            case Job.UNPACK:
                return _unpack(file, request.limits)
            case Job.DRAW:
                return Reply(), [_draw(file, request)]
            case Job.FIND:
                return Reply(), [_found(file, request)]
            case Job.PICTURE:
                return Reply(), [_picture(file, request)]
    except IngestError as error:
        return Reply(failure=Failure.of(error)), []


def _unpack(file: SourceFile, limits: ReadingLimits) -> tuple[Reply, list[bytes]]:
    from ingest.archives import ArchiveLimits, unpack

    allowed = ArchiveLimits(
        max_files=limits.max_archive_files,
        max_file_bytes=limits.max_bytes,
        max_total_bytes=limits.max_unpacked_bytes,
        max_ratio=limits.max_ratio,
    )
    files, failures = unpack(file, limits=allowed)
    reply = Reply(
        names=tuple(inner.filename for inner in files),
        failures=tuple(Failure.of(error) for error in failures),
    )
    return reply, [inner.data for inner in files]


def _draw(file: SourceFile, request: Request) -> bytes:
    from ingest.formats.proof import draw_proof

    return draw_proof(file, request.page, request.quote, request.boxes)


def _found(file: SourceFile, request: Request) -> bytes:
    from ingest.formats.proof import boxes_of_words

    boxes = boxes_of_words(file, request.page, request.quote, request.boxes)
    return BOXES.dump_json(boxes)


def _picture(file: SourceFile, request: Request) -> bytes:
    from ingest.formats.picture import PictureLimits, embedded_picture, page_picture

    limits = PictureLimits(side=request.side, max_bytes=request.max_bytes)
    if request.image:
        return embedded_picture(file, request.image, limits)
    return page_picture(file, request.page, limits, request.covers)
