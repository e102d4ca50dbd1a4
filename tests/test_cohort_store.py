"""What the store keeps of cohorts, beside their findings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from assistant.adapters.sql_cohorts import SqlCohortStore
from assistant.adapters.sql_store import SqlReviewStore
from assistant.domain.cohort import (
    BatchRecord,
    BatchState,
    DossierPlan,
    PlannedCriterion,
    ScopeFiles,
    SpendingRecord,
    Traffic,
)
from assistant.domain.finding import Usage
from tests.sample_findings import finding

NOW = datetime(2026, 11, 25, 19, tzinfo=UTC)
PLAN = DossierPlan(
    dossier_id="D-1",
    label="LEROY Camille",
    folder="/cohorte/LEROY Camille",
    signature="s1",
    criteria=(
        PlannedCriterion(
            epreuve="E1.2", criterion_id="E1.2/a/CE1", files=ScopeFiles(deliverables=("a",))
        ),
    ),
    characters={"a": 12_000},
)


@pytest.fixture
def review(tmp_path: Path) -> SqlReviewStore:
    return SqlReviewStore(tmp_path / "preuve.sqlite3")


@pytest.fixture
def store(review: SqlReviewStore) -> SqlCohortStore:
    return SqlCohortStore(review)


def spending(run: str, cost: float, *, cohort: str = "C-1", minutes: int = 0) -> SpendingRecord:
    usage = Usage(calls=2, input_tokens=100, cached_tokens=40, output_tokens=10, cost_eur=cost)
    return SpendingRecord(
        cohort_id=cohort,
        run_id=run,
        model="h/m",
        started_at=NOW + timedelta(minutes=minutes),
        criteria=2,
        traffic=Traffic(requests=3, usage=usage),
    )


def test_a_plan_comes_back_and_another_takes_its_place(store):
    store.save_plan("C-1", PLAN)
    assert store.plan("C-1", "D-1") == PLAN
    assert store.plan("C-2", "D-1") is None
    changed = PLAN.model_copy(update={"signature": "s2"})
    store.save_plan("C-1", changed)
    assert store.plan("C-1", "D-1") == changed
    assert store.signatures("C-1") == {"D-1": "s2"}


def test_findings_and_what_they_cost_are_kept_together_or_not_at_all(review, store):
    store.commit([("D-1", finding("k1"))], spending("r1", 0.5))
    assert store.drafted(["k1", "k2"]) == {"k1": True}
    assert store.spending("C-1") == (spending("r1", 0.5),)
    damaged = spending("r1", 9.0)
    refused = finding("k3").model_copy(update={"criterion_id": None})
    with pytest.raises(IntegrityError):
        store.commit([("D-1", finding("k2")), ("D-1", refused)], damaged)
    assert store.drafted(["k2"]) == {}
    assert store.spending("C-1") == (spending("r1", 0.5),)


def test_a_finding_that_another_draft_replaced_is_there_but_not_on_screen(store):
    store.commit([("D-1", finding("k1")), ("D-1", finding("k2"))])
    assert store.drafted(["k1", "k2"]) == {"k1": False, "k2": True}


def test_thousands_of_keys_are_asked_for_at_once(store):
    store.commit([("D-1", finding("k700", criterion_id="c"))])
    assert store.drafted([f"k{n}" for n in range(3000)]) == {"k700": True}


def test_the_spending_of_a_run_is_replaced_and_that_of_others_added(store):
    store.commit([], spending("r1", 0.1))
    store.commit([], spending("r1", 0.3))
    store.commit([], spending("r2", 0.2, minutes=5))
    store.commit([], spending("r3", 4.0, cohort="C-2", minutes=9))
    assert [s.run_id for s in store.spending("C-1")] == ["r1", "r2"]
    assert sum((s.traffic.usage.cost_eur or 0) for s in store.spending("C-1")) == pytest.approx(0.5)
    assert [s.run_id for s in store.spending(model="h/m")] == ["r1", "r2", "r3"]
    assert store.spending(model="autre") == ()


def test_a_batch_is_known_until_it_is_fetched(store):
    sent = BatchRecord(
        cohort_id="C-1",
        batch_id="batch_1",
        host="h",
        model="m",
        requests=10,
        state=BatchState.SENT,
        sent_at=NOW,
    )
    store.save_batch(sent)
    store.save_batch(sent.model_copy(update={"state": BatchState.FETCHED}))
    assert [b.state for b in store.batches("C-1")] == [BatchState.FETCHED]
    assert store.batches("C-2") == ()


def test_traffic_adds_up_and_a_cost_nobody_knows_stays_unknown():
    priced = Traffic(requests=2, seconds=1.0, usage=Usage(calls=1, input_tokens=5, cost_eur=0.5))
    free = Traffic(requests=1, usage=Usage(calls=1, input_tokens=7))
    assert (priced + priced).usage.cost_eur == pytest.approx(1.0)
    assert (priced + free).usage.input_tokens == 12
    assert (free + free).usage.cost_eur is None
    assert (priced + free) - free == priced
