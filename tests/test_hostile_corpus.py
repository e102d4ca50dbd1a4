"""Hostile files through the real service: each ends as expected, in time, in its memory.

Nothing is fetched, nothing outside is read, nothing is left behind.
"""

import os
import random
import resource
import socket
import string
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.app.intake import open_folder
from assistant.dossiers import files_of
from assistant.rubric_loader import load_rubric_set
from assistant.settings import Settings
from ingest.errors import IngestError, ReadingCrashed, ReadingTimedOut
from ingest.isolation import DEFAULT_WORKERS, WorkerPool, shared_pool
from ingest.limits import ReadingLimits
from ingest.service import ReadingService
from ingest.types import Document, SourceFile
from ingest.wire import Job, Request
from tests import corpus_hostile as corpus
from tests.corpus_hostile import ARCHIVES, CORPUS, Hostile

#: What each file may cost at most: seconds of computing (a busy machine changes nothing), and of
#: waiting.
SECONDS = 10.0
WAITING_SECONDS = 60.0
MEMORY_MIB = 1024
SERVICE = ReadingService()
#: Seconds of mutation, in all: a longer budget is given by `make fuzz`.
FUZZ_SECONDS = float(os.environ.get("PREUVE_FUZZ_SECONDS", "20"))


@pytest.fixture(scope="module", autouse=True)
def traps():
    """A server that counts its visitors, and a secret file."""
    visits: list[str] = []
    server = socket.create_server(("127.0.0.1", corpus.BEACON_PORT))
    server.settimeout(0.2)
    stopped = threading.Event()

    def count() -> None:
        while not stopped.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            visits.append(connection.recv(200).decode(errors="replace"))
            connection.close()

    thread = threading.Thread(target=count)
    thread.start()
    secret = Path(corpus.SECRET_PATH)
    secret.write_text(corpus.SECRET, encoding="utf-8")
    yield visits
    stopped.set()
    thread.join()
    server.close()
    secret.unlink()
    assert visits == []


def memory_mib() -> float:
    """The most that the reading process held, if it is still there (Linux)."""
    peaks = []
    for pid in shared_pool(DEFAULT_WORKERS).idle_pids:
        status = Path(f"/proc/{pid}/status")
        if status.exists():
            peak = status.read_text(encoding="utf-8").partition("VmHWM:")[2].split()[0]
            peaks.append(int(peak) / 1024)
    return max(peaks, default=0.0)


def computing_seconds() -> float:
    """What the reading processes have computed so far, those that ended included (Linux)."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = ended.ru_utime + ended.ru_stime
    for pid in shared_pool(DEFAULT_WORKERS).idle_pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


@contextmanager
def within_the_limits() -> Iterator[None]:
    started, computed = time.monotonic(), computing_seconds()
    yield
    assert computing_seconds() - computed < SECONDS
    assert time.monotonic() - started < WAITING_SECONDS
    assert memory_mib() < MEMORY_MIB


def fate(name: str, data: bytes) -> Document | IngestError:
    """What comes of a file, within the limits."""
    with within_the_limits():
        try:
            return SERVICE.read(SourceFile.from_bytes(name, data))
        except IngestError as error:
            return error


def test_the_corpus_is_large_and_of_every_family():
    assert len(CORPUS) + len(ARCHIVES) >= 90
    assert len({hostile.name for hostile in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
def test_a_hostile_file_ends_as_expected(hostile: Hostile):
    result = fate(hostile.name, hostile.make())
    if hostile.refused is not None:
        assert isinstance(result, hostile.refused), result
        assert f"« {hostile.name} »" in result.user_message
        return
    assert isinstance(result, Document), result
    assert corpus.SECRET not in result.model_dump_json()
    for text in hostile.shown:
        assert text in result.text
    for text in hostile.hidden:
        assert text not in result.text
        assert any(text in span.text for span in result.hidden)
    for text in hostile.flagged:
        assert any(text in flag.text and not flag.visible for flag in result.flags)
    assert hostile.told in " ".join(result.warnings_fr).lower()
    assert corpus.GOOD in result.text or result.coverage < 1.0 or hostile.shown == ("",)


@pytest.mark.parametrize(
    ("name", "make", "given", "failing"), ARCHIVES, ids=[archive[0] for archive in ARCHIVES]
)
def test_a_hostile_archive_gives_what_is_good_and_names_the_rest(name, make, given, failing):
    archive = SourceFile.from_bytes(name, make())
    with within_the_limits():
        try:
            files, failures = SERVICE.unpack(archive)
        except IngestError as error:
            files, failures = (), (error,)
    assert [file.filename for file in files] == list(given)
    assert {failure.filename for failure in failures} == set(failing)
    assert not any(isinstance(failure, ReadingTimedOut | ReadingCrashed) for failure in failures)
    assert not any(corpus.SECRET.encode() in file.data for file in files)


@pytest.mark.slow
def test_a_file_cut_anywhere_is_read_or_refused_by_name():
    for name, data in corpus.truncated(20):
        result = fate(name, data)
        if isinstance(result, IngestError):
            assert not isinstance(result, ReadingTimedOut | ReadingCrashed), (name, len(data))
            assert name in result.user_message


def test_a_dossier_of_hostile_files_loses_none_of_the_good_ones(tmp_path):
    (tmp_path / "E1.2_note.txt").write_text(corpus.GOOD, encoding="utf-8")
    chosen = [hostile for hostile in CORPUS if hostile.refused is not None]
    for hostile in chosen:
        (tmp_path / hostile.name).write_bytes(hostile.make())
    os.mkfifo(tmp_path / "tube.docx")
    (tmp_path / "dossier.pdf").mkdir()
    (tmp_path / "lien.txt").symlink_to(corpus.SECRET_PATH)
    (tmp_path / "boucle").symlink_to(tmp_path)
    rubrics = load_rubric_set(Settings(_env_file=None).rubrics_path)
    dossier = open_folder(tmp_path, rubrics, max_bytes=200_000_000)
    assert [file.filename for file in dossier.files] == ["E1.2_note.txt"]
    assert {failure.filename for failure in dossier.failures} == {h.name for h in chosen}
    assert corpus.SECRET not in dossier.model_dump_json()
    assert len(files_of(tmp_path)) == len(chosen) + 1


def test_nothing_is_written_outside_the_working_folder_and_nothing_is_left_in_it(
    tmp_path, monkeypatch
):
    temporary, home, here = (tmp_path / name for name in ("tmp", "home", "here"))
    for folder in (temporary, home, here):
        folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(here)
    pool = WorkerPool(1)
    for hostile in (*corpus.WORD, *corpus.PAGES, *corpus.IMAGES):
        try:
            pool.run(Request(job=Job.READ, filename=hostile.name), hostile.make())
        except IngestError:
            continue
    assert [path.name.startswith("preuve-lecture-") for path in temporary.iterdir()] == [True]
    pool.close()
    left = [path for folder in (temporary, home, here) for path in folder.rglob("*")]
    assert left == []


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.docx",
        "/etc/cron.d/x.docx",
        "C:\\Windows\\x.docx",
        "a\nb.docx",
        "‮xcod.docx",
        "x" * 5000 + ".docx",
        "{0.__class__}.docx",
        "%s%n.docx",
        "<script>.docx",
    ],
    ids=lambda name: ascii(name[:20]),
)
def test_a_name_is_shown_and_never_used(name):
    document = SERVICE.read(SourceFile.from_bytes(name, corpus.spanning_cells(2)))
    assert document.filename == name
    with pytest.raises(IngestError) as caught:
        SERVICE.read(SourceFile.from_bytes(name, b"PK\x03\x04"))
    assert name in caught.value.user_message


# --- fuzzing ------------------------------------------------------------------------------------

SEEDS = [
    (hostile.name, hostile.make)
    for hostile in CORPUS
    if hostile.name
    in {
        "note-en-rond.docx",
        "externes.docx",
        "tres-masquee.xlsx",
        "programme.xlsx",
        "groupes.pptx",
        "espaces.odt",
        "cachottier.html",
        "quelques-crochets.md",
        "poupees.eml",
        "invisible.pdf",
        "actif.pdf",
        "table-en-rond.pdf",
    }
]


def mutated(data: bytes, luck: random.Random) -> bytes:
    """A few bytes changed, moved, repeated or lost."""
    changed = bytearray(data)
    for _ in range(luck.randint(1, 12)):
        at = luck.randrange(len(changed) or 1)
        match luck.randrange(5):
            case 0:
                changed[at : at + 1] = bytes([luck.randrange(256)])
            case 1:
                del changed[at : at + luck.randint(1, 40)]
            case 2:
                changed[at:at] = changed[at : at + luck.randint(1, 400)] * luck.randint(1, 5)
            case 3:
                changed[at : at + 4] = luck.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"-1  "))
            case _:
                number = str(luck.choice((0, -1, 2**31, 2**63, 10**20))).encode()
                changed[at : at + len(number)] = number
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.timeout(FUZZ_SECONDS + 280)
def test_a_mutated_file_never_escapes_its_limits():
    limits = ReadingLimits(seconds=9.0, seconds_per_mb=0)
    service = ReadingService(limits)
    luck = random.Random(os.environ.get("PREUVE_FUZZ_SEED", "0"))
    seeds = [(name, make()) for name, make in SEEDS]
    killed: list[tuple[str, str]] = []
    unnamed: list[str] = []
    tried, deadline = 0, time.monotonic() + FUZZ_SECONDS
    while time.monotonic() < deadline:
        name, data = luck.choice(seeds)
        broken = mutated(data, luck)
        tried += 1
        try:
            service.read(SourceFile.from_bytes(name, broken))
        except (ReadingTimedOut, ReadingCrashed) as error:
            killed.append((name, f"{error} {broken[:4000].hex()}"))
        except IngestError as error:
            if name not in error.user_message:
                unnamed.append(error.user_message)
    assert tried > FUZZ_SECONDS / 2
    assert killed == []
    assert unnamed == []


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    suffix=st.sampled_from([".txt", ".md", ".csv", ".html", ".eml"]),
    text=st.text(
        alphabet=st.one_of(
            st.sampled_from(list(string.printable + "éèàç«»€\u00a0\u200b\u202e\ufeff\ud800\0")),
            st.characters(codec="utf-8"),
        ),
        max_size=400,
    ),
)
def test_any_text_is_read_or_refused(suffix, text):
    data = text.encode("utf-8", "surrogatepass")
    service = ReadingService(isolated=False)
    try:
        document = service.read(SourceFile.from_bytes(f"note{suffix}", data))
    except IngestError:
        return
    assert "\0" not in document.text
    document.model_dump_json().encode()
    assert Document.model_validate_json(document.model_dump_json()) == document
