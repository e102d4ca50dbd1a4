"""Port `DeskRecords` on SQLAlchemy: whole tables in one query each, no draft read again."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from sqlalchemy import JSON, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from assistant.adapters import sql_json
from assistant.adapters.sql_assessments import visit_of
from assistant.adapters.sql_desk_models import AssessmentEventRow, AssessmentRow, VisitRow
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_models import DecisionRow, FindingRow
from assistant.domain.assessment import Assessment, Visit
from assistant.domain.decision import HumanDecision
from assistant.domain.statistics import Origin, Reading
from assistant.errors import StoreDamaged

M = TypeVar("M", bound=BaseModel)
Place = tuple[str, str]
#: Escapes in a JSON text that PostgreSQL refuses to read: NUL characters and surrogates.
_UNREADABLE: Final = r"\\u(0000|d[89a-f]..)"


class SqlDeskRecords:
    """Raises: `StoreUnavailable` or one of its kinds, from every method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def readings(self) -> tuple[Reading, ...]:
        return self._database.read(self._readings)

    def _readings(self, session: Session) -> tuple[Reading, ...]:
        decisions, visits = self._decisions(session), _visits(session)
        assessments, reopened = self._assessments(session), _reopened(session)
        return tuple(
            Reading(
                assessment=assessments.get(place)
                or Assessment(dossier_id=place[0], epreuve=place[1]),
                decisions=tuple(decisions.get(place, ())),
                visits=tuple(visits.get(place, ())),
                reopened_at=reopened.get(place),
            )
            for place in sorted({*decisions, *visits})
        )

    def origins(self) -> Mapping[str, Origin]:
        cited = select(DecisionRow.finding_key).where(DecisionRow.finding_key.is_not(None))
        made = self._provenance()
        engine = made["engine"]
        statement = select(
            FindingRow.key,
            engine["model"].as_string(),
            engine["version"].as_string(),
            engine["prompt"].as_string(),
            made["rubric_version"].as_string(),
            made["rubric_hash"].as_string(),
        ).where(FindingRow.key.in_(cited))
        rows = self._database.read(lambda session: session.execute(statement).all())
        return {
            key: Origin(
                model=model or version,
                prompt=prompt or "",
                rubric_version=rubric or "",
                rubric_hash=digest or "",
            )
            for key, model, version, prompt, rubric, digest in rows
        }

    def _provenance(self) -> Any:
        """The part of a draft's JSON that tells what made it, as the database reads it."""
        if self._database.dialect == "sqlite":  # there, a cast to JSON would read a number
            return type_coerce(FindingRow.body, JSON)["provenance"]
        readable = func.regexp_replace(FindingRow.body, _UNREADABLE, r"\\u002e", "g")
        return cast(readable, JSON)["provenance"]

    def _decisions(self, session: Session) -> Mapping[Place, list[HumanDecision]]:
        found: dict[Place, list[HumanDecision]] = defaultdict(list)
        for number, body in session.execute(
            select(DecisionRow.id, DecisionRow.body).order_by(DecisionRow.id)
        ):
            decision = self._load(HumanDecision, body, f"décision {number}")
            found[decision.dossier_id, decision.epreuve].append(decision)
        return found

    def _assessments(self, session: Session) -> Mapping[Place, Assessment]:
        rows = session.execute(
            select(AssessmentRow.dossier_id, AssessmentRow.epreuve, AssessmentRow.body)
        )
        return {
            (dossier_id, epreuve): self._load(Assessment, body, f"lecture {dossier_id} {epreuve}")
            for dossier_id, epreuve, body in rows
        }

    def _load(self, kind: type[M], body: str, name: str) -> M:
        model = sql_json.load(kind, body)
        if model is None:
            raise StoreDamaged(
                f"{kind.__name__} {name} cannot be read",
                cause=f"l'enregistrement « {name} » est illisible",
                path=self._database.place.name,
            )
        return model


def _visits(session: Session) -> Mapping[Place, list[Visit]]:
    found: dict[Place, list[Visit]] = defaultdict(list)
    for row in session.scalars(select(VisitRow).order_by(VisitRow.opened_at)):
        found[row.dossier_id, row.epreuve].append(visit_of(row))
    return found


def _reopened(session: Session) -> Mapping[Place, datetime]:
    """When each épreuve was first reopened."""
    row = AssessmentEventRow
    rows = session.execute(
        select(row.dossier_id, row.epreuve, func.min(row.at))
        .where(row.kind == "reopen")
        .group_by(row.dossier_id, row.epreuve)
    )
    return {(dossier_id, epreuve): at for dossier_id, epreuve, at in rows}
