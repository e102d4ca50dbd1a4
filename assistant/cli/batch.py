"""`preuve batch`: a whole cohort, planned, then run."""

import json
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from assistant.cli.common import DONE_IN_PART, EXPECTED_ERROR, application, console
from assistant.cli.french import Command
from assistant.domain.finding import JudgeName
from assistant.errors import BudgetUnusable

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.app.cohort import Cohort, CohortDesk, CohortPlan, RunReport
    from assistant.app.cohort.entrusting import Entrusted
    from assistant.cli.batch_screen import BatchScreen, Runs

_INTERRUPTED = 130


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("batch", cls=Command)(batch)


def batch(
    cohort: Annotated[
        Path,
        typer.Argument(
            metavar="COHORTE",
            help="Dossier (un sous-dossier par candidat), fichier .zip, ou liste .csv/.yaml.",
        ),
    ],
    epreuve: Annotated[
        str, typer.Option("--epreuve", "-e", help="N'examiner que cette épreuve, ex. E1.2.")
    ] = "",
    judge: Annotated[
        JudgeName | None,
        typer.Option("--judge", "-j", help="Moteur embarqué (embedded) ou modèle (llm)."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Dit ce qui serait fait et ce que cela coûterait.")
    ] = False,
    budget: Annotated[
        str,
        typer.Option("--budget", metavar="EUROS", help="S'arrêter avant de dépasser, ex. 25eur."),
    ] = "",
    pilot: Annotated[
        int,
        typer.Option(
            "--pilot", metavar="N", min=0, help="Examiner d'abord N dossiers, puis demander."
        ),
    ] = 0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ne rien demander.")] = False,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            metavar="N",
            min=1,
            max=64,
            help="Demandes simultanées ; sans elle, PREUVE_LLM_CONCURRENCY.",
        ),
    ] = None,
    endpoint: Annotated[
        Literal["direct", "batch"],
        typer.Option(
            "--endpoint",
            help="direct : une demande à la fois ; batch : l'API de lots du fournisseur, moins "
            "chère et plus lente.",
        ),
    ] = "direct",
    engine: Annotated[
        Literal["local", "procrastinate"],
        typer.Option(
            "--engine",
            help="local : cette commande fait le travail ; procrastinate : le confie aux "
            "« preuve worker » de plusieurs machines, et le suit.",
        ),
    ] = "local",
    cancel: Annotated[
        bool,
        typer.Option("--annuler", help="Reprendre la cohorte aux postes de travail, et s'arrêter."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="N'écrire que les erreurs et le bilan.")
    ] = False,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal",
            metavar="FICHIER",
            help="Journal de l'exécution (une ligne JSON par événement, sans aucun texte).",
        ),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            "--resultats",
            metavar="DOSSIER",
            help="Y écrire un classeur, des CSV et des carnets Moodle ; avec --dry-run, l'état "
            "actuel, sans rien examiner.",
        ),
    ] = None,
    report_file: Annotated[
        Path | None,
        typer.Option(
            "--rapport",
            metavar="FICHIER.html",
            help="Y écrire un rapport : candidats × critères, répartitions, ce qui ressort.",
        ),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference",
            metavar="FICHIER",
            help="Le repartition.json d'une cohorte précédente, à comparer.",
        ),
    ] = None,
    named: Annotated[
        bool, typer.Option("--noms", help="Écrire aussi les noms des dossiers dans les résultats.")
    ] = False,
    grids: Annotated[
        bool, typer.Option("--grilles", help="Écrire aussi la grille Word de chaque candidat.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Écrit le plan et le bilan en JSON, sans aucun nom.")
    ] = False,
) -> None:
    """Pré-examine une cohorte. Interrompue, elle reprend où elle en était."""
    from assistant.cli.batch_results import ResultsWanted, last_cohort
    from assistant.cli.batch_screen import BatchScreen

    changes = {} if concurrency is None else {"llm_concurrency": concurrency}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with application() as app:
        if cancel:
            _cancel(app, cohort)
            return
        wanted = ResultsWanted(
            folder=results,
            report=report_file,
            before=last_cohort(reference),
            epreuve=epreuve,
            named=named,
            grids=grids,
        )
        euros = _euros(budget)
        if epreuve:
            app.rubric(epreuve)
        screen = BatchScreen(console(errors=as_json), quiet=quiet or as_json)
        desk = app.cohorts(**changes)
        with desk.cohort(cohort, epreuve=epreuve, judge=judge) as opened:
            doing = _entrusted(desk, opened) if engine == "procrastinate" else opened
            plan = screen.planning(opened)
            if as_json and dry_run:
                typer.echo(json.dumps(_plan_json(plan), ensure_ascii=False))
            if dry_run:
                _note(opened, plan, journal)
                wanted.write(app, plan, screen)
                return
            if endpoint == "batch" and plan.pending:
                opened.hand_over(plan, screen.say, budget_eur=euros)
                plan = screen.planning(opened, again=True)
            report = _run(doing, opened, plan, screen, euros, pilot, yes, journal)
            wanted.write(app, plan, screen)
            if as_json:
                told = {"plan": _plan_json(plan), "bilan": report.model_dump(mode="json")}
                typer.echo(json.dumps(told, ensure_ascii=False))
    raise typer.Exit(_exit_code(report, plan))


def _euros(budget: str) -> float | None:
    from assistant.cohort import parse_euros

    if not budget:
        return None
    euros = parse_euros(budget)
    if euros is None:
        problem = "écrivez une somme en euros, par exemple 25eur ou 12,50."
        raise BudgetUnusable(budget, budget=budget, problem=problem)
    return euros


def _cancel(app: "App", cohort: Path) -> None:
    from assistant.app.cohort import entrusting

    if entrusting.cancel(app.cohorts(), cohort):
        typer.echo(
            "Annulé : les postes de travail n'ont plus rien à demander. Ce qui est fait est gardé."
        )
    else:
        typer.echo("Cette cohorte n'est confiée à aucun poste de travail.")


def _entrusted(desk: "CohortDesk", opened: "Cohort") -> "Entrusted":
    """Made before the plan: what is missing is said at once."""
    from assistant.app.cohort.entrusting import Entrusted

    return Entrusted(desk, opened)


def _note(opened: "Cohort", plan: "CohortPlan", journal: Path | None) -> None:
    """For the page, which shows what a run would take."""
    from assistant.app.cohort.journal import RunJournal

    with RunJournal(journal or opened.journal, opened.clock) as log:
        log.prepared(plan)


def _run(
    doing: "Runs",
    opened: "Cohort",
    plan: "CohortPlan",
    screen: "BatchScreen",
    budget: float | None,
    pilot: int,
    yes: bool,
    journal: Path | None,
) -> "RunReport":
    """The pilot first when there is one, then the rest if the person agrees."""
    from assistant.app.cohort.journal import RunJournal

    with ExitStack() as stack:
        log = stack.enter_context(RunJournal(journal or opened.journal, opened.clock))
        log.planned(plan)
        report = screen.running(doing, plan, log, budget, limit=pilot or None)
        log.ended(report)
        if not pilot or report.stop != "terminé":
            return report
        rest = screen.planning(opened, again=True)
        if not rest.pending or not _agreed(rest, yes):
            return report
        log.planned(rest)
        second = screen.running(doing, rest, log, budget)
        log.ended(second)
        return second


def _agreed(rest: "CohortPlan", yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        typer.echo("Pilote terminé. Relancez sans pilote (ou avec --yes) pour continuer.", err=True)
        return False
    left = sum(dossier.pending > 0 for dossier in rest.dossiers)
    return typer.confirm(f"Continuer avec les {left} autres dossiers ?", default=False)


def _exit_code(report: "RunReport", plan: "CohortPlan") -> int:
    from assistant.app.cohort import Stop

    if report.stop is Stop.INTERRUPTED:
        return _INTERRUPTED
    nothing = report.drafted == 0 and plan.pending > 0
    if report.stop in (Stop.MODEL, Stop.NOBODY) and nothing:
        return EXPECTED_ERROR
    problems = any(dossier.problem_fr for dossier in plan.dossiers)
    if report.stop is not Stop.DONE or report.failed or report.unopened or problems:
        return DONE_IN_PART
    return 0


def _plan_json(plan: "CohortPlan") -> dict[str, object]:
    """Ids and counts: neither a name nor a path."""
    usage = plan.estimate.usage
    return {
        "cohorte": plan.cohort_id,
        "moteur": plan.engine_fr,
        "dossiers": [
            {
                "id": dossier.dossier_id,
                "criteres": dossier.criteria,
                "a_faire": dossier.pending,
                "epreuves": list(dossier.epreuves),
                "utilisable": not dossier.problem_fr,
            }
            for dossier in plan.dossiers
        ],
        "anomalies": [
            {"genre": a.kind.value, "dossier": a.dossier_id or None} for a in plan.anomalies
        ],
        "criteres": plan.criteria,
        "a_faire": plan.pending,
        "demandes": usage.calls,
        "tokens_lus": usage.input_tokens,
        "tokens_cache": usage.cached_tokens,
        "tokens_ecrits": usage.output_tokens,
        "secondes": round(plan.seconds),
        "cout_eur": plan.cost_eur,
        "deja_depense_eur": plan.spent_eur,
    }
