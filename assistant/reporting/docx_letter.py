"""The letter to the candidate: what people decided, why, on which words, and what to do next.

Nothing here comes from a draft that people departed from. Comments, reasons for departing from a
draft and evaluators' names stay in the grid.
"""

from collections.abc import Iterator
from io import BytesIO

from assistant.domain.assessment import Signature
from assistant.domain.report import CriterionEntry, Report
from assistant.reporting.content import Paragraph, Style, bold, italic, paragraph, quote
from assistant.reporting.docx_setup import Properties, new_document
from assistant.reporting.docx_writer import DocxWriter
from assistant.reporting.labels import date_fr, fr


def letter_docx(report: Report, signature: Signature) -> bytes:
    """A letter for the candidate of a signed épreuve."""
    rubric = report.rubric
    document = new_document(
        Properties(
            title=f"Évaluation de l'épreuve {rubric.id} — dossier {report.dossier.id}",
            subject=f"{report.certification.titre} — {rubric.titre}",
            status="Complet",
            created=report.generated_at,
        ),
        header=f"Épreuve {rubric.id} — dossier {report.dossier.id}",
        footer=f"Évaluation finalisée le {date_fr(signature.at)}",
        portrait=True,
    )
    writer = DocxWriter(document)
    writer.title(f"Votre épreuve {rubric.id}")
    writer.text(fr(f"{report.certification.titre} — {rubric.titre}"))
    writer.text("Madame, Monsieur,")
    writer.text(
        fr(
            "Voici ce que l'évaluation de votre dossier a retenu pour chaque critère : "
            "l'appréciation, sa justification, les passages de votre dossier sur lesquels elle "
            "s'appuie et, le cas échéant, un conseil. Ce courrier ne donne pas de résultat "
            "d'ensemble : il revient au jury."
        )
    )
    for group in report.groups:
        writer.heading(group.titre, 1)
        for entry in group.entries:
            writer.heading(entry.criterion.texte, 2)
            for item in _criterion(report, entry):
                writer.paragraph(item)
    writer.text("Nous vous prions d'agréer, Madame, Monsieur, nos salutations distinguées.")
    writer.text(fr(f"Fait le {date_fr(signature.at)}."))
    writer.text(fr(f"Référence de l'évaluation : {signature.sha256[:16]}"))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _criterion(report: Report, entry: CriterionEntry) -> Iterator[Paragraph]:
    assert entry.decision is not None  # every criterion of a signed épreuve is decided
    label = report.certification.libelle(entry.decision.verdict)
    yield paragraph(fr("Appréciation : "), bold(label), style=Style.BODY)
    if entry.printed_justification:
        yield paragraph(entry.printed_justification, style=Style.BODY)
    if entry.upheld is None:
        return
    for evidence in entry.upheld.evidence:
        place = italic(f" — {evidence.place_fr}")
        yield paragraph(quote(evidence.quote), place, style=Style.BULLET)
    if entry.upheld.advice_fr:
        yield paragraph(bold(fr("Pour progresser : ")), entry.upheld.advice_fr, style=Style.BODY)
