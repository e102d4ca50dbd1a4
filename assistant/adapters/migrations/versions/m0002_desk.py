"""The evaluator's desk: facts for the queue, readings, worksheets, visits.

What the tables repeat of earlier drafts, dossiers and decisions is filled here, with the rules of
this moment: the code may change them later, a migration stays what it was.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_RANKS = {"satisfait": 2, "repere": 2, "partiel": 1, "a_verifier": 1, "absent": 0, "non_repere": 0}
_PLACE = ("dossier_id", "epreuve", "criterion_id")
_BATCH = 500

_SQLITE_GUARDS = (
    """CREATE TRIGGER events_refuse_update BEFORE UPDATE ON assessment_events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER events_refuse_delete BEFORE DELETE ON assessment_events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER events_refuse_replace BEFORE INSERT ON assessment_events
    WHEN EXISTS (SELECT 1 FROM assessment_events WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
)
_POSTGRESQL_GUARDS = (
    """CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON assessment_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON assessment_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
)
_GUARDS = {"sqlite": _SQLITE_GUARDS, "postgresql": _POSTGRESQL_GUARDS}


def upgrade() -> None:
    _create_tables()
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    _fill_epreuves()
    _fill_criteria()
    _fill_rulings()


def _place(*last: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), primary_key=True) for name in (*_PLACE[:2], *last)]


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _create_tables() -> None:
    op.create_table(
        "epreuve_facts",
        *_place(),
        *_numbers("flagged"),
        sa.Column("updated_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "criterion_facts",
        *_place("criterion_id"),
        sa.Column("finding_key", sa.Text()),
        sa.Column("verdict", sa.Text()),
        *_numbers("contradicted", "rejected"),
        sa.Column("coverage", sa.Double(), nullable=False),
        *_numbers("starred", "touched"),
    )
    op.create_table(
        "rulings",
        *_place("criterion_id", "assessor"),
        sa.Column("verdict", sa.Text()),
        *_numbers("stands", "adjudicates"),
        *_texts("finding_key"),
    )
    op.create_table("assessments", *_place(), *_numbers("version", "final"), *_texts("body"))
    op.create_table(
        "assessment_events",
        sa.Column("id", _BIG_ID, primary_key=True, autoincrement=True),
        *_texts("dossier_id", "epreuve", "kind", "person"),
        sa.Column("at", _MOMENT, nullable=False),
        *_texts("body"),
        sqlite_autoincrement=True,
    )
    op.create_index("events_of_an_epreuve", "assessment_events", ["dossier_id", "epreuve", "id"])
    op.create_table(
        "worksheets",
        *_place("criterion_id", "author"),
        *_numbers("version", "to_review"),
        *_texts("body"),
    )
    op.create_table(
        "visits",
        sa.Column("id", sa.Text(), primary_key=True),
        *_texts("dossier_id", "epreuve", "criterion_id", "person"),
        sa.Column("opened_at", _MOMENT, nullable=False),
        *_numbers("draft_shown"),
        sa.Column("seconds", sa.Double(), nullable=False),
        *_numbers("looks"),
        *_texts("outcome"),
        *_numbers("untouched"),
    )
    op.create_index("visits_of_an_epreuve", "visits", list(_PLACE))
    op.create_table(
        "reader_preferences", sa.Column("person", sa.Text(), primary_key=True), *_numbers("blind")
    )


def _fill_epreuves() -> None:
    rows = op.get_bind().execute(sa.text("SELECT id, updated_at, body FROM dossiers")).all()
    _insert("epreuve_facts", [fact for row in rows for fact in _epreuve_facts(*row)])


def _epreuve_facts(dossier_id: str, updated_at: Any, body: str) -> Iterator[dict[str, Any]]:
    record = json.loads(body)
    summary = json.loads(record.get("manifest_json") or "{}").get("summary") or {}
    flags = {e["sha256"]: len(e.get("flags") or ()) for e in summary.get("extraction") or ()}
    files = summary.get("files") or ()
    for epreuve in record.get("epreuves") or ():
        about = {f["sha256"] for f in files if epreuve in f["epreuves"] or f["role"] != "livrable"}
        yield {
            "dossier_id": dossier_id,
            "epreuve": epreuve,
            "flagged": sum(flags.get(sha, 0) for sha in about),
            "updated_at": updated_at,
        }


def _fill_criteria() -> None:
    statement = (
        "SELECT c.dossier_id, c.epreuve, c.criterion_id, c.finding_key, f.body "
        "FROM current_findings c LEFT JOIN findings f ON f.key = c.finding_key"
    )
    rows = op.get_bind().execute(sa.text(statement), execution_options={"yield_per": _BATCH})
    for part in rows.partitions(_BATCH):
        _insert("criterion_facts", [_criterion_facts(*row) for row in part])


def _criterion_facts(
    dossier_id: str, epreuve: str, criterion_id: str, key: str | None, body: str | None
) -> dict[str, Any]:
    draft = json.loads(body) if body else None
    facts = {
        "dossier_id": dossier_id,
        "epreuve": epreuve,
        "criterion_id": criterion_id,
        "finding_key": key,
        "verdict": None,
        "contradicted": 0,
        "rejected": 0,
        "coverage": 1.0,
        "starred": 0,
        "touched": 0,
    }
    if draft is None:
        return facts
    ranks = {a["numero"]: _RANKS.get(a["status"]) for a in draft["attendus"]}
    stars = [a["numero"] for a in draft["attendus"] if a["etoile"]]
    return facts | {
        "verdict": draft["verdict"],
        "contradicted": _contradicted(draft, ranks),
        "rejected": sum(len(a["rejected"]) for a in draft["attendus"]),
        "coverage": draft["search"]["coverage"],
        "starred": len(stars),
        "touched": sum((ranks[number] or 0) > 0 for number in stars),
    }


def _contradicted(draft: dict[str, Any], ranks: dict[int, int | None]) -> int:
    count = 0
    for check in draft["checks"]:
        number = check["attendu"]
        full = ranks[number] == 2 if number in ranks else draft["verdict"] == "acquis"
        count += check["outcome"] == "écart" and check["strength"] != "R" and full
    return count


def _fill_rulings() -> None:
    statement = (
        "SELECT dossier_id, epreuve, criterion_id, assessor, action, verdict, finding_key "
        "FROM decisions ORDER BY decided_at, id"
    )
    last = {tuple(row[:4]): row for row in op.get_bind().execute(sa.text(statement))}
    _insert(
        "rulings",
        [
            {
                "dossier_id": row.dossier_id,
                "epreuve": row.epreuve,
                "criterion_id": row.criterion_id,
                "assessor": row.assessor,
                "verdict": row.verdict,
                "stands": 1,
                "adjudicates": int(row.action == "adjudicate"),
                "finding_key": row.finding_key or "",
            }
            for row in last.values()
        ],
    )


def _insert(table: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    op.get_bind().execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), rows)


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: restore a backup instead")
