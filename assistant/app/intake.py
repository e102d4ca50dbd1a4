"""Opens a candidate's files: the only place of the assistant that reads them.

One bad file stops nothing: it becomes a `FileFailure` beside the documents that were read.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from assistant import dossiers
from assistant.domain.dossier import Dossier, DossierFile, FileFailure, FileRole
from assistant.domain.rubric import RubricSet
from assistant.dossiers import Assignment
from assistant.errors import DossierNotFound, NoDeliverable
from ingest.errors import FileUnavailable, IngestError
from ingest.limits import ReadingLimits
from ingest.service import READER_VERSION, ReadingService
from ingest.types import Document, SourceFile

__all__ = ["READER_VERSION", "dossier_id", "open_folder", "pseudonym", "source_of"]

_ARCHIVE: Final = ".zip"
_MB: Final = 1_000_000


def open_folder(
    folder: Path,
    rubrics: RubricSet,
    *,
    given: Mapping[str, Assignment] | None = None,
    max_bytes: int,
    reader: ReadingService | None = None,
    named_by_manifest: bool = True,
) -> Dossier:
    """Read every file of a dossier's folder, those inside its .zip archives included.

    `reader` decides limits, cache and isolation; without one, only `max_bytes` is given.
    `named_by_manifest`: whether the manifest's id is the dossier's.
    Raises: `DossierNotFound`, `ManifestInvalid`, `NoDeliverable` when nothing but a brief, or
    nothing at all, is there.
    """
    if not folder.is_dir():
        raise DossierNotFound(str(folder), path=str(folder))
    manifest = dossiers.read_manifest(folder)
    files: list[DossierFile] = []
    failures: list[FileFailure] = []
    documents: dict[str, Document] = {}
    for name, read in _read_all(folder, reader or _plain_reader(max_bytes)):
        document = read if isinstance(read, Document) else None
        what = dossiers.assign(
            name, document, rubrics, given=given or {}, manifest=manifest.assignments()
        )
        if isinstance(read, Document):
            documents[read.sha256] = read
            files.append(
                DossierFile(
                    filename=name,
                    sha256=read.sha256,
                    role=what.role,
                    epreuves=what.epreuves,
                    source=what.source,
                )
            )
        else:
            failures.append(
                FileFailure(
                    filename=name,
                    message_fr=read.user_message,
                    error=type(read).__name__,
                    role=what.role,
                    epreuves=what.epreuves,
                )
            )
    present = {file.filename for file in files} | {failure.filename for failure in failures}
    failures += _missing_files(manifest, present)
    _require_deliverable(folder, files, failures)
    return Dossier(
        id=(named_by_manifest and manifest.id) or pseudonym(folder),
        files=tuple(files),
        documents=documents,
        failures=tuple(failures),
        identity=tuple(filter(None, (unicodedata.normalize("NFC", folder.name), manifest.id))),
    )


def dossier_id(folder: Path, *, named_by_manifest: bool = True) -> str:
    """The id that `open_folder` will give. Raises: `DossierNotFound`, `ManifestInvalid`."""
    if not folder.is_dir():
        raise DossierNotFound(str(folder), path=str(folder))
    manifest = dossiers.read_manifest(folder)
    return (named_by_manifest and manifest.id) or pseudonym(folder)


def pseudonym(folder: Path) -> str:
    """A stable name that says nothing of the candidate: a digest of where the folder stands."""
    place = str(folder.resolve())
    composed = unicodedata.normalize("NFC", place)
    if composed != place and Path(composed).exists() and folder.samefile(composed):
        place = composed  # a system that takes both spellings for the same folder
    return f"D-{hashlib.sha256(place.encode()).hexdigest()[:10]}"


def source_of(folder: Path, filename: str, sha256: str, reader: ReadingService) -> SourceFile:
    """The bytes of one file of a dossier, those that were read and no others.

    Raises: an `IngestError`; `FileUnavailable` when the file is gone or has changed since.
    """
    path = folder / filename
    if path.is_file():
        found = reader.load(path, filename)
        if found.sha256 == sha256:
            return found
    if folder.is_dir():
        for _, source in _load_all(folder, reader):
            if isinstance(source, SourceFile) and source.sha256 == sha256:
                return source
    cause = "il a été déplacé ou modifié depuis sa lecture"
    raise FileUnavailable(cause, filename=filename, cause=cause)


@cache
def _plain_reader(max_bytes: int) -> ReadingService:
    return ReadingService(ReadingLimits(max_file_mb=max(1, max_bytes // _MB)))


def _read_all(folder: Path, reader: ReadingService) -> Iterator[tuple[str, Document | IngestError]]:
    """Each file's name in the dossier and what came of it, sorted by name, read in parallel."""
    loaded = list(_load_all(folder, reader))
    sources = [source for _, source in loaded if isinstance(source, SourceFile)]
    documents = iter(reader.read_all(sources))
    for name, source in loaded:
        yield name, source if isinstance(source, IngestError) else next(documents)


def _load_all(
    folder: Path, reader: ReadingService
) -> Iterator[tuple[str, SourceFile | IngestError]]:
    names: set[str] = set()
    for path in dossiers.files_of(folder):
        name = _not_in(names, unicodedata.normalize("NFC", str(path.relative_to(folder))))
        names.add(name)
        try:
            source = reader.load(path, name)
            if source.suffix == _ARCHIVE:
                yield from _inside(source, reader)
            else:
                yield source.filename, source
        except IngestError as error:
            yield error.filename, error


def _not_in(names: set[str], name: str) -> str:
    """The name, numbered when another file's differs from it by the make-up of an accent."""
    path, number = Path(name), 1
    while name in names:
        number += 1
        name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
    return name


def _inside(
    archive: SourceFile, reader: ReadingService
) -> Iterator[tuple[str, SourceFile | IngestError]]:
    """An archive's files, each named after it: « rendu.zip/bilan.pdf »."""
    files, failures = reader.unpack(archive)
    for file in files:
        if not dossiers.is_ignored(file.filename):
            name = f"{archive.filename}/{file.filename}"
            yield name, file.model_copy(update={"filename": name})
    for failure in failures:
        yield f"{archive.filename}/{failure.filename}", failure


def _missing_files(manifest: dossiers.Manifest, present: set[str]) -> Iterable[FileFailure]:
    for name, what in manifest.assignments().items():
        if name not in present:
            yield FileFailure(
                filename=name,
                message_fr=(
                    f"Le fichier « {name} » est annoncé par le manifeste mais absent du dossier. "
                    "Ajoutez-le, ou corrigez le manifeste."
                ),
                error="FileNotFoundError",
                role=what.role,
                epreuves=what.epreuves,
            )


def _require_deliverable(
    folder: Path, files: list[DossierFile], failures: list[FileFailure]
) -> None:
    roles = [file.role for file in files] + [failure.role for failure in failures]
    if FileRole.DELIVERABLE in roles:
        return
    cause = (
        f"Seul{'s' if len(files) > 1 else ''} {len(files)} brief ou annexe s'y trouve"
        f"{'nt' if len(files) > 1 else ''}."
        if files
        else "Aucun fichier n'y a été trouvé."
    )
    raise NoDeliverable(f"no deliverable in {folder.name}", dossier=folder.name, cause=cause)
