"""What is kept is given back, and what cannot be kept is said in French."""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from assistant.adapters.clock import SystemClock
from assistant.adapters.sql_models import Base
from assistant.adapters.sql_schema import HEAD, VERSION_TABLE
from assistant.adapters.sql_store import SqlReviewStore
from assistant.domain.verdict import Verdict
from assistant.errors import (
    DecisionRefused,
    StoreBusy,
    StoreDamaged,
    StoreTooRecent,
    StoreUnavailable,
)
from assistant.ports import DossierRecord
from tests.sample_findings import MOMENT, decision, evidence, failure, finding, provenance

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534

HOSTILE = "a\x00b \ud800 « \u202e » <w:p/> '; DROP TABLE decisions; -- %s {} \n\t\U0001f600"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "données d'été" / "preuve.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(path) as opened:
        yield opened


def record(dossier_id: str = "D-1", *, days: int = 0, label: str = "cand-001") -> DossierRecord:
    return DossierRecord(
        id=dossier_id,
        label=label,
        folder="/dossiers/cand-001",
        epreuves=("E9.1",),
        manifest_json='{"a": "é"}',
        updated_at=MOMENT + timedelta(days=days),
    )


# What is kept


def test_a_finding_comes_back_exactly_as_it_was_kept(store: SqlReviewStore, path: Path) -> None:
    kept = finding("k1")
    store.save_finding("D-1", kept)

    with SqlReviewStore(path) as reopened:
        found = reopened.finding("k1")

    assert found == kept
    assert found is not None
    assert found.model_dump_json() == kept.model_dump_json()


def test_hostile_text_is_kept_as_it_is(store: SqlReviewStore) -> None:
    kept = finding("k1", rationale=HOSTILE, missing=(HOSTILE,))
    store.save_finding("D-1", kept)
    store.append_decision(decision(comment=HOSTILE, finding_key="k1"))
    store.save_dossier(record(label=HOSTILE))

    assert store.finding("k1") == kept
    assert store.decisions("D-1", "E9.1")[0].comment == HOSTILE
    assert store.dossier("D-1") == record(label=HOSTILE)


def test_the_first_finding_of_a_key_stays(store: SqlReviewStore) -> None:
    first, second = finding("k1"), finding("k1", rationale="Autre rédaction.")
    store.save_finding("D-1", first)
    store.save_finding("D-1", second)

    assert store.finding("k1") == first
    assert store.current_findings("D-1", "E9.1") == {first.criterion_id: first}


def test_the_last_draft_is_the_one_on_screen_and_the_others_stay(store: SqlReviewStore) -> None:
    old, new = finding("k1"), finding("k2", rationale="Refait.")
    store.save_finding("D-1", old)
    store.save_finding("D-1", new)

    assert store.current_findings("D-1", "E9.1") == {new.criterion_id: new}
    assert store.finding("k1") == old


def test_a_failure_is_shown_but_never_kept_as_an_answer(store: SqlReviewStore) -> None:
    failed = failure("E9.1/audit/CE1")
    store.save_finding("D-1", finding("k1"))
    store.save_finding("D-1", failed)

    assert store.current_findings("D-1", "E9.1") == {"E9.1/audit/CE1": failed}
    assert store.finding(failed.key) is None

    store.save_finding("D-1", finding("k1"))
    assert store.current_findings("D-1", "E9.1") == {"E9.1/audit/CE1": finding("k1")}


def test_dossiers_and_epreuves_do_not_see_each_other(store: SqlReviewStore) -> None:
    store.save_finding("D-1", finding("k1"))
    store.save_finding("D-2", finding("k2", criterion_id="E9.2/plan/CE1"))
    store.append_decision(decision(finding_key="k1"))

    assert store.current_findings("D-2", "E9.1") == {}
    assert store.current_findings("D-1", "E9.2") == {}
    assert store.decisions("D-2", "E9.1") == store.decisions("D-1", "E9.2") == ()


def test_decisions_come_back_in_the_order_they_were_made(store: SqlReviewStore) -> None:
    made = [
        decision(assessor=f"Juré {n}", decided_at=MOMENT - timedelta(seconds=n)) for n in range(20)
    ]
    for one in made:
        store.append_decision(one)

    assert store.decisions("D-1", "E9.1") == tuple(made)


def test_a_decision_on_an_unknown_draft_is_refused(store: SqlReviewStore) -> None:
    with pytest.raises(DecisionRefused, match="nowhere") as refused:
        store.append_decision(decision(finding_key="nowhere"))

    assert "n'est pas dans la base" in refused.value.user_message
    assert store.decisions("D-1", "E9.1") == ()


def test_dossiers_are_updated_in_place_and_listed_most_recent_first(
    store: SqlReviewStore,
) -> None:
    for one in (record("D-1"), record("D-2", days=2), record("D-3", days=1)):
        store.save_dossier(one)
    store.save_dossier(record("D-1", days=3, label="renommé"))

    assert [d.id for d in store.dossiers()] == ["D-1", "D-2", "D-3"]
    assert store.dossier("D-1") == record("D-1", days=3, label="renommé")
    assert store.dossier("D-9") is None


def test_what_is_being_typed_is_kept_until_it_is_cleared(store: SqlReviewStore) -> None:
    place = ("D-1", "E9.1", "E9.1/audit/CE1")
    assert store.note(*place, "Anne") == ""
    store.save_note(*place, "Anne", "à rev")
    store.save_note(*place, "Anne", "à revoir\x00")
    store.save_note(*place, "Bob", "autre")

    assert store.note(*place, "Anne") == "à revoir\ufffd"
    store.save_note(*place, "Anne", "")
    assert store.note(*place, "Anne") == ""
    assert store.note(*place, "Bob") == "autre"


def test_the_clock_knows_its_zone() -> None:
    assert SystemClock().now().utcoffset() is not None


# What the database itself refuses


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET verdict = 'acquis'",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT id, dossier_id, epreuve, criterion_id, 'Autre',"
        " action, verdict, finding_key, decided_at, body FROM decisions",
        "UPDATE findings SET verdict = 'acquis'",
        "DELETE FROM findings",
    ],
)
def test_the_database_refuses_to_rewrite_history(
    store: SqlReviewStore, path: Path, statement: str
) -> None:
    store.save_finding("D-1", finding("k1"))
    store.append_decision(decision(finding_key="k1"))
    outside = sqlite3.connect(path)
    outside.execute("PRAGMA foreign_keys = ON")

    with pytest.raises(sqlite3.IntegrityError):
        outside.execute(statement)
    outside.close()

    assert store.decisions("D-1", "E9.1") == (decision(finding_key="k1"),)
    assert store.finding("k1") == finding("k1")


def test_a_finding_cannot_be_replaced_from_outside(store: SqlReviewStore, path: Path) -> None:
    store.save_finding("D-1", finding("k1"))
    outside = sqlite3.connect(path)
    with outside:
        outside.execute(
            "INSERT OR REPLACE INTO findings SELECT key, dossier_id, epreuve, criterion_id,"
            " verdict, engine, created_at, '{}' FROM findings"
        )
    outside.close()

    assert store.finding("k1") == finding("k1")


# How the file is opened


def test_every_commit_waits_for_the_disk(store: SqlReviewStore, path: Path) -> None:
    with store._database._engine.connect() as connection:
        modes = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    assert modes == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    assert path.stat().st_mode & 0o077 == 0, "candidates' words are for the owner only"


def test_the_migrations_make_the_tables_of_the_mappings(store: SqlReviewStore, path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        differences = compare_metadata(context, Base.metadata)
        revision = context.get_current_revision()
    engine.dispose()

    assert differences == []
    assert revision == HEAD


def test_the_newest_migration_is_the_schema_of_this_version() -> None:
    config = Config()
    config.set_main_option("script_location", "assistant.adapters:migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_migration_cut_short_leaves_nothing_half_made(path: Path) -> None:
    path.parent.mkdir()
    blocker = sqlite3.connect(path)
    blocker.execute("CREATE TABLE preuve_schema (version_num VARCHAR(32) NOT NULL)")
    blocker.execute("CREATE TABLE notes (unexpected TEXT)")  # the last table of the migration
    blocker.commit()

    with pytest.raises(Exception, match="already exists"):
        SqlReviewStore(path)

    tables = {name for (name,) in blocker.execute("SELECT name FROM sqlite_master")}
    blocker.close()
    assert tables == {"preuve_schema", "notes"}


def test_a_database_from_a_newer_version_is_left_alone(store: SqlReviewStore, path: Path) -> None:
    store.close()
    outside = sqlite3.connect(path)
    with outside:
        outside.execute("UPDATE preuve_schema SET version_num = '9999'")
    outside.close()

    with pytest.raises(StoreTooRecent) as refused:
        SqlReviewStore(path)

    assert "plus récente" in refused.value.user_message
    assert "Mettez preuve à jour" in refused.value.user_message
    assert str(path) in refused.value.user_message


# What cannot be used


def test_a_file_that_is_no_database_is_named_and_left_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "notes.txt"
    target.write_text("Ceci n'est pas une base. " * 100, encoding="utf-8")

    with pytest.raises(StoreDamaged) as refused:
        SqlReviewStore(target)

    assert str(target) in refused.value.user_message
    assert target.read_text(encoding="utf-8").startswith("Ceci n'est pas une base.")


def test_another_program_s_database_is_not_taken_over(tmp_path: Path) -> None:
    target = tmp_path / "autre.sqlite3"
    other = sqlite3.connect(target)
    with other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")

    with pytest.raises(StoreDamaged, match="foreign tables") as refused:
        SqlReviewStore(target)

    assert "un autre logiciel" in refused.value.user_message
    tables = {name for (name,) in other.execute("SELECT name FROM sqlite_master")}
    other.close()
    assert tables == {"alembic_version"}


def test_a_corrupted_page_is_said(store: SqlReviewStore, path: Path) -> None:
    for number in range(60):
        store.save_finding("D-1", finding(f"k{number}", rationale="mot " * 400))
    store.close()
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 4096] = os.urandom(4096)
    path.write_bytes(content)

    with pytest.raises(StoreDamaged) as refused:
        _read_all(path, 60)
    assert str(path) in refused.value.user_message


def _read_all(path: Path, count: int) -> None:
    with SqlReviewStore(path) as store:
        for number in range(count):
            store.finding(f"k{number}")


def test_a_row_that_cannot_be_read_is_said_and_named(store: SqlReviewStore, path: Path) -> None:
    outside = sqlite3.connect(path)
    with outside:
        outside.execute(
            "INSERT INTO findings VALUES ('k1', 'D-1', 'E9.1', 'c', 'acquis', 'llm',"
            " '2026-01-01 00:00:00', '{\"tronqué')"
        )
    outside.close()

    with pytest.raises(StoreDamaged) as refused:
        store.finding("k1")
    assert "k1" in refused.value.user_message


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        SqlReviewStore(tmp_path)
    assert "ne peut pas être ouvert" in refused.value.user_message


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("x", encoding="utf-8")

    with pytest.raises(StoreUnavailable) as refused:
        SqlReviewStore(tmp_path / "fichier" / "preuve.sqlite3")
    assert str(tmp_path / "fichier") in refused.value.user_message


@contextmanager
def _without_privileges() -> Iterator[None]:
    """Root writes anywhere: become nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that an unprivileged user can reach (pytest's own are private)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_read_only_folder_is_said(shared_folder: Path) -> None:
    shared_folder.chmod(0o555)

    with _without_privileges(), pytest.raises(StoreUnavailable) as refused:
        SqlReviewStore(shared_folder / "preuve.sqlite3")
    shared_folder.chmod(0o755)

    assert str(shared_folder) in refused.value.user_message


def test_a_read_only_file_is_said_when_it_is_written(shared_folder: Path) -> None:
    path = shared_folder / "preuve.sqlite3"
    SqlReviewStore(path).close()
    path.chmod(0o444)

    with _without_privileges(), pytest.raises(StoreUnavailable) as refused:
        SqlReviewStore(path).append_decision(decision())

    assert str(shared_folder) in refused.value.user_message


def test_a_locked_database_is_waited_for_then_said(store: SqlReviewStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusy) as refused, SqlReviewStore(path, busy_timeout=0.05) as hasty:
        hasty.append_decision(decision())
    assert refused.value.retryable
    assert str(path) in refused.value.user_message

    released = threading.Timer(0.3, other.close)
    released.start()
    store.append_decision(decision())  # waits its turn
    released.join()
    assert len(store.decisions("D-1", "E9.1")) == 1


def test_a_reader_is_not_stopped_by_a_writer(store: SqlReviewStore, path: Path) -> None:
    store.append_decision(decision())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert len(store.decisions("D-1", "E9.1")) == 1
    other.close()


_FILL_THE_DISK = """
import sys
from assistant.adapters.sql_store import SqlReviewStore
from assistant.errors import StoreUnavailable
from tests.sample_findings import decision

store = SqlReviewStore(sys.argv[1])
kept = 0
try:
    while kept < 10_000:
        store.append_decision(decision(comment="mot " * 5000, assessor=f"Juré {kept}"))
        kept += 1
except StoreUnavailable as error:
    print(kept)
    print(error.user_message)
"""


def _fill(path: Path, *, limit_bytes: int | None) -> tuple[int, str]:
    def limit() -> None:
        if limit_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes))

    done = subprocess.run(
        [sys.executable, "-c", _FILL_THE_DISK, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=limit,
        timeout=120,
    )
    kept, _, message = done.stdout.partition("\n")
    return int(kept), message


def test_a_file_that_cannot_grow_loses_nothing_acknowledged(path: Path) -> None:
    path.parent.mkdir()
    kept, message = _fill(path, limit_bytes=2_000_000)

    assert kept > 10
    assert "La base de données ne peut pas être utilisée" in message
    with SqlReviewStore(path) as store:
        assert [d.assessor for d in store.decisions("D-1", "E9.1")] == [
            f"Juré {n}" for n in range(kept)
        ]


def test_a_full_disk_is_said_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    disk = tmp_path / "disque"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs privileges that this machine does not give")
    try:
        kept, message = _fill(disk / "preuve.sqlite3", limit_bytes=None)
        with SqlReviewStore(disk / "preuve.sqlite3") as store:
            found = len(store.decisions("D-1", "E9.1"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert kept > 10
    assert "le disque est plein" in message
    assert str(disk) in message
    assert found == kept


# Several at once


def test_threads_share_one_store(store: SqlReviewStore) -> None:
    def work(worker: int) -> None:
        for number in range(10):
            store.save_finding("D-1", finding(f"{worker}-{number}"))
            store.append_decision(decision(assessor=f"{worker}", comment=f"{number}"))
            store.finding("0-0")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    decisions = store.decisions("D-1", "E9.1")
    assert len(decisions) == 80
    for worker in range(8):
        mine = [d.comment for d in decisions if d.assessor == f"{worker}"]
        assert mine == [f"{n}" for n in range(10)]


_WORKER = """
import sys
from assistant.adapters.sql_store import SqlReviewStore
from tests.sample_findings import decision, finding

with SqlReviewStore(sys.argv[1]) as store:
    for number in range(15):
        store.save_finding("D-1", finding(f"shared-{number}"))
        store.append_decision(decision(assessor=sys.argv[2], comment=f"{number}"))
"""


def test_processes_that_open_a_new_database_together_all_write_to_it(path: Path) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(path), f"p{n}"], cwd=ROOT, stderr=subprocess.PIPE
        )
        for n in range(4)
    ]
    errors = [worker.communicate(timeout=120)[1].decode() for worker in workers]

    assert errors == [""] * 4
    with SqlReviewStore(path) as store:
        decisions = store.decisions("D-1", "E9.1")
        assert len(decisions) == 60
        for n in range(4):
            mine = [d.comment for d in decisions if d.assessor == f"p{n}"]
            assert mine == [f"{i}" for i in range(15)]
        assert all(store.finding(f"shared-{n}") is not None for n in range(15))


def test_threads_that_open_new_databases_together_migrate_each(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            with SqlReviewStore(tmp_path / f"{number % 3}.sqlite3") as store:
                store.append_decision(decision())
        except StoreUnavailable as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_review_of_two_hundred_criteria_is_read_at_once(store: SqlReviewStore) -> None:
    for number in range(40):
        store.save_finding(
            "D-1",
            finding(
                f"k{number}",
                criterion_id=f"E9.1/groupe/CE{number}",
                verdict=Verdict.MET,
                provenance=provenance(f"k{number}", engine="llm"),
                search=finding().search.model_copy(update={"nearest": (evidence("proche"),)}),
            ),
        )

    found = store.current_findings("D-1", "E9.1")
    assert len(found) == 40
    assert found["E9.1/groupe/CE7"].provenance.key == "k7"
