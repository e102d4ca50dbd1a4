"""An épreuve as files, with what the person who asks may see."""

import json
from collections.abc import Callable, Mapping

from assistant.app.desk_views import Reader
from assistant.app.office_pdf import pdf_of
from assistant.app.workbench import Workbench
from assistant.domain.assessment import Assessment
from assistant.domain.report import ExportKind, Report
from assistant.errors import LetterNotReady
from assistant.privacy import without_people
from assistant.reporting import grid_docx, letter_docx, report_json
from ingest.layout import OfficeLayout


class DeskExports:
    """Makes the files on demand.

    `office` lays the grid out as PDF; None where it is missing. `filenames`: see
    `DossierLibrary.filenames`.
    """

    def __init__(
        self,
        workbench: Workbench,
        office: OfficeLayout | None,
        filenames: Callable[[str], Mapping[str, str]],
    ) -> None:
        self._workbench = workbench
        self._filenames = filenames
        self._office = office

    def grid(
        self, reader: Reader, dossier_id: str, epreuve: str, kind: ExportKind, *, traces: bool
    ) -> tuple[str, bytes]:
        """The grid: its name and its bytes. `traces`: with the drafts and what they stand on.

        Raises: `UnknownDossier`, `UnknownEpreuve`, `PdfNeedsOffice`.
        """
        report, _ = self._workbench.report(reader, dossier_id, epreuve)
        self._workbench.log_export(reader, dossier_id, epreuve, kind, traces=traces)
        assessment = self._workbench.assessment(dossier_id, epreuve)
        signature = assessment.signature
        if reader.sits and signature is None:
            report = _nameless(report, self._filenames(dossier_id))
        state = "finalise" if signature else report.status
        stem = f"grille_{epreuve}_{dossier_id}_{state}{'' if traces else '_sans-traces'}"
        if kind == "json":
            record = self._workbench.signed_record(assessment) if signature else ""
            text = report_json(report, traces=traces, signature=signature, record=record)
            return f"{stem}.json", text.encode()
        docx = grid_docx(report, traces=traces, signature=signature)
        if kind == "docx":
            return f"{stem}.docx", docx
        return f"{stem}.pdf", pdf_of(f"{stem}.docx", docx, self._office)

    def letter(self, reader: Reader, dossier_id: str, epreuve: str) -> tuple[str, bytes]:
        """The candidate's letter. Raises: `LetterNotReady` until the épreuve is signed."""
        assessment: Assessment = self._workbench.assessment(dossier_id, epreuve)
        if assessment.signature is None:
            raise LetterNotReady(f"{dossier_id} {epreuve} is not signed", epreuve=epreuve)
        report, _ = self._workbench.report(reader, dossier_id, epreuve)
        self._workbench.log_export(reader, dossier_id, epreuve, "lettre", traces=False)
        return f"lettre_{epreuve}_{dossier_id}.docx", letter_docx(report, assessment.signature)


def _nameless(report: Report, names: Mapping[str, str]) -> Report:
    """The grid as long as somebody reads: its files name neither the candidate nor their author.

    `names`: what to call the files whose names do.
    """
    dossier = without_people(report.dossier)
    text = report.model_copy(update={"dossier": dossier}).model_dump_json()
    for real in sorted(names, key=len, reverse=True):
        text = text.replace(_in_json(real), _in_json(names[real]))
    return Report.model_validate_json(text)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
