"""A cohort through a batch endpoint: split, sent once, resumed, its failures asked again live."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.adapters.sql_cohorts import SqlCohortStore
from assistant.app import App
from assistant.app.cohort import Stop
from assistant.domain.cohort import BatchRecord, BatchState
from assistant.errors import BatchEndpointMissing
from tests.cohorts import Silent, generate, installation
from tools.loopback_llm import Behaviour, LoopbackServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def promo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("promo"), 2)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as serving:
        yield serving


class Killed(BaseException):
    """Stands for the end of the process while it waits."""


def kill(_seconds: float) -> None:
    raise Killed


class CutShort(SqlCohortStore):
    """Dies between the provider's acknowledgement and the store's."""

    def save_batch(self, record: BatchRecord) -> None:
        raise Killed


def hand_over(app: App, promo: Path, **options: object) -> tuple[int, int]:
    """How many findings were drafted, and how many criteria are left."""
    with app.cohorts().cohort(promo, judge="llm") as cohort:
        drafted = cohort.hand_over(cohort.plan(), lambda _: None, **options)
        return drafted, cohort.plan().pending


def test_answers_of_a_batch_are_the_findings_of_a_live_run_at_the_batch_s_price(
    tmp_path, promo, server
):
    app = installation(tmp_path, server.url, llm_batch_requests=7)
    drafted, left = hand_over(app, promo)
    assert (drafted > 14, left) == (True, 0)
    account = server.account
    assert account.batch_answers == drafted
    assert account.calls == 0
    live = installation(tmp_path / "live", server.url)
    with live.cohorts().cohort(promo, judge="llm") as cohort:
        witness = Silent()
        cohort.run(cohort.plan(), witness)
        records = app.cohorts().cohorts.spending(cohort.id)
    for finding in witness.findings:
        place = finding.provenance.dossier_id, finding.epreuve, finding.criterion_id
        other = app.finding(*place)
        assert other is not None
        assert (other.provenance.key, other.verdict) == (finding.provenance.key, finding.verdict)
    price = 2e-6 * 0.5
    usage = records[0].traffic.usage
    fresh = usage.input_tokens - usage.cached_tokens
    assert usage.cost_eur == pytest.approx(
        fresh * price + usage.cached_tokens * price / 4 + usage.output_tokens * price * 4
    )


def test_a_run_killed_while_waiting_sends_nothing_twice(tmp_path, promo):
    with LoopbackServer(Behaviour(batch_seconds=0.5)) as server:
        app = installation(tmp_path, server.url)
        with pytest.raises(Killed):
            hand_over(app, promo, sleep=kill)
        again = installation(tmp_path, server.url, llm_batch_poll_seconds=0.05)
        drafted, left = hand_over(again, promo)
        assert left == 0
        assert server.account.batch_answers == drafted


def test_a_batch_created_just_before_a_kill_is_known_by_its_label(tmp_path, promo, server):
    app = installation(tmp_path, server.url)
    desk = app.cohorts()
    desk.cohorts = CutShort(app.store)
    with desk.cohort(promo, judge="llm") as cohort:
        plan = cohort.plan()
        with pytest.raises(Killed):
            cohort.hand_over(plan, lambda _: None)
    drafted, left = hand_over(installation(tmp_path, server.url), promo)
    assert (drafted, left) == (plan.pending, 0)
    assert server.account.batch_answers == plan.pending


def test_what_a_batch_leaves_unanswered_is_asked_live(tmp_path, promo):
    with LoopbackServer(Behaviour(seed=4, batch_failures=0.3)) as server:
        app = installation(tmp_path, server.url)
        drafted, left = hand_over(app, promo)
        assert 0 < left < drafted + left
        with app.cohorts().cohort(promo, judge="llm") as cohort:
            report = cohort.run(cohort.plan(), Silent())
            assert (report.stop, report.drafted) == (Stop.DONE, left)
            states = {b.state for b in app.cohorts().cohorts.batches(cohort.id)}
    assert states == {BatchState.FETCHED}


def test_a_server_without_batches_says_so(tmp_path, promo):
    with LoopbackServer(Behaviour(batches=False)) as server:
        app = installation(tmp_path, server.url)
        with pytest.raises(BatchEndpointMissing) as raised:
            hand_over(app, promo)
    assert "--endpoint batch" in raised.value.user_message
