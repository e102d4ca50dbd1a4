"""`preuve show`: the drafts and decisions of a dossier, without reviewing anything."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.agreement import agreed
from assistant.cli.common import application, console
from assistant.cli.french import Command
from assistant.domain.finding import AttenduFinding, CriterionFinding
from assistant.domain.report import CriterionEntry, Report

if TYPE_CHECKING:
    from assistant.app import App


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("show", cls=Command)(show)


def show(
    dossier: Annotated[
        str, typer.Argument(help="Identifiant ou chemin d'un dossier ; sans lui, la liste.")
    ] = "",
    epreuve: Annotated[str, typer.Option("--epreuve", "-e", help="Épreuve, ex. E1.2.")] = "",
    critere: Annotated[
        str, typer.Option("--critere", "-c", help="Détail d'un critère, ex. note-cadrage/CE1.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Sortie JSON, pour un programme.")
    ] = False,
) -> None:
    """Montre les propositions et les décisions déjà enregistrées."""
    from assistant.reporting import report_json

    with application() as app:
        if not dossier:
            _list(app, as_json=as_json)
            return
        dossier_id = app.library.resolve(dossier)
        for one in (epreuve,) if epreuve else app.library.record(dossier_id).epreuves:
            report = app.report(dossier_id, one)
            if as_json:
                typer.echo(report_json(report))
            elif critere:
                _detail(console(), report, critere.removeprefix(f"{one}/"))
            else:
                _overview(console(), report)


def _list(app: "App", *, as_json: bool) -> None:
    records = app.dossiers()
    if as_json:
        import json

        typer.echo(json.dumps([r.model_dump(mode="json") for r in records], ensure_ascii=False))
        return
    table = Table("Identifiant", "Dossier", "Épreuves", "Mis à jour")
    for record in records:
        when = record.updated_at.astimezone().strftime("%d/%m/%Y %H:%M")
        table.add_row(record.id, escape(record.label), ", ".join(record.epreuves), when)
    console().print(table if records else "Aucun dossier. Commencez par « preuve review DOSSIER ».")


def _overview(out: Console, report: Report) -> None:
    out.print(
        f"\n[bold]{report.rubric.id}[/bold] — {escape(report.rubric.titre)} ({report.status})"
    )
    table = Table("Critère", "Proposition", "Décision", "Par")
    for entry in report.entries:
        decision = entry.decision
        table.add_row(
            entry.criterion.id.removeprefix(f"{report.rubric.id}/"),
            _draft_label(report, entry),
            report.certification.libelle(decision.verdict) if decision else "à décider",
            escape(decision.assessor) if decision else "",
        )
    out.print(table)
    out.print(agreed(f"{report.decided} critère(s) décidé(s) sur {len(report.entries)}."))


def _draft_label(report: Report, entry: CriterionEntry) -> str:
    if entry.finding is None:
        return "—"
    if isinstance(entry.finding, CriterionFinding):
        return report.certification.libelle(entry.finding.verdict)
    return "échec"


def _detail(out: Console, report: Report, short_id: str) -> None:
    for entry in report.entries:
        if entry.criterion.id.removeprefix(f"{report.rubric.id}/") != short_id:
            continue
        out.print(f"\n[bold]{entry.criterion.id}[/bold] {escape(entry.criterion.texte)}")
        out.print(f"Proposition : {_draft_label(report, entry)}")
        if isinstance(entry.finding, CriterionFinding):
            _finding(out, entry.finding)
            if entry.calibration_fr:
                out.print(escape(entry.calibration_fr))
        elif entry.finding is not None:
            out.print(escape(entry.finding.message_fr))
        for decision in entry.decisions:
            verdict = report.certification.libelle(decision.verdict)
            out.print(escape(f"Décision de {decision.assessor} : {verdict}. {decision.reason}"))


def _finding(out: Console, finding: CriterionFinding) -> None:
    out.print(escape(finding.abstention_fr or finding.rationale))
    if finding.reasons:
        out.print(f"Abstention : {' ; '.join(reason.label_fr for reason in finding.reasons)}.")
    for attendu in finding.attendus:
        _attendu(out, attendu)
    told = [
        *(f"à savoir : {note}" for note in finding.notes_fr),
        *(f"images : {line}" for line in finding.observations_fr),
        *(f"à demander : {question}" for question in finding.oral_questions),
        *((f"conseil : {finding.advice_fr}",) if finding.advice_fr else ()),
        *(f"{check.code} : {check.outcome.value} — {check.message_fr}" for check in finding.checks),
    ]
    for line in told:
        out.print(escape(f"  {line}"))


def _attendu(out: Console, attendu: AttenduFinding) -> None:
    star = "★ " if attendu.etoile else ""
    out.print(escape(f"  {attendu.numero}. {star}{attendu.status.label_fr} — {attendu.texte}"))
    told = [
        *(f"« {item.quote} » ({item.place_fr})" for item in attendu.evidence),
        *(f"page vue : {page.observation} ({page.place_fr})" for page in attendu.seen),
        *(f"citation rejetée : « {r.quote} » ({r.reason_fr})" for r in attendu.rejected),
    ]
    for line in told:
        out.print(escape(f"     {line}"))
