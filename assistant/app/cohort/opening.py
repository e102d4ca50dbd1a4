"""Opens one dossier at a time for a run: its pending criteria, ready to be drafted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from assistant.app.cases import EpreuveBench
from assistant.app.cohort.overview import PlannedDossier
from assistant.app.cohort.planning import Opener
from assistant.app.runner import Bundle, EpreuveRunner, unreadable_findings
from assistant.cohort import Estimate, Estimator
from assistant.domain.cohort import PlannedCriterion
from assistant.domain.dossier import Dossier
from assistant.domain.finding import Finding
from assistant.ports import Clock, CohortStore, Judge, ReviewStore
from assistant.privacy import JudgeView
from assistant.review import scope_files


@dataclass(eq=False, slots=True)
class OpenEpreuve:
    """An épreuve being drafted. `waiting` units go once the first has warmed the cache."""

    dossier: "OpenDossier"
    bench: EpreuveBench
    runner: EpreuveRunner
    waiting: list["Unit"] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Unit:
    """What is asked about at once, one criterion most often, and what it should take."""

    epreuve: OpenEpreuve
    bundle: Bundle
    estimate: Estimate

    def draft(self) -> tuple[Finding, ...]:
        return self.epreuve.runner.draft_bundle(self.bundle)


@dataclass(eq=False, slots=True)
class OpenDossier:
    """A dossier in memory, until its last unit is done. `settled` needs no judge."""

    planned: PlannedDossier
    view: JudgeView
    epreuves: list[OpenEpreuve] = field(default_factory=list)
    settled: list[Finding] = field(default_factory=list)
    left: int = 0

    def close(self) -> None:
        for epreuve in self.epreuves:
            epreuve.bench.close()


class DossierOpener:
    """Reads a dossier again (from what the reading kept) and finds what is left to draft."""

    def __init__(
        self,
        store: ReviewStore,
        cohorts: CohortStore,
        clock: Clock,
        judge: Judge,
        estimator: Estimator,
        *,
        opened: Opener,
        bench: Callable[..., EpreuveBench],
        tools: str,
        allowed: Callable[[], None],
        epreuve: str = "",
    ) -> None:
        self._store = store
        self._cohorts = cohorts
        self._clock = clock
        self._judge = judge
        self._estimator = estimator
        self._opened = opened
        self._bench = bench
        self._tools = tools
        self._allowed = allowed
        self._epreuve = epreuve

    def open(self, planned: PlannedDossier) -> OpenDossier:
        """Raises: as `App.open` does, when the folder has changed since the plan."""
        dossier = self._opened(planned.folder)
        result = OpenDossier(planned=planned, view=JudgeView(dossier))
        for epreuve in (self._epreuve,) if self._epreuve else dossier.epreuves:
            self._open_epreuve(dossier, epreuve, result)
        return result

    def _open_epreuve(self, dossier: Dossier, epreuve: str, result: OpenDossier) -> None:
        bench = self._bench(dossier, epreuve)
        bench.view = result.view  # made once for all the épreuves
        if not dossier.deliverables(epreuve):
            result.settled += self._unreadable(dossier, bench)
            return
        runner = EpreuveRunner(
            bench, self._judge, self._store, self._clock, tools=self._tools, allowed=self._allowed
        )
        bundles = runner.bundles()
        due = {key for bundle in bundles for key in bundle.due}
        kept = [key for bundle in bundles for _, key in bundle.members if key not in due]
        drafted = self._cohorts.drafted(kept)
        result.settled += self._to_show(key for key, shown in drafted.items() if not shown)
        pending = [bundle for bundle in bundles if bundle.due]
        if not pending:
            return
        bench.prepare()
        opened = OpenEpreuve(dossier=result, bench=bench, runner=runner)
        estimates = self._estimates(dossier, bench, pending)
        opened.waiting = [
            Unit(epreuve=opened, bundle=bundle, estimate=estimate)
            for bundle, estimate in zip(pending, estimates, strict=True)
        ]
        result.epreuves.append(opened)
        result.left += len(pending)

    def _to_show(self, keys: Iterable[str]) -> list[Finding]:
        found = [self._store.finding(key) for key in keys]
        return [finding for finding in found if finding is not None]

    def _unreadable(self, dossier: Dossier, bench: EpreuveBench) -> list[Finding]:
        """One failure per criterion, unless it is shown already: a new run changes nothing."""
        failures = dossier.failures_for(bench.rubric.id)
        if not failures:
            return []
        shown = self._store.current_findings(dossier.id, bench.rubric.id)
        made = unreadable_findings(
            [criterion.id for criterion in bench.rubric.criteres],
            bench.rubric.id,
            " ".join(failure.message_fr for failure in failures),
            failures[0].error,
            self._clock,
        )
        return [f for f in made if not _same(shown.get(f.criterion_id), f)]

    def _estimates(
        self, dossier: Dossier, bench: EpreuveBench, pending: list[Bundle]
    ) -> tuple[Estimate, ...]:
        groups = [
            [
                PlannedCriterion(
                    epreuve=bench.rubric.id,
                    criterion_id=scope.criterion.id,
                    files=scope_files(scope),
                )
                for scope, _ in bundle.members
            ]
            for bundle in pending
        ]
        criteria = {criterion.id: criterion for criterion in bench.rubric.criteres}
        characters = {sha: len(document.text) for sha, document in dossier.documents.items()}
        return self._estimator.epreuve(groups, criteria, characters)


def _same(shown: Finding | None, failure: Finding) -> bool:
    return (
        shown is not None
        and shown.kind == failure.kind == "failure"
        and (shown.key, shown.message_fr) == (failure.key, failure.message_fr)
    )
