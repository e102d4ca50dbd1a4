"""The parts of the grid around its criteria, as content: no file format here.

Widths add up to the 26.7 cm of a landscape A4 page inside its margins.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from assistant.domain.assessment import Signature
from assistant.domain.decision import HumanDecision
from assistant.domain.finding import CriterionFinding, EngineId
from assistant.domain.report import GroupEntry, Report
from assistant.domain.verdict import Verdict
from assistant.reporting.content import Cell, Paragraph, Style, Table, bold, cell, paragraph
from assistant.reporting.criterion_row import CriterionRow, is_about_another_draft
from assistant.reporting.files import FileTable
from assistant.reporting.labels import (
    GENERATIVE_MODEL_FR,
    NO_GENERATIVE_MODEL_FR,
    count_fr,
    engine_fr,
    fr,
    list_fr,
    moment_fr,
    percent_fr,
)

_SENTENCES: Final = {"embedded": NO_GENERATIVE_MODEL_FR, "llm": GENERATIVE_MODEL_FR}


def status_line(report: Report) -> str:
    """What the banner says: whether the grid may be signed, and why not."""
    total = len(report.entries)
    if report.status == "complet":
        names = list_fr(_names(report))
        return fr(
            f"GRILLE COMPLÉTÉE — {count_fr(total, 'critère')} sur {total} décidés par {names}, "
            f"{_span([d for entry in report.entries for d in entry.decisions])}."
        )
    decided = count_fr(report.decided, "critère décidé", "critères décidés")
    return fr(
        f"BROUILLON — {decided} sur {total}. Les propositions viennent d'un logiciel et ne sont "
        "pas des décisions ; ce document n'est pas à signer."
    )


def warnings_about_decisions(report: Report) -> tuple[Paragraph, ...]:
    """What a jury must know before relying on the decisions."""
    moved = [e.criterion.id for e in report.entries if is_about_another_draft(e)]
    if not moved:
        return ()
    return (
        paragraph(
            bold(fr("À vérifier : ")),
            f"{count_fr(len(moved), 'décision')} portant sur une proposition refaite depuis "
            f"({', '.join(moved)}).",
            style=Style.BODY,
        ),
    )


def signature_line(signature: Signature) -> Paragraph:
    """Who signed, when, and the hash by which the record can be checked."""
    return paragraph(
        bold("Finalisée"),
        fr(f" par {signature.person}, le {moment_fr(signature.at)}. Empreinte du relevé signé "),
        fr(f"(SHA-256) : {signature.sha256}"),
        style=Style.BODY,
    )


def identity(report: Report, traces: bool = True) -> Table:
    """What the grid is about."""
    certification, rubric = report.certification, report.rubric
    bloc = f"{report.bloc.id} — {report.bloc.titre}"
    rows = [
        ("Certification", certification.titre),
        ("Bloc de compétences", bloc),
        ("Épreuve", f"{rubric.id} — {rubric.titre}"),
        ("Dossier", f"{report.dossier.id} (identifiant ; aucun nom de candidat n'est inscrit ici)"),
        ("Édité le", moment_fr(report.generated_at)),
    ]
    if traces:
        drafted = " ".join(_SENTENCES[kind] for kind in _engine_kinds(report))
        rows.append(("Propositions", drafted or "Aucune."))
    return Table(
        title="Identification",
        headers=("Rubrique", "Contenu"),
        widths=(5.0, 21.7),
        rows=tuple((cell(name), cell(fr(text))) for name, text in rows),
        named_rows=True,
    )


def competences(report: Report) -> Iterator[Paragraph]:
    """The compétences that the épreuve assesses, word for word."""
    for competence in report.competences:
        yield paragraph(bold(competence.id), f" — {competence.texte}", style=Style.BULLET)


def overview(report: Report) -> Table:
    """How many criteria of each group have each decided verdict. No overall result."""
    scale = [report.certification.libelle(verdict) for verdict in Verdict]
    headers = ("Groupe de critères", "Critères", *scale, "À décider")
    widths = (10.7, 2.5, *(2.7 for _ in scale), 2.7)
    return Table(
        title="Synthèse des décisions",
        headers=headers,
        widths=widths,
        rows=tuple(_overview_row(group) for group in report.groups),
        named_rows=True,
    )


def _overview_row(group: GroupEntry) -> tuple[Cell, ...]:
    decided = Counter(e.decision.verdict for e in group.entries if e.decision)
    counts = [len(group.entries), *(decided[verdict] for verdict in Verdict)]
    still_open = sum(e.decision is None for e in group.entries)
    return (cell(group.titre), *(cell(str(n)) for n in (*counts, still_open)))


def criteria(report: Report, group: GroupEntry, files: FileTable, traces: bool) -> Table:
    """The table of one criteria group."""
    row = CriterionRow(report.certification, files, traces=traces)
    return Table(
        title=f"Critères du groupe « {group.titre} »",
        headers=CriterionRow.HEADERS if traces else CriterionRow.HEADERS_BARE,
        widths=(4.6, 4.6, 8.9, 8.6),
        rows=tuple(row.cells(entry) for entry in group.entries),
    )


def assessors(report: Report) -> Table | None:
    """Who decided and when, with room to sign once the grid is complete."""
    if not _names(report):
        return None
    signed = report.status == "complet"
    ruled = [d for entry in report.entries for d in entry.decisions]
    rows = []
    for name in _names(report):
        mine = [d for d in ruled if d.assessor == name]
        rows.append(
            (
                cell(name),
                cell(count_fr(len(mine), "décision")),
                cell(_span(mine)),
                cell(*(["", "", ""] if signed else ["Grille non complète"])),
            )
        )
    return Table(
        title="Évaluateurs",
        headers=("Nom", "Décisions", "Quand", "Signature"),
        widths=(7.0, 3.2, 8.5, 8.0),
        rows=tuple(rows),
        named_rows=True,
    )


def file_table(files: FileTable) -> Table:
    """The files, their short names and their digests."""
    rows = []
    for row in files.rows:
        read = row.extraction
        what = "non connu"
        if read is not None:
            units = f", {read.unit_count} {read.unit_name_fr}" if read.unit_count else ""
            words = count_fr(read.words, "mot")
            what = f"{read.format}{units}, {words}, lu à {percent_fr(read.coverage)}"
        rows.append(
            (
                cell(row.reference),
                cell(row.file.filename),
                cell(row.file.role.value),
                cell(what),
                cell(row.file.sha256),
            )
        )
    return Table(
        title="Fichiers examinés",
        headers=("Réf.", "Fichier", "Rôle", "Lecture", "Empreinte SHA-256"),
        widths=(1.2, 7.4, 1.9, 5.0, 11.2),
        rows=tuple(rows),
        named_rows=True,
    )


def traceability(report: Report) -> Iterator[Paragraph]:
    """What produced the drafts: enough to answer a complaint."""
    rubric = report.rubric
    yield paragraph(
        bold(fr("Grille : ")),
        f"{report.certification.id}, {rubric.id}, version {rubric.version}, "
        f"empreinte {rubric.content_hash}",
        style=Style.BULLET,
    )
    for engine, count in _engines(report).items():
        yield paragraph(
            bold(fr("Moteur : ")),
            fr(f"{engine}, pour {count_fr(count, 'critère')}."),
            style=Style.BULLET,
        )
    for kind in _engine_kinds(report):
        yield paragraph(_SENTENCES[kind], style=Style.BULLET)
    tokens = sum(f.provenance.usage.input_tokens for f in _findings(report))
    answers = sum(f.provenance.usage.output_tokens for f in _findings(report))
    if tokens or answers:
        yield paragraph(
            bold(fr("Consommation : ")),
            f"{count_fr(tokens, 'token')} lus, {count_fr(answers, 'token')} écrits.",
            style=Style.BULLET,
        )
    yield paragraph(
        "Les heures sont celles du poste où chaque action a eu lieu. Les paramètres, les réponses "
        "du moteur et les clés de chaque proposition sont dans l'export JSON de cette grille.",
        style=Style.BULLET,
    )


def _findings(report: Report) -> list[CriterionFinding]:
    return [e.finding for e in report.entries if isinstance(e.finding, CriterionFinding)]


def _engines(report: Report) -> Counter[str]:
    return Counter(engine_fr(f.provenance.engine) for f in _findings(report))


def _engine_kinds(report: Report) -> list[str]:
    engines: list[EngineId] = [f.provenance.engine for f in _findings(report)]
    return list(dict.fromkeys(engine.engine for engine in engines))


def _names(report: Report) -> list[str]:
    """Those who have ruled, in the order of their first decision."""
    ruled = [d for entry in report.entries for d in entry.decisions]
    return list(dict.fromkeys(d.assessor for d in sorted(ruled, key=lambda d: d.decided_at)))


def _span(ruled: list[HumanDecision]) -> str:
    moments: list[datetime] = sorted(d.decided_at for d in ruled)
    first, last = moment_fr(moments[0]), moment_fr(moments[-1])
    return f"le {first}" if first == last else f"du {first} au {last}"
