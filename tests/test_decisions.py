"""Who may rule what, and what stands afterwards."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.adapters.sql_store import SqlReviewStore
from assistant.decisions import progress, record, standing
from assistant.domain.decision import HumanDecision
from assistant.domain.verdict import Verdict
from assistant.errors import DecisionConflict, DecisionRefused
from tests.sample_findings import MOMENT, FixedClock, decision, failure, finding

CRITERION = "E9.1/audit/CE1"
DRAFT = finding("k1", criterion_id=CRITERION, verdict=Verdict.PARTIALLY_MET)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(tmp_path / "preuve.sqlite3") as opened:
        opened.save_finding("D-1", DRAFT)
        yield opened


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


def rule(store: SqlReviewStore, clock: FixedClock, **changes: Any) -> HumanDecision:
    values: dict[str, Any] = {
        "dossier_id": "D-1",
        "epreuve": "E9.1",
        "criterion_id": CRITERION,
        "assessor": "Anne Martin",
        "action": "accept",
        "verdict": None,
        "finding": DRAFT,
    }
    return record(store, clock, **{**values, **changes})


def refusal(store: SqlReviewStore, clock: FixedClock, **changes: Any) -> str:
    """The French cause of a ruling that must be refused and leave no trace."""
    before = store.decisions("D-1", "E9.1")
    with pytest.raises(DecisionRefused) as refused:
        rule(store, clock, **changes)
    assert store.decisions("D-1", "E9.1") == before
    return refused.value.user_message


# One ruling


def test_confirming_keeps_the_draft_s_verdict_with_a_name_and_a_time(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    made = rule(store, clock, assessor="  Anne \n Martin ", comment="Vu.\x07")

    assert (made.verdict, made.action) == (Verdict.PARTIALLY_MET, "accept")
    assert (made.finding_key, made.draft_verdict) == ("k1", Verdict.PARTIALLY_MET)
    assert (made.assessor, made.comment, made.decided_at) == ("Anne Martin", "Vu.", clock.time)
    assert store.decisions("D-1", "E9.1") == (made,)


def test_departing_from_the_draft_keeps_it_beside(store: SqlReviewStore, clock: FixedClock) -> None:
    made = rule(store, clock, action="override", verdict=Verdict.MET, reason="Annexe 3, page 4.")

    assert (made.verdict, made.draft_verdict) == (Verdict.MET, Verdict.PARTIALLY_MET)
    assert made.reason == "Annexe 3, page 4."


@pytest.mark.parametrize("assessor", ["", "   ", "\n", "\u200b", "---"])
def test_a_ruling_without_a_name_is_refused(
    store: SqlReviewStore, clock: FixedClock, assessor: str
) -> None:
    assert "votre nom" in refusal(store, clock, assessor=assessor)


@pytest.mark.parametrize("reason", ["", "  \n ", "\x00"])
def test_departing_without_a_reason_is_refused(
    store: SqlReviewStore, clock: FixedClock, reason: str
) -> None:
    message = refusal(store, clock, action="override", verdict=Verdict.MET, reason=reason)
    assert "motif" in message


def test_departing_towards_the_draft_s_own_verdict_is_refused(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    message = refusal(store, clock, action="override", verdict=Verdict.PARTIALLY_MET, reason="Oui.")
    assert "celui de la proposition" in message


def test_departing_towards_nothing_is_refused(store: SqlReviewStore, clock: FixedClock) -> None:
    assert "choisissez un verdict" in refusal(store, clock, action="override", reason="Non.")


def test_confirming_another_verdict_is_refused(store: SqlReviewStore, clock: FixedClock) -> None:
    assert "n'est pas celui de la proposition" in refusal(store, clock, verdict=Verdict.MET)


def test_without_a_draft_only_a_reasoned_verdict_is_possible(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    failed = failure("E9.1/audit/CE2")
    store.save_finding("D-1", failed)
    place = {"criterion_id": "E9.1/audit/CE2", "finding": failed}

    assert "pas de proposition à confirmer" in refusal(store, clock, **place)
    made = rule(store, clock, **place, action="override", verdict=Verdict.MET, reason="Lu.")
    assert (made.finding_key, made.draft_verdict) == ("", None)


# The draft that it is about


def test_a_draft_that_was_replaced_meanwhile_is_refused(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    store.save_finding("D-1", finding("k2", criterion_id=CRITERION))

    assert "refaite pendant votre lecture" in refusal(store, clock)
    assert "refaite pendant votre lecture" in refusal(
        store, clock, finding=None, action="override", verdict=Verdict.MET, reason="Lu."
    )


def test_another_dossier_s_draft_is_refused(store: SqlReviewStore, clock: FixedClock) -> None:
    assert "n'appartient pas à ce dossier" in refusal(store, clock, dossier_id="D-2")


def test_another_criterion_s_draft_is_refused(store: SqlReviewStore, clock: FixedClock) -> None:
    assert "autre critère" in refusal(store, clock, criterion_id="E9.1/audit/CE2")


# Twice the same, and changes of mind


def test_a_double_click_is_one_decision(store: SqlReviewStore, clock: FixedClock) -> None:
    first, second = rule(store, clock), rule(store, clock, assessor="anne martin")

    assert first == second
    assert store.decisions("D-1", "E9.1") == (first,)


def test_a_double_click_in_two_threads_is_one_decision(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    threads = [threading.Thread(target=rule, args=(store, clock)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(store.decisions("D-1", "E9.1")) == 1


def test_changing_one_s_mind_and_back_leaves_three_decisions(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    rule(store, clock)
    rule(store, clock, action="override", verdict=Verdict.MET, reason="Relu.")
    back = rule(store, clock)

    decisions = store.decisions("D-1", "E9.1")
    assert len(decisions) == 3
    assert standing(decisions) == {CRITERION: back}


def test_a_comment_added_afterwards_is_a_decision_of_its_own(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    rule(store, clock)
    rule(store, clock, comment="À creuser à l'oral.")

    assert [d.comment for d in store.decisions("D-1", "E9.1")] == ["", "À creuser à l'oral."]


def test_the_last_word_stays_last_when_the_clock_is_set_back(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    first = rule(store, clock)
    clock.time -= timedelta(days=300)
    last = rule(store, clock, action="override", verdict=Verdict.MET, reason="Relu.")

    assert last.decided_at >= first.decided_at
    assert standing(store.decisions("D-1", "E9.1")) == {CRITERION: last}


# Several people


def test_two_people_who_differ_leave_the_criterion_disputed_until_a_third_settles_it(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    rule(store, clock)
    rule(store, clock, assessor="Bob", action="override", verdict=Verdict.MET, reason="Annexe 3.")
    assert standing(store.decisions("D-1", "E9.1")) == {}

    settled = rule(
        store, clock, assessor="Chloé", action="adjudicate", verdict=Verdict.MET, reason="Vu."
    )
    assert standing(store.decisions("D-1", "E9.1")) == {CRITERION: settled}


def test_there_is_nothing_to_settle_between_people_who_agree(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    rule(store, clock)
    rule(store, clock, assessor="Bob")

    message = refusal(
        store, clock, assessor="Chloé", action="adjudicate", verdict=Verdict.MET, reason="Vu."
    )
    assert "pas de désaccord" in message


def test_nobody_settles_their_own_disagreement(store: SqlReviewStore, clock: FixedClock) -> None:
    rule(store, clock)
    rule(store, clock, assessor="Bob", action="override", verdict=Verdict.MET, reason="Annexe 3.")

    message = refusal(
        store, clock, assessor="BOB", action="adjudicate", verdict=Verdict.MET, reason="C'est moi."
    )
    assert "une autre personne" in message


def test_progress_tells_settled_disputed_and_open_apart() -> None:
    decisions = [
        decision("E9.1/g/CE1"),
        decision("E9.1/g/CE2"),
        decision("E9.1/g/CE2", assessor="Bob", verdict=Verdict.MET, decided_at=MOMENT),
    ]
    found = progress(["E9.1/g/CE3", "E9.1/g/CE2", "E9.1/g/CE1"], decisions)

    assert found.settled == ("E9.1/g/CE1",)
    assert found.disputed == ("E9.1/g/CE2",)
    assert found.open == ("E9.1/g/CE3",)
    assert (found.total, found.complete) == (3, False)
    assert progress(["E9.1/g/CE1"], decisions).complete
    assert not progress([], decisions).complete


# Undoing, ruling blind, ruling from two windows


def test_undoing_appends_and_the_previous_word_stands_again(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    first = rule(store, clock)
    rule(store, clock, action="override", verdict=Verdict.MET, reason="Annexe 3.")
    rule(store, clock, action="withdraw")

    decisions = store.decisions("D-1", "E9.1")
    assert [d.action for d in decisions] == ["accept", "override", "withdraw"]
    assert standing(decisions) == {CRITERION: first}
    rule(store, clock, action="withdraw")
    assert standing(store.decisions("D-1", "E9.1")) == {}
    assert "pas de décision" in refusal(store, clock, action="withdraw")


def test_a_ruling_from_a_window_that_missed_another_is_not_recorded(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    rule(store, clock, seen=0)
    with pytest.raises(DecisionConflict):
        rule(store, clock, action="override", verdict=Verdict.MET, reason="Annexe 3.", seen=0)
    assert len(store.decisions("D-1", "E9.1")) == 1
    rule(store, clock, action="override", verdict=Verdict.MET, reason="Annexe 3.", seen=1)


def test_the_same_double_click_is_no_conflict(store: SqlReviewStore, clock: FixedClock) -> None:
    assert rule(store, clock, seen=0) == rule(store, clock, seen=0)


def test_a_blind_ruling_keeps_the_draft_that_it_is_compared_with(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    ruled = rule(store, clock, action="blind", verdict=Verdict.MET)
    assert (ruled.finding_key, ruled.draft_verdict) == ("k1", Verdict.PARTIALLY_MET)
    assert standing(store.decisions("D-1", "E9.1")) == {}
    assert progress([CRITERION], [ruled]).open == (CRITERION,)


def test_nothing_can_be_ruled_blind_where_there_is_no_draft(
    store: SqlReviewStore, clock: FixedClock
) -> None:
    store.save_finding("D-1", failure(criterion_id=CRITERION))
    message = refusal(
        store, clock, action="blind", verdict=Verdict.MET, finding=failure(criterion_id=CRITERION)
    )
    assert "pas de proposition" in message
