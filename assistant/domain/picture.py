"""A page or an image of a deliverable, as a model may be shown it."""

import hashlib
from typing import Final, Literal, Self

from pydantic import Field

from ingest.types import Frozen, Locator

MediaType = Literal["image/png", "image/jpeg"]
_PNG: Final = b"\x89PNG"


class Picture(Frozen):
    """Pixels and nothing else of the file they come from: no metadata, no text layer.

    `sha256` is that of `data`, `file_sha256` that of the file. `place_fr` says where it stands:
    « charte.pdf, page 4 ».
    Source: drawn by a reading process, never the file's own bytes.
    """

    data: bytes = Field(repr=False, min_length=1)
    media_type: MediaType
    sha256: str
    file_sha256: str
    filename: str
    locator: Locator
    place_fr: str

    @classmethod
    def of(cls, data: bytes, file_sha256: str, locator: Locator, *, how: str = "") -> Self:
        """A picture of what stands at a place of a file; `how` says who laid it out, if not it."""
        return cls(
            data=data,
            media_type="image/png" if data.startswith(_PNG) else "image/jpeg",
            sha256=hashlib.sha256(data).hexdigest(),
            file_sha256=file_sha256,
            filename=locator.file,
            locator=locator,
            place_fr=f"{locator} ({how})" if how else str(locator),
        )
