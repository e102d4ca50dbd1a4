"""One cohort under one judge: planned, then run."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assistant.app.cohort.blank import BlankMeasures
from assistant.app.cohort.counting import Counting, embedded_estimator, model_estimator
from assistant.app.cohort.handover import Handover, HandoverLimits
from assistant.app.cohort.ledger import Ledger, new_record
from assistant.app.cohort.opening import DossierOpener, Unit
from assistant.app.cohort.overview import CohortPlan, PlannedDossier, RunReport
from assistant.app.cohort.places import Place, own_folder
from assistant.app.cohort.planning import Planner
from assistant.app.cohort.purse import Purse, Reserve
from assistant.app.cohort.running import CohortRunner, Witness
from assistant.app.cohort_traces import PSEUDONYMS, csv_text
from assistant.app.judges import build_judge
from assistant.cohort import (
    Anomaly,
    Estimate,
    Estimator,
    FileSighting,
    across,
    of_dossier,
)
from assistant.domain.cohort import DossierPlan, Traffic
from assistant.domain.dossier import Dossier, FileRole
from assistant.domain.finding import EngineId, FindingFailure, JudgeName
from assistant.errors import BudgetUnusable
from assistant.ports import Clock, Judge
from assistant.pricing import EuroPrice, model_price
from assistant.reading import build_reader
from assistant.reporting.cells import safe_text
from ingest.cache import reading_signature

if TYPE_CHECKING:
    from assistant.adapters.openai_traffic import TrafficGate
    from assistant.app.cohort.desk import CohortDesk

JOURNAL: Final = "journal.jsonl"
#: A cohort goes on without anyone watching: a request is tried more often than in front of one.
_FEWEST_ATTEMPTS: Final = 6


class Cohort:
    """One cohort under one judge."""

    def __init__(self, desk: "CohortDesk", place: Place, judge: JudgeName, epreuve: str) -> None:
        self._desk = desk
        self._place = place
        self._by_model = judge == "llm"
        self._epreuve = epreuve
        self._settings = desk.settings.model_copy(
            update={"llm_max_attempts": max(_FEWEST_ATTEMPTS, desk.settings.llm_max_attempts)}
        )
        self._gate = self._new_gate() if self._by_model else None
        self._judge: Judge = build_judge(judge, self._settings, self._gate, desk.allowed)
        self._price: EuroPrice | None = model_price(self._settings) if self._by_model else None

    @property
    def id(self) -> str:
        return self._place.id

    @property
    def concurrency(self) -> int:
        """Criteria under way together: the embedded judge computes, and gains nothing by it."""
        return self._settings.llm_concurrency if self._by_model else 1

    def plan(self, on_dossier: Callable[[int, int], None] | None = None) -> CohortPlan:
        """Read what has not been read, say what is to be done and what it will take.

        `on_dossier` is told how many dossiers of how many are planned. Writes the table of
        pseudonyms, on this machine only.
        Raises: `StoreUnavailable`, `SettingsInvalid`.
        """
        candidates = self._place.source.candidates
        planned: list[PlannedDossier] = []
        anomalies: list[Anomaly] = []
        sightings: list[FileSighting] = []
        estimator = self.estimator
        counting = Counting(self._desk, self._judge, estimator)
        plans = self._planner.plans(candidates, self._settings.reading_workers)
        for number, plan in enumerate(plans, start=1):
            planned.append(counting.of(plan))
            anomalies += of_dossier(plan)
            sightings += sightings_of(plan)
            if on_dossier is not None:
                on_dossier(number, len(candidates))
        anomalies += across(sightings, [(p.dossier_id, p.epreuves) for p in planned])
        self._write_pseudonyms(planned)
        return CohortPlan(
            cohort_id=self.id,
            label=self._place.source.root.name,
            engine_fr=self._engine_fr,
            dossiers=tuple(planned),
            anomalies=tuple(anomalies),
            strays=(*self._place.source.strays, *self._place.left_out_fr),
            estimate=sum((p.estimate for p in planned), Estimate()),
            calibration=estimator.calibration,
            price=self._price,
            by_model=self._by_model,
            spent_eur=self._spent_before(),
            concurrency=self.concurrency,
        )

    def run(
        self,
        plan: CohortPlan,
        witness: Witness,
        *,
        budget_eur: float | None = None,
        limit: int | None = None,
    ) -> RunReport:
        """Draft what the plan found to do; with `limit`, for the first dossiers only.

        `budget_eur` is for the cohort, earlier runs included.
        Raises: `BudgetUnusable`, `StoreUnavailable`; `KeyboardInterrupt` at the second one.
        """
        self._desk.allowed()
        self.require_price(budget_eur)
        self._desk.require_not_entrusted(self.id, plan.label)
        with Ledger(self, self._desk.cohorts) as ledger:
            purse = Purse(
                budget_eur,
                self._price,
                before=self._spent_before(),
                spent=lambda: ledger.traffic().usage.cost_eur or 0.0,
            )
            paused = self._desk.pauses(self.id).asked
            return self.runner(plan.to_do[:limit], witness, ledger, purse, paused).run()

    def runner(
        self,
        dossiers: Sequence[PlannedDossier],
        witness: Witness,
        ledger: Ledger,
        purse: Reserve,
        paused: Callable[[], bool] = lambda: False,
    ) -> CohortRunner:
        """What drafts these dossiers, once."""
        return CohortRunner(
            dossiers,
            self._opener.open,
            ledger.keep,
            witness,
            purse,
            concurrency=self.concurrency,
            traffic=ledger.traffic,
            failures=self._failures,
            paused=paused,
        )

    def hand_over(
        self,
        plan: CohortPlan,
        told: Callable[[str], None],
        *,
        budget_eur: float | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> int:
        """Draft through the provider's batch endpoint; how many findings came of it.

        Resumes what an earlier run has sent. `told` is given what a waiting person wants to know.
        Raises: a `ModelError` (`BatchEndpointMissing`), `BudgetUnusable`, `StoreUnavailable`.
        """
        from assistant.adapters.openai_batches import OpenAiBatches

        self.require_price(budget_eur)
        self._desk.require_not_entrusted(self.id, plan.label)
        desk, settings = self._desk, self._settings
        price = self._price.batched if self._price is not None else None
        endpoint = OpenAiBatches(settings, desk.allowed)
        handover = Handover(
            self.id,
            new_record(self),
            desk.cohorts,
            endpoint,
            desk.requests(settings.llm_model, price),
            own_folder(settings, self.id) / "lots",
            desk.clock,
            HandoverLimits(
                requests=settings.llm_batch_requests,
                file_bytes=settings.llm_batch_mb * 1_000_000,
                poll_seconds=settings.llm_batch_poll_seconds,
            ),
            opened=self._open,
            told=told,
            sleep=sleep,
        )
        try:
            return handover.run(self._affordable(plan, price, budget_eur), self._epreuve)
        finally:
            endpoint.close()

    def _affordable(
        self, plan: CohortPlan, price: EuroPrice | None, budget_eur: float | None
    ) -> list[PlannedDossier]:
        """The first dossiers whose requests the budget allows: a batch cannot stop half-way."""
        purse = Purse(budget_eur, price, before=self._spent_before(), spent=lambda: 0.0)
        chosen = []
        for dossier in plan.dossiers:
            if dossier.pending and purse.reserve(dossier.estimate) is None:
                break
            chosen.append(dossier)
        return chosen

    def require_price(self, budget_eur: float | None) -> None:
        """Raises: `BudgetUnusable` when a budget cannot be held for lack of a price."""
        if budget_eur is not None and self._by_model and self._price is None:
            problem = (
                f"le prix du modèle « {self._settings.llm_model} » n'est pas connu. Indiquez-le "
                "dans une table de prix (PREUVE_PRICES_FILE), ou lancez sans --budget."
            )
            raise BudgetUnusable("no price", budget=f"{budget_eur:g} €", problem=problem)

    def planned(self, dossier_id: str) -> PlannedDossier | None:
        """A dossier as its kept plan has it, and what is left to draft of it; None without one."""
        plan = self._desk.cohorts.plan(self.id, dossier_id)
        return None if plan is None else Counting(self._desk, self._judge, self.estimator).of(plan)

    @property
    def engine(self) -> EngineId:
        return self._judge.engine

    @property
    def price(self) -> EuroPrice | None:
        return self._price

    @property
    def root(self) -> Path:
        """The folder that the candidates' folders are in."""
        return self._place.source.root

    @property
    def epreuve(self) -> str:
        return self._epreuve

    @property
    def traffic(self) -> Traffic:
        """All that went to the model's server since the cohort was opened."""
        return self._gate.total if self._gate is not None else Traffic()

    def _new_gate(self) -> "TrafficGate":
        from assistant.adapters.openai_traffic import SharedPace, TrafficGate

        settings, sharing = self._settings, self._desk.sharing
        provider = f"{settings.llm_host}/{settings.llm_model}"
        return TrafficGate(
            self._settings.llm_concurrency,
            requests_per_minute=self._settings.llm_requests_per_minute,
            tokens_per_minute=self._settings.llm_tokens_per_minute,
            shared=SharedPace(sharing.pace, provider) if sharing is not None else None,
        )

    def _open(self, folder: Path) -> Dossier:
        return self._desk.opened(folder, epreuve=self._epreuve)

    @cached_property
    def _planner(self) -> Planner:
        desk = self._desk
        limits = build_reader(self._settings).limits
        return Planner(
            self.id,
            desk.rubrics,
            desk.store,
            desk.cohorts,
            opened=self._open,
            bench=partial(desk.bench, sees=self._by_model),
            reading=reading_signature(limits),
            epreuve=self._epreuve,
            keeps=not (self._by_model and self._settings.llm_examples),
        )

    @property
    def _opener(self) -> DossierOpener:
        desk = self._desk
        return DossierOpener(
            desk.store,
            desk.cohorts,
            desk.clock,
            self._judge,
            self.estimator,
            opened=self._open,
            bench=partial(desk.bench, sees=self._by_model),
            tools=desk.tools,
            allowed=desk.allowed,
            epreuve=self._epreuve,
        )

    @cached_property
    def _blank(self) -> BlankMeasures:
        return BlankMeasures(self._judge, self._desk.rubrics)

    @property
    def estimator(self) -> Estimator:
        """Corrected by what this model has used here so far, in whatever cohort."""
        if not self._by_model:
            return embedded_estimator()
        records = self._desk.cohorts.spending(model=self.ledger_name)
        return model_estimator(self._settings, records, self._blank)

    @cached_property
    def ledger_name(self) -> str:
        """Under which the spending is kept: the model, and the way it is asked."""
        engine = self._judge.engine
        return f"{engine.model}|{engine.parameters.get('mode', '')}|{engine.prompt_hash[:12]}"

    def _spent_before(self) -> float:
        records = self._desk.cohorts.spending(self.id)
        return sum(record.traffic.usage.cost_eur or 0.0 for record in records)

    @property
    def _engine_fr(self) -> str:
        if not self._by_model:
            return "moteur embarqué (sans modèle de langage)"
        mode = self._judge.engine.parameters.get("mode", "")
        return f"modèle de langage {self._judge.engine.model}" + (f", mode {mode}" if mode else "")

    def _failures(self, unit: Unit, message_fr: str, error: str) -> tuple[FindingFailure, ...]:
        return tuple(
            FindingFailure(
                criterion_id=scope.criterion.id,
                epreuve=scope.rubric.id,
                message_fr=message_fr,
                error=error,
                key=key,
                failed_at=self._desk.clock.now(),
            )
            for scope, key in unit.bundle.due_members
        )

    def _write_pseudonyms(self, planned: list[PlannedDossier]) -> None:
        """Who is who, for the people of this machine: the only place where names meet ids."""
        path = own_folder(self._settings, self.id) / PSEUDONYMS
        lines = [["identifiant", "candidat", "dossier"]]
        for one in planned:
            lines.append([safe_text(v) for v in (one.dossier_id, one.name, str(one.folder))])
        path.touch(mode=0o600)
        path.write_text(csv_text(lines), encoding="utf-8-sig", newline="")

    @property
    def clock(self) -> Clock:
        return self._desk.clock

    @property
    def journal(self) -> Path:
        """Where runs are told, unless somewhere else is asked for."""
        return own_folder(self._settings, self.id) / JOURNAL

    @property
    def pseudonyms(self) -> Path:
        """The table's file."""
        return own_folder(self._settings, self.id) / PSEUDONYMS


def sightings_of(plan: DossierPlan) -> Iterator[FileSighting]:
    """The deliverables of a dossier, for what shows across dossiers only."""
    for file in plan.summary.files if plan.summary is not None else ():
        if file.role is FileRole.DELIVERABLE:
            yield FileSighting(
                sha256=file.sha256, dossier_id=plan.dossier_id, filename=file.filename
            )
