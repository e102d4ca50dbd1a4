"""What is appended for good may still be deleted for a person who asks, dossier by dossier.

`erasures` names the dossiers that a transaction under way is erasing: it is empty before and after.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SQLITE_GUARDS = (
    "DROP TRIGGER decisions_refuse_delete",
    """CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
    WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE dossier_id = OLD.dossier_id)
    BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END""",
    "DROP TRIGGER events_refuse_delete",
    """CREATE TRIGGER events_refuse_delete BEFORE DELETE ON assessment_events
    WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE dossier_id = OLD.dossier_id)
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
)

_POSTGRESQL_GUARDS = (
    """CREATE FUNCTION refuse_change_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE'
            AND EXISTS (SELECT 1 FROM erasures WHERE dossier_id = OLD.dossier_id)
        THEN RETURN OLD; END IF;
        RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME;
    END $$""",
    "DROP TRIGGER decisions_refuse_change ON decisions",
    """CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change_unless_erased()""",
    "DROP TRIGGER events_refuse_change ON assessment_events",
    """CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON assessment_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change_unless_erased()""",
)

_GUARDS = {"sqlite": _SQLITE_GUARDS, "postgresql": _POSTGRESQL_GUARDS}


def upgrade() -> None:
    op.create_table("erasures", sa.Column("dossier_id", sa.Text(), primary_key=True))
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
