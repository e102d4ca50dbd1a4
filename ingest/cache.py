"""Keeps what was read of a file, so that the same bytes are parsed once.

An entry is a document as gzipped JSON, under a name that covers all that determines it: the
file's bytes and name, the code of the readers, the limits, the text recognition installed. A
damaged or foreign entry is as good as none; a disk that refuses costs a second reading, no more.
"""

import gzip
import hashlib
import json
import logging
import os
import secrets
import shutil
import threading
import time
import zlib
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from ingest.limits import ReadingLimits
from ingest.types import Document, SourceFile

_LOG: Final = logging.getLogger(__name__)
_MB: Final = 1_000_000
DEFAULT_MAX_MB: Final = 500
#: Units: seconds. A document with unread parts may be read better soon: text recognition gets
#: installed, a busy machine calms down.
_INCOMPLETE_KEPT: Final = 600.0
#: When the cache is too large, the oldest entries go until this share of its size is left.
_KEPT_SHARE: Final = 0.8
_LEVEL: Final = 4
_DAMAGED: Final = (OSError, EOFError, zlib.error, ValidationError)


class DocumentCache:
    """Documents on disk, the least recently used ones forgotten. Safe between processes."""

    def __init__(self, folder: Path, *, max_mb: int = DEFAULT_MAX_MB) -> None:
        self._folder = folder
        self._max_bytes = max_mb * _MB
        self._size: int | None = None
        self._lock = threading.Lock()

    def get(self, file: SourceFile, limits: ReadingLimits) -> Document | None:
        """The document kept for this very file, if any."""
        path = self._path(file, limits)
        try:
            document = Document.model_validate_json(gzip.decompress(path.read_bytes()))
            age = time.time() - path.stat().st_mtime
        except FileNotFoundError:
            return None
        except _DAMAGED as error:
            _LOG.warning("cache entry %s ignored: %s", path.name, type(error).__name__)
            return None
        if (document.sha256, document.filename) != (file.sha256, file.filename):
            return None
        if document.coverage < 1.0:
            return document if age < _INCOMPLETE_KEPT else None
        _touch(path)
        return document

    def put(self, file: SourceFile, limits: ReadingLimits, document: bytes) -> None:
        """Keep a document, given as JSON."""
        path = self._path(file, limits)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        data = gzip.compress(document, _LEVEL, mtime=0)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_bytes(data)
            draft.replace(path)
        except OSError as error:
            _LOG.warning("nothing is cached in %s: %s", self._folder, error)
            _discard(draft)
            return
        self._make_room(len(data))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._size = None

    def _path(self, file: SourceFile, limits: ReadingLimits) -> Path:
        material = [*_ways_of_reading(limits), file.filename, file.sha256]
        key = hashlib.sha256(json.dumps(material).encode()).hexdigest()
        return self._folder / key[:2] / f"{key}.json.gz"

    def _make_room(self, added: int) -> None:
        with self._lock:
            self._size = _size(self._folder) if self._size is None else self._size + added
            if self._size > self._max_bytes:
                self._size = _prune(self._folder, int(self._max_bytes * _KEPT_SHARE))


def reading_signature(limits: ReadingLimits) -> str:
    """SHA-256 over all that, beside the file, determines what is read of it."""
    return hashlib.sha256(json.dumps(_ways_of_reading(limits)).encode()).hexdigest()


def _ways_of_reading(limits: ReadingLimits) -> list[object]:
    return [reader_digest(), _text_recognition(), limits.model_dump(mode="json")]


@cache
def reader_digest() -> str:
    """SHA-256 of the code and data of this package: another reader, another entry."""
    root = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".yaml")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _text_recognition() -> str:
    """Which Tesseract there is, without starting it."""
    program = shutil.which("tesseract")
    return f"{program}@{os.stat(program).st_mtime_ns}" if program else ""


def _touch(path: Path) -> None:
    """Mark an entry as used just now."""
    try:
        os.utime(path)
    except OSError as error:  # removed meanwhile, or not ours to change
        _LOG.debug("%s: %s", path.name, error)


def _discard(path: Path) -> None:
    """Remove a file if it is there and can be removed (not while in use on Windows)."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _LOG.debug("%s: %s", path.name, error)


def _entries(folder: Path) -> list[tuple[float, int, Path]]:
    """When each entry was last used, its size in bytes, its path."""
    found = []
    for path in folder.glob("??/*"):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        found.append((stat.st_mtime, stat.st_size, path))
    return found


def _size(folder: Path) -> int:
    return sum(size for _, size, _ in _entries(folder))


def _prune(folder: Path, target: int) -> int:
    """Remove the oldest entries until `target` bytes are left; returns what is left."""
    entries = sorted(_entries(folder))
    left = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if left <= target:
            break
        _discard(path)
        left -= size
    return left
