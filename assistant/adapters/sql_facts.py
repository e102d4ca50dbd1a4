"""Keeps the columns that the queue reads, in the transaction that changes what they repeat."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Executable, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.adapters import sql_json
from assistant.adapters.sql_desk_models import (
    AssessmentRow,
    CriterionFactsRow,
    EpreuveFactsRow,
    RulingRow,
)
from assistant.adapters.sql_models import Base, DecisionRow
from assistant.domain.attention import DraftFacts
from assistant.domain.decision import HumanDecision, latest_by_assessor
from assistant.domain.dossier import DossierSummary, FileRole
from assistant.domain.finding import Finding
from assistant.errors import DecisionRefused
from assistant.ports import DossierRecord
from ingest.types import Frozen

_LOCKED_FR: Final = (
    "cette épreuve est finalisée et signée. Pour la modifier, rouvrez-la en donnant le motif."
)


def upsert(
    session: Session,
    table: type[Base],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    replace: bool = True,
) -> None:
    """Insert a row; where its key is already there, replace its values or leave it.

    The values are plain ones, never SQL expressions: the statement is built once.
    """
    dialect = session.get_bind().dialect.name
    statement = _upsert(table, dialect, tuple(key), tuple(values), replace)
    session.connection().execute(statement, {**key, **values})


@cache
def _upsert(
    table: type[Base], dialect: str, key: tuple[str, ...], values: tuple[str, ...], replace: bool
) -> Executable:
    """Built once for its table: a cohort writes thousands of rows, one by one."""
    # Both databases read `ON CONFLICT`, but SQLAlchemy offers it per database.
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table.metadata.tables[table.__tablename__]).values(
        {name: bindparam(name) for name in (*key, *values)}
    )
    if not replace:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in values}
    )


def keep_draft_facts(session: Session, dossier_id: str, finding: Finding) -> None:
    """Beside a draft that becomes the current one."""
    facts = DraftFacts.of(finding)
    place = {
        "dossier_id": dossier_id,
        "epreuve": finding.epreuve,
        "criterion_id": finding.criterion_id,
    }
    values = {
        "finding_key": facts.key,
        "verdict": facts.verdict.value if facts.verdict else None,
        **facts.model_dump(exclude={"key", "verdict"}),
    }
    upsert(session, CriterionFactsRow, place, values)


class _Manifest(Frozen):
    summary: DossierSummary | None = None


def keep_dossier_facts(session: Session, record: DossierRecord) -> None:
    """Beside a dossier: one row for each épreuve that it answers, none for the others."""
    session.execute(
        delete(EpreuveFactsRow).where(
            EpreuveFactsRow.dossier_id == record.id,
            EpreuveFactsRow.epreuve.not_in(record.epreuves),
        )
    )
    for epreuve in record.epreuves:
        place = {"dossier_id": record.id, "epreuve": epreuve}
        values = {"flagged": _flagged(record, epreuve), "updated_at": record.updated_at}
        upsert(session, EpreuveFactsRow, place, values)


def _flagged(record: DossierRecord, epreuve: str) -> int:
    """Passages addressed to a reader in what this épreuve is judged on."""
    summary = _summary(record)
    if summary is None:
        return 0
    about = {
        file.sha256
        for file in summary.files
        if epreuve in file.epreuves or file.role is not FileRole.DELIVERABLE
    }
    return sum(len(report.flags) for report in summary.extraction if report.sha256 in about)


def _summary(record: DossierRecord) -> DossierSummary | None:
    """The dossier's summary, when its manifest holds one: the store itself asks for none."""
    try:
        return _Manifest.model_validate_json(record.manifest_json, extra="ignore").summary
    except ValidationError:
        return None


def keep_ruling(session: Session, decision: HumanDecision) -> None:
    """Beside a decision just appended: its author's last word on the criterion."""
    place = {
        "dossier_id": decision.dossier_id,
        "epreuve": decision.epreuve,
        "criterion_id": decision.criterion_id,
        "assessor": decision.assessor,
    }
    session.flush()
    bodies = session.scalars(select(DecisionRow.body).filter_by(**place).order_by(DecisionRow.id))
    own = [sql_json.load(HumanDecision, body) for body in bodies]
    last = latest_by_assessor([d for d in own if d is not None]).get(decision.assessor)
    values = {
        "verdict": last.verdict.value if last else None,
        "stands": int(last is not None and last.stands),
        "adjudicates": int(last is not None and last.action == "adjudicate"),
        "finding_key": last.finding_key if last else "",
    }
    upsert(session, RulingRow, place, values)


def locked_assessment(session: Session, dossier_id: str, epreuve: str) -> AssessmentRow | None:
    """The épreuve's row, held until the end of the transaction, or None when it has none yet."""
    place = {"dossier_id": dossier_id, "epreuve": epreuve}
    statement = select(AssessmentRow).filter_by(**place).with_for_update()
    return session.scalar(statement)


def refuse_when_final(session: Session, decision: HumanDecision) -> None:
    """Raises: `DecisionRefused` once the épreuve is signed."""
    row = locked_assessment(session, decision.dossier_id, decision.epreuve)
    if row is not None and row.final:
        raise DecisionRefused("the assessment is final", cause=_LOCKED_FR)
