"""What a run spends, kept with the findings that it was spent on."""

import secrets
from typing import TYPE_CHECKING, Self

from assistant.cohort import Estimate
from assistant.domain.cohort import SpendingRecord, Traffic
from assistant.domain.finding import Finding
from assistant.ports import CohortStore

if TYPE_CHECKING:
    from assistant.app.cohort.cohort import Cohort


def new_record(cohort: "Cohort", run_id: str = "") -> SpendingRecord:
    """What a run that begins has spent: nothing."""
    return SpendingRecord(
        cohort_id=cohort.id,
        run_id=run_id or secrets.token_hex(8),
        model=cohort.ledger_name,
        started_at=cohort.clock.now(),
    )


class Ledger:
    """Keeps findings with what was spent on them, in the same transaction."""

    def __init__(self, cohort: "Cohort", cohorts: CohortStore, run_id: str = "") -> None:
        self._cohort = cohort
        self._cohorts = cohorts
        self._before = cohort.traffic
        self._record = new_record(cohort, run_id)
        self._foreseen = Estimate()
        self._estimator = cohort.estimator

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
        self._cohorts.commit(items, self._record)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The last requests may have been paid for without giving a finding."""
        self.keep([], [])
