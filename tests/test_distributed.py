"""A cohort on several machines: real workers, a real PostgreSQL, one worker killed."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.app import App
from assistant.app.cohort import Stop
from assistant.app.cohort.entrusting import Entrusted, cancel
from assistant.cli import cli
from assistant.domain.finding import CriterionFinding
from assistant.domain.shared_run import SharedRun
from assistant.errors import CohortBusy, CohortEntrusted, CohortInvalid, SettingsInvalid
from tests.cohorts import PRICES, Silent, generate, installation
from tests.postgresql import new_database, running_server
from tests.sample_findings import MOMENT, failure, finding
from tools.loopback_llm import Behaviour, LoopbackServer

pytestmark = pytest.mark.slow

CONCURRENCY = 4


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as folder:
        yield folder


class Machine:
    """What the workers and the submitter of a test share, and how they are started."""

    def __init__(self, tmp_path: Path, database: str, url: str) -> None:
        self.folder = tmp_path
        self.database = database
        prices = tmp_path / "prix.yaml"
        prices.write_text(PRICES, encoding="utf-8")
        self.settings: dict[str, Any] = {
            "database_url": database,
            "dossiers_dir": tmp_path,
            "worker_lease_seconds": 2.0,
            "llm_concurrency": CONCURRENCY,
        }
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PREUVE_")},
            "PREUVE_LLM_BASE_URL": url,
            "PREUVE_LLM_MODEL": "essai",
            "PREUVE_LLM_CONTEXT_TOKENS": "128000",
            "PREUVE_LLM_TIMEOUT_SECONDS": "5",
            "PREUVE_PRICES_FILE": str(prices),
            "PREUVE_READING_WORKERS": "1",
            **{f"PREUVE_{k.upper()}": str(v) for k, v in self.settings.items()},
        }

    def start(self, name: str, *arguments: str) -> "subprocess.Popen[str]":
        """`preuve …`, on a machine with data of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "assistant.cli", *arguments],
            env={**self._environment, "PREUVE_DATA_DIR": str(self.folder / name)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@contextmanager
def ended(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(what: Callable[[], bool], *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def drafts(app: App) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """What matters of every draft on screen, by its place."""
    found = {}
    for record in app.dossiers():
        for epreuve in record.epreuves:
            for criterion_id, draft in app.store.current_findings(record.id, epreuve).items():
                assert isinstance(draft, CriterionFinding), draft.message_fr
                quotes = tuple(evidence.quote for evidence in draft.evidence)
                what = (draft.provenance.key, draft.verdict, draft.rationale, quotes)
                found[record.id, epreuve, criterion_id] = what
    return found


@pytest.mark.timeout(180)
def test_three_workers_one_killed_and_one_stopped_do_what_one_process_does(server, tmp_path):
    promo = generate(tmp_path / "promo", 8)
    with LoopbackServer(Behaviour(base_seconds=0.15)) as model, ExitStack() as stack:
        alone = installation(tmp_path / "seul", model.url, llm_concurrency=CONCURRENCY)
        with alone.cohorts().cohort(promo, judge="llm") as cohort:
            cohort.run(cohort.plan(), Silent())
        alone_calls = model.account.calls
        machine = Machine(tmp_path, new_database(server), model.url)
        workers = [
            stack.enter_context(ended(machine.start(f"poste{n}", "worker", "-j", "llm")))
            for n in range(3)
        ]
        shared = installation(tmp_path / "ici", model.url, **machine.settings)
        stack.callback(shared.store.close)
        runs = shared.cohorts().sharing.runs
        wait_for(lambda: sum(runs.alive(15.0).values()) == 3)
        batch = stack.enter_context(
            ended(
                machine.start(
                    "ici", "batch", str(promo), "-j", "llm", "--engine", "procrastinate", "--json"
                )
            )
        )
        wait_for(lambda: model.account.calls > alone_calls + 12)
        workers[0].kill()
        wait_for(lambda: model.account.calls > alone_calls + 40)
        workers[1].send_signal(signal.SIGTERM)
        told, errors = batch.communicate(timeout=90)
        assert batch.returncode == 0, errors
        stopped = workers[1].communicate(timeout=30)
        workers[2].send_signal(signal.SIGTERM)
        last = workers[2].communicate(timeout=30)
        calls = model.account.calls - alone_calls
        made = drafts(shared)

    expected = drafts(alone)
    assert made == expected
    assert len(expected) == alone_calls > 80
    assert workers[0].returncode == -signal.SIGKILL
    assert (workers[1].returncode, workers[2].returncode) == (0, 0), (stopped, last)
    assert "Poste arrêté" in stopped[1]
    assert calls <= len(expected) + CONCURRENCY  # what the killed one had in flight
    report = json.loads(told)["bilan"]
    assert report["stop"] == "terminé"
    assert report["drafted"] == len(expected)
    names = [folder.name for folder in promo.iterdir()]
    assert not [name for name in names if name in "".join((*stopped, *last, told, errors))]


@pytest.mark.timeout(120)
def test_the_stop_button_ends_a_worker_and_another_goes_on_once_it_is_released(server, tmp_path):
    promo = generate(tmp_path / "promo", 4)
    with LoopbackServer(Behaviour(base_seconds=0.2)) as model, ExitStack() as stack:
        machine = Machine(tmp_path, new_database(server), model.url)
        shared = installation(tmp_path / "ici", model.url, **machine.settings)
        stack.callback(shared.store.close)
        worker = stack.enter_context(ended(machine.start("poste", "worker", "-j", "llm")))
        arguments = ("batch", str(promo), "-j", "llm", "--engine", "procrastinate", "--json")
        batch = stack.enter_context(ended(machine.start("ici", *arguments)))
        wait_for(lambda: model.account.calls > 4)
        shared.switch.stop("Ada", MOMENT, "essai")
        _, told = worker.communicate(timeout=30)
        asked = model.account.calls
        assert worker.returncode != 0
        assert "L'assistant est arrêté" in told
        time.sleep(1.0)
        assert model.account.calls == asked
        refused = stack.enter_context(ended(machine.start("autre", "worker", "-j", "llm")))
        assert "L'assistant est arrêté" in refused.communicate(timeout=30)[1]
        shared.switch.start("Ada", MOMENT)
        stack.enter_context(ended(machine.start("poste2", "worker", "-j", "llm")))
        report, errors = batch.communicate(timeout=60)
        assert batch.returncode == 0, errors
        assert json.loads(report)["bilan"]["stop"] == "terminé"
        made = len(drafts(shared))
    assert made <= model.account.calls <= made + CONCURRENCY


def test_without_a_shared_database_or_root_a_worker_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path))
    refused = CliRunner().invoke(cli, ["worker"])

    assert refused.exit_code == 1
    assert "PREUVE_DATABASE_URL est vide" in refused.stderr
    assert "Sur une seule machine" in refused.stderr


def test_a_cohort_that_other_machines_do_not_see_is_refused(server, tmp_path):
    settings = {"database_url": new_database(server), "dossiers_dir": tmp_path / "partage"}
    promo = generate(tmp_path / "promo", 1)
    app = installation(tmp_path / "ici", **settings)
    with closing(app.store), app.cohorts().cohort(promo, judge="embedded") as cohort:
        with pytest.raises(SettingsInvalid) as unseen:
            Entrusted(app.cohorts(), cohort)
        (tmp_path / "partage").mkdir()
        with pytest.raises(CohortInvalid) as outside:
            Entrusted(app.cohorts(), cohort)

    assert "n'est pas visible d'ici" in unseen.value.user_message
    assert "les autres machines ne la voient pas" in outside.value.user_message


@pytest.fixture
def entrusting(server, tmp_path) -> Iterator[tuple[App, Path]]:
    """An installation on a new database, and a cohort under its root."""
    promo = generate(tmp_path / "promo", 2)
    app = installation(tmp_path / "ici", database_url=new_database(server), dossiers_dir=tmp_path)
    with closing(app.store):
        yield app, promo


def test_without_any_worker_the_submitter_says_so_and_the_cohort_stays_entrusted(entrusting):
    app, promo = entrusting
    desk = app.cohorts()
    with desk.cohort(promo, judge="embedded") as cohort:
        shared = Entrusted(desk, cohort, sleep=lambda seconds: None, patience_seconds=3)
        plan = cohort.plan()
        report = shared.run(plan, Silent())
        assert report.stop is Stop.NOBODY
        assert shared.queue in report.message_fr
        assert (report.drafted, report.left) == (0, plan.pending)
        with pytest.raises(CohortEntrusted):
            cohort.run(plan, Silent())
        again = shared.run(plan, Silent())  # joins: nothing is put in twice
        assert (
            desk.sharing.queue().left(shared.queue, desk.sharing.runs.run(cohort.id)[0].run_id) == 2
        )
        assert again.stop is Stop.NOBODY
    assert cancel(desk, promo)
    assert not cancel(desk, promo)
    with desk.cohort(promo, judge="embedded") as cohort:
        plan = cohort.plan()
        assert cohort.run(plan, Silent()).drafted == plan.pending


def test_two_machines_do_not_hold_the_same_cohort(entrusting, tmp_path):
    app, promo = entrusting
    elsewhere = installation(
        tmp_path / "ailleurs", database_url=app.settings.database_url, dossiers_dir=tmp_path
    )
    with closing(elsewhere.store), app.cohorts().cohort(promo, judge="embedded"):
        with pytest.raises(CohortBusy), elsewhere.cohorts().cohort(promo, judge="embedded"):
            pytest.fail("held twice")
    with elsewhere.cohorts().cohort(promo, judge="embedded"):
        pass
    elsewhere.store.close()


def test_workers_draw_from_one_budget(entrusting):
    runs = entrusting[0].cohorts().sharing.runs
    runs.open(SharedRun(cohort_id="C", run_id="r", queue="q", submitted_at=MOMENT), ["a", "b"])
    taken: list[bool] = []

    def draw(dossier_id: str) -> None:
        taken.extend(runs.reserve("C", dossier_id, 1.0, 10.0) for _ in range(10))

    threads = [threading.Thread(target=draw, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 10
    assert runs.reserved("C") == pytest.approx(10.0)
    runs.release("C", "a")
    runs.release("C", "b")
    assert runs.reserved("C") == 0.0


def test_the_provider_s_turns_are_taken_by_all_together(entrusting):
    pace = entrusting[0].cohorts().sharing.pace
    waits: list[float] = []

    def ask() -> None:
        for _ in range(5):
            waits.append(pace.claim("h/m", 10, requests_per_minute=60, tokens_per_minute=0))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Twenty turns, one a second, but the one that may be taken at once.
    assert 16 < max(waits) <= 19
    assert len({round(wait) for wait in waits}) >= 17
    pace.hold("h/m", 300)
    assert pace.claim("h/m", 1, requests_per_minute=0, tokens_per_minute=0) > 290


def test_a_failure_never_hides_what_another_has_drafted(entrusting):
    app, _ = entrusting
    cohorts = app.cohorts().cohorts
    cohorts.commit([("D-1", finding("k1"))])
    late = failure(finding("k1").criterion_id).model_copy(update={"key": "k1"})
    cohorts.commit([("D-1", late)])

    (shown,) = app.store.current_findings("D-1", finding("k1").epreuve).values()
    assert isinstance(shown, CriterionFinding)
