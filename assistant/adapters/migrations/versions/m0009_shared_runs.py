"""Cohorts that several machines work on: runs, workers, money set aside, providers' limits."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "shared_runs",
        sa.Column("cohort_id", sa.Text(), primary_key=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "shared_tasks",
        sa.Column("cohort_id", sa.Text(), primary_key=True),
        sa.Column("dossier_id", sa.Text(), primary_key=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "shared_workers",
        sa.Column("worker_id", sa.Text(), primary_key=True),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "shared_reservations",
        sa.Column("cohort_id", sa.Text(), primary_key=True),
        sa.Column("dossier_id", sa.Text(), primary_key=True),
        sa.Column("eur", sa.Double(), nullable=False),
    )
    op.create_table(
        "provider_pace",
        sa.Column("provider", sa.Text(), primary_key=True),
        sa.Column("requests_at", sa.Double(), nullable=False),
        sa.Column("tokens_at", sa.Double(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
