"""The tables of the evaluator's desk, beside those of the store.

`criterion_facts`, `epreuve_facts` and `rulings` repeat, in columns, what the queue sorts on; they
are written in the transaction that keeps the draft, the dossier or the decision. The others hold
what only the desk knows.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from assistant.adapters.sql_models import Base


class EpreuveFactsRow(Base):
    """An épreuve that a dossier answers. `flagged`: passages addressed to a reader."""

    __tablename__ = "epreuve_facts"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    flagged: Mapped[int]
    updated_at: Mapped[datetime]


class CriterionFactsRow(Base):
    """The `DraftFacts` of the draft on screen."""

    __tablename__ = "criterion_facts"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    criterion_id: Mapped[str] = mapped_column(primary_key=True)
    finding_key: Mapped[str | None]
    verdict: Mapped[str | None]
    contradicted: Mapped[int]
    rejected: Mapped[int]
    coverage: Mapped[float]
    starred: Mapped[int]
    touched: Mapped[int]


class RulingRow(Base):
    """One person's last word on one criterion; `verdict` is NULL once withdrawn."""

    __tablename__ = "rulings"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    criterion_id: Mapped[str] = mapped_column(primary_key=True)
    assessor: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[str | None]
    stands: Mapped[int]
    adjudicates: Mapped[int]
    finding_key: Mapped[str]


class AssessmentRow(Base):
    """An `Assessment`. `final` locks its decisions."""

    __tablename__ = "assessments"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    final: Mapped[int]
    body: Mapped[str]


class AssessmentEventRow(Base):
    """An `AssessmentEvent`. Triggers refuse to change or delete a row; `id` gives the order."""

    __tablename__ = "assessment_events"
    __table_args__ = (
        Index("events_of_an_epreuve", "dossier_id", "epreuve", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    dossier_id: Mapped[str]
    epreuve: Mapped[str]
    kind: Mapped[str]
    person: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[str]


class WorksheetRow(Base):
    """A `Worksheet`."""

    __tablename__ = "worksheets"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    criterion_id: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    to_review: Mapped[int]
    body: Mapped[str]


class VisitRow(Base):
    """A `Visit`."""

    __tablename__ = "visits"
    __table_args__ = (Index("visits_of_an_epreuve", "dossier_id", "epreuve", "criterion_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[str]
    epreuve: Mapped[str]
    criterion_id: Mapped[str]
    person: Mapped[str]
    opened_at: Mapped[datetime]
    draft_shown: Mapped[int]
    seconds: Mapped[float]
    looks: Mapped[int]
    outcome: Mapped[str]
    untouched: Mapped[int]


class PreferenceRow(Base):
    """What a person asks of the desk."""

    __tablename__ = "reader_preferences"

    person: Mapped[str] = mapped_column(primary_key=True)
    blind: Mapped[int]
