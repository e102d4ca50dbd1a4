"""A missing setting, a full disk, a clock set back: the safe way, said in French, nothing lost."""

import errno
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.adapters.journal_head import HeadFile
from assistant.adapters.sql_store import SqlReviewStore
from assistant.audit import verify
from assistant.cli.common import write_file
from assistant.errors import DiskUnusable, SettingsInvalid, StoreUnavailable, disk_failure
from assistant.settings import Settings
from assistant.web import errors as web_errors
from tests.sample_findings import MOMENT, decision, finding
from tests.test_journal import event
from tools.loopback_llm import Behaviour, LoopbackServer

ROOT = Path(__file__).resolve().parent.parent

#: What an installation does when nobody has said anything: the least that can go wrong.
SAFE = {
    "judge": "embedded",
    "self_check_judge": "embedded",
    "llm_vision": "off",
    "llm_examples": 0,
    "llm_base_url": "",
    "embedding_model": "",
    "host": "127.0.0.1",
    "public_hosts": "",
    "trusted_proxies": "",
    "auth_header": "",
}
BOUNDED = (
    "max_file_mb", "max_pages", "max_unpacked_mb", "max_archive_files", "max_upload_mb",
    "max_image_megapixels", "reading_seconds", "reading_memory_mb", "reading_cache_mb",
    "llm_timeout_seconds", "llm_max_attempts", "llm_max_output_tokens", "session_idle_minutes",
    "session_hours", "self_check_per_day", "self_check_days",
)  # fmt: skip


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("PREUVE_")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize("name", SAFE)
def test_a_setting_that_nobody_gave_is_the_safe_one(name, unset):
    assert getattr(Settings(_env_file=None), name) == SAFE[name]
    unset.setenv(f"PREUVE_{name.upper()}", "")
    assert getattr(Settings(_env_file=None), name) == SAFE[name], "left empty is not given"


@pytest.mark.parametrize("name", BOUNDED)
def test_a_limit_that_nobody_gave_or_left_empty_still_limits(name, unset):
    default = getattr(Settings(_env_file=None), name)
    assert 0 < default < 10_000
    unset.setenv(f"PREUVE_{name.upper()}", "")
    assert getattr(Settings(_env_file=None), name) == default


@pytest.mark.parametrize("value", ["0", "-1", "sans limite", "inf", "nan"])
def test_a_limit_cannot_be_lifted_by_a_value_that_is_none(value, unset):
    for name in BOUNDED:
        unset.setenv(f"PREUVE_{name.upper()}", value)
    with pytest.raises(SettingsInvalid) as refused:
        Settings.load()
    for name in BOUNDED:
        assert f"PREUVE_{name.upper()} : " in refused.value.user_message


def test_a_wrong_setting_is_said_in_french(unset):
    for name, value in {"JUDGE": "gpt", "PORT": "99999", "LOCAL_ONLY": "peut-être"}.items():
        unset.setenv(f"PREUVE_{name}", value)
    with pytest.raises(SettingsInvalid) as refused:
        Settings.load()
    message = refused.value.user_message
    assert "PREUVE_JUDGE : la valeur « gpt » est inconnue (possibles : embedded, llm)" in message
    assert "PREUVE_PORT : « 99999 » est trop grand (au plus 65535)" in message
    assert "« peut-être » n'est ni vrai ni faux" in message


# The disk


def test_a_full_disk_is_told_from_any_other_error_of_the_system():
    full = disk_failure(OSError(errno.ENOSPC, "No space left on device", "/srv/preuve/x"))
    assert full is not None
    assert "il est plein" not in full.user_message
    assert "le disque est plein (« /srv/preuve/x »)" in full.user_message
    assert disk_failure(OSError(errno.ECONNRESET, "reset")) is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's always full device")
def test_an_export_on_a_full_disk_says_so_and_is_not_taken_for_written():
    with pytest.raises(DiskUnusable) as refused:
        write_file(Path("/dev/full"), b"grille")
    assert "le disque est plein" in refused.value.user_message


def test_a_page_that_meets_a_full_disk_says_so_and_not_where():
    web = FastAPI()
    web_errors.install(web)

    @web.get("/api/plein")
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/srv/preuve/depots/x")

    @web.get("/api/autre")
    def other() -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    client = TestClient(web, raise_server_exceptions=False)
    answer = client.get("/api/plein")
    assert answer.status_code == 507
    assert "le disque est plein" in answer.json()["erreur"]
    assert "/srv" not in answer.text
    assert client.get("/api/autre").status_code == 500


def test_a_journal_head_that_cannot_be_kept_is_said_and_the_decision_is_not_lost(tmp_path: Path):
    head = tmp_path / "tete" / "journal.tete"
    head.mkdir(parents=True)  # nothing can replace it
    with SqlReviewStore(tmp_path / "preuve.sqlite3", head_file=HeadFile(head)) as store:
        with pytest.raises(StoreUnavailable) as refused:
            store.save_finding("D-1", finding("k1"))
        assert "ne peut pas être utilisée" in refused.value.user_message
        head.rmdir()
        store.save_finding("D-1", finding("k1"))
        store.append_decision(decision(finding_key="k1"))
        assert len(store.decisions("D-1", "E9.1")) == 1
        assert verify(store.journal).sound
    assert [path.name for path in head.parent.iterdir()] == ["journal.tete"], "no draft is left"


# The clock


def test_a_journal_written_while_the_clock_went_back_still_holds(tmp_path: Path):
    with SqlReviewStore(tmp_path / "preuve.sqlite3") as store:
        for days in (0, -400, 3, -1):
            moved = event().model_copy(update={"at": MOMENT + timedelta(days=days)})
            store.journal.append(moved)
        assert verify(store.journal).sound
        assert [entry.seq for entry in store.journal.entries()] == [1, 2, 3, 4]


# The network

#: Loaded by every Python of the run: writes down each address that anything wants to reach.
_WITNESS = """
import os, sys
def heard(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo"):
        found = args[0] if event == "socket.getaddrinfo" else args[1]
        with open(os.environ["WITNESS"], "a", encoding="utf-8") as file:
            file.write(f"{found[0] if isinstance(found, tuple) else found}\\n")
sys.addaudithook(heard)
"""


def reached(tmp_path: Path, *arguments: str, **settings: str) -> set[str]:
    """Run a command; the hosts that it looked up or connected to."""
    (tmp_path / "sitecustomize.py").write_text(_WITNESS, encoding="utf-8")
    witness = tmp_path / "adresses.txt"
    witness.touch()
    environment = {name: value for name, value in os.environ.items() if "PREUVE" not in name}
    environment |= {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "WITNESS": str(witness),
        "PREUVE_DATA_DIR": str(tmp_path / "donnees"),
        **settings,
    }
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", *arguments],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return set(witness.read_text(encoding="utf-8").split())


@pytest.mark.slow
def test_a_whole_review_reaches_nothing_but_the_configured_address(tmp_path: Path, cohort: Path):
    review = "review", str(next(cohort.glob("cand-001*"))), "--epreuve", "E1.2"
    assert reached(tmp_path, *review) == set(), "the embedded engine reaches nothing at all"
    with LoopbackServer(Behaviour()) as server:
        found = reached(
            tmp_path,
            *(*review, "--judge", "llm"),
            PREUVE_LLM_MODEL="essai",
            PREUVE_LLM_BASE_URL=server.url,
        )
    assert found == {"127.0.0.1"}
