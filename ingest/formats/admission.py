"""Refuses what the settings find too large, before a reader opens it.

Readers have bounds of their own, which nothing can lift; these may be stricter.
"""

import io
import zipfile
from typing import Final

from ingest.errors import FileTooLarge
from ingest.formats.ooxml_image import image_size
from ingest.formats.package_zip import BAD_ZIP, PackageLimits, judged_entries
from ingest.limits import ReadingLimits, megabytes
from ingest.types import SourceFile

_ZIP: Final = b"PK"


def require_reasonable_size(file: SourceFile, limits: ReadingLimits) -> None:
    """Judge the bytes as they are. Raises: `FileTooLarge`."""
    size = len(file.data)
    if size > limits.max_bytes:
        raise FileTooLarge(
            f"{size} bytes",
            filename=file.filename,
            size=megabytes(size),
            limit=megabytes(limits.max_bytes),
        )


def require_reasonable_content(file: SourceFile, limits: ReadingLimits) -> None:
    """Judge what a file of its announced kind would unpack to.

    Raises: `FileTooLarge`, and `UnsafeFile` for a package built to harm.
    """
    if file.data.startswith(_ZIP):
        _judge_package(file, limits)
    else:
        _judge_pixels(file, limits.max_image_megapixels)


def _judge_package(file: SourceFile, limits: ReadingLimits) -> None:
    bounds = PackageLimits(max_unpacked_bytes=limits.max_unpacked_bytes, max_ratio=limits.max_ratio)
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
            judged_entries(file, archive, bounds)
    except BAD_ZIP:
        return  # the reader says what is wrong with it


def _judge_pixels(file: SourceFile, megapixels: int) -> None:
    width, height = image_size(file.data) or (0, 0)
    if width * height > megapixels * 1_000_000:
        raise FileTooLarge(
            f"{width} × {height} pixels",
            filename=file.filename,
            size=f"{width} × {height} pixels",
            limit=f"{megapixels} millions de pixels",
        )
