"""Fixtures shared by all tests. No test reaches beyond this machine."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import silence_libraries

silence_libraries()

ROOT = Path(__file__).resolve().parent.parent
COHORT = ROOT / "eval_sets" / "cohorte-exemple"

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
