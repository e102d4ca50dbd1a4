"""Port `Grants`: who is linked to which épreuve of which dossier."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.adapters.sql_account_models import GrantRow
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_journal import SqlJournal
from assistant.adapters.sql_models import DossierRow
from assistant.domain.access import ASSIGNED, Grant, Link
from assistant.domain.journal import JournalEvent
from assistant.domain.person import Person
from assistant.errors import ReadingChanged


class SqlGrants:
    """Links in the database of the review store; a change of readers is journalled with it."""

    def __init__(self, database: Database, journal: SqlJournal) -> None:
        self._database = database
        self._journal = journal

    def grant(self, person_id: str, dossier_id: str, link: Link, epreuve: str = "") -> None:
        row = Grant(dossier_id=dossier_id, epreuve=epreuve, person_id=person_id, link=link)
        self._database.write(lambda work: work.merge(_row(row)))

    def withdraw(self, person_id: str, dossier_id: str, link: Link, epreuve: str = "") -> None:
        place = {
            "person_id": person_id,
            "dossier_id": dossier_id,
            "epreuve": epreuve,
            "link": link.value,
        }
        self._database.write(lambda work: work.execute(delete(GrantRow).filter_by(**place)))

    def assign(
        self,
        dossier_id: str,
        grants: Iterable[Grant],
        events: tuple[JournalEvent, ...],
        *,
        seen: Iterable[Grant],
    ) -> None:
        """Replace who reads and settles a dossier, with the events, in one transaction.

        Raises: `ReadingChanged` when that is no longer what was `seen`.
        """
        rows, expected = tuple(grants), frozenset(seen)
        given = (
            GrantRow.dossier_id == dossier_id,
            GrantRow.link.in_([link.value for link in ASSIGNED]),
        )

        def work(session: Session) -> tuple[None, tuple[JournalEvent, ...]]:
            # Two people who change the same dossier meet on its row.
            session.execute(select(DossierRow.id).filter_by(id=dossier_id).with_for_update())
            kept = session.scalars(select(GrantRow).where(*given)).all()
            if {_grant(row) for row in kept} != expected:
                raise ReadingChanged(f"others read {dossier_id} by now")
            session.execute(delete(GrantRow).where(*given))
            for row in rows:
                session.merge(_row(row))
            return None, events

        self._journal.write(work)

    def links(self, person: Person, dossier_id: str, epreuve: str | None = None) -> frozenset[Link]:
        statement = select(GrantRow.link).filter_by(person_id=person.id, dossier_id=dossier_id)
        if epreuve is not None:
            statement = statement.where(GrantRow.epreuve.in_(["", epreuve]))
        found = self._database.read(lambda work: work.scalars(statement).all())
        return frozenset(Link(link) for link in found)

    def linked(self, person: Person) -> dict[tuple[str, str], frozenset[Link]]:
        found: dict[tuple[str, str], set[Link]] = {}
        for grant in self._grants(person_id=person.id):
            found.setdefault((grant.dossier_id, grant.epreuve), set()).add(grant.link)
        return {place: frozenset(links) for place, links in found.items()}

    def all(self) -> tuple[Grant, ...]:
        return self._grants()

    def of_dossier(self, dossier_id: str) -> tuple[Grant, ...]:
        return self._grants(dossier_id=dossier_id)

    def _grants(self, **place: str) -> tuple[Grant, ...]:
        statement = (
            select(GrantRow)
            .filter_by(**place)
            .order_by(GrantRow.dossier_id, GrantRow.epreuve, GrantRow.person_id, GrantRow.link)
        )
        rows = self._database.read(lambda work: work.scalars(statement).all())
        return tuple(_grant(row) for row in rows)


def _grant(row: GrantRow) -> Grant:
    return Grant(
        dossier_id=row.dossier_id,
        epreuve=row.epreuve,
        person_id=row.person_id,
        link=Link(row.link),
    )


def _row(grant: Grant) -> GrantRow:
    return GrantRow(**grant.model_dump(mode="json"))
