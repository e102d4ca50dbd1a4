"""Reviews an épreuve: every criterion ends in one finding or one explicit failure.

The only place with threads: the first request goes alone (it warms the provider's prefix cache),
the others follow together. Each finding is kept as soon as it exists, so that an interruption
loses nothing that was finished.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from assistant.app.cases import EpreuveBench
from assistant.domain.case import CriterionScope
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.rubric import Criterion
from assistant.errors import (
    ModelError,
    ModelKeyRefused,
    ModelNotConfigured,
    ModelNotFound,
    ModelQuotaExceeded,
    ModelRequestRejected,
)
from assistant.ports import Clock, Judge, ReviewStore
from assistant.review import finding_key, review_criterion

#: Called after each criterion with the finding and whether it came from the store.
OnResult = Callable[[Finding, bool], None]

#: No later request can succeed after one of these: the rest fails at once, unasked.
_HOPELESS = (
    ModelKeyRefused,
    ModelNotFound,
    ModelNotConfigured,
    ModelQuotaExceeded,
    ModelRequestRejected,
)


class EpreuveRunner:
    """Runs one judge over one épreuve of one dossier."""

    def __init__(
        self,
        bench: EpreuveBench,
        judge: Judge,
        store: ReviewStore,
        clock: Clock,
        *,
        tools: str,
        concurrency: int = 1,
    ) -> None:
        self._bench = bench
        self._judge = judge
        self._store = store
        self._clock = clock
        self._tools = tools
        self._concurrency = concurrency
        self._hopeless: ModelError | None = None

    def run(self, on_result: OnResult | None = None) -> tuple[Finding, ...]:
        """All criteria, in the grid's order. Kept findings are not made again."""
        results: dict[str, Finding] = {}
        todo: list[tuple[CriterionScope, str]] = []
        for criterion in self._bench.rubric.criteres:
            scope, key = self.scoped(criterion)
            kept = self._store.finding(key)
            if kept is None:
                todo.append((scope, key))
                continue
            self._keep(kept, results, on_result, from_store=True)
        for finding in self._judge_all(todo):
            self._keep(finding, results, on_result, from_store=False)
        return tuple(results[criterion.id] for criterion in self._bench.rubric.criteres)

    def scoped(self, criterion: Criterion) -> tuple[CriterionScope, str]:
        """What a criterion is judged on, and the key under which its finding is kept."""
        scope = self._bench.scope(criterion)
        engine, dossier_id = self._judge.engine, self._bench.dossier.id
        return scope, finding_key(scope, engine, dossier_id=dossier_id, tools=self._tools)

    def pending(self) -> list[tuple[CriterionScope, str]]:
        """The criteria that this judge has not drafted yet, in the grid's order."""
        every = [self.scoped(criterion) for criterion in self._bench.rubric.criteres]
        return [(scope, key) for scope, key in every if self._store.finding(key) is None]

    def draft(self, scope: CriterionScope, key: str) -> Finding:
        """One criterion alone, whatever became of the others; nothing is kept."""
        try:
            return self._review(scope, key)
        except ModelError as error:
            return self.failure(scope, key, error)

    def failure(self, scope: CriterionScope, key: str, error: ModelError) -> FindingFailure:
        """What is shown of a criterion for which the judge has no word."""
        return FindingFailure(
            criterion_id=scope.criterion.id,
            epreuve=scope.rubric.id,
            message_fr=error.user_message,
            error=type(error).__name__,
            detail=str(error),
            retryable=error.retryable,
            key=key,
            failed_at=self._clock.now(),
        )

    def _keep(
        self,
        finding: Finding,
        results: dict[str, Finding],
        on_result: OnResult | None,
        *,
        from_store: bool,
    ) -> None:
        self._store.save_finding(self._bench.dossier.id, finding)
        results[finding.criterion_id] = finding
        if on_result is not None:
            on_result(finding, from_store)

    def _judge_all(self, todo: Iterable[tuple[CriterionScope, str]]) -> Iterator[Finding]:
        pending = iter(todo)
        for scope, key in pending:  # the first one alone
            yield self._judge_one(scope, key)
            break
        if self._concurrency == 1:
            yield from (self._judge_one(scope, key) for scope, key in pending)
            return
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="juge")
        try:
            futures: list[Future[Finding]] = [
                pool.submit(self._judge_one, scope, key) for scope, key in pending
            ]
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _judge_one(self, scope: CriterionScope, key: str) -> CriterionFinding | FindingFailure:
        if self._hopeless is not None:
            return self.failure(scope, key, self._hopeless)
        try:
            return self._review(scope, key)
        except ModelError as error:
            if isinstance(error, _HOPELESS):
                self._hopeless = error
            return self.failure(scope, key, error)

    def _review(self, scope: CriterionScope, key: str) -> CriterionFinding:
        return review_criterion(
            self._bench.case(scope),
            self._judge,
            self._bench.grounder,
            self._clock,
            dossier_id=self._bench.dossier.id,
            key=key,
        )


def unreadable_findings(
    criterion_ids: Iterable[str], epreuve: str, message_fr: str, error: str, clock: Clock
) -> tuple[FindingFailure, ...]:
    """One explicit failure for each criterion of an épreuve none of whose files can be read."""
    now = clock.now()
    return tuple(
        FindingFailure(
            criterion_id=criterion_id,
            epreuve=epreuve,
            message_fr=message_fr,
            error=error,
            key=f"illisible/{epreuve}/{criterion_id}",
            failed_at=now,
        )
        for criterion_id in criterion_ids
    )
