"""Accounts, sessions and log-ins, on a real database with a clock that the test moves."""

import threading
from datetime import datetime, timedelta

import pytest

from assistant.adapters.argon2_passwords import Argon2Passwords
from assistant.adapters.sql_accounts import SqlAccountStore
from assistant.adapters.sql_engine import Database
from assistant.adapters.sql_grants import SqlGrants
from assistant.adapters.sql_journal import SqlJournal
from assistant.app.accounts import Accounts
from assistant.domain.access import Link
from assistant.domain.account import (
    FREE_FAILURES_OF_ACCOUNT,
    FREE_FAILURES_OF_ADDRESS,
    Attempts,
    login_problem,
    password_problem,
    wait_after,
)
from assistant.domain.person import Person, Role
from assistant.errors import (
    AccountExists,
    AccountRefused,
    LoginFailed,
    LoginPaused,
    PasswordRefused,
    UnknownAccount,
)
from tests.sample_findings import MOMENT

PHRASE = "trois tortues lentes"
OTHER = "quatre chevaux gris"
HERE = "192.0.2.1"


class Moved:
    """A clock that stands still until moved."""

    def __init__(self) -> None:
        self.time = MOMENT

    def now(self) -> datetime:
        return self.time

    def pass_by(self, **spent: float) -> None:
        self.time += timedelta(**spent)


class Plain:
    """Port `Passwords` without the slowness: for the tests that are not about hashing."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def matches(self, password: str, kept: str) -> bool:
        return kept == f"plain:{password}"

    def is_weak(self, kept: str) -> bool:
        return False


@pytest.fixture
def clock():
    return Moved()


@pytest.fixture
def database(tmp_path):
    opened = Database(tmp_path / "preuve.sqlite3", busy_timeout=5)
    yield opened
    opened.close()


def accounts_on(database, clock, passwords=None):
    return Accounts(
        SqlAccountStore(database),
        passwords or Plain(),
        clock,
        SqlJournal(database),
        idle=timedelta(hours=2),
        absolute=timedelta(hours=12),
    )


@pytest.fixture
def accounts(database, clock):
    made = accounts_on(database, clock)
    made.add("Ada", "Ada Lovelace", Role.EVALUATOR, PHRASE)
    return made


def test_who_logs_in_is_known_by_the_session(accounts):
    token = accounts.log_in("  ADA ", PHRASE, HERE)
    assert accounts.of_session(token) == Person(id="ada", name="Ada Lovelace", role=Role.EVALUATOR)
    assert accounts.of_session(token + "x") is None
    assert accounts.of_session("") is None


def test_each_log_in_gives_another_token_and_the_store_holds_none_of_them(accounts, tmp_path):
    first, second = (accounts.log_in("ada", PHRASE, HERE) for _ in range(2))
    assert first != second
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert first.encode() not in written
    assert b"ada" in written
    assert HERE.encode() not in written


def test_a_session_ends_when_unused_or_after_its_time_or_at_log_out(accounts, clock):
    idle = accounts.log_in("ada", PHRASE, HERE)
    clock.pass_by(hours=2)
    assert accounts.of_session(idle) is None
    used = accounts.log_in("ada", PHRASE, HERE)
    for _ in range(11):
        clock.pass_by(hours=1)
        assert accounts.of_session(used) is not None
    clock.pass_by(hours=1)
    assert accounts.of_session(used) is None
    left = accounts.log_in("ada", PHRASE, HERE)
    accounts.log_out(left)
    assert accounts.of_session(left) is None


def test_a_clock_set_back_does_not_revive_a_session(accounts, clock):
    token = accounts.log_in("ada", PHRASE, HERE)
    clock.pass_by(hours=-3)
    assert accounts.of_session(token) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts: accounts.set_active("ada", False),
        lambda accounts: accounts.set_role("ada", Role.OPERATOR),
        lambda accounts: accounts.set_password("ada", OTHER),
    ],
)
def test_a_change_of_the_account_ends_its_sessions_at_once(accounts, change):
    token = accounts.log_in("ada", PHRASE, HERE)
    change(accounts)
    assert accounts.of_session(token) is None


def test_a_person_who_changes_their_password_keeps_one_new_session(accounts):
    old, other = (accounts.log_in("ada", PHRASE, HERE) for _ in range(2))
    person = accounts.of_session(old)
    with pytest.raises(LoginFailed):
        accounts.change_password(person, "pas le bon", OTHER, HERE)
    new = accounts.change_password(person, PHRASE, OTHER, HERE)
    assert accounts.of_session(old) is None
    assert accounts.of_session(other) is None
    assert accounts.of_session(new) == person
    with pytest.raises(LoginFailed):
        accounts.log_in("ada", PHRASE, HERE)


def test_a_refused_new_password_leaves_the_old_one(accounts):
    person = accounts.of_session(accounts.log_in("ada", PHRASE, HERE))
    with pytest.raises(PasswordRefused):
        accounts.change_password(person, PHRASE, "court", HERE)
    assert accounts.log_in("ada", PHRASE, HERE)


@pytest.mark.parametrize(("login", "password"), [("ada", "x" * 20), ("inconnue", PHRASE)])
def test_wrong_password_unknown_and_closed_account_are_told_alike(accounts, login, password):
    with pytest.raises(LoginFailed) as failed:
        accounts.log_in(login, password, HERE)
    accounts.set_active("ada", False)
    with pytest.raises(LoginFailed) as closed:
        accounts.log_in("ada", PHRASE, HERE)
    assert failed.value.user_message == closed.value.user_message


def test_an_account_without_a_password_is_opened_by_none(accounts):
    accounts.add("vouched", "Vouée", Role.ADMIN, None)
    for typed in ("", " ", "plain:"):
        with pytest.raises(LoginFailed):
            accounts.log_in("vouched", typed, HERE)
    assert accounts.vouched_for("VOUCHED").role is Role.ADMIN
    accounts.set_active("vouched", False)
    assert accounts.vouched_for("vouched") is None
    assert accounts.vouched_for("personne") is None


def test_failures_bring_a_growing_wait_even_for_the_right_password(accounts, clock):
    for _ in range(FREE_FAILURES_OF_ACCOUNT):
        with pytest.raises(LoginFailed):
            accounts.log_in("ada", "faux", HERE)
    with pytest.raises(LoginPaused) as paused:
        accounts.log_in("ada", PHRASE, "198.51.100.7")
    assert "30 s" in paused.value.user_message
    clock.pass_by(seconds=30)
    with pytest.raises(LoginFailed):
        accounts.log_in("ada", "faux", HERE)
    clock.pass_by(seconds=30)
    with pytest.raises(LoginPaused):
        accounts.log_in("ada", PHRASE, HERE)
    clock.pass_by(seconds=30)
    assert accounts.log_in("ada", PHRASE, HERE)
    with pytest.raises(LoginFailed):  # the slate is clean again
        accounts.log_in("ada", "faux", HERE)


def test_an_unknown_identifier_is_paused_like_a_known_one(accounts):
    for _ in range(FREE_FAILURES_OF_ACCOUNT):
        with pytest.raises(LoginFailed):
            accounts.log_in("inconnue", "faux", HERE)
    with pytest.raises(LoginPaused):
        accounts.log_in("inconnue", "faux", HERE)


def test_one_address_that_tries_many_identifiers_is_paused_and_others_are_not(accounts):
    for number in range(FREE_FAILURES_OF_ADDRESS):
        with pytest.raises(LoginFailed):
            accounts.log_in(f"essai{number}", "faux", HERE)
    with pytest.raises(LoginPaused):
        accounts.log_in("ada", PHRASE, HERE)
    assert accounts.log_in("ada", PHRASE, "198.51.100.7")


def test_an_office_that_logs_in_all_day_from_one_address_is_never_paused(accounts, clock):
    for _ in range(2 * FREE_FAILURES_OF_ADDRESS):
        assert accounts.log_in("ada", PHRASE, HERE)


def test_an_account_of_one_s_own_does_not_wash_away_the_failures_of_an_address(accounts):
    for number in range(FREE_FAILURES_OF_ADDRESS - 1):
        with pytest.raises(LoginFailed):
            accounts.log_in(f"essai{number}", "faux", HERE)
        accounts.log_in("ada", PHRASE, HERE)
    with pytest.raises(LoginFailed):
        accounts.log_in("encore", "faux", HERE)
    with pytest.raises(LoginPaused):
        accounts.log_in("ada", PHRASE, HERE)


def test_a_burst_of_simultaneous_attempts_gets_no_more_looks_than_one_by_one(database, clock):
    looks = []

    class Counting(Plain):
        def matches(self, password: str, kept: str) -> bool:
            looks.append(password)
            return super().matches(password, kept)

    accounts = accounts_on(database, clock, Counting())
    accounts.add("ada", "Ada", Role.EVALUATOR, PHRASE)

    def attempt() -> None:
        with pytest.raises((LoginFailed, LoginPaused)):
            accounts.log_in("ada", "faux", HERE)

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looks) == FREE_FAILURES_OF_ACCOUNT


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (8, 240), (10, 900), (500, 900)]
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(failures, seconds):
    assert wait_after(failures, 5).total_seconds() == seconds


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=365)])
def test_a_clock_set_back_keeps_nobody_out_longer_than_the_whole_wait(back):
    failed = Attempts(failures=500, last_at=MOMENT)
    assert failed.wait(MOMENT - back, FREE_FAILURES_OF_ACCOUNT) == timedelta(minutes=15)
    assert failed.wait(MOMENT + timedelta(minutes=14), FREE_FAILURES_OF_ACCOUNT) == timedelta(
        minutes=1
    )


def test_failures_are_forgotten_after_a_day():
    old = Attempts(failures=40, last_at=MOMENT)
    assert old.after_failure(MOMENT + timedelta(hours=25)).failures == 1


def test_two_accounts_share_neither_identifier_nor_name(accounts):
    with pytest.raises(AccountExists):
        accounts.add("ADA", "Une autre", Role.ADMIN, PHRASE)
    with pytest.raises(AccountExists):
        accounts.add("ada2", "ada  LOVELACE", Role.ADMIN, PHRASE)
    accounts.add("zoe", "Zoé Élan", Role.ADMIN, PHRASE)
    with pytest.raises(AccountExists):
        accounts.add("zoe2", "ZOÉ ÉLAN", Role.ADMIN, PHRASE)
    assert [account.id for account in accounts.all()] == ["ada", "zoe"]


@pytest.mark.parametrize("login", ["", "local", "a b", "é", "a/b", ".a", "x" * 65, "a\nb", "<b>"])
def test_an_identifier_that_could_mislead_is_refused(accounts, login):
    with pytest.raises(AccountRefused):
        accounts.add(login, "Nom", Role.ADMIN, PHRASE)


def test_an_ordinary_identifier_is_accepted():
    for login in ("ada", "a.lovelace@exemple.fr", "eval-01", "x"):
        assert login_problem(login) == ""


@pytest.mark.parametrize(
    "password",
    ["", "court", "aaaaaaaaaaaaaaa", "121212121212", "adalovelace2026", "motdepasse123", "x" * 257,
     "Azerty123456!"],
)  # fmt: skip
def test_a_password_easy_to_guess_is_refused(password):
    assert password_problem(password, "ada", "Ada Lovelace")


@pytest.mark.parametrize(
    "password", [PHRASE, "Vx9!kd72#pLq", "l'été à la mer, enfin", "日本語のながいことば合言葉です"]
)
def test_a_phrase_is_accepted(password):
    assert password_problem(password, "ada", "Ada Lovelace") == ""


def test_an_unknown_account_cannot_be_changed(accounts):
    with pytest.raises(UnknownAccount):
        accounts.set_active("personne", False)


def test_argon2_keeps_no_password_and_tells_right_from_wrong(accounts):
    passwords = Argon2Passwords()
    kept = passwords.hash("l'été à la mer")
    assert kept.startswith("$argon2id$")
    assert passwords.matches("l'e\u0301te\u0301 a\u0300 la mer", kept)  # typed on another keyboard
    assert not passwords.matches("l'ete a la mer", kept)
    assert not passwords.matches("", "")
    assert not passwords.matches("x", "not a hash")
    assert not passwords.is_weak(kept)


def test_a_hash_of_lighter_parameters_is_made_again_at_log_in(database, clock):
    from argon2 import PasswordHasher

    accounts = accounts_on(database, clock, Argon2Passwords())
    accounts.add("ada", "Ada", Role.EVALUATOR, PHRASE)
    light = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PHRASE)
    SqlAccountStore(database).save_hash("ada", light)
    token = accounts.log_in("ada", PHRASE, HERE)
    assert accounts.of_session(token) is not None
    assert accounts.find("ada").password_hash != light


def test_links_are_given_and_withdrawn_one_by_one(database, accounts):
    grants = SqlGrants(database, SqlJournal(database))
    ada = accounts.find("ada").person
    for link in (Link.OWNER, Link.EVALUATOR, Link.EVALUATOR):
        grants.grant("ada", "D-1", link)
    grants.grant("zoe", "D-1", Link.ARBITER)
    assert grants.links(ada, "D-1") == {Link.OWNER, Link.EVALUATOR}
    assert grants.linked(ada) == {("D-1", ""): {Link.OWNER, Link.EVALUATOR}}
    grants.withdraw("ada", "D-1", Link.OWNER)
    left = [(g.person_id, g.link) for g in grants.of_dossier("D-1")]
    assert left == [("ada", Link.EVALUATOR), ("zoe", Link.ARBITER)]
    assert grants.links(ada, "D-2") == frozenset()
