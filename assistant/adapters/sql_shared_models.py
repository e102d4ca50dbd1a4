"""The tables of cohorts that several machines work on, beside those of `sql_models`."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from assistant.adapters.sql_models import Base


class SharedRunRow(Base):
    """A `SharedRun`: the last one of its cohort."""

    __tablename__ = "shared_runs"

    cohort_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str]
    state: Mapped[str]
    body: Mapped[str]


class SharedTaskRow(Base):
    """A `SharedTask` of the cohort's last run."""

    __tablename__ = "shared_tasks"

    cohort_id: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str]
    state: Mapped[str]
    body: Mapped[str]


class SharedWorkerRow(Base):
    """A worker, by the database's clock when it was last heard of."""

    __tablename__ = "shared_workers"

    worker_id: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    seen_at: Mapped[datetime]


class SharedReservationRow(Base):
    """Money set aside for what is under way in a dossier. Units: euros."""

    __tablename__ = "shared_reservations"

    cohort_id: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    eur: Mapped[float]


class ProviderPaceRow(Base):
    """When a provider's next turns come, in seconds since 1970 by the database's clock."""

    __tablename__ = "provider_pace"

    provider: Mapped[str] = mapped_column(primary_key=True)
    requests_at: Mapped[float]
    tokens_at: Mapped[float]
