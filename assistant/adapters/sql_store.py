"""Port `ReviewStore` on SQLAlchemy: a SQLite file today, PostgreSQL with the same code."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from pydantic import BaseModel
from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from assistant.adapters import sql_answers, sql_json
from assistant.adapters.journal_head import HeadFile
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_facts import (
    keep_dossier_facts,
    keep_draft_facts,
    keep_ruling,
    refuse_when_final,
    upsert,
)
from assistant.adapters.sql_journal import SqlJournal, decided, drafted, failed, finding_digest
from assistant.adapters.sql_models import (
    CurrentRow,
    DecisionRow,
    DossierRow,
    FindingRow,
    NoteRow,
)
from assistant.adapters.sql_switch import refuse_when_stopped
from assistant.domain.decision import HumanDecision
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.journal import JournalEvent
from assistant.errors import DecisionRefused, StoreDamaged
from assistant.ports import DossierRecord, GivenAnswer

M = TypeVar("M", bound=BaseModel)

Values = Mapping[str, str | datetime | None]
#: What a piece of work gives back, and the events that the journal writes with it.
Written = tuple[None, tuple[JournalEvent, ...]]


class SqlReviewStore:
    """Findings and decisions, kept for good.

    `target` is the path of a SQLite file (made with its folder if need be) or a database URL.
    Any number of threads and processes may use the same one. Each method is one transaction:
    when it returns, what it wrote survives `kill -9` and a power cut.

    What it writes of a draft or a decision is written in the journal in the same transaction;
    `head_file` keeps the journal's last hash outside the database.

    Units: `busy_timeout` in seconds; a lock is waited for at most three times that.
    Raises: `StoreUnavailable` or one of its kinds, from the constructor and every method.
    """

    def __init__(
        self, target: str | Path, *, busy_timeout: float = 5.0, head_file: HeadFile | None = None
    ) -> None:
        self._database = Database(target, busy_timeout=busy_timeout)
        self.journal = SqlJournal(self._database, head_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def database(self) -> Database:
        """Shared with the other stores of the same installation."""
        return self._database

    def close(self) -> None:
        """Give the connections back; the store opens them again if it is used."""
        self._database.close()

    # Findings

    def finding(self, key: str) -> CriterionFinding | None:
        body = self._database.read(lambda s: s.connection().execute(_BODY, {"key": key}).scalar())
        return None if body is None else self._load(CriterionFinding, body, key)

    def kept(self, keys: Collection[str]) -> frozenset[str]:
        """Which of these keys have their finding."""
        statement = select(FindingRow.key).where(FindingRow.key.in_(keys))
        return frozenset(self._database.read(lambda session: session.scalars(statement).all()))

    def save_finding(self, dossier_id: str, finding: Finding) -> None:
        """Keep a finding and show it as the dossier's draft; a failure is only shown.

        The first finding kept under a key stays: decisions cite it by that key.
        Raises: `AssistantStopped`.
        """
        self.journal.write(lambda session: (None, put_finding(session, dossier_id, finding)))

    def given_answer(self, key: str, request: str) -> GivenAnswer | None:
        return self._database.read(lambda session: sql_answers.given_answer(session, key, request))

    def keep_answer(self, dossier_id: str, key: str, request: str, answer: GivenAnswer) -> None:
        self._database.write(
            lambda session: sql_answers.keep_answer(session, dossier_id, key, request, answer)
        )

    def current_findings(self, dossier_id: str, epreuve: str) -> dict[str, Finding]:
        place = {"dossier_id": dossier_id, "epreuve": epreuve}
        return {found.criterion_id: found for found in self._current_ones(place)}

    def current_finding(self, dossier_id: str, epreuve: str, criterion_id: str) -> Finding | None:
        place = {"dossier_id": dossier_id, "epreuve": epreuve, "criterion_id": criterion_id}
        return next(iter(self._current_ones(place)), None)

    def _current_ones(self, place: dict[str, str]) -> list[Finding]:
        statement = (
            select(CurrentRow, FindingRow.body)
            .outerjoin(FindingRow, FindingRow.key == CurrentRow.finding_key)
            .where(*(getattr(CurrentRow, name) == value for name, value in place.items()))
            .order_by(CurrentRow.criterion_id)
        )
        rows = self._database.read(lambda session: session.execute(statement).all())
        return [self._current(current, body) for current, body in rows]

    def _current(self, current: CurrentRow, body: str | None) -> Finding:
        if body is None:
            return self._load(FindingFailure, current.failure or "", current.criterion_id)
        return self._load(CriterionFinding, body, current.finding_key or "")

    # Decisions

    def append_decision(self, decision: HumanDecision) -> None:
        """Append. What was acknowledged survives a crash.

        Raises: `DecisionRefused` when the draft that it cites is not in the store.
        """
        self.journal.write(lambda session: _append(session, decision))

    def decisions(self, dossier_id: str, epreuve: str) -> tuple[HumanDecision, ...]:
        """All decisions, in the order in which they were appended."""
        statement = (
            select(DecisionRow)
            .where(DecisionRow.dossier_id == dossier_id, DecisionRow.epreuve == epreuve)
            .order_by(DecisionRow.id)
        )
        rows = self._database.read(lambda session: session.scalars(statement).all())
        return tuple(self._load(HumanDecision, row.body, f"décision {row.id}") for row in rows)

    # Dossiers

    def save_dossier(self, record: DossierRecord) -> None:
        self._database.write(lambda session: _save_dossier(session, record))

    def dossier(self, dossier_id: str) -> DossierRecord | None:
        row = self._database.read(lambda session: session.get(DossierRow, dossier_id))
        return None if row is None else self._load(DossierRecord, row.body, row.id)

    def dossiers(self) -> tuple[DossierRecord, ...]:
        statement = select(DossierRow).order_by(DossierRow.updated_at.desc(), DossierRow.id)
        rows = self._database.read(lambda session: session.scalars(statement).all())
        return tuple(self._load(DossierRecord, row.body, row.id) for row in rows)

    # Notes

    def save_note(
        self, dossier_id: str, epreuve: str, criterion_id: str, author: str, text: str
    ) -> None:
        place = _note_place(dossier_id, epreuve, criterion_id, author)
        if text:
            self._database.write(lambda session: upsert(session, NoteRow, place, {"text": text}))
        else:
            self._database.write(
                lambda session: session.execute(delete(NoteRow).filter_by(**place))
            )

    def note(self, dossier_id: str, epreuve: str, criterion_id: str, author: str) -> str:
        statement = select(NoteRow.text).filter_by(
            **_note_place(dossier_id, epreuve, criterion_id, author)
        )
        return self._database.read(lambda session: session.scalar(statement)) or ""

    # What the methods above share

    def _load(self, kind: type[M], body: str, name: str) -> M:
        model = sql_json.load(kind, body)
        if model is None:
            raise StoreDamaged(
                f"{kind.__name__} {name} cannot be read",
                cause=f"l'enregistrement « {name} » est illisible",
                path=self._database.place.name,
            )
        return model


def put_finding(session: Session, dossier_id: str, finding: Finding) -> tuple[JournalEvent, ...]:
    """Keep a finding in a transaction under way; gives the events for the journal, if any.

    Raises: `AssistantStopped`.
    """
    refuse_when_stopped(session)
    place = {
        "dossier_id": dossier_id,
        "epreuve": finding.epreuve,
        "criterion_id": finding.criterion_id,
    }
    if isinstance(finding, FindingFailure):
        upsert(session, CurrentRow, place, _shown(failure=sql_json.dump(finding)))
        keep_draft_facts(session, dossier_id, finding)
        return (failed(dossier_id, finding),)
    key = finding.provenance.key
    upsert(session, FindingRow, *_finding_row(dossier_id, finding), replace=False)
    sql_answers.forget_answers(session, key)
    before = session.connection().execute(_SHOWN, place).scalar()
    upsert(session, CurrentRow, place, _shown(finding_key=key))
    keep_draft_facts(session, dossier_id, finding)
    if before == key:
        return ()
    row = session.connection().execute(_ROW, {"key": key}).one()
    return (drafted(dossier_id, finding, finding_digest(row)),)


# On the tables themselves: a row's object costs more to make than the row to read.
_FINDINGS: Final = FindingRow.metadata.tables[FindingRow.__tablename__]
_CURRENT: Final = CurrentRow.metadata.tables[CurrentRow.__tablename__]
_ROW: Final = select(_FINDINGS).where(_FINDINGS.c.key == bindparam("key"))
_BODY: Final = select(_FINDINGS.c.body).where(_FINDINGS.c.key == bindparam("key"))
_SHOWN: Final = select(_CURRENT.c.finding_key).where(
    *(_CURRENT.c[name] == bindparam(name) for name in ("dossier_id", "epreuve", "criterion_id"))
)


def _finding_row(dossier_id: str, finding: CriterionFinding) -> tuple[Values, Values]:
    values = {
        "dossier_id": dossier_id,
        "epreuve": finding.epreuve,
        "criterion_id": finding.criterion_id,
        "verdict": finding.verdict.value,
        "engine": finding.provenance.engine.engine,
        "created_at": finding.provenance.created_at,
        "body": sql_json.dump(finding),
    }
    return {"key": finding.provenance.key}, values


def _save_dossier(session: Session, record: DossierRecord) -> None:
    values: Values = {"updated_at": record.updated_at, "body": sql_json.dump(record)}
    upsert(session, DossierRow, {"id": record.id}, values)
    keep_dossier_facts(session, record)


def _shown(finding_key: str | None = None, failure: str | None = None) -> Values:
    return {"finding_key": finding_key, "failure": failure}


def _append(session: Session, decision: HumanDecision) -> Written:
    refuse_when_final(session, decision)
    if decision.finding_key and session.get(FindingRow, decision.finding_key) is None:
        raise DecisionRefused(
            f"no finding {decision.finding_key}",
            cause="la proposition sur laquelle elle porte n'est pas dans la base.",
        )
    row = DecisionRow(
        dossier_id=decision.dossier_id,
        epreuve=decision.epreuve,
        criterion_id=decision.criterion_id,
        assessor=decision.assessor,
        action=decision.action,
        verdict=decision.verdict.value,
        finding_key=decision.finding_key or None,
        decided_at=decision.decided_at,
        body=sql_json.dump(decision),
    )
    session.add(row)
    session.flush()  # the database gives the row its number
    session.refresh(row)
    keep_ruling(session, decision)
    return None, (decided(decision, row),)


def _note_place(dossier_id: str, epreuve: str, criterion_id: str, author: str) -> dict[str, str]:
    return {
        "dossier_id": dossier_id,
        "epreuve": epreuve,
        "criterion_id": criterion_id,
        "author": author,
    }
