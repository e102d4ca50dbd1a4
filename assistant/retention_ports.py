"""What purging needs of the store, beside what erasing a candidate does."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from assistant.domain.journal import JournalEvent


class RetentionStore(Protocol):
    """Says when things were last used, and forgets those that are named.

    What is forgotten and `event`, which says so, are written together.
    Raises `StoreUnavailable` from any method.
    """

    def last_uses(self) -> dict[str, datetime]:
        """By dossier: the last thing that the journal says of it, or its last reading."""
        ...

    def answered(self) -> frozenset[str]:
        """The dossiers for which answers wait for the rest of a criterion's."""
        ...

    def forget_answers(self, dossier_ids: Collection[str], event: JournalEvent) -> int:
        """Delete the waiting answers of these dossiers; gives how many."""
        ...

    def cohorts(self) -> dict[str, datetime]:
        """By cohort: when a run was last started, or a batch last sent."""
        ...

    def forget_cohorts(self, cohort_ids: Collection[str], event: JournalEvent) -> int:
        """Delete the plans, spending and batches of these cohorts; gives how many rows."""
        ...

    def old_entries(self, before: datetime) -> int:
        """How many entries about no dossier still have their content."""
        ...

    def forget_entries(self, before: datetime, event: JournalEvent) -> int:
        """Take their content away; the chain holds, and `event` is completed with their places."""
        ...
