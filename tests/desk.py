"""A dossier ready for the desk: a real PDF, drafts that quote it, and hostile words everywhere."""

from collections.abc import Mapping
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from assistant.app import App
from assistant.domain.dossier import AssignmentSource, FileRole
from assistant.domain.finding import (
    AttenduFinding,
    CheckOutcome,
    CheckResult,
    CriterionFinding,
    RejectedQuote,
    SearchRecord,
)
from assistant.domain.rubric import Criterion
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.dossiers import Assignment
from assistant.grounding import evidence_at
from ingest.types import Document
from tests.sample_findings import provenance

EPREUVE = "E3.1"
EVIL = "<img src=x onerror=alert(1)> ${alert(2)} {{constructor}}"
PHRASES = (
    "Le taux de clic atteint 3,2 % sur la campagne early bird.",
    "Le coût par acquisition est de 12,40 euros en moyenne.",
    f"Titre {EVIL} du candidat.",
)
WORDS_OF_THE_DRAFT = "La proposition cite le taux de clic."
_STATUS = {
    Verdict.MET: AttenduStatus.SATISFIED,
    Verdict.PARTIALLY_MET: AttenduStatus.PARTIAL,
    Verdict.NOT_MET: AttenduStatus.ABSENT,
    Verdict.NOT_ASSESSABLE: AttenduStatus.NOT_VERIFIABLE,
}


def make_pdf(path: Path) -> None:
    page = canvas.Canvas(str(path), pagesize=A4, invariant=True)
    for number in range(2):
        page.setFont("Helvetica", 12)
        for line, phrase in enumerate((f"Page {number + 1}", *PHRASES)):
            page.drawString(60, 760 - 26 * line - 200 * number, phrase)
        page.showPage()
    page.save()


def make_dossier(app: App, folder: Path, epreuve: str = EPREUVE) -> tuple[str, Document]:
    """A folder with one PDF, opened."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{epreuve}_{EVIL.replace('/', '')}.pdf"
    make_pdf(path)
    given = Assignment(
        role=FileRole.DELIVERABLE, epreuves=(epreuve,), source=AssignmentSource.GIVEN
    )
    dossier = app.open(folder, given={path.name: given})
    (document,) = dossier.documents.values()
    return dossier.id, document


def seed(app: App, folder: Path, verdicts: Mapping[int, Verdict | None] | None = None) -> str:
    """A dossier whose criteria are drafted; None leaves one without a draft."""
    dossier_id, document = make_dossier(app, folder)
    chosen = verdicts or {}
    for number, criterion in enumerate(app.rubric(EPREUVE).criteres):
        verdict = chosen.get(number, Verdict.PARTIALLY_MET)
        if verdict is not None:
            app.store.save_finding(dossier_id, make_draft(dossier_id, document, criterion, verdict))
    return dossier_id


def make_draft(
    dossier_id: str,
    document: Document,
    criterion: Criterion,
    verdict: Verdict,
    round_: int = 1,
    *,
    epreuve: str = EPREUVE,
) -> CriterionFinding:
    """A draft with a quote of the second page, a check, a rejected quote and hostile words."""
    start = document.text.rindex(PHRASES[0])
    quote = evidence_at(document, start, start + len(PHRASES[0]))
    return CriterionFinding(
        criterion_id=criterion.id,
        epreuve=epreuve,
        verdict=verdict,
        rationale=f"{WORDS_OF_THE_DRAFT} {EVIL}",
        attendus=tuple(
            AttenduFinding(
                numero=a.numero,
                texte=a.texte,
                etoile=a.etoile,
                status=_STATUS[verdict],
                justification=f"Vu page 2. {EVIL}",
                evidence=(quote,),
                rejected=(RejectedQuote(quote=EVIL, reason_fr="introuvable"),),
            )
            for a in criterion.attendus
        ),
        checks=(
            CheckResult(
                code="DET-SOMME",
                title_fr="Somme",
                outcome=CheckOutcome.DISCREPANCY,
                strength="I",
                message_fr=f"La somme annoncée diffère. {EVIL}",
                observed=(quote,),
            ),
        ),
        search=SearchRecord(
            queries=("taux de clic",),
            documents=(document.filename,),
            sections=(EVIL,),
            nearest=(quote,),
            coverage=1.0,
        ),
        oral_questions=(f"Pourquoi ? {EVIL}",),
        advice_fr="Datez chaque objectif.",
        abstention_fr="Rien ne permet d'en juger." if verdict is Verdict.NOT_ASSESSABLE else "",
        provenance=provenance(f"{dossier_id}/{criterion.id}/{round_}", dossier_id=dossier_id),
    )


def redraft(app: App, dossier_id: str, number: int, verdict: Verdict, round_: int) -> None:
    """Make the draft of one criterion again."""
    record = app.library.record(dossier_id)
    (document,) = app.open(Path(record.folder)).documents.values()
    criterion = app.rubric(EPREUVE).criteres[number]
    app.store.save_finding(dossier_id, make_draft(dossier_id, document, criterion, verdict, round_))
