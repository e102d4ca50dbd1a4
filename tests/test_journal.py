"""Whatever is touched in the journal, or in what it vouches for, is found."""

import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from assistant.adapters.journal_head import HeadFile
from assistant.adapters.sql_store import SqlReviewStore
from assistant.audit import Verification, verify
from assistant.domain.journal import (
    EMPTY_HEAD,
    JournalAction,
    JournalEvent,
    JournalHead,
    content_hash,
    following,
    header_hash,
    verify_chain,
)
from assistant.domain.verdict import Verdict
from tests.sample_findings import MOMENT, decision, failure, finding

SALT = "00" * 16


def event(number: int = 1, dossier_id: str = "D-1") -> JournalEvent:
    return JournalEvent(
        action=JournalAction.EXPORT,
        actor="Anne Martin",
        at=MOMENT,
        dossier_id=dossier_id,
        facts={"n": str(number)},
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "preuve.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(path, head_file=HeadFile(path.with_name("journal.tete"))) as opened:
        yield opened


def live(store: SqlReviewStore) -> None:
    """Drafts, failures, rulings and an export, on two dossiers."""
    for dossier in ("D-1", "D-2"):
        for number in (1, 2, 3):
            criterion = f"E9.1/audit/CE{number}"
            key = f"{dossier}-{number}"
            store.save_finding(dossier, finding(key, criterion_id=criterion))
            store.append_decision(decision(criterion, dossier_id=dossier, finding_key=key))
        store.save_finding(dossier, failure("E9.1/audit/CE4"))
        store.save_finding(dossier, finding(f"{dossier}-1b", criterion_id="E9.1/audit/CE1"))
        store.journal.append(event(1, dossier))


def test_a_draft_a_failure_a_ruling_and_an_export_are_each_written_once(store: SqlReviewStore):
    live(store)
    actions = [entry.action for entry in store.journal.entries("D-1")]
    assert actions == [
        *["proposition", "décision"] * 3,
        "échec",
        "proposition",
        "export",
    ]
    assert verify(store.journal).sound


def test_showing_the_same_draft_again_writes_nothing(store: SqlReviewStore):
    store.save_finding("D-1", finding("k"))
    before = store.journal.head()
    store.save_finding("D-1", finding("k"))
    assert store.journal.head() == before


def test_the_journal_holds_no_word_of_the_candidate(store: SqlReviewStore):
    live(store)
    kept = "".join(entry.content or "" for entry in store.journal.entries())
    assert "abonn" not in kept
    assert "inventé" not in kept


def test_drafts_and_rulings_older_than_the_journal_are_vouched_for_when_it_comes(
    store: SqlReviewStore, path: Path, tmp_path: Path
):
    live(store)
    store.close()
    old = tmp_path / "ancienne.sqlite3"
    before_the_journal(old)
    with closing(sqlite3.connect(old)) as base:
        base.execute("ATTACH ? AS recente", (str(path),))
        for table in ("findings", "current_findings", "decisions"):
            base.execute(f"INSERT INTO {table} SELECT * FROM recente.{table}")
        base.commit()
    with SqlReviewStore(old) as reopened:
        found = verify(reopened.journal)
    assert found.faults == ()
    assert found.entries == 14


def before_the_journal(path: Path) -> None:
    """A database of the revision that came just before the journal."""
    config = Config()
    config.set_main_option("script_location", "assistant.adapters:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    engine.dispose()


def test_a_chain_is_verified_with_nothing_but_sha256():
    first = following(EMPTY_HEAD, event(1), SALT)
    second = following(JournalHead(seq=1, hash=first.hash), event(2), SALT)
    assert list(verify_chain([first, second])) == []
    assert second.content is not None
    digest = content_hash(second.content, SALT)
    assert second.hash == header_hash(2, second.at, "export", digest, first.hash)


def test_cutting_the_end_off_is_found_by_the_head_kept_beside(store: SqlReviewStore, path: Path):
    live(store)
    tamper(path, "DELETE FROM journal WHERE seq >= (SELECT max(seq) FROM journal)")
    assert "tête" in faults(store)


def test_cutting_the_end_off_with_its_head_is_found_by_a_head_copied_elsewhere(
    store: SqlReviewStore, path: Path
):
    live(store)
    noted = store.journal.head()
    tamper(path, "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)")
    path.with_name("journal.tete").unlink()
    assert verify(store.journal).sound
    assert not verify(store.journal, expected=noted).sound


def test_a_rewritten_chain_is_found_by_the_head(store: SqlReviewStore, path: Path):
    live(store)
    head = EMPTY_HEAD
    rows = []
    for entry in store.journal.entries():
        forged = entry.event
        assert forged is not None
        if entry.seq == 3:
            forged = forged.model_copy(update={"actor": "Personne d'autre"})
        made = following(head, forged, SALT)
        head = JournalHead(seq=made.seq, hash=made.hash)
        rows.append(
            (made.content, made.salt, made.content_hash, made.previous, made.hash, made.seq)
        )
    with unguarded(path) as base:
        base.executemany(
            "UPDATE journal SET content=?, salt=?, content_hash=?, previous=?, hash=? WHERE seq=?",
            rows,
        )
    assert "tête" in faults(store)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE findings SET body = replace(body, 'local', 'global') WHERE key = 'D-1-2'",
        "UPDATE findings SET verdict = 'acquis' WHERE key = 'D-1-2'",
        "UPDATE decisions SET verdict = 'acquis' WHERE id = 2",
        "UPDATE decisions SET assessor = 'Une autre' WHERE id = 2",
        "DELETE FROM decisions WHERE id = 6",
        "INSERT INTO decisions SELECT 99, dossier_id, epreuve, criterion_id, assessor, action,"
        " verdict, finding_key, decided_at, body FROM decisions WHERE id = 1",
        "UPDATE current_findings SET finding_key = 'D-1-1'"
        " WHERE dossier_id = 'D-1' AND criterion_id = 'E9.1/audit/CE1'",
        "DELETE FROM current_findings WHERE criterion_id = 'E9.1/audit/CE2'",
    ],
)
def test_a_draft_or_a_ruling_changed_behind_the_journal_is_found(
    store: SqlReviewStore, path: Path, statement: str
):
    live(store)
    tamper(path, statement)
    assert not verify(store.journal).sound


@pytest.mark.slow
def test_every_one_of_a_thousand_random_mutations_is_found(tmp_path: Path, path: Path):
    with SqlReviewStore(path, head_file=HeadFile(path.with_name("journal.tete"))) as store:
        live(store)
    pristine = path.read_bytes()
    work = tmp_path / "essai.sqlite3"
    (tmp_path / "essai.tete").write_bytes(path.with_name("journal.tete").read_bytes())
    chance = random.Random(20261125)
    missed = []
    for number in range(1000):
        work.write_bytes(pristine)
        said = mutate(work, chance)
        with SqlReviewStore(work, head_file=HeadFile(tmp_path / "essai.tete")) as store:
            if verify(store.journal).sound:
                missed.append((number, said))
    assert missed == []


def test_the_database_itself_refuses_to_change_the_journal(store: SqlReviewStore, path: Path):
    live(store)
    for statement in (
        "UPDATE journal SET content = '{}' WHERE seq = 2",
        "UPDATE journal SET content = NULL, salt = NULL WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 2",
    ):
        with closing(sqlite3.connect(path)) as base, pytest.raises(sqlite3.IntegrityError):
            base.execute(statement)


def test_writers_in_several_threads_make_one_chain(store: SqlReviewStore):
    def write(dossier: str) -> None:
        for number in range(10):
            store.save_finding(dossier, finding(f"{dossier}{number}"))

    threads = [threading.Thread(target=write, args=(f"D-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(store.journal)
    assert found.sound
    assert found.entries == 40


def test_a_head_that_lags_behind_the_journal_is_no_fault(store: SqlReviewStore, path: Path):
    live(store)
    early = next(iter(store.journal.entries()))
    kept = JournalHead(seq=early.seq, hash=early.hash)
    path.with_name("journal.tete").write_text(kept.model_dump_json())
    assert verify(store.journal).sound


def test_what_was_overridden_says_so(store: SqlReviewStore):
    store.save_finding("D-1", finding("k"))
    store.append_decision(decision(verdict=Verdict.MET, finding_key="k"))
    last = list(store.journal.entries())[-1].event
    assert last is not None
    assert (last.facts["acte"], last.facts["appreciation"], last.facts["proposition"]) == (
        "override",
        Verdict.MET.value,
        Verdict.PARTIALLY_MET.value,
    )


def faults(store: SqlReviewStore) -> str:
    found: Verification = verify(store.journal)
    return " ; ".join(f.message_fr for f in found.faults)


class unguarded:  # noqa: N801  (reads as a sentence)
    """The database as someone with the file in hand sees it: without its triggers."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path)
        names = self._base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            self._base.execute(f"DROP TRIGGER {name}")

    def __enter__(self) -> sqlite3.Connection:
        return self._base

    def __exit__(self, *_: object) -> None:
        self._base.commit()
        self._base.close()


def tamper(path: Path, statement: str) -> None:
    with unguarded(path) as base:
        assert base.execute(statement).rowcount > 0


def mutate(path: Path, chance: random.Random) -> str:
    """Change one thing at random; says which, for the message of a failure."""
    kinds: list[Callable[[sqlite3.Connection, random.Random], str]] = [
        change_a_column,
        change_a_column,
        change_a_column,
        delete_an_entry,
        insert_an_entry,
        swap_two_entries,
        empty_an_entry,
    ]
    with unguarded(path) as base:
        return chance.choice(kinds)(base, chance)


def change_a_column(base: sqlite3.Connection, chance: random.Random) -> str:
    columns = "at action content_hash previous hash dossier_id content salt seq"
    column = chance.choice(columns.split())
    seq = chance.choice(places(base))
    (value,) = base.execute(f"SELECT {column} FROM journal WHERE seq = ?", (seq,)).fetchone()
    if column == "seq":
        base.execute("UPDATE journal SET seq = ? WHERE seq = ?", (chance.randint(50, 99), seq))
        return f"seq {seq}"
    position = chance.randrange(len(value))
    other = chance.choice([c for c in "0123456789abcdef" if c != value[position]])
    changed = chance.choice(
        [
            value[:position] + other + value[position + 1 :],
            value[:position] + value[position + 1 :],
            value[:position] + other + value[position:],
            value + " ",
            "",
        ]
    )
    base.execute(f"UPDATE journal SET {column} = ? WHERE seq = ?", (changed, seq))
    return f"{column} of {seq}: {changed!r}"


def delete_an_entry(base: sqlite3.Connection, chance: random.Random) -> str:
    seq = chance.choice(places(base))
    base.execute("DELETE FROM journal WHERE seq = ?", (seq,))
    if chance.random() < 0.5:
        base.execute("UPDATE journal SET seq = -(seq - 1) WHERE seq > ?", (seq,))
        base.execute("UPDATE journal SET seq = -seq WHERE seq < 0")
    return f"deleted {seq}"


def insert_an_entry(base: sqlite3.Connection, chance: random.Random) -> str:
    seq, last = chance.choice(places(base)), max(places(base))
    base.execute(
        "INSERT INTO journal SELECT ?, at, action, content_hash, previous, hash, dossier_id,"
        " content, salt FROM journal WHERE seq = ?",
        (last + 1, seq),
    )
    return f"inserted a copy of {seq}"


def swap_two_entries(base: sqlite3.Connection, chance: random.Random) -> str:
    one, other = chance.sample(places(base), 2)
    for before, after in ((one, -one), (other, one), (-one, other)):
        base.execute("UPDATE journal SET seq = ? WHERE seq = ?", (after, before))
    return f"swapped {one} and {other}"


def empty_an_entry(base: sqlite3.Connection, chance: random.Random) -> str:
    seq = chance.choice(places(base))
    base.execute("UPDATE journal SET content = NULL, salt = NULL WHERE seq = ?", (seq,))
    return f"emptied {seq}"


def places(base: sqlite3.Connection) -> list[int]:
    return [seq for (seq,) in base.execute("SELECT seq FROM journal ORDER BY seq")]
