"""The journal: append-only, each entry bound to the one before by its hash.

Drafts and decisions that are there already get their entries, in the form that the journal has at
this revision: the functions below are a copy, which later changes of the program leave alone.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

# The content alone may be taken away, once and whole; the header never changes.
_ERASES = """NEW.content IS NULL AND NEW.salt IS NULL AND NEW.dossier_id = ''
    AND NEW.seq = OLD.seq AND NEW.at = OLD.at AND NEW.action = OLD.action
    AND NEW.content_hash = OLD.content_hash AND NEW.previous = OLD.previous
    AND NEW.hash = OLD.hash"""

_SQLITE_GUARDS = (
    f"""CREATE TRIGGER journal_refuse_update BEFORE UPDATE ON journal WHEN NOT ({_ERASES})
    BEGIN SELECT RAISE(ABORT, 'journal entries are never changed'); END""",
    """CREATE TRIGGER journal_refuse_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'journal entries are never deleted'); END""",
    """CREATE TRIGGER journal_refuse_replace BEFORE INSERT ON journal
    WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'journal entries are never replaced'); END""",
)

_POSTGRESQL_GUARDS = (
    f"""CREATE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND ({_ERASES}) THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'journal entries are never changed';
    END $$""",
    """CREATE TRIGGER journal_refuse_change BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_guard()""",
    """CREATE TRIGGER journal_refuse_truncate BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)

_GUARDS = {"sqlite": _SQLITE_GUARDS, "postgresql": _POSTGRESQL_GUARDS}


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("dossier_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("salt", sa.Text()),
    )
    op.create_index("ix_journal_dossier_id", "journal", ["dossier_id"])
    _write_what_is_there()
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


_MOMENT = sa.DateTime(timezone=True)


def _table(name: str, *columns: str) -> sa.TableClause:
    moments = {"created_at", "decided_at"}
    return sa.table(name, *(sa.column(c, _MOMENT if c in moments else None) for c in columns))


_PLACE = ("dossier_id", "epreuve", "criterion_id")
_FINDINGS = _table("findings", "key", *_PLACE, "verdict", "engine", "created_at", "body")
_DECISIONS = _table(
    "decisions",
    "id",
    *_PLACE,
    "assessor",
    "action",
    "verdict",
    "finding_key",
    "decided_at",
    "body",
)
_SHOWN = _table("current_findings", *_PLACE, "finding_key")
_COLUMNS = ("seq", "at", "action", "content_hash", "previous", "hash")
_JOURNAL = _table("journal", *_COLUMNS, "dossier_id", "content", "salt")


def _write_what_is_there() -> None:
    database = op.get_bind()
    previous = hashlib.sha256(b"preuve/journal/1").hexdigest()
    for seq, event in enumerate(_events(database), start=1):
        salt, content = secrets.token_hex(16), json.dumps(event, sort_keys=True)
        digest = _sha256(f"{salt}\n{content}")
        at = datetime.fromisoformat(event["at"]).astimezone(UTC).isoformat()
        whole = _sha256("\n".join((str(seq), at, event["action"], digest, previous)))
        values = (seq, at, event["action"], digest, previous, whole)
        entry = dict(zip(_COLUMNS, values, strict=True))
        entry |= {"dossier_id": event["dossier_id"], "content": content, "salt": salt}
        database.execute(_JOURNAL.insert().values(**entry))
        previous = whole


def _events(database: sa.Connection) -> Iterator[dict[str, Any]]:
    drafts = {row.key: row for row in database.execute(sa.select(_FINDINGS))}
    shown = database.execute(sa.select(_SHOWN.c.finding_key)).scalars().all()
    last = {key for key in shown if key in drafts}
    # What is on screen comes last: the journal's last word on a criterion is what is shown.
    for key in sorted(drafts, key=lambda key: (key in last, _moment(drafts[key].created_at))):
        facts = {"enregistrement": f"proposition {key}", "empreinte": _digest(drafts[key])}
        yield _event(drafts[key], "proposition", "assistant", drafts[key].created_at, facts)
    for row in database.execute(sa.select(_DECISIONS).order_by(_DECISIONS.c.id)):
        facts = {"enregistrement": f"décision {row.id}", "empreinte": _digest(row)}
        facts |= {"acte": row.action, "appreciation": row.verdict}
        yield _event(row, "décision", row.assessor, row.decided_at, facts)


def _event(
    row: Any, action: str, actor: str, at: datetime, facts: dict[str, str]
) -> dict[str, Any]:
    return {
        "action": action,
        "actor": actor,
        "at": _moment(at).isoformat(),
        "dossier_id": row.dossier_id,
        "epreuve": row.epreuve,
        "criterion_id": row.criterion_id,
        "facts": facts | {"reprise": "oui"},
    }


def _digest(row: Any) -> str:
    columns = [(name, value) for name, value in row._mapping.items() if name != "id"]
    kept = [_moment(v).isoformat() if isinstance(v, datetime) else v for _, v in columns]
    return _sha256(json.dumps(kept))


def _moment(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
