"""Short names for the files of a report: « L1 » in a quote's place, the whole name in one table.

A file's own name often carries the candidate's; it is written once.
"""

import re
from typing import Final

from assistant.domain.dossier import DossierFile, FileRole
from assistant.domain.extraction import ExtractionReport
from assistant.domain.finding import CriterionFinding, Evidence
from assistant.domain.report import Report
from ingest.types import Frozen

_LETTERS: Final = {FileRole.DELIVERABLE: "L", FileRole.BRIEF: "B", FileRole.ANNEX: "A"}


class ReferencedFile(Frozen):
    """A file of the report, its short name, and what was read of it (None if unknown)."""

    reference: str
    file: DossierFile
    extraction: ExtractionReport | None


class FileTable(Frozen):
    """The files that the drafts of a report were made from, in the order handed in."""

    rows: tuple[ReferencedFile, ...]

    def place_fr(self, evidence: Evidence) -> str:
        """« L1, page 4, § Sources »; the file's own name when it is no longer in the dossier."""
        for row in self.rows:
            if row.file.sha256 == evidence.sha256:
                return str(evidence.locator.model_copy(update={"file": row.reference}))
        return evidence.place_fr

    def shortened(self, text: str) -> str:
        """One of our sentences, with the files that it names under their short names."""
        names = {row.file.filename: row.reference for row in self.rows}
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(f"« {name} »", names[name])
            text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", names[name], text)
        return text

    def name_fr(self, filename: str) -> str:
        """The short name of a file, or its own when it is no longer in the dossier."""
        found = (row.reference for row in self.rows if row.file.filename == filename)
        return next(found, filename)


def files_of(report: Report) -> FileTable:
    """The épreuve's deliverables, briefs and annexes, and whatever a draft was compared with."""
    used = {
        sha256
        for entry in report.entries
        if isinstance(entry.finding, CriterionFinding)
        for sha256 in entry.finding.provenance.file_hashes.values()
    }
    read = {extraction.sha256: extraction for extraction in report.dossier.extraction}
    rows: list[ReferencedFile] = []
    counts = dict.fromkeys(FileRole, 0)
    for file in report.dossier.files:
        judged = report.rubric.id in file.epreuves or file.role is not FileRole.DELIVERABLE
        if not judged and file.sha256 not in used:
            continue
        counts[file.role] += 1
        rows.append(
            ReferencedFile(
                reference=f"{_LETTERS[file.role]}{counts[file.role]}",
                file=file,
                extraction=read.get(file.sha256),
            )
        )
    return FileTable(rows=tuple(rows))
