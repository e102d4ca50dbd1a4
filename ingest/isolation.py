"""Runs the reading of untrusted files in processes of their own, within limits.

A parser that crashes, hangs or swells costs one file: its process is killed and the next file
gets a fresh one. Processes are started when first needed, kept for the following files, and
know neither the environment's keys nor the working folder.

Computing time and memory are limited by the kernel on POSIX systems (`ingest.worker`; macOS
does not enforce the memory). On Windows only a time-out holds, some times the computing allowed.

A copy of this process made by `fork` has no reading process: those of the original stay its own,
and the copy's end (it runs the same exit handlers) ends none of them.
"""

import atexit
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from weakref import WeakSet

from ingest.errors import IngestError, ReadingCrashed, ReadingTimedOut
from ingest.limits import ReadingLimits
from ingest.wire import Reply, Request, receive, send

_LOG: Final = logging.getLogger(__name__)
DEFAULT_WORKERS: Final = 2
_MODULE: Final = "ingest.worker"
#: As in `ingest.worker`, not imported: that module is the other process's.
_OUT_OF_MEMORY: Final = 77
_FOLDER_PREFIX: Final = "preuve-lecture-"
_PROFILING_TIMER: Final = getattr(signal, "SIGPROF", None)
#: What Rust and C++ libraries say before they abort.
_ALLOCATION_FAILED: Final = ("memory allocation of", "bad_alloc", "Out of memory")
_LAST_WORDS_SECONDS: Final = 2.0
_LONGEST_TRACE: Final = 4000
#: Where computing cannot be told from waiting (Windows): text recognition is done while waiting.
_TIMES_THE_COMPUTING: Final = 10
#: All of the environment that a reader may need.
_KEPT_VARIABLES: Final = frozenset(
    "PATH LANG LC_ALL LC_CTYPE TZ SYSTEMROOT WINDIR COMSPEC PATHEXT TESSDATA_PREFIX "
    "LD_LIBRARY_PATH DYLD_LIBRARY_PATH COVERAGE_PROCESS_START".split()
)


class _Died(Exception):
    """The process ended in the middle of a job, with that exit code (negative: a signal)."""

    def __init__(self, code: int, trace: str) -> None:
        super().__init__(f"exit code {code}")
        self.code = code
        self.trace = trace


class _Worker:
    """One reading process."""

    def __init__(self) -> None:
        # The process removes it too, when this one is no longer there to do it. No object that
        # removes it when collected: a copy of this process would collect it as well.
        self._folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX))
        self._stderr_path = self._folder / "stderr.log"
        with self._stderr_path.open("wb") as stderr:
            self._process = subprocess.Popen(
                # -P: the working folder may hold a candidate's files, and Python would import
                # a `random.py` from there.
                [sys.executable, "-P", "-X", "utf8", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self._folder,
                env=_environment(str(self._folder)),
                start_new_session=True,
            )
        self.retired = False

    def ask(self, request: Request, data: bytes) -> tuple[Reply, list[bytes]]:
        """Have a job done. Raises: `_Died`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            send(self._process.stdin, request, [data])
            reply, bodies = receive(self._process.stdout, Reply)
        except (OSError, EOFError, ValueError) as error:
            raise _Died(self._ended(), self._trace()) from error
        self.retired = reply.retiring
        return reply, bodies

    def _ended(self) -> int:
        """The exit code of a process that has stopped answering, left the time to tell why."""
        deadline = time.monotonic() + _LAST_WORDS_SECONDS
        while time.monotonic() < deadline and not _has_exited(self._process.pid):
            time.sleep(0.01)
        self.kill()
        return self._process.wait()

    def kill(self) -> None:
        """End the process and those it started (text recognition)."""
        # On POSIX the group outlives its leader, and the leader's number is not given again
        # before `wait`, which only `close` and `ask` call after this.
        if sys.platform == "win32":
            self._process.kill()
        elif self._process.returncode is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self) -> None:
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not yet written to a dead process
                    pass
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        return self._process.pid

    def _trace(self) -> str:
        return self._stderr_path.read_text(encoding="utf-8", errors="replace")[-_LONGEST_TRACE:]


class WorkerPool:
    """A few reading processes, shared by the threads of the application."""

    def __init__(self, workers: int = DEFAULT_WORKERS) -> None:
        self.size = workers
        self._begin()
        _POOLS.add(self)

    def _begin(self) -> None:
        """Know no process, at first and in a copy of this process."""
        self._slots = threading.BoundedSemaphore(self.size)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []

    def run(self, request: Request, data: bytes) -> tuple[Reply, list[bytes]]:
        """Do a job in one of the processes, waiting for a free one.

        Raises: `ReadingTimedOut`, `ReadingCrashed`, or the `IngestError` that the job ended in.
        """
        limits = request.limits
        seconds = _wall_seconds(limits, len(data))
        with self._slots, self._worker() as worker, _time_out(worker, seconds) as is_late:
            try:
                reply, bodies = worker.ask(request, data)
            except _Died as death:
                late_after = seconds if is_late() else None
                raise _explained(death, request, len(data), late_after) from death
        if reply.failure is not None:
            raise reply.failure.error()
        return reply, bodies

    @property
    def idle_pids(self) -> tuple[int, ...]:
        """The processes of this pool that wait for a file."""
        with self._lock:
            return tuple(worker.pid for worker in self._idle)

    def close(self) -> None:
        """End the idle processes; the pool starts others when it is used again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        """An idle process, or a new one; it is kept only when the job ended well."""
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        if worker is None:
            worker = _Worker()
        kept = False
        try:
            yield worker
            kept = not worker.retired
        finally:
            if kept:
                with self._lock:
                    self._idle.append(worker)
            else:
                worker.close()


_POOLS: Final[WeakSet[WorkerPool]] = WeakSet()


def _leave_the_processes_to_the_original() -> None:
    for pool in _POOLS:
        pool._begin()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_leave_the_processes_to_the_original)


def _has_exited(pid: int) -> bool:
    """Whether a child has exited, without taking note of it: its number stays its own."""
    if sys.platform == "linux":
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return False


@cache
def shared_pool(workers: int) -> WorkerPool:
    """The pool of this process, ended with it."""
    pool = WorkerPool(workers)
    atexit.register(pool.close)
    return pool


def _wall_seconds(limits: ReadingLimits, size: int) -> float:
    if sys.platform != "win32":
        return limits.wall_seconds
    return min(limits.wall_seconds, _TIMES_THE_COMPUTING * limits.computing_seconds(size))


@contextmanager
def _time_out(worker: _Worker, seconds: float) -> Iterator[Callable[[], bool]]:
    """Kill the process when the time is over; gives what tells whether that happened."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        worker.kill()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield late.is_set
    finally:
        timer.cancel()


def _explained(death: _Died, request: Request, size: int, late_after: float | None) -> IngestError:
    limits, name = request.limits, request.filename
    computed_too_long = _PROFILING_TIMER is not None and death.code == -_PROFILING_TIMER
    if late_after is not None or computed_too_long:
        allowed = late_after or limits.computing_seconds(size)
        return ReadingTimedOut(f"{allowed} s", filename=name, seconds=f"{allowed:.0f}")
    cause = _cause_fr(death, limits)
    # Only places in the code: the worker writes no message that could quote the file.
    _LOG.error("the reading process ended with code %d\n%s", death.code, death.trace)
    return ReadingCrashed(f"exit code {death.code}", filename=name, cause=cause)


def _cause_fr(death: _Died, limits: ReadingLimits) -> str:
    last = death.trace.strip().rpartition("\n")[2]
    if death.code == _OUT_OF_MEMORY or any(sign in death.trace for sign in _ALLOCATION_FAILED):
        return f"plus de {limits.memory_mb} Mo de mémoire demandés"
    if death.code < 0:
        return f"arrêt brutal, signal {-death.code}"
    if last == "RecursionError":
        return "éléments imbriqués trop profondément"
    return f"erreur imprévue {last}" if last.isidentifier() else "erreur imprévue"


def _environment(folder: str) -> Mapping[str, str]:
    """What a reading process knows of the environment: no key, no address, no home."""
    kept = {name: value for name, value in os.environ.items() if name.upper() in _KEPT_VARIABLES}
    root = Path(__file__).resolve().parent.parent
    here = Path.cwd()
    packages = [path for path in sys.path if path and Path(path) != here]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys([str(root), *packages])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": folder,
        "TEMP": folder,
        "TMP": folder,
        # One thread: several would reserve address space that counts as memory.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }
