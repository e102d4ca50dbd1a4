"""The tables of cohorts, beside those of `sql_models`."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from assistant.adapters.sql_models import Base


class CohortPlanRow(Base):
    """A `DossierPlan`."""

    __tablename__ = "cohort_plans"

    cohort_id: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    signature: Mapped[str]
    body: Mapped[str]


class CohortSpendingRow(Base):
    """A `SpendingRecord`, replaced as the run goes on."""

    __tablename__ = "cohort_spending"

    cohort_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str]
    started_at: Mapped[datetime]
    body: Mapped[str]


class CohortBatchRow(Base):
    """A `BatchRecord`."""

    __tablename__ = "cohort_batches"

    cohort_id: Mapped[str] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    sent_at: Mapped[datetime]
    body: Mapped[str]
