"""Who reads and who settles each épreuve: seen, given and taken back, each change journalled."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from assistant.app.accounts import People
from assistant.app.application import App
from assistant.app.desk_views import Reader
from assistant.app.workbench import Workbench
from assistant.domain.access import Action, Grant, Link, may
from assistant.domain.account import Account
from assistant.domain.assessment import AssessmentEvent, ReadingState
from assistant.domain.decision import HumanDecision, latest_by_assessor
from assistant.domain.journal import JournalAction, JournalEvent
from assistant.domain.readership import Change, after, assigned, people_of, refusal_fr
from assistant.errors import AssignmentRefused
from ingest.errors import UserFacingError
from ingest.types import Frozen

LINKS_FR: Final = {Link.EVALUATOR: "évaluation", Link.ARBITER: "arbitrage"}


class AssignmentLine(Frozen):
    """One épreuve of one dossier with the people who have it, by name.

    `holders`: who has begun, which may be nobody that it is entrusted to any more.
    """

    dossier_id: str
    epreuve: str
    state: ReadingState
    readers: tuple[str, ...]
    arbiters: tuple[str, ...]
    holders: tuple[str, ...]


class Wanted(Frozen):
    """Which épreuves are looked for. `lacking`: a seat of this kind that nobody has."""

    words: str = ""
    lacking: Link | None = None
    state: ReadingState | None = None

    def takes(self, line: AssignmentLine, seats: int) -> bool:
        """`seats`: how many people read an épreuve."""
        if self.state is not None and line.state is not self.state:
            return False
        if self.lacking is Link.EVALUATOR and len(line.readers) >= seats:
            return False
        if self.lacking is Link.ARBITER and line.arbiters:
            return False
        said = " ".join((line.dossier_id, line.epreuve, *line.readers, *line.arbiters)).casefold()
        return all(word in said for word in self.words.casefold().split())


class Candidate(Frozen):
    """Someone who may be given épreuves, and how many they have: to evaluate, to settle."""

    id: str
    name: str
    arbitrates: bool
    reads: int
    settles: int


class Outcome(Frozen):
    """How many changes were made, and why the others were not: (place, French sentence)."""

    done: int
    refused: tuple[tuple[str, str], ...]


class Assignments:
    """What an administrator does with readers and arbiters, and what anyone may be told of it."""

    def __init__(self, app: App, people: People) -> None:
        self._app = app
        self._people = people
        self._workbench = Workbench(app)

    def lines(self) -> tuple[AssignmentLine, ...]:
        """Every épreuve, the most recent dossier first."""
        names = {account.id: account.name for account in self._people.accounts.all()}
        grants: dict[str, list[Grant]] = {}
        for grant in self._people.grants.all():
            grants.setdefault(grant.dossier_id, []).append(grant)

        def named(dossier_id: str, epreuve: str, link: Link) -> tuple[str, ...]:
            found = people_of(grants.get(dossier_id, ()), epreuve, link)
            return tuple(names.get(person, person) for person in found)

        return tuple(
            AssignmentLine(
                dossier_id=line.dossier_id,
                epreuve=line.epreuve,
                state=line.state,
                readers=named(line.dossier_id, line.epreuve, Link.EVALUATOR),
                arbiters=named(line.dossier_id, line.epreuve, Link.ARBITER),
                holders=line.holders,
            )
            for line in self._workbench.queue(Reader(name="", decides=False))
        )

    def seats(self) -> int:
        """How many people read an épreuve."""
        return self._app.rubrics.certification.relecture.evaluateurs

    def candidates(self, lines: Sequence[AssignmentLine]) -> tuple[Candidate, ...]:
        """Who may be given épreuves, by name. `lines`: every épreuve."""
        reads = Counter(name for line in lines for name in line.readers)
        settles = Counter(name for line in lines for name in line.arbiters)
        found = (
            Candidate(
                id=account.id,
                name=account.name,
                arbitrates=may(account.role, Action.ARBITRATE),
                reads=reads[account.name],
                settles=settles[account.name],
            )
            for account in self._people.accounts.all()
            if account.active and may(account.role, Action.EVALUATE)
        )
        return tuple(sorted(found, key=lambda one: one.name.casefold()))

    def change(self, changes: Iterable[Change], actor: str) -> Outcome:
        """Make every change that may be made; the others are told one by one."""
        done, refused = 0, []
        for change in changes:
            try:
                self.make(change, actor)
                done += 1
            except UserFacingError as error:
                place = " ".join(part for part in (change.dossier_id, change.epreuve) if part)
                refused.append((place, error.user_message))
        return Outcome(done=done, refused=tuple(refused))

    def make(self, change: Change, actor: str) -> None:
        """Give an épreuve to someone, or take it back; what they decided there stays.

        A change that is made already does nothing. Raises: `AssignmentRefused`,
        `UnknownAccount`, `UnknownDossier`, `ReadingChanged` when someone else made another
        change meanwhile, `StoreUnavailable`.
        """
        account = self._people.accounts.find(change.person_id)
        change = change.model_copy(update={"person_id": account.id})
        epreuves = self._app.library.record(change.dossier_id).epreuves
        if change.epreuve and change.epreuve not in epreuves:
            known = ", ".join(epreuves) or "aucune"
            cause = f"le dossier ne répond pas à l'épreuve {change.epreuve} (épreuves : {known})."
            raise AssignmentRefused("no such épreuve", cause=cause)
        grants = self._people.grants.of_dossier(change.dossier_id)
        made = after(grants, change, epreuves)
        if cause := refusal_fr(made, change, account, epreuves, self.seats()):
            raise AssignmentRefused(cause, cause=cause)
        if made == frozenset(grants):
            return
        self._people.grants.assign(
            change.dossier_id,
            assigned(made),
            (self._event(change, actor),),
            seen=assigned(grants),
        )
        if not change.gives:
            self._leave_seat(change, account, actor, epreuves)

    def _event(self, change: Change, actor: str) -> JournalEvent:
        return JournalEvent(
            action=JournalAction.ASSIGNMENT,
            actor=actor,
            at=self._app.clock.now(),
            dossier_id=change.dossier_id,
            epreuve=change.epreuve,
            facts={
                "acte": "attribuée" if change.gives else "retirée",
                "compte": change.person_id,
                "pour": LINKS_FR[change.link],
            },
        )

    def _leave_seat(
        self, change: Change, account: Account, actor: str, epreuves: Sequence[str]
    ) -> None:
        """Free the seat of someone who no longer reads, where nothing that they ruled stands."""
        seats = ("first", "second") if change.link is Link.EVALUATOR else ("arbiter",)
        for epreuve in [change.epreuve] if change.epreuve else epreuves:
            assessment = self._workbench.assessment(change.dossier_id, epreuve)
            seat = assessment.seat_of(account.name)
            if seat not in seats or assessment.signature is not None:
                continue
            rulings = self._app.store.decisions(change.dossier_id, epreuve)
            if any(account.name in latest_by_assessor(own) for own in _by_criterion(rulings)):
                continue
            event = AssessmentEvent(
                dossier_id=change.dossier_id,
                epreuve=epreuve,
                kind="release",
                person=actor,
                at=self._app.clock.now(),
                seat=seat,
            )
            self._app.assessments.append_event(event, seen=assessment.version)


def _by_criterion(rulings: Iterable[HumanDecision]) -> Iterable[list[HumanDecision]]:
    found: dict[str, list[HumanDecision]] = {}
    for ruling in rulings:
        found.setdefault(ruling.criterion_id, []).append(ruling)
    return found.values()
