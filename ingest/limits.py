"""What reading one file may cost."""

import math
from typing import Final

from pydantic import Field

from ingest.amounts import Amounts
from ingest.types import Frozen

_MB: Final = 1_000_000


class ReadingLimits(Frozen):
    """The bounds of one file's reading.

    Units: megabytes (`_mb`) of a million bytes for the file, of 1 048 576 for memory; `seconds`
    of computing (the reader's own, so that a busy machine changes nothing), whatever the size,
    plus `seconds_per_mb`, never above `longest_seconds`; `wall_seconds` of waiting in all, text
    recognition included; `max_unpacked_mb` for what an office file, or an archive in all, holds
    once decompressed, `max_ratio` over its size; `max_archive_files` in an archive, nested ones
    included; `max_image_megapixels` for an image handed in as such; `amounts` of what is read.
    """

    max_file_mb: int = Field(default=100, ge=1)
    seconds: float = Field(default=9.0, gt=0)
    seconds_per_mb: float = Field(default=60.0, ge=0)
    longest_seconds: float = Field(default=300.0, gt=0)
    wall_seconds: float = Field(default=1200.0, gt=0)
    memory_mb: int = Field(default=1024, ge=128)
    max_pages: int = Field(default=2000, ge=1)
    max_unpacked_mb: int = Field(default=500, ge=1, le=500)
    max_ratio: float = Field(default=200.0, ge=10, le=200)
    max_archive_files: int = Field(default=500, ge=1)
    max_image_megapixels: int = Field(default=60, ge=1, le=60)
    amounts: Amounts = Amounts()

    @property
    def max_bytes(self) -> int:
        return self.max_file_mb * _MB

    @property
    def max_unpacked_bytes(self) -> int:
        return self.max_unpacked_mb * _MB

    def computing_seconds(self, size: int) -> float:
        """What a file of that many bytes is allowed, in whole tenths of a second."""
        allowed = self.seconds + self.seconds_per_mb * size / _MB
        return math.ceil(min(allowed, max(self.seconds, self.longest_seconds)) * 10) / 10


def megabytes(size: int) -> str:
    """Bytes as « 2,5 Mo », for messages."""
    return f"{size / _MB:.1f} Mo".replace(".", ",")
