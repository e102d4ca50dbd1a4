"""What the first bytes of a picture tell: its size, and whether one sees through it.

Only headers are read: no decoder runs on a picture that nobody vouches for.
"""

import struct
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
#: Start-of-frame markers, which carry the size (C4, C8 and CC are something else).
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_PNG_WITH_ALPHA: Final = frozenset({4, 6})


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG, GIF or BMP; None when they are not told."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif data.startswith(_JPEG):
        return _jpeg_size(data)
    elif data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
    elif data.startswith(b"BM") and len(data) >= 26:
        width, height = struct.unpack("<ii", data[18:26])
        height = abs(height)
    else:
        return None
    return (width, height) if width > 0 and height > 0 else None


def is_opaque(data: bytes) -> bool:
    """Whether nothing shows through: a JPEG, a BMP, or a PNG without transparency."""
    if data.startswith(_PNG) and len(data) >= 26:
        return data[25] not in _PNG_WITH_ALPHA and b"tRNS" not in data[: 64 * 1024]
    return data.startswith((_JPEG, b"BM"))


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return (width, height) if width and height else None
        if marker == 0xFF:
            position += 1
        elif marker in _JPEG_STANDALONE:
            position += 2
        else:
            position += 2 + max(2, int.from_bytes(data[position + 2 : position + 4], "big"))
    return None
