"""Lays out office files as PDF pages with LibreOffice, where it is installed.

The program runs on a copy, alone in a temporary folder that is also its home and its profile: no
macro, no link, no network address is followed, and it is killed with all it started when its
time is over.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from ingest.types import SourceFile

#: What LibreOffice lays out. The rest has no pages.
OFFICE_SUFFIXES: Final = frozenset({".docx", ".pptx", ".xlsx", ".xlsm", ".odt", ".odp", ".ods"})
DEFAULT_SECONDS: Final = 90.0
#: Units: KiB of address space, which LibreOffice reserves lavishly.
_MEMORY_KIB: Final = 6 * 1024 * 1024
_CLOSED: Final = "http://127.0.0.1:9"

#: Settings of the profile: the strictest, whatever the machine's are. Links are updated never:
#: that is 0 for Writer and 1 for Calc.
_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"""  # noqa: E501 (one setting a line, as LibreOffice writes them)


class LayoutFailed(Exception):
    """The file was not laid out: the caller shows it another way."""


class OfficeLayout:
    """Turns office files into PDF. `cache` keeps the results, named by content."""

    def __init__(
        self, program: str, *, cache: Path | None = None, seconds: float = DEFAULT_SECONDS
    ) -> None:
        self._program = program
        self._cache = cache
        self._seconds = seconds

    def pdf(self, file: SourceFile) -> SourceFile:
        """The file's pages as a PDF of the same name. Raises: `LayoutFailed`."""
        name = f"{file.filename}.pdf"
        kept = self._cache / f"{file.sha256}.pdf" if self._cache else None
        if kept is not None and kept.is_file():
            return SourceFile.from_bytes(name, kept.read_bytes())
        data = self._converted(file)
        if kept is not None:
            _keep(kept, data)
        return SourceFile.from_bytes(name, data)

    def _converted(self, file: SourceFile) -> bytes:
        with tempfile.TemporaryDirectory(prefix="preuve-pages-") as folder:
            home = Path(folder)
            user = home / "profil" / "user"
            user.mkdir(parents=True)
            (user / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
            # A name of ours: the file's own is never used as a path.
            source = home / f"document{file.suffix}"
            source.write_bytes(file.data)
            self._run(home, source)
            made = source.with_suffix(".pdf")
            if not made.is_file():
                raise LayoutFailed("no PDF came out")
            return made.read_bytes()

    def _run(self, home: Path, source: Path) -> None:
        command = [
            self._program,
            f"-env:UserInstallation={(home / 'profil').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--nodefault",
            "--convert-to",
            "pdf",
            "--outdir",
            str(home),
            str(source),
        ]
        if sys.platform != "win32":
            command = ["sh", "-c", f'ulimit -v {_MEMORY_KIB}; exec "$0" "$@"', *command]
        process = subprocess.Popen(
            command,
            cwd=home,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(self._seconds)
        except subprocess.TimeoutExpired as error:
            raise LayoutFailed(f"not laid out after {self._seconds} s") from error
        finally:
            _kill_group(process)
        if code != 0:
            raise LayoutFailed(f"LibreOffice ended with {code}")


def find_office(*, cache: Path | None = None) -> OfficeLayout | None:
    """The installed LibreOffice; None when there is none."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    return OfficeLayout(program, cache=cache) if program else None


def _environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "PATHEXT")
    }
    # A closed port as proxy: a linked picture is not fetched.
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"), _CLOSED)
    return {**kept, **proxies, "HOME": str(home), "TMPDIR": str(home), "SAL_USE_VCLPLUGIN": "svp"}


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    """End the program and its children, which its own end does not always end."""
    if sys.platform == "win32":
        process.kill()
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


def _keep(path: Path, data: bytes) -> None:
    """Keep a result; a disk that refuses costs another layout, no more."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        return
