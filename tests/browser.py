"""A real headless Chromium and a real server, for tests that look at the page."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic "
    "--disable-background-networking --disable-component-update --disable-sync --no-first-run"
).split()

expect.set_options(timeout=60_000)  # what is waited for comes at once; a loaded machine does not


def chromium() -> str:
    """The installed browser; the test is skipped, with the reason, where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium here: apt install chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield opened
        opened.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """The page, served by `preuve ui` in a process of its own."""

    COMMAND = ("-m", "assistant.cli", "ui")

    def __init__(self, data_dir: Path, log: Path, **settings: str) -> None:
        self.port = free_port()
        self._settings = settings
        self.data_dir = data_dir
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PREUVE_")} | {
            "PREUVE_DATA_DIR": str(self.data_dir),
            "PREUVE_PORT": str(self.port),
            **self._settings,
            "PYTHONPATH": str(ROOT),
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self.COMMAND],
                env=environment,
                cwd=self.data_dir.parent,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.3)
        raise AssertionError(self._log.read_text(encoding="utf-8", errors="replace"))

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(30)


def watch_requests(page: Page) -> list[str]:
    """Collects every request that leaves this machine."""
    strays: list[str] = []

    def see(request: object) -> None:
        url = getattr(request, "url", "")
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            strays.append(url)

    page.on("request", see)
    return strays
