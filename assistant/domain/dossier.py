"""One candidate's files, with the role of each."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from assistant.domain.extraction import ExtractionReport
from ingest.types import Document, Frozen


class FileRole(StrEnum):
    """What a file is in its dossier."""

    DELIVERABLE = "livrable"
    BRIEF = "brief"
    ANNEX = "annexe"


class AssignmentSource(StrEnum):
    """Who said what a file is: a proposal from its content is to be confirmed by a person."""

    GIVEN = "indiqué"
    MANIFEST = "manifeste"
    FILENAME = "nom du fichier"
    CONTENT = "contenu (à confirmer)"
    UNKNOWN = "non reconnu"


class DossierFile(Frozen):
    """A file of the dossier. `epreuves` is empty for a brief, and for what nobody recognised."""

    filename: str
    sha256: str
    role: FileRole
    epreuves: tuple[str, ...] = ()
    source: AssignmentSource = AssignmentSource.GIVEN


class FileFailure(Frozen):
    """A file that could not be read: named, explained, and kept beside the ones that were."""

    filename: str
    message_fr: str
    error: str  # the class of the error, for programs
    role: FileRole = FileRole.DELIVERABLE
    epreuves: tuple[str, ...] = ()


class Dossier(Frozen):
    """What one candidate handed in, known by a pseudonym.

    `documents` holds the readable files' texts, keyed by SHA-256; `failures` the others. Two
    files with the same bytes are one document. `identity` holds what the folder and the manifest
    call the candidate: it never leaves the machine, and is what has to be hidden.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    files: tuple[DossierFile, ...]
    documents: dict[str, Document] = Field(repr=False)
    failures: tuple[FileFailure, ...] = ()
    identity: tuple[str, ...] = Field(default=(), repr=False)

    @model_validator(mode="after")
    def _every_file_has_its_document(self) -> Self:
        if missing := [f.filename for f in self.files if f.sha256 not in self.documents]:
            raise ValueError(f"no document for {missing}")
        return self

    @property
    def own_files(self) -> tuple[str, ...]:
        """The SHA-256 of what the candidate made: everything but the brief, which many share."""
        return tuple(file.sha256 for file in self.files if file.role is not FileRole.BRIEF)

    @property
    def extraction(self) -> tuple[ExtractionReport, ...]:
        """What was read of each file, in the order handed in."""
        return tuple(ExtractionReport.of(self.documents[file.sha256]) for file in self.files)

    @property
    def summary(self) -> "DossierSummary":
        """All but the texts: what the store keeps, and what screens and exports show."""
        return DossierSummary(
            id=self.id, files=self.files, failures=self.failures, extraction=self.extraction
        )

    @property
    def epreuves(self) -> tuple[str, ...]:
        """The épreuves that a deliverable answers, readable or not, sorted by id."""
        readable = {e for file in self.files for e in file.epreuves}
        unreadable = {e for failure in self.failures for e in failure.epreuves}
        return tuple(sorted(readable | unreadable))

    def failures_for(self, epreuve_id: str) -> tuple[FileFailure, ...]:
        """The unreadable deliverables of an épreuve."""
        return tuple(f for f in self.failures if epreuve_id in f.epreuves)

    def deliverables(self, epreuve_id: str) -> tuple[Document, ...]:
        """What is judged for an épreuve, in the order handed in, each document once."""
        found = [f.sha256 for f in self.files if epreuve_id in f.epreuves]
        return tuple(self.documents[sha] for sha in dict.fromkeys(found))

    def with_role(self, role: FileRole) -> tuple[Document, ...]:
        found = [f.sha256 for f in self.files if f.role is role]
        return tuple(self.documents[sha] for sha in dict.fromkeys(found))


class DossierSummary(Frozen):
    """A dossier without its texts. `extraction` follows `files`."""

    id: str
    files: tuple[DossierFile, ...]
    failures: tuple[FileFailure, ...] = ()
    extraction: tuple[ExtractionReport, ...] = ()
