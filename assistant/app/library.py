"""The dossiers this installation knows: opened from a folder, or deposited file by file."""

import hashlib
import shutil
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import Field

from assistant.app.intake import dossier_id, open_folder, source_of
from assistant.domain.dossier import AssignmentSource, Dossier, DossierSummary, FileRole
from assistant.domain.rubric import RubricSet
from assistant.dossiers import Assignment
from assistant.errors import DossierNotFound, NoDeliverable, UnknownDossier
from assistant.ports import Clock, DossierRecord, ReviewStore
from assistant.privacy import public_filenames
from ingest.errors import UserFacingError
from ingest.service import ReadingService
from ingest.types import Frozen, SourceFile

DEPOSITS: Final = "depots"


class StoredDossier(Frozen):
    """What the store keeps of a dossier: never its texts.

    `given` holds what a person said of its files, which outranks every proposal.
    """

    summary: DossierSummary
    given: dict[str, Assignment] = Field(default_factory=dict)


class DossierLibrary:
    """Opens dossiers and remembers them.

    `data_dir` receives the files deposited through the page; a folder on disk is read where it
    stands and never written to.
    """

    def __init__(
        self,
        store: ReviewStore,
        rubrics: RubricSet,
        clock: Clock,
        *,
        data_dir: Path,
        max_bytes: int,
        reader: ReadingService | None = None,
    ) -> None:
        self._store = store
        self._rubrics = rubrics
        self._clock = clock
        self._data_dir = data_dir
        self._max_bytes = max_bytes
        self._reader = reader

    def open(self, folder: Path, given: Mapping[str, Assignment] | None = None) -> Dossier:
        """Read a folder and register it; what was said of its files before still holds.

        Raises: `DossierNotFound`, `ManifestInvalid`, `NoDeliverable`, `StoreUnavailable`.
        """
        folder = folder.resolve()
        named = not self._holds(folder)
        known = self._find(dossier_id(folder, named_by_manifest=named))
        said = {**(known.given if known else {}), **(given or {})}
        dossier = open_folder(
            folder,
            self._rubrics,
            given=said,
            max_bytes=self._max_bytes,
            reader=self._reader,
            named_by_manifest=named,
        )
        self._save(dossier, folder, said)
        return dossier

    def reopen(self, dossier_id: str) -> Dossier:
        """Read a known dossier's folder again.

        Raises: `UnknownDossier`; `DossierNotFound` when the folder has moved; as `open` does.
        """
        return self.open(Path(self.record(dossier_id).folder))

    def deposit(
        self,
        paths: Sequence[Path],
        owner: str = "",
        given: Mapping[str, Assignment] | None = None,
    ) -> Dossier:
        """Copy uploaded files into a folder of their own and open it.

        The same files deposited again by the same person (`owner`, an account's id; empty for the
        one local person) are the same dossier; by another person, another dossier: having a copy
        of somebody's files opens nothing of theirs. Files that make no dossier are not kept.
        `given`: as for `open`, by the names that `safe_name` gives.
        Raises: `NoDeliverable` when there is no file; as `open` does.
        """
        if not paths:
            raise NoDeliverable("nothing deposited", dossier="déposé", cause="Aucun fichier reçu.")
        contents = [(safe_name(path.name), path.read_bytes()) for path in paths]
        digest = hashlib.sha256(f"{owner}\0".encode() if owner else b"")
        for name, data in sorted(contents):
            digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
        folder = self._data_dir / DEPOSITS / digest.hexdigest()[:16]
        if folder.is_dir():
            return self.open(folder, given)
        _write_whole(folder, contents)
        try:
            return self.open(folder, given)
        except UserFacingError:
            shutil.rmtree(folder)
            raise

    def assign(
        self, dossier_id: str, filename: str, role: FileRole, epreuves: Sequence[str]
    ) -> Dossier:
        """Record what a person says a file is, and read the dossier again.

        Raises: `UnknownDossier`; as `open` does.
        """
        said = Assignment(role=role, epreuves=tuple(epreuves), source=AssignmentSource.GIVEN)
        return self.open(Path(self.record(dossier_id).folder), {filename: said})

    def record(self, dossier_id: str) -> DossierRecord:
        """Raises: `UnknownDossier`."""
        record = self._store.dossier(dossier_id)
        if record is None:
            known = ", ".join(r.id for r in self._store.dossiers()[:10]) or "aucun"
            raise UnknownDossier(dossier_id, dossier=dossier_id, known=known)
        return record

    def summary(self, dossier_id: str) -> DossierSummary:
        """Raises: `UnknownDossier`."""
        return StoredDossier.model_validate_json(self.record(dossier_id).manifest_json).summary

    def filenames(self, dossier_id: str) -> dict[str, str]:
        """The files whose names tell who the candidate is, and what to call them instead.

        Raises: `UnknownDossier`.
        """
        return public_filenames(self.record(dossier_id).label, self.summary(dossier_id))

    def source(self, dossier_id: str, sha256: str, reader: ReadingService) -> SourceFile:
        """The bytes of one of a dossier's files.

        Raises: `UnknownDossier` for a dossier, or a file of it, that is not known; an
        `IngestError` when the file is gone or has changed.
        """
        record = self.record(dossier_id)
        for file in self.summary(dossier_id).files:
            if file.sha256 == sha256:
                return source_of(Path(record.folder), file.filename, sha256, reader)
        raise UnknownDossier(f"{dossier_id} has no {sha256}", dossier=dossier_id, known="")

    def resolve(self, reference: str) -> str:
        """A dossier's id from its id, its folder or its only file, opened when it is new.

        Raises: `UnknownDossier` when it is neither; as `open` does.
        """
        if self._store.dossier(reference) is not None:
            return reference
        folder = Path(reference)
        if folder.is_file():
            return self.deposit([folder]).id
        if not folder.is_dir():
            self.record(reference)
            raise DossierNotFound(reference, path=reference)
        folder = folder.resolve()
        known = dossier_id(folder, named_by_manifest=not self._holds(folder))
        return known if self._store.dossier(known) is not None else self.open(folder).id

    def _holds(self, folder: Path) -> bool:
        """Whether a folder was deposited here: its manifest's id is then nobody's word for it.

        Whoever deposits writes the manifest, and could name another person's dossier in it.
        """
        return folder.parent == (self._data_dir / DEPOSITS).resolve()

    def _find(self, dossier_id: str) -> StoredDossier | None:
        record = self._store.dossier(dossier_id)
        return StoredDossier.model_validate_json(record.manifest_json) if record else None

    def _save(self, dossier: Dossier, folder: Path, given: Mapping[str, Assignment]) -> None:
        stored = StoredDossier(summary=dossier.summary, given=dict(given))
        self._store.save_dossier(
            DossierRecord(
                id=dossier.id,
                label=folder.name,
                folder=str(folder),
                epreuves=dossier.epreuves,
                manifest_json=stored.model_dump_json(),
                updated_at=self._clock.now(),
            )
        )


def safe_name(name: str) -> str:
    """A file name that cannot leave its folder, on any system; its letters are kept."""
    name = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    return kept.strip(". ") or "fichier"


def _write_whole(folder: Path, contents: Sequence[tuple[str, bytes]]) -> None:
    """Write all files or none: a deposit cut short leaves no half dossier."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        whole = Path(work) / "depot"
        whole.mkdir()
        for number, (name, data) in enumerate(contents, start=1):
            target = whole / name
            if target.exists():
                target = whole / f"{target.stem} ({number}){target.suffix}"
            target.write_bytes(data)
        shutil.move(whole, folder)
