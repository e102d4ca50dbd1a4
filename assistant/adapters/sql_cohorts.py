"""Port `CohortStore` on SQLAlchemy: the tables of cohorts, in the same database as the findings."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from assistant.adapters import sql_json
from assistant.adapters.sql_cohort_models import CohortBatchRow, CohortPlanRow, CohortSpendingRow
from assistant.adapters.sql_desk_models import RulingRow
from assistant.adapters.sql_facts import upsert
from assistant.adapters.sql_models import CurrentRow, FindingRow
from assistant.adapters.sql_store import SqlReviewStore, put_finding
from assistant.domain.cohort import BatchRecord, CriterionState, DossierPlan, SpendingRecord
from assistant.domain.finding import Finding, FindingFailure
from assistant.domain.journal import JournalEvent

#: Fewer than the variables that any SQLite accepts in a statement.
_AT_ONCE = 500


class SqlCohortStore:
    """Implements `CohortStore` beside a `SqlReviewStore`, in its transactions."""

    def __init__(self, store: SqlReviewStore) -> None:
        self._store = store
        self._database = store.database

    def plan(self, cohort_id: str, dossier_id: str) -> DossierPlan | None:
        """An unreadable plan is as good as none: it is made again."""
        row = self._database.read(
            lambda session: session.get(CohortPlanRow, (cohort_id, dossier_id))
        )
        return None if row is None else sql_json.load(DossierPlan, row.body)

    def signatures(self, cohort_id: str) -> dict[str, str]:
        statement = select(CohortPlanRow.dossier_id, CohortPlanRow.signature).where(
            CohortPlanRow.cohort_id == cohort_id
        )
        rows = self._database.read(lambda session: session.execute(statement).all())
        return {dossier_id: signature for dossier_id, signature in rows}

    def save_plan(self, cohort_id: str, plan: DossierPlan) -> None:
        key = {"cohort_id": cohort_id, "dossier_id": plan.dossier_id}
        values = {"signature": plan.signature, "body": sql_json.dump(plan)}
        self._database.write(lambda session: upsert(session, CohortPlanRow, key, values))

    def cohorts(self) -> tuple[str, ...]:
        """The ids of those that were planned, sorted."""
        statement = select(CohortPlanRow.cohort_id).distinct().order_by(CohortPlanRow.cohort_id)
        return tuple(self._database.read(lambda session: session.scalars(statement).all()))

    def plans(self, cohort_id: str) -> tuple[DossierPlan, ...]:
        """By the candidates' folders; what cannot be read is as good as not planned."""
        statement = select(CohortPlanRow.body).where(CohortPlanRow.cohort_id == cohort_id)
        bodies = self._database.read(lambda session: session.scalars(statement).all())
        plans = [sql_json.load(DossierPlan, body) for body in bodies]
        return tuple(sorted((p for p in plans if p is not None), key=lambda p: p.folder))

    def states(self, cohort_id: str) -> dict[tuple[str, str, str], CriterionState]:
        """Drafted, failed or decided, over columns alone: no draft is read again."""
        mine = select(CohortPlanRow.dossier_id).where(CohortPlanRow.cohort_id == cohort_id)
        shown = select(
            CurrentRow.dossier_id,
            CurrentRow.epreuve,
            CurrentRow.criterion_id,
            CurrentRow.finding_key,
        ).where(CurrentRow.dossier_id.in_(mine))
        ruled = (
            select(RulingRow.dossier_id, RulingRow.epreuve, RulingRow.criterion_id)
            .where(RulingRow.dossier_id.in_(mine), RulingRow.verdict.is_not(None))
            .distinct()
        )
        found: dict[tuple[str, str, str], CriterionState] = {}
        for dossier_id, epreuve, criterion_id, key in self._database.read(
            lambda session: session.execute(shown).all()
        ):
            state = CriterionState.FAILED if key is None else CriterionState.DRAFTED
            found[dossier_id, epreuve, criterion_id] = state
        for where in self._database.read(lambda session: session.execute(ruled).all()):
            found[where[0], where[1], where[2]] = CriterionState.DECIDED
        return found

    def failures(self, cohort_id: str) -> tuple[tuple[str, FindingFailure], ...]:
        """Those that nobody has decided about; what cannot be read is left out."""
        mine = select(CohortPlanRow.dossier_id).where(CohortPlanRow.cohort_id == cohort_id)
        ruled = exists().where(
            RulingRow.dossier_id == CurrentRow.dossier_id,
            RulingRow.epreuve == CurrentRow.epreuve,
            RulingRow.criterion_id == CurrentRow.criterion_id,
            RulingRow.verdict.is_not(None),
        )
        statement = select(CurrentRow.dossier_id, CurrentRow.failure).where(
            CurrentRow.dossier_id.in_(mine), CurrentRow.failure.is_not(None), ~ruled
        )
        rows = self._database.read(lambda session: session.execute(statement).all())
        found = [(row[0], sql_json.load(FindingFailure, row[1] or "")) for row in rows]
        return tuple((one, failure) for one, failure in found if failure is not None)

    def drafted(self, keys: Collection[str]) -> dict[str, bool]:
        """Which keys have their finding, and whether it is the draft on screen."""
        every = list(keys)
        found: dict[str, bool] = {}
        for start in range(0, len(every), _AT_ONCE):
            found |= self._drafted(every[start : start + _AT_ONCE])
        return found

    def _drafted(self, keys: list[str]) -> dict[str, bool]:
        shown = (CurrentRow.finding_key == FindingRow.key) & (
            CurrentRow.dossier_id == FindingRow.dossier_id
        )
        statement = (
            select(FindingRow.key, CurrentRow.finding_key)
            .outerjoin(CurrentRow, shown)
            .where(FindingRow.key.in_(keys))
        )
        rows = self._database.read(lambda session: session.execute(statement).all())
        return {key: current is not None for key, current in rows}

    def commit(
        self, items: Sequence[tuple[str, Finding]], spending: SpendingRecord | None = None
    ) -> None:
        """Keep findings, and what was spent on them, in one transaction.

        A failure to draft what someone else has drafted meanwhile says nothing any more.
        """

        def write(session: Session) -> tuple[None, tuple[JournalEvent, ...]]:
            events = [
                event
                for dossier_id, finding in items
                if not _is_overtaken(session, finding)
                for event in put_finding(session, dossier_id, finding)
            ]
            if spending is not None:
                key = {"cohort_id": spending.cohort_id, "run_id": spending.run_id}
                upsert(
                    session,
                    CohortSpendingRow,
                    key,
                    {
                        "model": spending.model,
                        "started_at": spending.started_at,
                        "body": sql_json.dump(spending),
                    },
                )

            return None, tuple(events)

        self._store.journal.write(write)

    def spending(self, cohort_id: str = "", model: str = "") -> tuple[SpendingRecord, ...]:
        """The runs of a cohort, or with a model, oldest first; an empty word chooses all."""
        statement = select(CohortSpendingRow.body).order_by(CohortSpendingRow.started_at)
        if cohort_id:
            statement = statement.where(CohortSpendingRow.cohort_id == cohort_id)
        if model:
            statement = statement.where(CohortSpendingRow.model == model)
        bodies = self._database.read(lambda session: session.scalars(statement).all())
        records = [sql_json.load(SpendingRecord, body) for body in bodies]
        return tuple(record for record in records if record is not None)

    def save_batch(self, record: BatchRecord) -> None:
        key = {"cohort_id": record.cohort_id, "batch_id": record.batch_id}
        values = {
            "state": record.state.value,
            "sent_at": record.sent_at,
            "body": sql_json.dump(record),
        }
        self._database.write(lambda session: upsert(session, CohortBatchRow, key, values))

    def batches(self, cohort_id: str) -> tuple[BatchRecord, ...]:
        """Oldest first."""
        statement = (
            select(CohortBatchRow.body)
            .where(CohortBatchRow.cohort_id == cohort_id)
            .order_by(CohortBatchRow.sent_at, CohortBatchRow.batch_id)
        )
        bodies = self._database.read(lambda session: session.scalars(statement).all())
        records = [sql_json.load(BatchRecord, body) for body in bodies]
        return tuple(record for record in records if record is not None)


def _is_overtaken(session: Session, finding: Finding) -> bool:
    return isinstance(finding, FindingFailure) and session.get(FindingRow, finding.key) is not None
