"""What `preuve batch` shows: the plan, the progress, the report."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Final, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from assistant.agreement import agreed
from assistant.app.cohort import Cohort, CohortPlan, PlannedDossier, RunReport, Stop, Witness
from assistant.app.cohort.journal import RunJournal, Witnesses
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Finding, FindingFailure, Usage

_SHOWN: Final = 25
_INTERRUPTED: Final = 130
_INTERRUPTED_FR: Final = "Interrompu. Tout ce qui est fait est conservé : relancez pour continuer."
_PAUSED_FR: Final = (
    "Mis en pause depuis la page. Tout ce qui est fait est conservé : reprenez depuis la page, ou "
    "relancez la commande."
)
_THIN: Final = "\u202f"


class Runs(Protocol):
    """What runs a plan: this process, or workers elsewhere."""

    def run(
        self,
        plan: CohortPlan,
        witness: Witness,
        *,
        budget_eur: float | None = None,
        limit: int | None = None,
    ) -> RunReport: ...


class BatchScreen:
    """Writes the plan and the report on `out`, the progress on the standard error."""

    def __init__(self, out: Console, *, quiet: bool) -> None:
        self._out = out
        self._err = Console(stderr=True, highlight=False)
        self._quiet = quiet

    def say(self, told: str) -> None:
        """One line, on the standard error."""
        if not self._quiet:
            self._err.print(told, markup=False)

    def planning(self, cohort: Cohort, *, again: bool = False) -> CohortPlan:
        """Plan, with a bar; then say what was found."""
        with self._bar("Lecture des dossiers") as on_dossier:
            plan = cohort.plan(on_dossier)
        if not self._quiet:
            self._show_plan(cohort, plan, again=again)
        return plan

    def comparing(self) -> AbstractContextManager[Callable[[int, int], None]]:
        """A bar while the candidates' texts are compared."""
        return self._bar("Comparaison des textes")

    @contextmanager
    def _bar(self, title: str) -> Iterator[Callable[[int, int], None]]:
        bar = Progress(
            SpinnerColumn(),
            TextColumn(title),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._err,
            transient=True,
            disable=self._quiet,
        )
        with bar:
            task = bar.add_task("")
            yield lambda n, total: bar.update(task, completed=n, total=total)

    def running(
        self,
        cohort: Runs,
        plan: CohortPlan,
        journal: RunJournal,
        budget: float | None,
        *,
        limit: int | None = None,
    ) -> RunReport:
        """Run, with bars; then say what became of it."""
        live = _Live(plan, self._err, limit=limit, disable=self._quiet)
        try:
            with live:
                report = cohort.run(plan, Witnesses(journal, live), budget_eur=budget, limit=limit)
        except KeyboardInterrupt:  # the second one: leave as after a power cut
            self._err.print("Arrêt immédiat. Ce qui était enregistré est conservé.")
            sys.stderr.flush()
            os._exit(_INTERRUPTED)
        self._show_report(report, budget)
        return report

    def _show_plan(self, cohort: Cohort, plan: CohortPlan, *, again: bool) -> None:
        out = self._out
        files = f"{_count(len(plan.dossiers), 'candidat')}"
        if not again:
            out.print(f"[bold]Cohorte {escape(plan.label)}[/bold] ({plan.cohort_id}) : {files}")
            out.print(f"Moteur : {escape(plan.engine_fr)}")
            self._show_anomalies(plan)
        done = plan.criteria - plan.pending - sum(d.unread for d in plan.dossiers)
        kept = f", {_count(done, 'déjà fait')}" if done else ""
        out.print(
            f"À examiner : {_number(plan.pending)} sur {_count(plan.criteria, 'critère')}{kept}."
        )
        if plan.pending:
            out.print(_estimate_fr(plan))
        if not again:
            out.print(f"Qui est qui (reste sur cette machine) : {escape(str(cohort.pseudonyms))}")

    def _show_anomalies(self, plan: CohortPlan) -> None:
        names = {dossier.dossier_id: dossier.name for dossier in plan.dossiers}
        for stray in plan.strays:
            self._out.print(f"Laissé de côté : {escape(stray)}")
        if not plan.anomalies:
            self._out.print("Rien à signaler dans les dossiers.")
            return
        counts = Counter(anomaly.kind.value for anomaly in plan.anomalies)
        told = ", ".join(f"{n} {kind}" for kind, n in counts.items())
        table = Table(
            "Genre", "Candidat", "À regarder", title=f"À regarder avant de lancer : {told}"
        )
        for anomaly in plan.anomalies[:_SHOWN]:
            name = names.get(anomaly.dossier_id, "")
            table.add_row(anomaly.kind.value, escape(name or "—"), escape(anomaly.message_fr))
        self._out.print(table)
        if len(plan.anomalies) > _SHOWN:
            left = len(plan.anomalies) - _SHOWN
            self._out.print(f"… et {left} autres. « preuve show DOSSIER » les dit toutes.")

    def _show_report(self, report: RunReport, budget: float | None) -> None:
        out = self._out
        out.print(
            f"{_count(report.drafted, 'proposition')} en {_duration(report.seconds)}"
            + (f", {_usage_fr(report.usage)}" if report.traffic.requests else "")
            + "."
        )
        self._show_failures(report)
        if report.unopened:
            out.print(agreed(f"{report.unopened} dossier(s) non ouvert(s) : voyez plus haut."))
        match report.stop:
            case Stop.BUDGET:
                out.print(
                    f"Budget de {_euros(budget or 0)} atteint : le reste n'a pas été demandé. Tout "
                    "ce qui est fait est conservé ; relancez avec un budget plus grand."
                )
            case Stop.INTERRUPTED:
                out.print(report.message_fr or _INTERRUPTED_FR, markup=False)
            case Stop.PAUSED:
                out.print(_PAUSED_FR, markup=False)
            case Stop.NOBODY:
                self._err.print(f"Erreur : {report.message_fr}", style="bold", markup=False)
            case Stop.MODEL:
                self._err.print(f"Erreur : {report.message_fr}", style="bold", markup=False)
                out.print("Tout ce qui est fait est conservé : relancez la même commande ensuite.")
            case Stop.DONE:
                pass

    def _show_failures(self, report: RunReport) -> None:
        for error, count in sorted(report.failures.items()):
            cause = report.causes_fr.get(error, error)
            self._out.print(f"{_count(count, 'critère')} en échec. {cause}", markup=False)
        if report.failures:
            self._out.print("Une fois la cause levée, relancez : ce qui a échoué est repris.")


class _Live:
    """A `Witness` with two bars: dossiers, criteria; and what was used so far."""

    def __init__(
        self, plan: CohortPlan, console: Console, *, limit: int | None, disable: bool
    ) -> None:
        todo = [d for d in plan.dossiers if d.to_do or d.unread][:limit]
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            console=console,
            disable=disable,
        )
        self._console = console
        self._dossiers = self._progress.add_task("Dossiers", total=len(todo), told="")
        criteria = sum(d.pending + d.stale + d.unread for d in todo)
        self._criteria = self._progress.add_task("Critères", total=criteria, told="")
        self._failed = 0

    def __enter__(self) -> "_Live":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def opened(self, dossier: PlannedDossier) -> None:
        """Nothing to show yet."""

    def unopened(self, dossier: PlannedDossier, message_fr: str) -> None:
        self._console.print(f"{dossier.name} : {message_fr}", markup=False)
        self._progress.advance(self._dossiers)

    def done(self, dossier_id: str, finding: Finding, traffic: Traffic) -> None:
        self._failed += isinstance(finding, FindingFailure)
        self._progress.advance(self._criteria)
        task = self._progress.tasks[1]
        left = f"reste {_duration(task.time_remaining)}" if task.time_remaining else ""
        failed = f"{_count(self._failed, 'échec')}" if self._failed else ""
        used = _usage_fr(traffic.usage) if traffic.requests else ""
        told = " · ".join(part for part in (used, failed, left) if part)
        self._progress.update(self._criteria, told=told)

    def closed(self, dossier: PlannedDossier) -> None:
        self._progress.advance(self._dossiers)


def _estimate_fr(plan: CohortPlan) -> str:
    if not plan.by_model:
        return f"Durée estimée : environ {_duration(plan.seconds)}. Aucune demande, aucun coût."
    usage, cost = plan.estimate.usage, plan.cost_eur
    basis = (
        f"d'après {_count(plan.calibration.criteria, 'critère')} déjà examinés par ce modèle"
        if plan.calibration.criteria
        else "d'après la longueur des textes ; --pilot 5 la rendra plus sûre"
    )
    money = (
        f"coût {_euros(cost)} ({plan.price.source_fr if plan.price else ''} : à vérifier)"
        if cost is not None
        else "coût inconnu (aucun prix pour ce modèle : PREUVE_PRICES_FILE)"
    )
    spent = (
        f" Déjà dépensé pour cette cohorte : {_euros(plan.spent_eur)}." if plan.spent_eur else ""
    )
    return (
        f"Estimation : {_count(usage.calls, 'demande')}, {_usage_fr(usage, cost=False)} ; "
        f"environ {_duration(plan.seconds)} à {plan.concurrency} demandes simultanées ; "
        f"{money}. Estimation {basis}.{spent}"
    )


def _usage_fr(usage: Usage, *, cost: bool = True) -> str:
    told = (
        f"{_big(usage.input_tokens)} tokens lus (dont {_big(usage.cached_tokens)} en cache), "
        f"{_big(usage.output_tokens)} écrits"
    )
    return f"{told}, {_euros(usage.cost_eur)}" if cost and usage.cost_eur is not None else told


def _number(value: int) -> str:
    return f"{value:,}".replace(",", _THIN)


def _big(value: int) -> str:
    """« 41,2 M », « 850 k », « 312 »."""
    if value >= 1_000_000:
        return f"{value / 1_000_000:.1f}{_THIN}M".replace(".", ",")
    return f"{value // 1000}{_THIN}k" if value >= 10_000 else _number(value)


def _euros(value: float) -> str:
    digits = 2 if value >= 1 or value == 0 else 4
    return f"{value:.{digits}f}\u00a0€".replace(".", ",")


def _count(number: int, noun: str) -> str:
    plural = number > 1 and not noun.endswith("s")
    words = (
        " ".join(f"{word}s" for word in noun.split()) if plural and noun != "déjà fait" else noun
    )
    return f"{_number(number)} {'déjà faits' if noun == 'déjà fait' and number > 1 else words}"


def _duration(seconds: float) -> str:
    whole = timedelta(seconds=round(seconds))
    hours, rest = divmod(int(whole.total_seconds()), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}\u00a0h\u00a0{minutes:02d}"
    return f"{minutes}\u00a0min\u00a0{left:02d}" if minutes else f"{left}\u00a0s"
