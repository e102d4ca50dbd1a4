"""Tells whether a PNG with an alpha channel uses it: screenshots have one, and are opaque.

Only zlib runs, within bounds. Nothing needs to be drawn: PNG predicts each byte from those of
the same channel (left, above), so a channel that is 255 everywhere is written, under each of
the five predictions, as one known row of bytes.
Source: PNG specification (W3C, third edition), § 9.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {4: 2, 6: 4}  # colour type → channels, alpha the last
#: Units: bytes, unpacked: a picture of sixteen million points.
_MAX_UNPACKED: Final = 64 * 1024 * 1024


def hides_all_behind(data: bytes) -> bool:
    """Whether every point of an 8-bit PNG with alpha is opaque. False when it cannot be told."""
    header = data[16:29]
    if not data.startswith(_SIGNATURE) or len(header) < 13:
        return False
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    channels = _CHANNELS.get(colour, 0)
    size = height * (1 + width * channels)
    if depth != 8 or interlaced or not channels or not 0 < size <= _MAX_UNPACKED:
        return False
    rows = _unpacked(data, size)
    stride = 1 + width * channels
    return len(rows) == size and all(
        rows[start + channels : start + stride : channels]
        == _opaque_row(rows[start], width, first=not start)
        for start in range(0, size, stride)
    )


def _opaque_row(prediction: int, width: int, *, first: bool) -> bytes | None:
    """How a row of 255 is written when the row above it (none for the first) is of 255 too."""
    rest = width - 1
    if prediction == 0:
        return b"\xff" * width
    if prediction in (1, 4):  # left; Paeth, which finds the row above for the first point
        start = b"\x00" if prediction == 4 and not first else b"\xff"
        return start + b"\x00" * rest
    if prediction == 2:
        return (b"\xff" if first else b"\x00") * width
    if prediction == 3:  # mean of left and above, rounded down
        return b"\xff" + b"\x80" * rest if first else b"\x80" + b"\x00" * rest
    return None


def _unpacked(data: bytes, size: int) -> bytes:
    """The rows of a PNG, at most `size` bytes of them; fewer when the file is damaged."""
    unpacker = zlib.decompressobj()
    rows = bytearray()
    try:
        for chunk in _image_data(data):
            rows += unpacker.decompress(chunk, max(1, size + 1 - len(rows)))
            if len(rows) > size:
                break
    except zlib.error:
        return b""
    return bytes(rows)


def _image_data(data: bytes) -> Iterator[bytes]:
    position = len(_SIGNATURE)
    while position + 8 <= len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        if data[position + 4 : position + 8] == b"IDAT":
            yield data[position + 8 : position + 8 + length]
        position += 12 + length
