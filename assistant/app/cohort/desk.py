"""The use cases of a cohort: open it, plan it, run it."""

import csv
import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from filelock import FileLock, Timeout

from assistant.app.cases import EpreuveBench
from assistant.app.cohort.opening import DossierOpener, Unit
from assistant.app.cohort.overview import CohortPlan, PlannedDossier, RunReport
from assistant.app.cohort.places import Place, open_place, own_folder
from assistant.app.cohort.planning import Planner
from assistant.app.cohort.purse import Purse
from assistant.app.cohort.running import CohortRunner, Witness
from assistant.app.judges import build_judge
from assistant.cohort import (
    Anomaly,
    Calibration,
    Estimate,
    Estimator,
    FileSighting,
    RequestShape,
    across,
    of_dossier,
)
from assistant.domain.cohort import DossierPlan, SpendingRecord, Traffic
from assistant.domain.dossier import Dossier, FileRole
from assistant.domain.finding import Finding, FindingFailure, JudgeName
from assistant.domain.rubric import RubricSet
from assistant.errors import BudgetUnusable, CohortBusy
from assistant.ports import Clock, CohortStore, Judge, ReviewStore
from assistant.pricing import EuroPrice, model_price
from assistant.reading import build_reader
from assistant.review import planned_key
from assistant.settings import Settings
from ingest.cache import reading_signature

if TYPE_CHECKING:
    from assistant.adapters.openai_traffic import TrafficGate

_PSEUDONYMS: Final = "pseudonymes.csv"
_JOURNAL: Final = "journal.jsonl"
_LOCK: Final = "verrou"
#: A cohort goes on without anyone watching: a request is tried more often than in front of one.
_FEWEST_ATTEMPTS: Final = 6
_EMBEDDED_SECONDS: Final = 0.05

OpenDossier = Callable[..., Dossier]


class CohortDesk:
    """Opens cohorts of this installation."""

    def __init__(
        self,
        settings: Settings,
        rubrics: RubricSet,
        store: ReviewStore,
        cohorts: CohortStore,
        clock: Clock,
        *,
        opened: OpenDossier,
        bench: Callable[[Dossier, str], EpreuveBench],
        tools: str,
    ) -> None:
        self.settings = settings
        self.rubrics = rubrics
        self.store = store
        self.cohorts = cohorts
        self.clock = clock
        self.opened = opened
        self.bench = bench
        self.tools = tools

    @contextmanager
    def cohort(
        self, path: Path, *, epreuve: str = "", judge: JudgeName | None = None
    ) -> Iterator["Cohort"]:
        """A cohort, for this process alone as long as it is open.

        Raises: `CohortInvalid`, `CohortBusy`, `ModelNotConfigured`, `SettingsInvalid`; an
        `IngestError` for an archive that is refused.
        """
        place = open_place(path, self.settings)
        lock = FileLock(own_folder(self.settings, place.id) / _LOCK, timeout=0)
        try:
            with lock:
                yield Cohort(self, place, judge or self.settings.judge, epreuve)
        except Timeout as error:
            raise CohortBusy(str(error), path=path.name) from error


class Cohort:
    """One cohort under one judge."""

    def __init__(self, desk: CohortDesk, place: Place, judge: JudgeName, epreuve: str) -> None:
        self._desk = desk
        self._place = place
        self._by_model = judge == "llm"
        self._epreuve = epreuve
        self._settings = desk.settings.model_copy(
            update={"llm_max_attempts": max(_FEWEST_ATTEMPTS, desk.settings.llm_max_attempts)}
        )
        self._gate = self._new_gate() if self._by_model else None
        self._judge: Judge = build_judge(judge, self._settings, self._gate)
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
        plans = self._planner.plans(candidates, self._settings.reading_workers)
        for number, plan in enumerate(plans, start=1):
            planned.append(self._counted(plan))
            anomalies += of_dossier(plan)
            sightings += _sightings(plan)
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
            calibration=self._estimator.calibration,
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
        if budget_eur is not None and self._by_model and self._price is None:
            problem = (
                f"le prix du modèle « {self._settings.llm_model} » n'est pas connu. Indiquez-le "
                "dans une table de prix (PREUVE_PRICES_FILE), ou lancez sans --budget."
            )
            raise BudgetUnusable("no price", budget=f"{budget_eur:g} €", problem=problem)
        with _Ledger(self) as ledger:
            return self._runner(plan, witness, ledger, budget_eur, limit).run()

    def _runner(
        self,
        plan: CohortPlan,
        witness: Witness,
        ledger: "_Ledger",
        budget_eur: float | None,
        limit: int | None,
    ) -> CohortRunner:
        return CohortRunner(
            [dossier for dossier in plan.dossiers if dossier.to_do or dossier.unread][:limit],
            self._opener.open,
            ledger.keep,
            witness,
            Purse(
                budget_eur,
                self._price,
                before=self._spent_before(),
                spent=lambda: ledger.traffic().usage.cost_eur or 0.0,
            ),
            concurrency=self.concurrency,
            traffic=ledger.traffic,
            failure=self._failure,
        )

    @property
    def traffic(self) -> Traffic:
        """All that went to the model's server since the cohort was opened."""
        return self._gate.total if self._gate is not None else Traffic()

    def _new_gate(self) -> "TrafficGate":
        from assistant.adapters.openai_traffic import TrafficGate

        return TrafficGate(
            self._settings.llm_concurrency,
            requests_per_minute=self._settings.llm_requests_per_minute,
            tokens_per_minute=self._settings.llm_tokens_per_minute,
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
            bench=desk.bench,
            reading=reading_signature(limits),
            epreuve=self._epreuve,
        )

    @property
    def _opener(self) -> DossierOpener:
        desk = self._desk
        return DossierOpener(
            desk.store,
            desk.cohorts,
            desk.clock,
            self._judge,
            self._estimator,
            opened=self._open,
            bench=desk.bench,
            tools=desk.tools,
            epreuve=self._epreuve,
        )

    @property
    def _estimator(self) -> Estimator:
        """Corrected by what this model has used here so far, in whatever cohort."""
        if not self._by_model:
            shape = RequestShape(by_model=False, seconds_per_criterion=_EMBEDDED_SECONDS)
            return Estimator(shape)
        records = self._desk.cohorts.spending(model=self.ledger_name)
        return Estimator(_shape(self._settings), Calibration.of(records))

    @cached_property
    def ledger_name(self) -> str:
        """Under which the spending is kept: the model, and the way it is asked."""
        engine = self._judge.engine
        return f"{engine.model}|{engine.parameters.get('mode', '')}|{engine.prompt_hash[:12]}"

    def _counted(self, plan: DossierPlan) -> PlannedDossier:
        certification, engine = self._desk.rubrics.certification, self._judge.engine
        keys: list[str] = []
        readable = [planned for planned in plan.criteria if planned.files.deliverables]
        for planned in readable:
            criterion = self._desk.rubrics.rubric(planned.epreuve).critere(planned.criterion_id)
            keys.append(
                planned_key(
                    planned.files,
                    certification,
                    planned.epreuve,
                    criterion,
                    engine,
                    dossier_id=plan.dossier_id,
                    tools=self._desk.tools,
                )
            )
        drafted = self._desk.cohorts.drafted(keys)
        pending = [p for p, key in zip(readable, keys, strict=True) if key not in drafted]
        estimate = Estimate()
        for epreuve in dict.fromkeys(p.epreuve for p in pending):
            rubric = self._desk.rubrics.rubric(epreuve)
            criteria = {criterion.id: criterion for criterion in rubric.criteres}
            mine = [p for p in pending if p.epreuve == epreuve]
            each = self._current_estimator.epreuve(mine, criteria, plan.characters)
            estimate = sum(each, estimate)
        return PlannedDossier(
            dossier_id=plan.dossier_id,
            name=plan.label,
            folder=Path(plan.folder),
            criteria=len(plan.criteria),
            pending=len(pending),
            stale=sum(not shown for shown in drafted.values()),
            unread=len(plan.criteria) - len(readable),
            epreuves=tuple(dict.fromkeys(p.epreuve for p in plan.criteria)),
            problem_fr=plan.problem_fr,
            estimate=estimate,
        )

    @cached_property
    def _current_estimator(self) -> Estimator:
        return self._estimator

    def _spent_before(self) -> float:
        records = self._desk.cohorts.spending(self.id)
        return sum(record.traffic.usage.cost_eur or 0.0 for record in records)

    @property
    def _engine_fr(self) -> str:
        if not self._by_model:
            return "moteur embarqué (sans modèle de langage)"
        mode = self._judge.engine.parameters.get("mode", "")
        return f"modèle de langage {self._judge.engine.model}" + (f", mode {mode}" if mode else "")

    def _failure(self, unit: Unit, message_fr: str, error: str) -> FindingFailure:
        return FindingFailure(
            criterion_id=unit.scope.criterion.id,
            epreuve=unit.scope.rubric.id,
            message_fr=message_fr,
            error=error,
            key=unit.key,
            failed_at=self._desk.clock.now(),
        )

    def _write_pseudonyms(self, planned: list[PlannedDossier]) -> None:
        """Who is who, for the people of this machine: the only place where names meet ids."""
        path = own_folder(self._settings, self.id) / _PSEUDONYMS
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(["identifiant", "candidat", "dossier"])
        for one in planned:
            writer.writerow([_plain(v) for v in (one.dossier_id, one.name, str(one.folder))])
        path.touch(mode=0o600)
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")

    @property
    def clock(self) -> Clock:
        return self._desk.clock

    @property
    def journal(self) -> Path:
        """Where runs are told, unless somewhere else is asked for."""
        return own_folder(self._settings, self.id) / _JOURNAL

    @property
    def pseudonyms(self) -> Path:
        """The table's file."""
        return own_folder(self._settings, self.id) / _PSEUDONYMS


class _Ledger:
    """Keeps findings with what was spent on them, in the same transaction."""

    def __init__(self, cohort: Cohort) -> None:
        self._cohort = cohort
        self._before = cohort.traffic
        self._record = SpendingRecord(
            cohort_id=cohort.id,
            run_id=secrets.token_hex(8),
            model=cohort.ledger_name,
            started_at=cohort._desk.clock.now(),
        )
        self._foreseen = Estimate()
        self._estimator = cohort._estimator

    def traffic(self) -> Traffic:
        """What this run has used so far."""
        return self._cohort.traffic - self._before

    def keep(self, items: list[tuple[str, Finding]], estimates: list[Estimate]) -> None:
        """Raises: `StoreUnavailable`."""
        self._foreseen = sum(estimates, self._foreseen)
        self._record = self._record.model_copy(
            update={
                "criteria": self._foreseen.criteria,
                "traffic": self.traffic(),
                "expected": self._estimator.raw(self._foreseen),
            }
        )
        self._cohort._desk.cohorts.commit(items, self._record)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The last requests may have been paid for without giving a finding."""
        self.keep([], [])


def _shape(settings: Settings) -> RequestShape:
    """How the mode asks, as far as an estimate needs to know."""
    calls = {
        "preuves_puis_verdict": 2.0,
        "votes": float(settings.llm_votes),
        "petit_modele": 3.0,
    }
    room = settings.llm_context_tokens - min(
        settings.llm_max_output_tokens, settings.llm_context_tokens // 2
    )
    return RequestShape(
        room=min(room, settings.llm_useful_tokens or room), calls=calls.get(settings.llm_mode, 1.0)
    )


def _sightings(plan: DossierPlan) -> Iterator[FileSighting]:
    for file in plan.summary.files if plan.summary is not None else ():
        if file.role is FileRole.DELIVERABLE:
            yield FileSighting(
                sha256=file.sha256, dossier_id=plan.dossier_id, filename=file.filename
            )


def _plain(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in "=+-@\t\r" else value
