"""The tables of the store, as SQLAlchemy mappings.

`body` holds a domain object as JSON and is what the store gives back; the other columns repeat
what queries filter and sort on. Their history is in `migrations/`; a test compares the two.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class StorableText(TypeDecorator[str]):
    """Text that every database accepts.

    Lone surrogates (a file name in another encoding) and NUL characters become U+FFFD.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _UNSTORABLE.sub("\ufffd", value)


class Instant(TypeDecorator[datetime]):
    """A point in time, kept in UTC: SQLite knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Root of the mappings: the Python type alone decides a column's type."""

    type_annotation_map: Final = {str: StorableText, datetime: Instant}


class DossierRow(Base):
    """A `DossierRecord`."""

    __tablename__ = "dossiers"

    id: Mapped[str] = mapped_column(primary_key=True)
    updated_at: Mapped[datetime] = mapped_column(index=True)
    body: Mapped[str]


class FindingRow(Base):
    """A `CriterionFinding`, never changed once written; `dossier_id` is whose review made it."""

    __tablename__ = "findings"

    key: Mapped[str] = mapped_column(primary_key=True)
    dossier_id: Mapped[str]
    epreuve: Mapped[str]
    criterion_id: Mapped[str]
    verdict: Mapped[str]
    engine: Mapped[str]
    created_at: Mapped[datetime]
    body: Mapped[str]


class CurrentRow(Base):
    """What is on screen for a criterion: a kept finding, or the failure to make one."""

    __tablename__ = "current_findings"
    __table_args__ = (
        CheckConstraint(
            "(finding_key IS NULL) <> (failure IS NULL)", name="either_a_finding_or_a_failure"
        ),
    )

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    criterion_id: Mapped[str] = mapped_column(primary_key=True)
    finding_key: Mapped[str | None] = mapped_column(ForeignKey("findings.key"))
    failure: Mapped[str | None]


class DecisionRow(Base):
    """A `HumanDecision`. Triggers refuse to change or delete a row; `id` gives the order."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index("decisions_of_an_epreuve", "dossier_id", "epreuve", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    dossier_id: Mapped[str]
    epreuve: Mapped[str]
    criterion_id: Mapped[str]
    assessor: Mapped[str]
    action: Mapped[str]
    verdict: Mapped[str]
    finding_key: Mapped[str | None] = mapped_column(ForeignKey("findings.key"))
    decided_at: Mapped[datetime]
    body: Mapped[str]


class NoteRow(Base):
    """What someone is typing about a criterion, until it becomes a decision."""

    __tablename__ = "notes"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    criterion_id: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class JournalRow(Base):
    """A `JournalEntry`. Triggers refuse any change but taking the content away."""

    __tablename__ = "journal"

    seq: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    at: Mapped[str]
    action: Mapped[str]
    content_hash: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]
    dossier_id: Mapped[str] = mapped_column(index=True)
    content: Mapped[str | None]
    salt: Mapped[str | None]


class ErasureRow(Base):
    """A dossier that the transaction under way is erasing; the table is empty at rest."""

    __tablename__ = "erasures"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
