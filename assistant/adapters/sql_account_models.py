"""The tables of accounts, sessions and log-in attempts, and of who may see which dossier."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from assistant.adapters.sql_models import Base


class AccountRow(Base):
    """An `Account`."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    active: Mapped[bool]
    password_hash: Mapped[str]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A `Session`; deleted when it ends."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class AttemptsRow(Base):
    """`Attempts`; `subject` is a hash of an identifier or of an address, never either itself."""

    __tablename__ = "login_attempts"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class GrantRow(Base):
    """A person's `Link` to an épreuve of a dossier, or to the whole dossier when it is empty."""

    __tablename__ = "epreuve_grants"

    dossier_id: Mapped[str] = mapped_column(primary_key=True)
    epreuve: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    link: Mapped[str] = mapped_column(primary_key=True)
