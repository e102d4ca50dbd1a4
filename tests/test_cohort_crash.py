"""Killed at any instant, a cohort's run loses nothing, repeats nothing, pays little twice.

`PREUVE_KILLS=50 pytest tests/test_cohort_crash.py` is the long version.
"""

import multiprocessing
import os
import random
import sqlite3
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from assistant.app import App
from assistant.domain.finding import CriterionFinding
from assistant.domain.verdict import Verdict
from tests.cohorts import Silent, generate, installation
from tools.loopback_llm import Behaviour, LoopbackServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

KILLS = int(os.environ.get("PREUVE_KILLS", "4"))
CONCURRENCY = 8
_CRITERIA_PER_KILL = 22


def run_cohort(tmp_path: str, promo: str, url: str) -> None:
    """What `preuve batch` does, in the process to be killed."""
    app = installation(Path(tmp_path), url, llm_concurrency=CONCURRENCY)
    with app.cohorts().cohort(Path(promo), judge="llm") as cohort:
        cohort.run(cohort.plan(), Silent())


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Starts processes from one that has loaded the libraries already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "chromadb", "langchain_openai", "openai"])
    return context


def kept(app: App) -> dict[tuple[str, str, str], CriterionFinding]:
    """Every draft on screen, by its place."""
    found = {}
    for record in app.dossiers():
        for epreuve in record.epreuves:
            for criterion_id, finding in app.store.current_findings(record.id, epreuve).items():
                assert isinstance(finding, CriterionFinding), finding.message_fr
                found[record.id, epreuve, criterion_id] = finding
    return found


def rows(tmp_path: Path) -> int:
    connection = sqlite3.connect(tmp_path / "donnees" / "preuve.sqlite3")
    count, places = connection.execute(
        "SELECT count(*), count(DISTINCT dossier_id || ' ' || criterion_id) FROM findings"
    ).fetchone()
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()
    assert count == places, "a criterion has two findings"
    return int(count)


def test_a_run_killed_again_and_again_ends_as_if_it_had_not_been(processes, tmp_path):
    promo = generate(tmp_path / "promo", max(4, KILLS * _CRITERIA_PER_KILL // 13))
    where = str(tmp_path), str(promo)
    chance = random.Random(2026)
    decided = {}
    with LoopbackServer(Behaviour(base_seconds=0.15)) as server:
        for _ in range(KILLS):
            before = server.account.calls
            process = processes.Process(target=run_cohort, args=(*where, server.url))
            process.start()
            while server.account.calls == before and process.is_alive():
                time.sleep(0.01)
            assert process.is_alive(), "the run ended before it could be killed"
            time.sleep(chance.uniform(0, 0.5))
            process.kill()
            process.join()
            process.close()
            app = installation(tmp_path, server.url)
            drafts = kept(app)
            assert len(drafts) == rows(tmp_path)
            assert set(decided) <= set(drafts), "a decided draft is lost"
            if fresh := sorted(set(drafts) - set(decided)):
                place = chance.choice(fresh)
                app.decide(
                    place[0], place[2], epreuve=place[1], assessor="Ana", action="override",
                    verdict=Verdict.NOT_ASSESSABLE, reason="Lu à la main.",
                )  # fmt: skip
                decided[place] = drafts[place].provenance.key
        run_cohort(*where, server.url)
        account = server.account
    app = installation(tmp_path, "")
    drafts = kept(app)
    with app.cohorts().cohort(promo, judge="embedded") as cohort:
        expected = cohort.plan().criteria
    assert len(drafts) == rows(tmp_path) == expected
    for place, key in decided.items():
        (decision,) = [
            d for d in app.store.decisions(place[0], place[1]) if d.criterion_id == place[2]
        ]
        assert decision.finding_key == key == drafts[place].provenance.key
    assert account.calls <= expected + KILLS * CONCURRENCY
