"""Nothing acknowledged is lost when the process is killed, at any instant."""

import multiprocessing
import random
import sqlite3
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from assistant.adapters.sql_store import SqlReviewStore
from tests.postgresql import new_database, running_server
from tools.kill_decisions import DOSSIER, EPREUVE, criterion, kill_decisions, write_then_kill

ROUNDS = 20


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes from one that has imported the store already: a kill per 100 ms."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tools.kill_decisions"])
    return context


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as folder:
        yield folder


def _integrity(path: Path) -> str:
    connection = sqlite3.connect(path)
    found: str = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return found


def test_every_acknowledged_decision_survives_a_kill(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    path = tmp_path / "preuve.sqlite3"

    outcome = kill_decisions(path, ROUNDS, seed=2026, processes=processes)

    assert outcome.told >= ROUNDS
    assert outcome.kept >= outcome.told
    assert outcome.lost == outcome.doubled == outcome.without_draft == 0
    assert outcome.journal_faults == 0
    assert _integrity(path) == "ok"


@pytest.mark.slow
def test_the_same_holds_on_a_server(processes: ForkServerContext, server: str) -> None:
    outcome = kill_decisions(new_database(server), ROUNDS, seed=2026, processes=processes)

    assert outcome.told >= ROUNDS
    assert outcome.kept >= outcome.told
    assert outcome.lost == outcome.doubled == outcome.without_draft == 0
    assert outcome.journal_faults == 0


def test_a_kill_while_the_database_is_being_made_leaves_one_that_opens(
    processes: ForkServerContext, tmp_path: Path
) -> None:
    chance = random.Random(7)
    for number in range(ROUNDS):
        path = tmp_path / f"{number}.sqlite3"
        life = chance.uniform(0.01, 0.4)
        acknowledged = write_then_kill(processes, path, 0, life, after_one=False)

        with SqlReviewStore(path) as store:
            found = [d.criterion_id for d in store.decisions(DOSSIER, EPREUVE)]
        assert found[: len(acknowledged)] == [criterion(n) for n in acknowledged]
        assert _integrity(path) == "ok"
