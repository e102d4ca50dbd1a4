"""The reading service that the settings ask for."""

from pathlib import Path

from assistant.settings import Settings
from ingest.amounts import Amounts
from ingest.cache import DocumentCache
from ingest.layout import OfficeLayout, find_office
from ingest.limits import ReadingLimits
from ingest.service import ReadingService
from ingest.types import Document, SourceFile


def build_reader(settings: Settings, *, cached: bool = True) -> ReadingService:
    """Limits, cache and processes as configured; `cached=False` reads every file again."""
    keeps = cached and settings.reading_cache
    return ReadingService(
        ReadingLimits(
            max_file_mb=settings.max_file_mb,
            max_pages=settings.max_pages,
            max_unpacked_mb=settings.max_unpacked_mb,
            max_ratio=settings.max_unpacked_ratio,
            max_archive_files=settings.max_archive_files,
            max_image_megapixels=settings.max_image_megapixels,
            amounts=Amounts(
                cells=settings.max_cells,
                characters=settings.max_characters,
                markup=settings.max_markup,
            ),
            seconds=settings.reading_seconds,
            seconds_per_mb=settings.reading_seconds_per_mb,
            memory_mb=settings.reading_memory_mb,
        ),
        cache=(
            DocumentCache(settings.cache_path, max_mb=settings.reading_cache_mb) if keeps else None
        ),
        workers=settings.reading_workers,
    )


def office_layout(settings: Settings) -> OfficeLayout | None:
    """LibreOffice, if installed; what it lays out is kept with the cache."""
    keeps = settings.reading_cache
    return find_office(cache=settings.data_dir / "cache" / "pages" if keeps else None)


def read_path(
    path: Path, settings: Settings, *, cached: bool = True
) -> tuple[SourceFile, Document]:
    """A file of this machine and what was read of it. Raises: an `IngestError`."""
    reader = build_reader(settings, cached=cached)
    file = reader.load(path, path.name)
    return file, reader.read(file)
