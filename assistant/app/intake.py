"""Opens a candidate's files: the only place of the assistant that reads them.

One bad file stops nothing: it becomes a `FileFailure` beside the documents that were read.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from assistant import dossiers
from assistant.domain.dossier import Dossier, DossierFile, FileFailure, FileRole
from assistant.domain.rubric import RubricSet
from assistant.dossiers import Assignment
from assistant.errors import DossierNotFound, NoDeliverable
from ingest import registry
from ingest.errors import IngestError
from ingest.types import Document, SourceFile

#: Part of every finding's key: raise it when reading or chunking changes what is extracted.
READER_VERSION = "ingest/1"


def open_folder(
    folder: Path,
    rubrics: RubricSet,
    *,
    given: Mapping[str, Assignment] | None = None,
    max_bytes: int,
) -> Dossier:
    """Read every file of a dossier's folder.

    Raises: `DossierNotFound`, `ManifestInvalid`, `NoDeliverable` when nothing but a brief, or
    nothing at all, is there.
    """
    if not folder.is_dir():
        raise DossierNotFound(str(folder), path=str(folder))
    manifest = dossiers.read_manifest(folder)
    paths = dossiers.files_of(folder)
    files: list[DossierFile] = []
    failures: list[FileFailure] = []
    documents: dict[str, Document] = {}
    for path in paths:
        name = unicodedata.normalize("NFC", str(path.relative_to(folder)))
        read = _read(path, name, max_bytes)
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
        id=manifest.id or pseudonym(folder),
        files=tuple(files),
        documents=documents,
        failures=tuple(failures),
    )


def dossier_id(folder: Path) -> str:
    """The id that `open_folder` will give. Raises: `DossierNotFound`, `ManifestInvalid`."""
    if not folder.is_dir():
        raise DossierNotFound(str(folder), path=str(folder))
    return dossiers.read_manifest(folder).id or pseudonym(folder)


def pseudonym(folder: Path) -> str:
    """A stable name that says nothing of the candidate: a digest of where the folder stands."""
    place = unicodedata.normalize("NFC", str(folder.resolve()))
    return f"D-{hashlib.sha256(place.encode()).hexdigest()[:10]}"


def _read(path: Path, name: str, max_bytes: int) -> Document | IngestError:
    source = SourceFile.from_path(path).model_copy(update={"filename": name})
    try:
        return registry.read(source, max_bytes=max_bytes)
    except IngestError as error:
        return error


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
