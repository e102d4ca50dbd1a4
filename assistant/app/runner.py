"""Reviews an épreuve: every criterion ends in one finding or one explicit failure.

The only place with threads: the first request goes alone (it warms the provider's prefix cache),
the others follow together. Each finding is kept as soon as it exists, so that an interruption
loses nothing that was finished.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Final, NamedTuple

from assistant.app.cases import EpreuveBench
from assistant.app.judges import always_on
from assistant.app.remembering import StoredAnswers
from assistant.domain.case import CriterionScope
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.rubric import Criterion
from assistant.errors import (
    ASK_ALONE,
    AssistantStopped,
    ModelError,
    ModelKeyRefused,
    ModelNotConfigured,
    ModelNotFound,
    ModelQuotaExceeded,
    ModelRequestRejected,
)
from assistant.ports import Clock, GroupJudge, Judge, RememberingJudge, ReviewStore
from assistant.review import finding_key, review_criterion, review_together

#: Called after each criterion with the finding and whether it came from the store.
OnResult = Callable[[Finding, bool], None]

#: No later request can succeed after one of these: the rest fails at once, unasked.
_HOPELESS = (
    AssistantStopped,
    ModelKeyRefused,
    ModelNotFound,
    ModelNotConfigured,
    ModelQuotaExceeded,
    ModelRequestRejected,
)


ALONE_FR: Final = "Critère demandé seul : son groupe n'a pas pu l'être en une fois."


class Bundle(NamedTuple):
    """Criteria that are asked about together, with their keys; `due` are those to be drafted.

    `is_group`: in one request for all, be there one criterion only, so that all requests of an
    épreuve begin alike.
    """

    members: tuple[tuple[CriterionScope, str], ...]
    due: frozenset[str]
    is_group: bool = False

    @property
    def due_members(self) -> tuple[tuple[CriterionScope, str], ...]:
        return tuple((scope, key) for scope, key in self.members if key in self.due)


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
        allowed: Callable[[], None] = always_on,
    ) -> None:
        self._bench = bench
        self._judge = judge
        self._store = store
        self._clock = clock
        self._tools = tools
        self._concurrency = concurrency
        self._allowed = allowed
        self._hopeless: ModelError | None = None

    def run(self, on_result: OnResult | None = None) -> tuple[Finding, ...]:
        """All criteria, in the grid's order. Kept findings are not made again."""
        results: dict[str, Finding] = {}
        todo: list[Bundle] = []
        for bundle in self.bundles():
            for _, key in bundle.members:
                if (kept := self._store.finding(key)) is not None:
                    self._keep(kept, results, on_result, from_store=True)
            if bundle.due:
                todo.append(bundle)
        for finding in self._judge_all(todo):
            self._keep(finding, results, on_result, from_store=False)
        return tuple(results[criterion.id] for criterion in self._bench.rubric.criteres)

    def bundles(self) -> tuple[Bundle, ...]:
        """What is asked about together: most judges ask about one criterion at a time."""
        rubric, judge = self._bench.rubric, self._judge
        groups: Iterable[tuple[Criterion, ...]] = ((criterion,) for criterion in rubric.criteres)
        if isinstance(judge, GroupJudge):
            groups = judge.together(rubric)
        members = [self._members(criteria) for criteria in groups]
        kept = self._store.kept([key for bundle in members for _, key in bundle])
        grouped = isinstance(judge, GroupJudge) and judge.asks_together
        return tuple(
            Bundle(bundle, frozenset(key for _, key in bundle if key not in kept), grouped)
            for bundle in members
        )

    def _members(self, criteria: Iterable[Criterion]) -> tuple[tuple[CriterionScope, str], ...]:
        scopes = [self._bench.scope(criterion) for criterion in criteria]
        keys = [
            finding_key(
                scope,
                self._judge.engine,
                dossier_id=self._bench.dossier.id,
                tools=self._tools,
                together=scopes if len(scopes) > 1 else (),
            )
            for scope in scopes
        ]
        return tuple(zip(scopes, keys, strict=True))

    def draft(self, scope: CriterionScope, key: str) -> Finding:
        """One criterion alone, whatever became of the others; nothing is kept."""
        try:
            return self._review(scope, key)
        except ModelError as error:
            return self.failure(scope, key, error)

    def draft_together(self, bundle: Bundle) -> tuple[Finding, ...]:
        """The due findings of criteria that are asked about at once; nothing is kept.

        Raises: a `ModelError` when they cannot be, `TypeError` for a judge that never does so.
        """
        if not isinstance(self._judge, GroupJudge):
            raise TypeError("this judge asks about one criterion at a time")
        self._allowed()
        findings = review_together(
            [self._bench.case(scope) for scope, _ in bundle.members],
            self._judge,
            self._judge.engine,
            self._bench.grounder,
            self._clock,
            dossier_id=self._bench.dossier.id,
            keys=[key for _, key in bundle.members],
            view=self._bench.view,
        )
        return tuple(f for f in findings if f.provenance.key in bundle.due)

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

    def _judge_all(self, todo: Iterable[Bundle]) -> Iterator[Finding]:
        pending = iter(todo)
        for bundle in pending:  # the first one alone
            yield from self.draft_bundle(bundle)
            break
        if self._concurrency == 1:
            for bundle in pending:
                yield from self.draft_bundle(bundle)
            return
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="juge")
        try:
            futures: list[Future[tuple[Finding, ...]]] = [
                pool.submit(self.draft_bundle, bundle) for bundle in pending
            ]
            for future in as_completed(futures):
                yield from future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def draft_bundle(self, bundle: Bundle) -> tuple[Finding, ...]:
        """The findings that are due, none kept. Criteria that cannot go together go alone."""
        if not bundle.is_group or self._hopeless is not None:
            return tuple(self._judge_one(scope, key) for scope, key in bundle.due_members)
        try:
            return self.draft_together(bundle)
        except ModelError as error:
            if isinstance(error, ASK_ALONE):
                return tuple(
                    noted(self._judge_one(scope, key), ALONE_FR)
                    for scope, key in bundle.due_members
                )
            self._give_up_after(error)
            return tuple(self.failure(scope, key, error) for scope, key in bundle.due_members)

    def _give_up_after(self, error: ModelError) -> None:
        if isinstance(error, _HOPELESS):
            self._hopeless = error

    def _judge_one(self, scope: CriterionScope, key: str) -> CriterionFinding | FindingFailure:
        if self._hopeless is not None:
            return self.failure(scope, key, self._hopeless)
        try:
            return self._review(scope, key)
        except ModelError as error:
            self._give_up_after(error)
            return self.failure(scope, key, error)

    def _review(self, scope: CriterionScope, key: str) -> CriterionFinding:
        self._allowed()
        return review_criterion(
            self._bench.case(scope),
            self._recalling(key),
            self._bench.grounder,
            self._clock,
            dossier_id=self._bench.dossier.id,
            key=key,
            view=self._bench.view,
        )

    def _recalling(self, key: str) -> Judge:
        """The judge, with what it was already answered for the draft of that key."""
        if not isinstance(self._judge, RememberingJudge):
            return self._judge
        answers = StoredAnswers(self._store, self._bench.dossier.id, key)
        return self._judge.remembering(answers)


def noted(finding: Finding, note: str) -> Finding:
    """The finding with one more note for the assessor; a failure has none."""
    if isinstance(finding, FindingFailure):
        return finding
    return finding.model_copy(update={"notes_fr": (*finding.notes_fr, note)})


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
