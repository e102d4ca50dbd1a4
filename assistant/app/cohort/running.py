"""Runs a cohort: a bounded number of criteria under way, each kept as soon as it is drafted.

One thread decides and writes; the others ask. An épreuve's first request goes alone, so that the
provider has the documents in its prefix cache for the others; meanwhile the places are taken by
other épreuves, so that nobody waits. Dossiers are opened as places come free and forgotten when
they are done. Memory still grows a little with the cohort: see docs/benchmarks.md.
"""

import logging
import queue
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Protocol

from assistant.app.cohort.heap import give_back
from assistant.app.cohort.opening import OpenDossier, Unit
from assistant.app.cohort.overview import PlannedDossier, RunReport, Stop
from assistant.app.cohort.purse import Reserve
from assistant.cohort import Estimate
from assistant.domain.cohort import Traffic
from assistant.domain.finding import Finding, FindingFailure
from assistant.errors import AssistantStopped
from ingest.errors import UserFacingError

_LOG: Final = logging.getLogger(__name__)

#: Units: seconds between two looks at whether someone asked for a pause.
_LOOK_SECONDS: Final = 1.0

#: After one of these no other request can succeed: the run stops, and nothing is recorded.
_HOPELESS: Final = frozenset(
    {
        "AssistantStopped",
        "ModelKeyRefused",
        "ModelNotFound",
        "ModelNotConfigured",
        "ModelQuotaExceeded",
    }
)
_UNFORESEEN_FR: Final = (
    "Une erreur imprévue du programme a empêché d'examiner ce critère ; les autres n'en souffrent "
    "pas. Relancez la commande ; si elle revient, signalez-la avec le journal."
)
_SILENT_FR: Final = (
    "Le serveur ne répond plus : {count} critères de suite sont restés sans réponse. Dernière "
    "cause : {cause}"
)


class Witness(Protocol):
    """Is told what happens while a cohort runs, in the deciding thread."""

    def opened(self, dossier: PlannedDossier) -> None: ...

    def unopened(self, dossier: PlannedDossier, message_fr: str) -> None: ...

    def done(self, dossier_id: str, finding: Finding, traffic: Traffic) -> None: ...

    def closed(self, dossier: PlannedDossier) -> None: ...


#: Keeps findings, each with its dossier's id; the estimates are those of the units they come from.
Keep = Callable[[list[tuple[str, Finding]], list[Estimate]], None]


@dataclass(frozen=True, slots=True)
class _Drafted:
    unit: Unit
    reserved: float
    future: Future[tuple[Finding, ...]]


@dataclass(frozen=True, slots=True)
class _Opened:
    planned: PlannedDossier
    future: Future[OpenDossier]


class CohortRunner:
    """One run. Units: `concurrency` criteria under way at most."""

    def __init__(
        self,
        dossiers: Iterable[PlannedDossier],
        opener: Callable[[PlannedDossier], OpenDossier],
        keep: Keep,
        witness: Witness,
        purse: Reserve,
        *,
        concurrency: int,
        traffic: Callable[[], Traffic],
        failures: Callable[[Unit, str, str], tuple[FindingFailure, ...]],
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._dossiers = iter(dossiers)
        self._opener = opener
        self._keep = keep
        self._witness = witness
        self._purse = purse
        self._concurrency = concurrency
        self._traffic = traffic
        self._failures_of = failures
        self._paused = paused
        self._events: queue.SimpleQueue[_Drafted | _Opened | None] = queue.SimpleQueue()
        self._first: deque[Unit] = deque()  # those that warm the cache for others
        self._next: deque[Unit] = deque()
        self._under_way = 0
        self._opening = False
        self._exhausted = False
        self._stop = Stop.DONE
        self._message = ""
        self._drafted = 0
        self._unopened = 0
        self._failures: Counter[str] = Counter()
        self._causes: dict[str, str] = {}
        self._unanswered = 0

    def run(self) -> RunReport:
        """Until all is done, the budget is reached, the model is gone, or someone stops it.

        A second `KeyboardInterrupt` is raised. Raises: `StoreUnavailable`.
        """
        started = time.monotonic()
        workers = ThreadPoolExecutor(self._concurrency, thread_name_prefix="critere")
        openers = ThreadPoolExecutor(1, thread_name_prefix="dossier")
        try:
            while self._fill(workers, openers):
                self._collect()
        finally:
            # What was asked and not answered is given up only when the run itself fails.
            openers.shutdown(wait=False, cancel_futures=True)
            workers.shutdown(wait=False, cancel_futures=True)
        return RunReport(
            stop=self._stop,
            drafted=self._drafted,
            failures=dict(self._failures),
            causes_fr=self._causes,
            unopened=self._unopened,
            left=len(self._first) + len(self._next),
            traffic=self._traffic(),
            seconds=time.monotonic() - started,
            message_fr=self._message,
        )

    def interrupt(self) -> None:
        """From any thread: ask nothing more; what is under way is waited for and kept."""
        self._events.put(None)

    def _fill(self, workers: ThreadPoolExecutor, openers: ThreadPoolExecutor) -> bool:
        """Start what may start; False when nothing is under way and nothing more will be."""
        refused = False
        while self._stop is Stop.DONE and self._under_way < self._concurrency:
            ready = self._next or self._first
            if not ready:
                break
            reserved = self._purse.reserve(ready[0].estimate)
            if reserved is None:
                refused = True
                break
            self._submit(workers, ready.popleft(), reserved)
        if refused and not self._under_way:
            self._stop = Stop.BUDGET
        if self._stop is Stop.DONE and not refused:
            self._open_next(openers)
        return self._under_way > 0 or self._opening

    def _submit(self, workers: ThreadPoolExecutor, unit: Unit, reserved: float) -> None:
        self._under_way += 1
        future = workers.submit(unit.draft)
        event = _Drafted(unit=unit, reserved=reserved, future=future)
        future.add_done_callback(lambda _: self._events.put(event))

    def _open_next(self, openers: ThreadPoolExecutor) -> None:
        """One dossier ahead of the need: enough to fill every place, no more in memory."""
        ready = len(self._first) + len(self._next)
        if self._opening or self._exhausted or ready >= self._concurrency:
            return
        planned = next(self._dossiers, None)
        if planned is None:
            self._exhausted = True
            return
        self._opening = True
        future = openers.submit(self._opener, planned)
        event = _Opened(planned=planned, future=future)
        future.add_done_callback(lambda _: self._events.put(event))

    def _collect(self) -> None:
        """Take what has happened, all of it, and keep it in one transaction."""
        try:
            events = [self._events.get(timeout=_LOOK_SECONDS)]
        except queue.Empty:
            self._look()
            return
        except KeyboardInterrupt:
            if self._stop is Stop.INTERRUPTED:
                raise
            self._stop = Stop.INTERRUPTED
            return
        while not self._events.empty():
            events.append(self._events.get())
        if None in events and self._stop is Stop.DONE:
            self._stop = Stop.INTERRUPTED
        drafted = [event for event in events if isinstance(event, _Drafted)]
        findings = [self._outcome(event) for event in drafted]
        opened = [dossier for event in events for dossier in self._dossier(event)]
        items = [
            *((d.planned.dossier_id, finding) for d in opened for finding in d.settled),
            *(
                (event.unit.epreuve.bench.dossier.id, finding)
                for event, made in zip(drafted, findings, strict=True)
                for finding in made
            ),
        ]
        if items and not self._kept(items, [event.unit.estimate for event in drafted]):
            findings, opened = [() for _ in drafted], []
        for event, made in zip(drafted, findings, strict=True):
            self._finished(event, made)
        for dossier in opened:
            self._started(dossier)
        self._look()

    def _look(self) -> None:
        """Whether someone has asked for a pause meanwhile."""
        if self._stop is Stop.DONE and self._paused():
            self._stop = Stop.PAUSED

    def _kept(self, items: list[tuple[str, Finding]], estimates: list[Estimate]) -> bool:
        """False when the assistant was stopped meanwhile, which ends the run."""
        try:
            self._keep(items, estimates)
        except AssistantStopped as error:
            self._give_up(error.user_message)
            return False
        return True

    def _outcome(self, event: _Drafted) -> tuple[Finding, ...]:
        """The findings and failures; not those that say nothing but that the model is gone."""
        if (error := event.future.exception()) is not None:
            names = ", ".join(scope.criterion.id for scope, _ in event.unit.bundle.due_members)
            _LOG.error("%s: unforeseen failure", names, exc_info=error)
            return self._failures_of(event.unit, _UNFORESEEN_FR, type(error).__name__)
        return tuple(finding for finding in event.future.result() if self._is_told(finding))

    def _is_told(self, finding: Finding) -> bool:
        if isinstance(finding, FindingFailure):
            self._judge_failure(finding)
            return finding.error not in _HOPELESS
        self._unanswered = 0
        return True

    def _judge_failure(self, failure: FindingFailure) -> None:
        """Whether to go on at all after a failure."""
        rejected = failure.error == "ModelRequestRejected" and not self._drafted
        if failure.error in _HOPELESS or rejected:
            self._give_up(failure.message_fr)
        elif failure.error == "ModelUnavailable":
            self._unanswered += 1
            if self._unanswered >= max(10, self._concurrency):
                self._give_up(_SILENT_FR.format(count=self._unanswered, cause=failure.message_fr))

    def _give_up(self, message_fr: str) -> None:
        if self._stop is Stop.DONE:
            self._stop, self._message = Stop.MODEL, message_fr

    def _finished(self, event: _Drafted, findings: Iterable[Finding]) -> None:
        unit, epreuve = event.unit, event.unit.epreuve
        self._under_way -= 1
        self._purse.release(event.reserved)
        for finding in findings:
            self._count(finding)
            self._witness.done(unit.epreuve.bench.dossier.id, finding, self._traffic())
        self._next.extend(epreuve.waiting)  # the first of the épreuve is back: the others may go
        epreuve.waiting = []
        epreuve.dossier.left -= 1
        if epreuve.dossier.left == 0:
            self._close(epreuve.dossier)

    def _count(self, finding: Finding) -> None:
        if isinstance(finding, FindingFailure):
            self._failures[finding.error] += 1
            self._causes.setdefault(finding.error, finding.message_fr)
        else:
            self._drafted += 1

    def _dossier(self, event: _Drafted | _Opened | None) -> Iterator[OpenDossier]:
        if not isinstance(event, _Opened):
            return
        self._opening = False
        error = event.future.exception()
        if error is None:
            yield event.future.result()
            return
        self._unopened += 1
        message = error.user_message if isinstance(error, UserFacingError) else _UNFORESEEN_FR
        _LOG.error("%s not opened", event.planned.dossier_id, exc_info=error)
        self._witness.unopened(event.planned, message)

    def _started(self, dossier: OpenDossier) -> None:
        self._witness.opened(dossier.planned)
        for finding in dossier.settled:
            if isinstance(finding, FindingFailure):
                self._count(finding)
            self._witness.done(dossier.planned.dossier_id, finding, self._traffic())
        for epreuve in dossier.epreuves:
            first, *others = epreuve.waiting
            epreuve.waiting = others
            self._first.append(first)
        if dossier.left == 0:
            self._close(dossier)

    def _close(self, dossier: OpenDossier) -> None:
        dossier.close()
        give_back()
        self._witness.closed(dossier.planned)
