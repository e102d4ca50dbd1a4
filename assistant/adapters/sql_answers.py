"""Answers already paid for, on criteria whose draft is not made yet."""

from typing import Final

from sqlalchemy import bindparam, column, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from assistant.adapters import sql_json
from assistant.adapters.sql_facts import upsert
from assistant.adapters.sql_models import Base
from assistant.ports import GivenAnswer


class GivenAnswerRow(Base):
    """A `GivenAnswer`; deleted with the draft that it led to."""

    __tablename__ = "given_answers"

    finding_key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[str] = mapped_column(index=True)
    body: Mapped[str]


def given_answer(session: Session, finding_key: str, request: str) -> GivenAnswer | None:
    """None when there is none, or when it cannot be read: it is then asked for again."""
    place = {"finding_key": finding_key, "request": request}
    body = session.connection().execute(_GIVEN, place).scalar()
    return None if body is None else sql_json.load(GivenAnswer, body)


def keep_answer(
    session: Session, dossier_id: str, finding_key: str, request: str, answer: GivenAnswer
) -> None:
    """Insert or replace."""
    place = {"finding_key": finding_key, "request": request}
    values = {"dossier_id": dossier_id, "body": sql_json.dump(answer)}
    upsert(session, GivenAnswerRow, place, values)


def forget_answers(session: Session, finding_key: str) -> None:
    """Once the draft is kept, nothing will ask for them again."""
    session.connection().execute(_FORGET, {"finding_key": finding_key})


# On the table itself: a row's object costs more to make than the row to read.
_TABLE: Final = GivenAnswerRow.metadata.tables[GivenAnswerRow.__tablename__]
_OF_DRAFT: Final = column("finding_key") == bindparam("finding_key")
_FORGET: Final = delete(_TABLE).where(_OF_DRAFT)
_GIVEN: Final = select(_TABLE.c.body).where(_OF_DRAFT, column("request") == bindparam("request"))
