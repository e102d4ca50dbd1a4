"""Who is linked to which épreuve of a dossier; an empty épreuve is the whole of it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "epreuve_grants",
        sa.Column("dossier_id", sa.Text(), primary_key=True),
        sa.Column("epreuve", sa.Text(), primary_key=True),
        sa.Column("person_id", sa.Text(), primary_key=True),
        sa.Column("link", sa.Text(), primary_key=True),
    )
    op.create_index("ix_epreuve_grants_person_id", "epreuve_grants", ["person_id"])
    op.execute(
        "INSERT INTO epreuve_grants (dossier_id, epreuve, person_id, link) "
        "SELECT dossier_id, '', person_id, link FROM dossier_grants"
    )
    op.drop_table("dossier_grants")


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
