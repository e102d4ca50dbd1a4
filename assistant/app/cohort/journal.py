"""What happened in a run, one JSON object a line: ids, counts and durations, never a word."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from assistant.app.cohort.overview import CohortPlan, PlannedDossier, RunReport
from assistant.app.cohort.running import Witness
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Finding, FindingFailure
from assistant.errors import SettingsInvalid
from assistant.ports import Clock
from ingest.errors import system_cause_fr


class RunJournal:
    """A `Witness` that writes. Each line is on its way to the disk when it is written.

    Raises, when entered: `SettingsInvalid`.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("a", encoding="utf-8", buffering=1)
        except OSError as error:
            problem = (
                f"le journal « {self._path} » ne peut pas être écrit ({system_cause_fr(error)})."
            )
            raise SettingsInvalid(problem, problem=problem) from error
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def planned(self, plan: CohortPlan) -> None:
        """What a run is about to do."""
        self._plan("plan", plan)

    def prepared(self, plan: CohortPlan) -> None:
        """What a run would do, which was only asked."""
        self._plan("preparation", plan)

    def _plan(self, event: str, plan: CohortPlan) -> None:
        usage = plan.estimate.usage
        self._write(
            event,
            cohorte=plan.cohort_id,
            dossiers=len(plan.dossiers),
            criteres=plan.criteria,
            a_faire=plan.pending,
            anomalies=len(plan.anomalies),
            demandes=usage.calls,
            tokens_lus=usage.input_tokens,
            tokens_cache=usage.cached_tokens,
            tokens_ecrits=usage.output_tokens,
            cout_eur=plan.cost_eur,
            secondes=round(plan.seconds),
            moteur="llm" if plan.by_model else "embedded",
        )

    def opened(self, dossier: PlannedDossier) -> None:
        self._write("dossier_ouvert", dossier=dossier.dossier_id, a_faire=dossier.pending)

    def unopened(self, dossier: PlannedDossier, message_fr: str) -> None:
        self._write("dossier_non_ouvert", dossier=dossier.dossier_id)

    def done(self, dossier_id: str, finding: Finding, traffic: Traffic) -> None:
        failed = isinstance(finding, FindingFailure)
        told: dict[str, object] = {
            "dossier": dossier_id,
            "epreuve": finding.epreuve,
            "critere": finding.criterion_id,
            "demandes_total": traffic.requests,
        }
        if isinstance(finding, FindingFailure):
            told["erreur"] = finding.error
        else:
            usage = finding.provenance.usage
            told |= {
                "secondes": finding.provenance.seconds,
                "demandes": usage.calls,
                "tokens_lus": usage.input_tokens,
                "tokens_cache": usage.cached_tokens,
                "tokens_ecrits": usage.output_tokens,
                "cout_eur": usage.cost_eur,
            }
        self._write("echec" if failed else "critere", **told)

    def closed(self, dossier: PlannedDossier) -> None:
        self._write("dossier_fini", dossier=dossier.dossier_id)

    def ended(self, report: RunReport) -> None:
        self._write(
            "fin",
            arret=report.stop.value,
            propositions=report.drafted,
            echecs=dict(report.failures),
            non_ouverts=report.unopened,
            demandes=report.traffic.requests,
            tokens_lus=report.usage.input_tokens,
            tokens_cache=report.usage.cached_tokens,
            tokens_ecrits=report.usage.output_tokens,
            cout_eur=report.usage.cost_eur,
            secondes=round(report.seconds, 1),
        )

    def _write(self, event: str, **values: object) -> None:
        assert self._file is not None, "the journal is not open"
        moment: datetime = self._clock.now()
        line = {"a": moment.isoformat(timespec="milliseconds"), "quoi": event, **values}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


class Witnesses:
    """Several witnesses as one."""

    def __init__(self, *every: Witness) -> None:
        self._every: Sequence[Witness] = every

    def opened(self, dossier: PlannedDossier) -> None:
        for one in self._every:
            one.opened(dossier)

    def unopened(self, dossier: PlannedDossier, message_fr: str) -> None:
        for one in self._every:
            one.unopened(dossier, message_fr)

    def done(self, dossier_id: str, finding: Finding, traffic: Traffic) -> None:
        for one in self._every:
            one.done(dossier_id, finding, traffic)

    def closed(self, dossier: PlannedDossier) -> None:
        for one in self._every:
            one.closed(dossier)
