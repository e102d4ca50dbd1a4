"""Who reads and who arbitrates each épreuve of a dossier."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from assistant.adapters.sql_grants import SqlGrants
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app import App, Assignments, People, build_app, build_people
from assistant.domain.access import Action, Grant, Link, may
from assistant.domain.assessment import AssessmentEvent
from assistant.domain.certification import Relecture
from assistant.domain.journal import JournalAction
from assistant.domain.person import Person, Role
from assistant.domain.readership import Change, after
from assistant.errors import AssignmentRefused, ReadingChanged
from assistant.ports import DossierRecord
from tests.desk import EPREUVE
from tests.sample_findings import MOMENT
from tests.web import LIGHT, settings_for

ADA = Person(id="ada", name="Ada", role=Role.EVALUATOR)


def of_revision(path: Path, revision: str, *statements: str) -> None:
    """A database as an earlier version left it."""
    config = Config()
    config.set_main_option("script_location", "assistant.adapters:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_dossiers_entrusted_before_epreuves_were_stay_entrusted_whole(tmp_path: Path):
    path = tmp_path / "base.sqlite3"
    old = "INSERT INTO dossier_grants VALUES ('D-1', 'ada', 'evaluator')"
    of_revision(path, "0009", old)
    with SqlReviewStore(path) as store:
        grants = SqlGrants(store.database, store.journal)
        for epreuve in ("E1.2", "E3.1", None):
            assert grants.links(ADA, "D-1", epreuve) == {Link.EVALUATOR}


@pytest.mark.parametrize(
    ("epreuve", "links"), [("E1.2", {Link.EVALUATOR}), ("E3.1", set()), (None, {Link.EVALUATOR})]
)
def test_an_epreuve_entrusted_opens_no_other_of_the_same_dossier(tmp_path: Path, epreuve, links):
    with SqlReviewStore(tmp_path / "base.sqlite3") as store:
        grants = SqlGrants(store.database, store.journal)
        grants.grant("ada", "D-1", Link.EVALUATOR, "E1.2")
        assert grants.links(ADA, "D-1", epreuve) == links
        assert grants.linked(ADA) == {("D-1", "E1.2"): {Link.EVALUATOR}}


# What may be given to whom

EVA, ARB = Link.EVALUATOR, Link.ARBITER


@pytest.fixture
def app(tmp_path: Path) -> App:
    made = build_app(settings_for(tmp_path / "data"))
    certification = made.rubrics.certification
    relecture = Relecture.model_validate(certification.relecture.model_dump() | {"evaluateurs": 2})
    certification = certification.model_copy(update={"relecture": relecture})
    made.rubrics = made.rubrics.model_copy(update={"certification": certification})
    return made


@pytest.fixture
def people(app: App) -> People:
    made = build_people(app.settings, LIGHT)
    for login, role in (
        ("ada", Role.EVALUATOR),
        ("bob", Role.EVALUATOR),
        ("eve", Role.EVALUATOR),
        ("zoe", Role.ARBITER),
        ("yan", Role.ARBITER),
        ("max", Role.OPERATOR),
        ("lea", Role.ADMIN),
        ("tom", Role.CANDIDATE),
    ):
        made.accounts.add(login, login.title(), role, None)
    return made


@pytest.fixture
def dossier(app: App) -> str:
    record = DossierRecord(id="D-1", label="d", folder="/d", epreuves=(EPREUVE,), updated_at=MOMENT)
    app.store.save_dossier(record)
    return record.id


class Office:
    """The one who gives and takes, on one dossier."""

    def __init__(self, app: App, people: People, dossier: str) -> None:
        self.assignments = Assignments(app, people)
        self.dossier = dossier

    def give(self, person: str, link: Link = EVA, epreuve: str = EPREUVE) -> None:
        self._make(person, link, epreuve, gives=True)

    def take(self, person: str, link: Link = EVA, epreuve: str = EPREUVE) -> None:
        self._make(person, link, epreuve, gives=False)

    def _make(self, person: str, link: Link, epreuve: str, *, gives: bool) -> None:
        change = Change(
            dossier_id=self.dossier, epreuve=epreuve, person_id=person, link=link, gives=gives
        )
        self.assignments.make(change, "Lea")

    def refused(self, person: str, link: Link = EVA, epreuve: str = EPREUVE) -> str:
        with pytest.raises(AssignmentRefused) as told:
            self.give(person, link, epreuve)
        return told.value.user_message


@pytest.fixture
def office(app: App, people: People, dossier: str) -> Office:
    return Office(app, people, dossier)


def test_two_people_read_and_a_third_settles_and_no_more(office: Office):
    office.give("ada")
    office.give("bob", epreuve="")
    office.give("zoe", ARB)
    assert "2 personnes lisent" in office.refused("eve")
    assert "une seule personne arbitre" in office.refused("yan", ARB)
    (line,) = office.assignments.lines()
    assert (line.readers, line.arbiters) == (("Ada", "Bob"), ("Zoe",))


def test_nobody_settles_what_they_read_nor_reads_what_they_settle(office: Office):
    office.give("zoe")
    assert "personne n'arbitre ce qu'il a lu" in office.refused("zoe", ARB)
    office.give("yan", ARB, epreuve="")
    assert "personne n'arbitre ce qu'il a lu" in office.refused("yan")


@pytest.mark.parametrize("link", [EVA, ARB])
def test_whoever_deposited_a_dossier_neither_reads_nor_settles_it(
    office: Office, people: People, link: Link
):
    people.grants.grant("zoe", office.dossier, Link.OWNER)
    assert "a déposé ce dossier" in office.refused("zoe", link)


@pytest.mark.parametrize("action", [Action.DECIDE, Action.EVALUATE, Action.FINALISE])
def test_a_depositor_s_link_closes_what_another_link_would_open(action: Action):
    assert may(Role.EVALUATOR, action, {EVA})
    assert not may(Role.EVALUATOR, action, {EVA, Link.OWNER})
    assert may(Role.EVALUATOR, Action.READ_DOSSIER, {EVA, Link.OWNER})


@pytest.mark.parametrize("person", ["max", "lea", "tom"])
@pytest.mark.parametrize("link", [EVA, ARB])
def test_a_role_that_decides_nothing_is_given_nothing(office: Office, person: str, link: Link):
    assert "le rôle de" in office.refused(person, link)


def test_an_evaluator_is_no_arbiter_and_a_closed_account_is_given_nothing(
    office: Office, people: People
):
    assert "le rôle de Ada" in office.refused("ada", ARB)
    people.accounts.set_active("ada", False)
    assert "désactivé" in office.refused("ada")


def test_each_change_is_journalled_once_and_what_changes_nothing_is_not(office: Office, app: App):
    office.give("ada")
    office.give("ADA")
    office.take("ada")
    office.take("ada")
    told = [e.event for e in app.audit.entries() if e.action == JournalAction.ASSIGNMENT]
    assert [(e.actor, e.dossier_id, e.epreuve, e.facts) for e in told if e] == [
        ("Lea", office.dossier, EPREUVE, {"acte": acte, "compte": "ada", "pour": "évaluation"})
        for acte in ("attribuée", "retirée")
    ]


def test_a_change_thought_of_before_another_one_replaces_nothing(
    office: Office, people: People, dossier: str
):
    office.give("ada")
    mine = Grant(dossier_id=dossier, epreuve=EPREUVE, person_id="bob", link=EVA)
    with pytest.raises(ReadingChanged):
        people.grants.assign(dossier, {mine}, (), seen=())
    assert [g.person_id for g in people.grants.of_dossier(dossier)] == ["ada"]


def test_many_changes_are_made_as_far_as_they_may_be_and_the_others_are_told(office: Office):
    changes = [
        Change(dossier_id=dossier, epreuve=EPREUVE, person_id="ada", link=EVA)
        for dossier in ("D-absent", office.dossier)
    ]
    outcome = office.assignments.change(changes, "Lea")
    assert outcome.done == 1
    ((place, cause),) = outcome.refused
    assert place == f"D-absent {EPREUVE}"
    assert "inconnu" in cause


def test_an_epreuve_taken_from_a_whole_dossier_leaves_the_others():
    whole = Grant(dossier_id="D", epreuve="", person_id="ada", link=EVA)
    taken = Change(dossier_id="D", epreuve="E2", person_id="ada", link=EVA, gives=False)
    left = after([whole], taken, ("E1", "E2", "E3"))
    assert {g.epreuve for g in left} == {"E1", "E3"}
    everything = taken.model_copy(update={"epreuve": ""})
    assert after(left, everything, ("E1", "E2", "E3")) == frozenset()


def test_a_seat_without_a_ruling_is_free_again_for_whoever_follows(
    office: Office, app: App, dossier: str
):
    office.give("ada")
    taken = AssessmentEvent(
        dossier_id=dossier, epreuve=EPREUVE, kind="take", person="Ada", at=MOMENT, seat="first"
    )
    app.assessments.append_event(taken, seen=0)
    office.take("ada")
    assert app.assessments.assessment(dossier, EPREUVE).holders == ()
