"""The filled-in evaluation grid as a Word document, in the order of the official one."""

from io import BytesIO

from assistant.domain.assessment import Signature
from assistant.domain.report import Report
from assistant.reporting import sections
from assistant.reporting.content import Style
from assistant.reporting.docx_setup import Properties, new_document
from assistant.reporting.docx_writer import DocxWriter
from assistant.reporting.files import files_of
from assistant.reporting.labels import fr, moment_fr
from assistant.reporting.reading import reading_notes

_LEGEND_FR = (
    "★ : attendu déterminant. [1] renvoie à la citation de même numéro. Les citations sont "
    "reproduites mot pour mot ; L1, B1… désignent les fichiers listés plus bas."
)

_LEGEND_BARE_FR = (
    "Les citations sont reproduites mot pour mot ; L1, B1… désignent les fichiers listés plus bas."
)


def grid_docx(report: Report, *, traces: bool = True, signature: Signature | None = None) -> bytes:
    """The grid to read and to sign; « BROUILLON » on every page until all is decided.

    Without `traces`, only what people decided: no draft, no check, no search.
    """
    final = report.status == "complet"
    state = "GRILLE COMPLÉTÉE" if final else "BROUILLON — grille non complète, ne pas signer"
    name = f"Épreuve {report.rubric.id} — dossier {report.dossier.id}"
    document = new_document(
        Properties(
            title=f"Grille d'évaluation {report.rubric.id} — dossier {report.dossier.id}",
            subject=f"{report.certification.titre} — {report.rubric.titre}",
            status="Complet" if final else "Brouillon",
            created=report.generated_at,
        ),
        header=f"{state}  ·  {name}",
        footer=f"Éditée le {moment_fr(report.generated_at)} avec preuve",
    )
    writer = DocxWriter(document)
    _opening(writer, report, traces, signature)
    _criteria(writer, report, traces)
    _closing(writer, report, traces)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _opening(writer: DocxWriter, report: Report, traces: bool, signature: Signature | None) -> None:
    final = report.status == "complet"
    writer.text(sections.status_line(report), Style.BANNER_FINAL if final else Style.BANNER)
    writer.title(f"Grille d'évaluation — épreuve {report.rubric.id}")
    if signature is not None:
        writer.paragraph(sections.signature_line(signature))
    writer.table(sections.identity(report, traces))
    for warning in sections.warnings_about_decisions(report):
        writer.paragraph(warning)
    writer.heading("Compétences évaluées", 1)
    for competence in sections.competences(report):
        writer.paragraph(competence)
    writer.heading("Synthèse des décisions", 1)
    writer.table(sections.overview(report))
    writer.text("Ce document ne calcule aucun résultat d'ensemble : il revient au jury.")


def _criteria(writer: DocxWriter, report: Report, traces: bool) -> None:
    files = files_of(report)
    writer.heading("Critères d'évaluation", 1)
    writer.text(fr(_LEGEND_FR if traces else _LEGEND_BARE_FR), Style.LEGEND)
    for group in report.groups:
        writer.heading(group.titre, 2)
        writer.table(sections.criteria(report, group, files, traces))


def _closing(writer: DocxWriter, report: Report, traces: bool) -> None:
    files = files_of(report)
    writer.heading("Évaluateurs", 1)
    assessors = sections.assessors(report)
    if assessors is None:
        writer.text("Aucune décision n'a encore été enregistrée.")
    else:
        writer.table(assessors)
    writer.heading("Fichiers examinés", 1)
    writer.table(sections.file_table(files))
    if not traces:
        return
    writer.heading("Lecture des fichiers", 1)
    for note in reading_notes(report, files):
        writer.paragraph(note)
    writer.heading("Traçabilité", 1)
    for line in sections.traceability(report):
        writer.paragraph(line)
