"""Nothing acknowledged is lost when the process is killed, at any instant."""

import multiprocessing
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from assistant.adapters.sql_store import SqlReviewStore
from tests.sample_findings import decision, finding

ROUNDS = 20
_EPREUVE = "E9.1"


def write_forever(path: str, first: int, acknowledgements: Connection) -> None:
    """Run in the process to be killed: one finding, one decision, then their acknowledgement."""
    store = SqlReviewStore(path)
    number = first
    while True:
        store.save_finding("D-1", finding(f"k{number}", criterion_id=_criterion(number)))
        store.append_decision(decision(_criterion(number), finding_key=f"k{number}"))
        acknowledgements.send(number)
        number += 1


def _criterion(number: int) -> str:
    return f"{_EPREUVE}/groupe/CE{number}"


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes from one that has imported the store already: a kill per 100 ms."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _write_then_kill(
    processes: ForkServerContext, path: Path, first: int, seconds: float, *, after_first: bool
) -> list[int]:
    """The numbers acknowledged before the kill."""
    receiver, sender = processes.Pipe(duplex=False)
    writer = processes.Process(target=write_forever, args=(str(path), first, sender), daemon=True)
    writer.start()
    sender.close()
    if after_first:
        assert receiver.poll(60), "the writer has not started"
    time.sleep(seconds)
    writer.kill()
    writer.join()
    received = list(_received(receiver))
    receiver.close()
    writer.close()
    return received


def _received(receiver: Connection) -> Iterator[int]:
    with suppress(EOFError):
        while True:
            yield receiver.recv()


def _integrity(path: Path) -> str:
    connection = sqlite3.connect(path)
    found: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return found


def test_every_acknowledged_decision_survives_a_kill(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    path = tmp_path / "preuve.sqlite3"
    chance = random.Random(2026)
    acknowledged: list[int] = []

    for _ in range(ROUNDS):
        with SqlReviewStore(path) as store:
            written = [d.criterion_id for d in store.decisions("D-1", _EPREUVE)]
        acknowledged += _write_then_kill(
            processes, path, len(written), chance.uniform(0, 0.06), after_first=True
        )

        with SqlReviewStore(path) as store:
            decisions = [d.criterion_id for d in store.decisions("D-1", _EPREUVE)]
            shown = store.current_findings("D-1", _EPREUVE)
        assert set(map(_criterion, acknowledged)) <= set(decisions), "an acknowledged one is lost"
        assert len(decisions) == len(set(decisions)), "one is there twice"
        assert set(decisions) <= set(shown), "a decision without its draft"

    assert len(acknowledged) >= ROUNDS
    assert _integrity(path) == "ok"


def test_a_kill_while_the_database_is_being_made_leaves_one_that_opens(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    chance = random.Random(7)
    for number in range(ROUNDS):
        path = tmp_path / f"{number}.sqlite3"
        acknowledged = _write_then_kill(
            processes, path, 0, chance.uniform(0.01, 0.4), after_first=False
        )

        with SqlReviewStore(path) as store:
            found = [d.criterion_id for d in store.decisions("D-1", _EPREUVE)]
        assert found[: len(acknowledged)] == [_criterion(n) for n in acknowledged]
        assert _integrity(path) == "ok"
