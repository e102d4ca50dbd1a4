"""A process that does nothing but open untrusted files, one after the other.

Started by `ingest.isolation` with pipes for standard input and output, few environment variables
(no key) and a temporary folder of its own. On POSIX systems, each job runs under a limit of
memory and of computing time that the kernel enforces, whatever native code is running; on
Windows, only the time-out of the parent process holds.
"""

import os
import shutil
import signal
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final

from ingest.jobs import run
from ingest.limits import ReadingLimits
from ingest.wire import Request, receive, send

#: Exit code: the job asked for more memory than it may have.
OUT_OF_MEMORY: Final = 77
#: How the parent names the folder that it gives this process as working folder.
FOLDER_PREFIX: Final = "preuve-lecture-"
_MIB: Final = 1024 * 1024
#: After so many files, or once so large, the process makes way for a fresh one.
_MOST_JOBS: Final = 100
_LARGE_MIB: Final = 256
#: Units: bytes that one file written by a reader (an image for text recognition) may have.
_LARGEST_WRITTEN: Final = 512 * _MIB
#: The parent's time-out comes first; this one holds when the parent has died.
_GRACE_SECONDS: Final = 5.0


def main() -> None:
    """Answer requests until the other side closes the pipe."""
    _take_the_signals()
    source, sink = _take_the_pipes()
    sys.excepthook = _tell_where
    served = 0
    while True:
        try:
            request, (data,) = receive(source, Request)
        except EOFError:
            _leave_nothing()
            return
        served += 1
        _limit(request.limits, len(data))
        try:
            reply, bodies = run(request, data)
            _unlimit_time()
            retiring = served >= _MOST_JOBS or _peak_mib() > _LARGE_MIB
            send(sink, reply.model_copy(update={"retiring": retiring}), bodies)
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        if retiring:
            return


def _leave_nothing() -> None:
    """Remove this process's folder: a parent that was killed has not done it."""
    folder = Path.cwd()
    # Started by hand, this process has no folder of its own.
    if folder.name.startswith(FOLDER_PREFIX):
        os.chdir(folder.parent)
        shutil.rmtree(folder, ignore_errors=True)


def _take_the_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for messages: what a library prints goes to standard error."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return source, sink


if sys.platform == "win32":

    def _take_the_signals() -> None:
        """No such timers here."""

    def _limit(limits: ReadingLimits, size: int) -> None:
        """No such limits here: the parent's time-out is the only one."""

    def _unlimit_time() -> None:
        """Nothing to undo."""

    def _peak_mib() -> float:
        return 0.0

else:
    import resource

    def _take_the_signals() -> None:
        """The timers' signals end the process, whatever the parent does with them."""
        for number in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)

    def _limit(limits: ReadingLimits, size: int) -> None:
        """Set what the kernel enforces: computing time (SIGPROF ends the process), memory.

        A timer rather than RLIMIT_CPU: text recognition runs in child processes, which would
        inherit the limit and have a time-out of their own.
        """
        memory = limits.memory_mb * _MIB
        for what, most in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, _LARGEST_WRITTEN),
            (resource.RLIMIT_CORE, 0),
        ):
            hard = resource.getrlimit(what)[1]
            soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (soft, hard))
        signal.setitimer(signal.ITIMER_PROF, limits.computing_seconds(size))
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds + _GRACE_SECONDS)

    def _unlimit_time() -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _peak_mib() -> float:
        """The most memory this process held."""
        try:
            # On Linux, `ru_maxrss` starts from what the parent held when it forked.
            status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
            return int(status.partition("VmHWM:")[2].split()[0]) / 1024
        except (OSError, IndexError, ValueError):
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return peak / (_MIB if sys.platform == "darwin" else 1024)


def _tell_where(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Where the code failed, on standard error, without the message: it may quote the file."""
    for frame in traceback.extract_tb(trace):
        print(f"  {frame.filename}:{frame.lineno} {frame.name}", file=sys.stderr)
    print(kind.__name__, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
