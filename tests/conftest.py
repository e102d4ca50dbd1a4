"""Fixtures shared by all tests. No test reaches beyond this machine."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import silence_libraries

silence_libraries()

ROOT = Path(__file__).resolve().parent.parent
COHORT = ROOT / "eval_sets" / "cohorte-exemple"
GOLDENS = ROOT / "tests" / "goldens"

_LOOPBACK = ("127.", "localhost", "::1", "0.0.0.0")


@pytest.fixture(autouse=True, scope="session")
def refuse_outside_sockets() -> Iterator[None]:
    """Any connection outside loopback fails the test that tries it."""
    real_connect = socket.socket.connect
    real_connect_ex = socket.socket.connect_ex

    def check(address: Any) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
            raise AssertionError(f"a test tried to reach {address}")

    def connect(self: socket.socket, address: Any) -> None:
        check(address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return real_connect_ex(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]
    socket.socket.connect_ex = real_connect_ex  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def cohort() -> Path:
    """The example cohort's folder: 8 fictional candidates."""
    return COHORT


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-goldens` rewrites the golden files, to be read in the diff."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite tests/goldens/")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """Give the reviewed text of a golden file, after rewriting it when asked to."""

    def read(name: str, text: str) -> str:
        path = GOLDENS / name
        if request.config.getoption("--update-goldens"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if not path.exists():
            pytest.fail(f"{path.name} is missing: run pytest --update-goldens and read the diff")
        return path.read_text(encoding="utf-8")

    return read
