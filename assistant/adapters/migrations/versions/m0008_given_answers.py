"""Answers of a model on a criterion whose draft needs others: kept until the draft is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "given_answers",
        sa.Column("finding_key", sa.Text(), primary_key=True),
        sa.Column("request", sa.Text(), primary_key=True),
        sa.Column("dossier_id", sa.Text(), nullable=False, index=True),
        sa.Column("body", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
