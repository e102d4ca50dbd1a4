"""The journal in the store's own database, so that what happens and its trace commit together."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import Row, insert, select, text
from sqlalchemy.orm import Session

from assistant.adapters.journal_head import HeadFile
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_models import CurrentRow, DecisionRow, FindingRow, JournalRow
from assistant.domain.assessment import AssessmentEvent, Visit
from assistant.domain.decision import HumanDecision
from assistant.domain.finding import CriterionFinding, FindingFailure
from assistant.domain.journal import (
    ASSISTANT,
    EMPTY_HEAD,
    ROW,
    ROW_HASH,
    JournalAction,
    JournalEntry,
    JournalEvent,
    JournalHead,
    following,
)

T = TypeVar("T")

_SALT_BYTES: Final = 16
_ADVISORY_LOCK: Final = 0x6A6F7572  # any number of our own
_PAGE: Final = 1000
# On the table itself: a row's object costs more to make than the row to write.
_JOURNAL: Final = JournalRow.metadata.tables[JournalRow.__tablename__]
_WRITE: Final = insert(_JOURNAL)
_LAST: Final = select(_JOURNAL.c.seq, _JOURNAL.c.hash).order_by(_JOURNAL.c.seq.desc()).limit(1)
#: The columns that a row's digest covers: fixed, so that a later column changes no digest.
_FINDING_COLUMNS: Final = (
    "key",
    "dossier_id",
    "epreuve",
    "criterion_id",
    "verdict",
    "engine",
    "created_at",
    "body",
)
_DECISION_COLUMNS: Final = (
    "dossier_id",
    "epreuve",
    "criterion_id",
    "assessor",
    "action",
    "verdict",
    "finding_key",
    "decided_at",
    "body",
)


class SqlJournal:
    """Port `Journal`, over the store's database.

    `head_file` keeps the last entry's hash outside the database.
    Raises: `StoreUnavailable` or one of its kinds, from every method.
    """

    def __init__(self, database: Database, head_file: HeadFile | None = None) -> None:
        self._database = database
        self._head_file = head_file

    def append(self, event: JournalEvent) -> JournalHead:
        """Write an event down; it is on the disk when this returns."""
        return self.write(lambda session: ((), (event,)))[1]

    def write(
        self, work: Callable[[Session], tuple[T, tuple[JournalEvent, ...]]]
    ) -> tuple[T, JournalHead]:
        """Run `work` and write the events that it gives back, all in one transaction."""

        def whole(session: Session) -> tuple[T, JournalHead | None]:
            result, events = work(session)
            return result, append_events(session, events) if events else None

        result, head = self._database.write(whole)
        if head is None:
            return result, self.head()
        if self._head_file is not None:
            self._head_file.keep(head)
        return result, head

    def head(self) -> JournalHead:
        """The last entry's place and hash."""
        return self._database.read(_head)

    def kept_head(self) -> JournalHead:
        """The head kept outside the database; the empty head when none is."""
        return EMPTY_HEAD if self._head_file is None else self._head_file.read()

    def entries(self, dossier_id: str = "") -> Iterator[JournalEntry]:
        """Entries in their order, those of one dossier when it is named; read page by page."""
        last = -(2**62)
        while True:
            page = self._database.read(partial(_page, after=last, dossier_id=dossier_id))
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1].seq

    def rows(self) -> Iterator[tuple[str, str]]:
        """The name and digest of every finding and decision as they stand now."""
        yield from self._database.read(_finding_digests)
        yield from self._database.read(_decision_digests)

    def shown(self) -> dict[tuple[str, str, str], str]:
        """The key of the finding on screen for each (dossier, épreuve, criterion)."""
        return self._database.read(_shown)


def append_events(session: Session, events: tuple[JournalEvent, ...]) -> JournalHead:
    """Write events in a transaction that already holds the write lock."""
    if session.get_bind().dialect.name == "postgresql":
        # One writer of the chain at a time; SQLite has a single writer anyway.
        session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _ADVISORY_LOCK})
    head = _head(session)
    written: list[dict[str, object]] = []
    for event in events:
        entry = following(head, event, secrets.token_hex(_SALT_BYTES))
        written.append(entry.model_dump())
        head = JournalHead(seq=entry.seq, hash=entry.hash)
    session.flush()  # what the work added comes before its trace
    session.connection().execute(_WRITE, written)
    return head


def drafted(dossier_id: str, finding: CriterionFinding, digest: str) -> JournalEvent:
    """The event of a draft that comes on screen; `digest`: that of its row."""
    made = finding.provenance
    return JournalEvent(
        action=JournalAction.DRAFT,
        actor=ASSISTANT,
        at=made.created_at,
        dossier_id=dossier_id,
        epreuve=finding.epreuve,
        criterion_id=finding.criterion_id,
        facts={
            ROW: finding_name(made.key),
            ROW_HASH: digest,
            "proposition": finding.verdict.value,
            "fichiers": ",".join(sorted(set(made.file_hashes.values()))),
            "grille": f"{made.rubric} {made.rubric_version} {made.rubric_hash}",
            "moteur": made.engine.engine,
            "version": made.engine.version,
            "modele": made.engine.model,
            "consigne": f"{made.engine.prompt} {made.engine.prompt_hash}".strip(),
            "parametres": json.dumps(made.engine.parameters, sort_keys=True),
        },
    )


def failed(dossier_id: str, failure: FindingFailure) -> JournalEvent:
    """The event of a criterion that could not be drafted."""
    return JournalEvent(
        action=JournalAction.FAILURE,
        actor=ASSISTANT,
        at=failure.failed_at,
        dossier_id=dossier_id,
        epreuve=failure.epreuve,
        criterion_id=failure.criterion_id,
        facts={"cle": failure.key, "erreur": failure.error},
    )


def decided(decision: HumanDecision, row: DecisionRow) -> JournalEvent:
    """The event of a person's ruling."""
    return JournalEvent(
        action=JournalAction.DECISION,
        actor=decision.assessor,
        at=decision.decided_at,
        dossier_id=decision.dossier_id,
        epreuve=decision.epreuve,
        criterion_id=decision.criterion_id,
        facts={
            ROW: decision_name(row.id),
            ROW_HASH: _digest(row, _DECISION_COLUMNS),
            "acte": decision.action,
            "appreciation": decision.verdict.value,
            "proposition": decision.draft_verdict.value if decision.draft_verdict else "",
            "cle": decision.finding_key,
        },
    )


_KINDS: Final = {
    "take": JournalAction.ASSIGNMENT,
    "release": JournalAction.ASSIGNMENT,
    "submit": JournalAction.CLOSING,
    "finalise": JournalAction.CLOSING,
    "reopen": JournalAction.REOPENING,
}


def happened(event: AssessmentEvent) -> JournalEvent:
    """The event of a reading taken, given back, submitted, signed or reopened."""
    return JournalEvent(
        action=_KINDS[event.kind],
        actor=event.person,
        at=event.at,
        dossier_id=event.dossier_id,
        epreuve=event.epreuve,
        facts={
            "acte": event.kind,
            "place": event.seat or "",
            "signature": event.sha256,
            "motif": hashlib.sha256(event.reason.encode()).hexdigest() if event.reason else "",
        },
    )


def visited(visit: Visit) -> JournalEvent:
    """The event of a criterion opened by someone."""
    return JournalEvent(
        action=JournalAction.VIEW,
        actor=visit.person,
        at=visit.opened_at,
        dossier_id=visit.dossier_id,
        epreuve=visit.epreuve,
        criterion_id=visit.criterion_id,
        facts={"proposition_visible": "oui" if visit.draft_shown else "non"},
    )


def finding_name(key: str) -> str:
    """How the journal names a finding."""
    return f"proposition {key}"


def decision_name(number: int) -> str:
    """How the journal names a decision."""
    return f"décision {number}"


def finding_digest(row: FindingRow | Row[Any]) -> str:
    """SHA-256 over all that a finding's row holds."""
    return _digest(row, _FINDING_COLUMNS)


def _digest(row: FindingRow | DecisionRow | Row[Any], columns: tuple[str, ...]) -> str:
    values = [_plain(getattr(row, column)) for column in columns]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _head(session: Session) -> JournalHead:
    row = session.connection().execute(_LAST).first()
    return EMPTY_HEAD if row is None else JournalHead(seq=row.seq, hash=_text(row.hash) or "")


def _page(session: Session, after: int, dossier_id: str) -> list[JournalEntry]:
    statement = select(JournalRow).where(JournalRow.seq > after).order_by(JournalRow.seq)
    if dossier_id:
        statement = statement.where(JournalRow.dossier_id == dossier_id)
    return [_entry(row) for row in session.scalars(statement.limit(_PAGE))]


def _entry(row: JournalRow) -> JournalEntry:
    return JournalEntry(
        seq=row.seq,
        at=_text(row.at) or "",
        action=_text(row.action) or "",
        content_hash=_text(row.content_hash) or "",
        previous=_text(row.previous) or "",
        hash=_text(row.hash) or "",
        dossier_id=_text(row.dossier_id) or "",
        content=_text(row.content),
        salt=_text(row.salt),
    )


def _text(value: object) -> str | None:
    """A column as text: SQLite gives back whatever type an intruder has put there."""
    return value if isinstance(value, str) or value is None else repr(value)


def _finding_digests(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(FindingRow).execution_options(yield_per=_PAGE))
    return [(finding_name(row.key), finding_digest(row)) for row in rows]


def _decision_digests(session: Session) -> list[tuple[str, str]]:
    rows = session.scalars(select(DecisionRow).execution_options(yield_per=_PAGE))
    return [(decision_name(row.id), _digest(row, _DECISION_COLUMNS)) for row in rows]


def _shown(session: Session) -> dict[tuple[str, str, str], str]:
    rows = session.scalars(select(CurrentRow).where(CurrentRow.finding_key.is_not(None)))
    return {(r.dossier_id, r.epreuve, r.criterion_id): r.finding_key or "" for r in rows}
