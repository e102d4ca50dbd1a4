"""A file that kills, hangs or swells its reader costs that file, and no other."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

import ingest.errors
from ingest import wire
from ingest.errors import IngestError, ReadingCrashed, ReadingTimedOut, UnsupportedFormat
from ingest.isolation import WorkerPool
from ingest.limits import ReadingLimits
from ingest.types import Document
from ingest.wire import Failure, Job, Request

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and kernel limits")


@pytest.fixture(scope="module")
def pool():
    made = WorkerPool(1)
    yield made
    made.close()


def read(pool: WorkerPool, name: str, data: bytes, **limits: float) -> Document:
    request = Request(job=Job.READ, filename=name, limits=ReadingLimits(**limits))
    _, (document,) = pool.run(request, data)
    return Document.model_validate_json(document)


def good_text(pool: WorkerPool) -> str:
    return read(pool, "note.txt", b"Une note de cadrage.").text


def many_pages(count: int) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for page in range(count):
        for line in range(50):
            canvas.drawString(50, 800 - 15 * line, f"page {page}, ligne {line} du bilan")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def one_process(pool: WorkerPool) -> int:
    """The process that the next file of this pool goes to: no other pool's is touched."""
    (pid,) = pool.idle_pids
    return pid


def test_a_document_comes_back_as_it_was_read(pool):
    document = read(pool, "note.txt", "Première ligne.\n\nSeconde.".encode())
    assert [block.text for block in document.blocks] == ["Première ligne.", "Seconde."]
    assert document.filename == "note.txt"


def test_one_process_serves_the_following_files(pool):
    good_text(pool)
    before = pool.idle_pids
    good_text(pool)
    assert pool.idle_pids == before


@POSIX
def test_a_reader_that_computes_too_long_is_stopped_and_the_next_file_is_read(pool):
    started = time.monotonic()
    with pytest.raises(ReadingTimedOut) as caught:
        read(pool, "long.pdf", many_pages(200), seconds=0.5, seconds_per_mb=0)
    assert time.monotonic() - started < 20
    assert "« long.pdf »" in caught.value.user_message
    assert good_text(pool) == "Une note de cadrage."


@POSIX
def test_a_reader_that_hangs_without_computing_is_stopped_too(pool):
    good_text(pool)
    os.kill(one_process(pool), signal.SIGSTOP)
    with pytest.raises(ReadingTimedOut):
        read(pool, "figé.txt", b"abc", wall_seconds=1.0)
    assert good_text(pool) == "Une note de cadrage."


@POSIX
@pytest.mark.parametrize("fatal", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_reader_that_dies_costs_one_file(pool, fatal):
    good_text(pool)
    victim = one_process(pool)
    os.kill(victim, signal.SIGSTOP)  # so that it dies in the middle of the next file
    killer = threading.Timer(0.3, lambda: (os.kill(victim, fatal), os.kill(victim, signal.SIGCONT)))
    killer.start()
    with pytest.raises(ReadingCrashed) as caught:
        read(pool, "fatal.txt", b"abc")
    killer.join()
    assert "« fatal.txt »" in caught.value.user_message
    assert str(fatal.value) in caught.value.user_message
    assert good_text(pool) == "Une note de cadrage."


@POSIX
def test_a_process_that_died_between_two_files_costs_one_file_at_most(pool):
    good_text(pool)
    os.kill(one_process(pool), signal.SIGKILL)
    time.sleep(0.2)
    try:
        good_text(pool)
    except ReadingCrashed:
        pass
    assert good_text(pool) == "Une note de cadrage."


@POSIX
def test_a_reader_that_wants_too_much_memory_is_refused_it():
    pool = WorkerPool(1)
    lines = b"une ligne de texte assez longue pour peser\n\n" * 60_000
    try:
        with pytest.raises(ReadingCrashed) as caught:
            read(pool, "gros.txt", lines, memory_mb=192)
        assert "192 Mo" in caught.value.user_message
        assert good_text(pool) == "Une note de cadrage."
    finally:
        pool.close()


def test_a_process_that_grew_makes_way_for_a_fresh_one(pool):
    good_text(pool)
    before = pool.idle_pids
    read(pool, "gros.txt", b"mot " * 3_200_000)
    good_text(pool)
    assert pool.idle_pids != before


def test_files_are_read_at_the_same_time_up_to_the_number_of_processes():
    pool = WorkerPool(2)
    try:
        threads = [threading.Thread(target=good_text, args=(pool,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 1 <= len(pool.idle_pids) <= 2
    finally:
        pool.close()


def test_a_closed_pool_leaves_no_process_and_starts_again_when_used():
    pool = WorkerPool(1)
    good_text(pool)
    mine = one_process(pool)
    pool.close()
    assert pool.idle_pids == ()
    assert not Path(f"/proc/{mine}").exists()
    assert good_text(pool) == "Une note de cadrage."
    pool.close()


def test_an_expected_refusal_keeps_its_message(pool):
    with pytest.raises(UnsupportedFormat) as caught:
        read(pool, "jeu.exe", b"MZ")
    assert "« jeu.exe »" in caught.value.user_message
    assert ".docx" in caught.value.user_message


def every_error() -> list[type[IngestError]]:
    found = vars(ingest.errors).values()
    return [
        kind
        for kind in found
        if isinstance(kind, type) and issubclass(kind, IngestError) and kind is not IngestError
    ]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_every_error_crosses_between_processes_unchanged(kind):
    names = ("formats", "advice", "suffix", "actual", "size", "limit", "cause", "mend", "seconds")
    error = kind("détail", filename="a b.docx", **dict.fromkeys(names, "x"))
    crossed = Failure.model_validate_json(Failure.of(error).model_dump_json()).error()
    assert type(crossed) is kind
    assert crossed.user_message == error.user_message
    assert (str(crossed), crossed.filename) == ("détail", "a b.docx")


def test_only_ingestion_errors_can_come_back_from_a_reading_process():
    with pytest.raises(ValueError, match="ClassVar"):
        Failure(kind="ClassVar", detail="", filename="", fields={}).error()


def test_a_message_cut_short_is_told_from_a_whole_one():
    stream = io.BytesIO()
    wire.send(stream, Request(job=Job.READ, filename="a"), [b"12345"])
    whole = stream.getvalue()
    request, bodies = wire.receive(io.BytesIO(whole), Request)
    assert (request.filename, bodies) == ("a", [b"12345"])
    for length in range(len(whole)):
        with pytest.raises((EOFError, wire.struct.error)):
            wire.receive(io.BytesIO(whole[:length]), Request)


def test_a_reading_process_knows_no_key_and_none_of_the_folder_s_modules(tmp_path):
    """A `random.py` among a candidate's files is data, even when one works in that folder."""
    trap = tmp_path / "trace.txt"
    for module in ("random.py", "lxml.py", "numpy.py", "sitecustomize.py"):
        (tmp_path / module).write_text(f"open({str(trap)!r}, 'a').write('ran')", encoding="utf-8")
    root = Path(ingest.errors.__file__).resolve().parent.parent
    script = (
        "import sys, os; sys.path.insert(1, sys.argv[1]); sys.path.remove('')\n"
        "from ingest.isolation import WorkerPool, _environment\n"
        "from ingest.wire import Request, Job\n"
        "os.environ['PREUVE_LLM_API_KEY'] = 'secret'\n"
        "assert 'secret' not in _environment('.').values()\n"
        "pool = WorkerPool(1); pool.run(Request(job=Job.READ, filename='a.txt'), b'abc')\n"
        "pool.close(); print('lu')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert done.stdout.strip() == "lu"
    assert not trap.exists()


def test_a_reading_process_ends_with_the_application(tmp_path):
    root = Path(ingest.errors.__file__).resolve().parent.parent
    script = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "from ingest.isolation import shared_pool\n"
        "from ingest.wire import Request, Job\n"
        "pool = shared_pool(1); pool.run(Request(job=Job.READ, filename='a.txt'), b'abc')\n"
        "print(pool._idle[0].pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    assert list(tmp_path.iterdir()) == []


@POSIX
def test_a_copy_of_the_application_that_ends_takes_no_reading_process_with_it(tmp_path):
    script = (
        "import gc, os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from ingest.isolation import shared_pool\n"
        "from ingest.wire import Request, Job\n"
        "pool = shared_pool(1)\n"
        "def read(): pool.run(Request(job=Job.READ, filename='a.txt'), b'abc')\n"
        "read(); mine = pool.idle_pids\n"
        "if not (copy := os.fork()):\n"
        "    read(); assert pool.idle_pids != mine; gc.collect(); sys.exit()\n"
        "print(os.waitpid(copy, 0)[1], len(os.listdir(os.environ['TMPDIR'])))\n"
        "read(); print(pool.idle_pids == mine)"
    )
    root = Path(ingest.errors.__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.stdout.split() == ["0", "1", "True"], done.stderr
    assert list(tmp_path.iterdir()) == []
