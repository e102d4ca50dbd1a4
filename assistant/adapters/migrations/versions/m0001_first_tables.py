"""First tables: dossiers, findings, current findings, decisions, notes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)

# BEFORE INSERT: « INSERT OR REPLACE » would overwrite a row without firing the other two.
_SQLITE_GUARDS = (
    """CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions
    BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
    BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER decisions_refuse_replace BEFORE INSERT ON decisions
    WHEN EXISTS (SELECT 1 FROM decisions WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    """CREATE TRIGGER findings_refuse_update BEFORE UPDATE ON findings
    BEGIN SELECT RAISE(ABORT, 'findings are never changed'); END""",
    """CREATE TRIGGER findings_keep_the_first BEFORE INSERT ON findings
    WHEN EXISTS (SELECT 1 FROM findings WHERE key = NEW.key)
    BEGIN SELECT RAISE(IGNORE); END""",
)

_POSTGRESQL_GUARDS = (
    """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME; END $$""",
    """CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER decisions_refuse_truncate BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER findings_refuse_update BEFORE UPDATE ON findings
    FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
)

_GUARDS = {"sqlite": _SQLITE_GUARDS, "postgresql": _POSTGRESQL_GUARDS}


def upgrade() -> None:
    op.create_table(
        "dossiers",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_dossiers_updated_at", "dossiers", ["updated_at"])
    op.create_table(
        "findings",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("dossier_id", sa.Text(), nullable=False),
        sa.Column("epreuve", sa.Text(), nullable=False),
        sa.Column("criterion_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "current_findings",
        sa.Column("dossier_id", sa.Text(), primary_key=True),
        sa.Column("epreuve", sa.Text(), primary_key=True),
        sa.Column("criterion_id", sa.Text(), primary_key=True),
        sa.Column("finding_key", sa.Text(), sa.ForeignKey("findings.key")),
        sa.Column("failure", sa.Text()),
        sa.CheckConstraint(
            "(finding_key IS NULL) <> (failure IS NULL)", name="either_a_finding_or_a_failure"
        ),
    )
    op.create_table(
        "decisions",
        sa.Column("id", _BIG_ID, primary_key=True, autoincrement=True),
        sa.Column("dossier_id", sa.Text(), nullable=False),
        sa.Column("epreuve", sa.Text(), nullable=False),
        sa.Column("criterion_id", sa.Text(), nullable=False),
        sa.Column("assessor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("finding_key", sa.Text(), sa.ForeignKey("findings.key")),
        sa.Column("decided_at", _MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("decisions_of_an_epreuve", "decisions", ["dossier_id", "epreuve", "id"])
    op.create_table(
        "notes",
        sa.Column("dossier_id", sa.Text(), primary_key=True),
        sa.Column("epreuve", sa.Text(), primary_key=True),
        sa.Column("criterion_id", sa.Text(), primary_key=True),
        sa.Column("author", sa.Text(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
    )
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
