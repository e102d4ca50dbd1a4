"""Port `AssessmentStore` on SQLAlchemy, in the database of the review store."""

from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from assistant.adapters import sql_json
from assistant.adapters.sql_desk_models import (
    AssessmentEventRow,
    AssessmentRow,
    CriterionFactsRow,
    PreferenceRow,
    VisitRow,
    WorksheetRow,
)
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_facts import locked_assessment, upsert
from assistant.adapters.sql_journal import SqlJournal, happened, visited
from assistant.adapters.sql_models import DecisionRow
from assistant.adapters.sql_queue import queue_rows
from assistant.domain.assessment import (
    Assessment,
    AssessmentEvent,
    SavedWorksheet,
    Visit,
    Worksheet,
)
from assistant.domain.attention import DraftFacts
from assistant.domain.journal import JournalEvent
from assistant.domain.queue import QueueFacts
from assistant.domain.verdict import Verdict, VerdictRule
from assistant.errors import ReadingChanged, StoreDamaged

M = TypeVar("M", bound=BaseModel)


class SqlAssessmentStore:
    """What the desk keeps beside findings and decisions. Raises: as `SqlReviewStore` does."""

    def __init__(self, database: Database, journal: SqlJournal) -> None:
        self._database = database
        self._journal = journal

    # Readings

    def assessment(self, dossier_id: str, epreuve: str) -> Assessment:
        place = {"dossier_id": dossier_id, "epreuve": epreuve}
        row = self._database.read(
            lambda session: session.scalar(select(AssessmentRow).filter_by(**place))
        )
        return self._state(row, dossier_id, epreuve)

    def events(self, dossier_id: str, epreuve: str) -> tuple[AssessmentEvent, ...]:
        statement = (
            select(AssessmentEventRow.body)
            .filter_by(dossier_id=dossier_id, epreuve=epreuve)
            .order_by(AssessmentEventRow.id)
        )
        bodies = self._database.read(lambda session: session.scalars(statement).all())
        return tuple(self._load(AssessmentEvent, body, dossier_id) for body in bodies)

    def append_event(
        self, event: AssessmentEvent, *, seen: int, decisions: int | None = None
    ) -> Assessment:
        """Append, when the épreuve still has the version and the number of decisions seen.

        Raises: `ReadingChanged` when it has not.
        """
        return self._journal.write(
            lambda session: (self._append(session, event, seen, decisions), (happened(event),))
        )[0]

    def _append(
        self, session: Session, event: AssessmentEvent, seen: int, decisions: int | None
    ) -> Assessment:
        place = {"dossier_id": event.dossier_id, "epreuve": event.epreuve}
        fresh = Assessment(**place)
        # The row exists before it is held: two people who take an untouched épreuve meet on it.
        first = {"version": 0, "final": 0, "body": sql_json.dump(fresh)}
        upsert(session, AssessmentRow, place, first, replace=False)
        row = locked_assessment(session, event.dossier_id, event.epreuve)
        state = self._state(row, event.dossier_id, event.epreuve)
        if state.version != seen:
            raise ReadingChanged(f"version {state.version}, {seen} seen")
        if decisions is not None and decisions != _count(session, place):
            raise ReadingChanged("decided meanwhile")
        after = state.after(event)
        session.add(
            AssessmentEventRow(
                **place,
                kind=event.kind,
                person=event.person,
                at=event.at,
                body=sql_json.dump(event),
            )
        )
        values = {
            "version": after.version,
            "final": int(after.signature is not None),
            "body": sql_json.dump(after),
        }
        upsert(session, AssessmentRow, place, values)
        return after

    # Worksheets

    def worksheet(self, dossier_id: str, epreuve: str, criterion_id: str, author: str) -> Worksheet:
        place = _sheet_place(dossier_id, epreuve, criterion_id, author)
        row = self._database.read(
            lambda session: session.scalar(select(WorksheetRow).filter_by(**place))
        )
        return self._sheet(row)

    def worksheets(self, dossier_id: str, epreuve: str, author: str) -> dict[str, Worksheet]:
        """One person's worksheets, by criterion."""
        statement = select(WorksheetRow).filter_by(
            dossier_id=dossier_id, epreuve=epreuve, author=author
        )
        rows = self._database.read(lambda session: session.scalars(statement).all())
        return {row.criterion_id: self._sheet(row) for row in rows}

    def save_worksheet(
        self,
        dossier_id: str,
        epreuve: str,
        criterion_id: str,
        author: str,
        sheet: Worksheet,
    ) -> SavedWorksheet:
        """Keep a worksheet whose `version` is the one that its author's window had loaded.

        Another version in the store, with other words: nothing is replaced.
        """
        place = _sheet_place(dossier_id, epreuve, criterion_id, author)
        return self._database.write(lambda session: self._save_sheet(session, place, sheet))

    def _save_sheet(
        self, session: Session, place: dict[str, str], sheet: Worksheet
    ) -> SavedWorksheet:
        empty = {"version": 0, "to_review": 0, "body": sql_json.dump(Worksheet())}
        upsert(session, WorksheetRow, place, empty, replace=False)
        row = session.scalar(select(WorksheetRow).filter_by(**place).with_for_update())
        kept = self._sheet(row)
        if sheet.same_content(kept):
            return SavedWorksheet(accepted=True, worksheet=kept)
        if sheet.version != kept.version:
            return SavedWorksheet(accepted=False, worksheet=kept)
        saved = sheet.model_copy(update={"version": kept.version + 1})
        values = {
            "version": saved.version,
            "to_review": int(saved.to_review),
            "body": sql_json.dump(saved),
        }
        upsert(session, WorksheetRow, place, values)
        return SavedWorksheet(accepted=True, worksheet=saved)

    # Visits and preferences

    def open_visit(self, visit: Visit) -> None:
        values = visit.model_dump()
        visit_id = values.pop("id")
        values |= {"draft_shown": int(visit.draft_shown), "untouched": int(visit.untouched)}

        def work(session: Session) -> tuple[None, tuple[JournalEvent, ...]]:
            if session.get(VisitRow, visit_id) is not None:
                return None, ()
            upsert(session, VisitRow, {"id": visit_id}, values, replace=False)
            return None, (visited(visit),)

        self._journal.write(work)

    def update_visit(
        self,
        visit_id: str,
        person: str,
        *,
        seconds: float,
        looks: int,
        outcome: str = "",
        untouched: bool = False,
    ) -> None:
        """Of this person's own visit; figures only grow, an outcome stays."""

        def work(session: Session) -> None:
            row = session.get(VisitRow, visit_id, with_for_update=True)
            if row is None or row.person != person:
                return
            row.seconds = max(row.seconds, seconds)
            row.looks = max(row.looks, looks)
            if outcome:
                row.outcome, row.untouched = outcome, int(untouched)

        self._database.write(work)

    def visits(self, dossier_id: str, epreuve: str) -> tuple[Visit, ...]:
        """All stays on an épreuve's criteria, oldest first."""
        statement = (
            select(VisitRow)
            .filter_by(dossier_id=dossier_id, epreuve=epreuve)
            .order_by(VisitRow.opened_at)
        )
        rows = self._database.read(lambda session: session.scalars(statement).all())
        return tuple(visit_of(row) for row in rows)

    def drafts_seen(self, dossier_id: str, epreuve: str, person: str) -> frozenset[str]:
        """The criteria whose draft this person has been shown."""
        statement = (
            select(VisitRow.criterion_id)
            .filter_by(dossier_id=dossier_id, epreuve=epreuve, person=person, draft_shown=1)
            .distinct()
        )
        return frozenset(self._database.read(lambda session: session.scalars(statement).all()))

    def wants_blind(self, person: str) -> bool:
        row = self._database.read(lambda session: session.get(PreferenceRow, person))
        return row is not None and bool(row.blind)

    def save_wants_blind(self, person: str, blind: bool) -> None:
        values = {"blind": int(blind)}
        self._database.write(
            lambda session: upsert(session, PreferenceRow, {"person": person}, values)
        )

    # The queue

    def queue(self, person: str, *, readers: int, rule: VerdictRule) -> tuple[QueueFacts, ...]:
        """Every épreuve of every dossier, from the columns alone, in one query."""
        rows = self._database.read(lambda session: queue_rows(session, person, readers, rule))
        return tuple(
            QueueFacts(
                assessment=self._state_of(body, dossier_id, epreuve),
                **figures,
            )
            for dossier_id, epreuve, body, figures in rows
        )

    def draft_facts(self, dossier_id: str, epreuve: str) -> dict[str, DraftFacts]:
        """The facts of each current draft of an épreuve, by criterion."""
        statement = select(CriterionFactsRow).filter_by(dossier_id=dossier_id, epreuve=epreuve)
        rows = self._database.read(lambda session: session.scalars(statement).all())
        return {
            row.criterion_id: DraftFacts(
                key=row.finding_key,
                verdict=Verdict(row.verdict) if row.verdict else None,
                contradicted=row.contradicted,
                rejected=row.rejected,
                coverage=row.coverage,
                starred=row.starred,
                touched=row.touched,
            )
            for row in rows
        }

    # What the methods above share

    def _state(self, row: AssessmentRow | None, dossier_id: str, epreuve: str) -> Assessment:
        return self._state_of(row.body if row else None, dossier_id, epreuve)

    def _state_of(self, body: str | None, dossier_id: str, epreuve: str) -> Assessment:
        if body is None:
            return Assessment(dossier_id=dossier_id, epreuve=epreuve)
        return self._load(Assessment, body, f"lecture {dossier_id} {epreuve}")

    def _sheet(self, row: WorksheetRow | None) -> Worksheet:
        return Worksheet() if row is None else self._load(Worksheet, row.body, row.criterion_id)

    def _load(self, kind: type[M], body: str, name: str) -> M:
        model = sql_json.load(kind, body)
        if model is None:
            raise StoreDamaged(
                f"{kind.__name__} {name} cannot be read",
                cause=f"l'enregistrement « {name} » est illisible",
                path=self._database.place.name,
            )
        return model


def _count(session: Session, place: dict[str, str]) -> int:
    return session.scalar(select(func.count(DecisionRow.id)).filter_by(**place)) or 0


def visit_of(row: VisitRow) -> Visit:
    """The visit that a row keeps."""
    return Visit(
        id=row.id,
        dossier_id=row.dossier_id,
        epreuve=row.epreuve,
        criterion_id=row.criterion_id,
        person=row.person,
        opened_at=row.opened_at,
        draft_shown=bool(row.draft_shown),
        seconds=row.seconds,
        looks=row.looks,
        outcome=row.outcome,
        untouched=bool(row.untouched),
    )


def _sheet_place(dossier_id: str, epreuve: str, criterion_id: str, author: str) -> dict[str, str]:
    return {
        "dossier_id": dossier_id,
        "epreuve": epreuve,
        "criterion_id": criterion_id,
        "author": author,
    }
