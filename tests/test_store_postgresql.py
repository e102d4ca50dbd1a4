"""The same store on a real PostgreSQL server, started for these tests when it is installed."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from assistant.adapters.sql_accounts import SqlAccountStore
from assistant.adapters.sql_assessments import SqlAssessmentStore
from assistant.adapters.sql_grants import SqlGrants
from assistant.adapters.sql_models import Base
from assistant.adapters.sql_retention import SqlRetention
from assistant.adapters.sql_schema import VERSION_TABLE
from assistant.adapters.sql_statistics import SqlDeskRecords
from assistant.adapters.sql_store import SqlReviewStore
from assistant.audit import verify
from assistant.domain.access import Link
from assistant.domain.account import Account, Session
from assistant.domain.assessment import AssessmentEvent, Worksheet
from assistant.domain.journal import JournalAction, JournalEvent
from assistant.domain.person import Role
from assistant.domain.verdict import Verdict, VerdictRule
from assistant.errors import (
    AccountExists,
    DecisionRefused,
    ReadingChanged,
    StoreServerUnavailable,
    StoreTooRecent,
)
from assistant.ports import DossierRecord
from tests.postgresql import ACCOUNT, new_database, running_server
from tests.sample_findings import MOMENT, decision, failure, finding
from tests.test_statistics import kept_at_the_desk, told_of_the_desk

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The socket folder of a private server."""
    with running_server() as folder:
        yield folder


@pytest.fixture
def url(server: str) -> str:
    """The address of a new, empty database."""
    return new_database(server)


@pytest.fixture
def store(url: str) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(url) as opened:
        yield opened


def test_everything_comes_back_as_it_was_kept(store: SqlReviewStore, url: str) -> None:
    kept = finding("k1", rationale="a\x00b \ud800 « é » %s %(x)s :nom")
    record = DossierRecord(
        id="D-1", label="a\x00", folder="/d", epreuves=("E9.1",), updated_at=MOMENT
    )
    ruled = decision(finding_key="k1")
    store.save_finding("D-1", kept)
    store.save_finding("D-1", finding("k1", rationale="Une autre fois."))
    store.save_finding("D-1", failure())
    store.append_decision(ruled)
    store.append_decision(decision(verdict=Verdict.MET))
    store.save_dossier(record)
    store.save_dossier(record)
    store.save_note("D-1", "E9.1", "c", "Anne", "brouillon\x00")

    with SqlReviewStore(url) as reopened:
        assert reopened.finding("k1") == kept
        assert reopened.current_findings("D-1", "E9.1") == {
            kept.criterion_id: kept,
            failure().criterion_id: failure(),
        }
        assert reopened.decisions("D-1", "E9.1") == (ruled, decision(verdict=Verdict.MET))
        assert reopened.dossiers() == (record,)
        assert reopened.note("D-1", "E9.1", "c", "Anne") == "brouillon\ufffd"


def test_a_decision_on_an_unknown_draft_is_refused(store: SqlReviewStore) -> None:
    with pytest.raises(DecisionRefused):
        store.append_decision(decision(finding_key="nowhere"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET verdict = 'acquis'",
        "DELETE FROM decisions",
        "TRUNCATE decisions",
        "UPDATE findings SET verdict = 'acquis'",
        "DELETE FROM findings",
    ],
)
def test_the_database_refuses_to_rewrite_history(
    store: SqlReviewStore, url: str, statement: str
) -> None:
    store.save_finding("D-1", finding("k1"))
    store.append_decision(decision(finding_key="k1"))
    outside = create_engine(url)

    with outside.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))
    outside.dispose()

    assert store.decisions("D-1", "E9.1") == (decision(finding_key="k1"),)


def test_the_migrations_make_the_tables_of_the_mappings(store: SqlReviewStore, url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()

    assert differences == []


def test_stores_opened_together_migrate_once_and_all_write(url: str) -> None:
    def work(worker: int) -> None:
        with SqlReviewStore(url) as store:
            for number in range(10):
                store.save_finding("D-1", finding(f"k{number}"))
                store.append_decision(decision(assessor=f"{worker}", comment=f"{number}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with SqlReviewStore(url) as store:
        decisions = store.decisions("D-1", "E9.1")
    assert len(decisions) == 60
    for worker in range(6):
        mine = [d.comment for d in decisions if d.assessor == f"{worker}"]
        assert mine == [f"{n}" for n in range(10)]


def test_a_database_from_a_newer_version_is_left_alone(store: SqlReviewStore, url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE preuve_schema SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StoreTooRecent):
        SqlReviewStore(url)


def test_a_database_that_is_not_there_is_said_without_the_password(server: str) -> None:
    with pytest.raises(StoreServerUnavailable) as refused:
        SqlReviewStore(f"postgresql://{ACCOUNT}:secret@/nulle_part?host={server}")

    assert "nulle_part" in refused.value.user_message
    assert "secret" not in refused.value.user_message + str(refused.value)


def test_what_is_past_its_time_is_found_and_forgotten(store: SqlReviewStore) -> None:
    store.save_dossier(
        DossierRecord(id="D-1", label="D", folder="/d", epreuves=(), updated_at=MOMENT)
    )
    old = JournalEvent(action=JournalAction.LOGIN, actor="Zoé", at=MOMENT - timedelta(days=9))
    store.journal.append(old)
    recent = MOMENT + timedelta(days=2)
    store.journal.append(
        JournalEvent(action=JournalAction.VIEW, actor="Zoé", at=recent, dossier_id="D-1")
    )
    retention = SqlRetention(store.database, store.journal)
    assert retention.last_uses() == {"D-1": recent}
    assert retention.old_entries(MOMENT) == 1
    told = JournalEvent(action=JournalAction.ERASURE, actor="Anne", at=MOMENT)
    assert retention.forget_entries(MOMENT, told) == 1
    assert retention.old_entries(MOMENT) == 0
    assert retention.forget_cohorts(["C"], told) == retention.forget_answers(["D-1"], told) == 0
    verification = verify(store.journal)
    assert (verification.faults, verification.erased) == ((), 1)


def test_a_server_that_does_not_answer_is_said() -> None:
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    with pytest.raises(StoreServerUnavailable) as refused:
        SqlReviewStore("postgresql://postgres@127.0.0.1:9/preuve")

    assert "127.0.0.1/preuve" in refused.value.user_message
    assert "ne répond pas" in refused.value.user_message


def test_the_desk_counts_locks_and_keeps_as_it_does_on_a_file(store: SqlReviewStore) -> None:
    desk = SqlAssessmentStore(store.database, store.journal)
    store.save_dossier(
        DossierRecord(id="D-1", label="d", folder="/d", epreuves=("E9.1",), updated_at=MOMENT)
    )
    store.save_finding("D-1", finding("k1"))
    store.save_finding("D-1", failure(criterion_id="E9.1/audit/CE2"))
    store.append_decision(decision(finding_key="k1"))
    sheet = desk.save_worksheet("D-1", "E9.1", "E9.1/audit/CE1", "Ada", Worksheet(to_review=True))
    (facts,) = desk.queue("Ada", readers=1, rule=VerdictRule())

    assert sheet.accepted
    assert (facts.drafted, facts.settled, facts.stale, facts.to_review) == (2, 1, 0, 1)
    event = AssessmentEvent(
        dossier_id="D-1", epreuve="E9.1", kind="finalise", person="Ada", at=MOMENT, sha256="ab"
    )
    with pytest.raises(ReadingChanged):
        desk.append_event(event, seen=0, decisions=0)
    desk.append_event(event, seen=0, decisions=1)
    with pytest.raises(DecisionRefused):
        store.append_decision(decision(finding_key="k1", reason="Encore."))


def test_accounts_sessions_and_pauses_are_kept_as_on_a_file(store: SqlReviewStore) -> None:
    accounts = SqlAccountStore(store.database)
    ada = Account(id="ada", name="Ada", role=Role.EVALUATOR, created_at=MOMENT)
    accounts.add(ada)
    with pytest.raises(AccountExists):
        accounts.add(ada)
    session = Session(token_hash="ab", account_id="ada", created_at=MOMENT, seen_at=MOMENT)
    accounts.open_session(session, stale_before=MOMENT)
    assert accounts.session("ab") == (session, ada)
    waits: list[float] = []

    def attempt() -> None:
        waits.append(accounts.count_attempt({"s": 3}, MOMENT, forgotten_before=MOMENT))

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0.0] * 3 + [30.0] * 5
    grants = SqlGrants(store.database, store.journal)
    grants.grant("ada", "D-1", Link.EVALUATOR, "E1.2")
    assert grants.links(ada.person, "D-1", "E1.2") == {Link.EVALUATOR}
    assert grants.links(ada.person, "D-1", "E3.1") == frozenset()
    accounts.replace(ada.model_copy(update={"active": False}))
    assert accounts.session("ab") is None


def test_the_statistics_read_drafts_origins_decisions_and_reopenings(store: SqlReviewStore) -> None:
    kept_at_the_desk(store)
    told_of_the_desk(SqlDeskRecords(store.database))
