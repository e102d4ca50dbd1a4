"""What people did at the desk, counted: agreement, overrides, changes of mind, time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from assistant.adapters.sql_assessments import SqlAssessmentStore
from assistant.adapters.sql_statistics import SqlDeskRecords
from assistant.adapters.sql_store import SqlReviewStore
from assistant.domain.assessment import Assessment, AssessmentEvent, Visit
from assistant.domain.decision import HumanDecision
from assistant.domain.shares import Share
from assistant.domain.statistics import Origin, Reading, Shift, Statistics, compute
from assistant.domain.verdict import Verdict
from tests.sample_findings import MOMENT, decision, finding, provenance

MET, PARTIAL, NOT_MET = Verdict.MET, Verdict.PARTIALLY_MET, Verdict.NOT_MET
ABSTAIN = Verdict.NOT_ASSESSABLE
CRITERION = "E9.1/audit/CE1"


def said(
    verdict: Verdict,
    *,
    by: str = "Ada",
    draft: Verdict | None = PARTIAL,
    minute: int = 0,
    criterion: str = CRITERION,
    dossier: str = "D-1",
    **values: Any,
) -> HumanDecision:
    action = values.pop("action", "accept" if verdict is draft else "override")
    return HumanDecision(
        dossier_id=dossier,
        epreuve="E9.1",
        criterion_id=criterion,
        assessor=by,
        action=action,
        verdict=verdict,
        reason="preuve ailleurs" if action in ("override", "adjudicate") else "",
        draft_verdict=draft,
        decided_at=MOMENT + timedelta(minutes=minute),
        **values,
    )


def stay(seconds: float, *, by: str = "Ada", dossier: str = "D-1", **values: Any) -> Visit:
    return Visit(
        **{
            "id": f"{by}-{dossier}-{seconds}",
            "dossier_id": dossier,
            "epreuve": "E9.1",
            "criterion_id": CRITERION,
            "person": by,
            "opened_at": MOMENT,
            "draft_shown": True,
            "seconds": seconds,
            **values,
        }
    )


def reading(*decisions: HumanDecision, dossier: str = "D-1", **values: Any) -> Reading:
    return Reading(
        assessment=Assessment(dossier_id=dossier, epreuve="E9.1"), decisions=decisions, **values
    )


def counted(*readings: Reading, origins: dict[str, Origin] | None = None) -> Statistics:
    return compute(readings, origins or {}, quick=10)


@pytest.mark.parametrize(
    ("count", "size"), [(0, 1), (1, 1), (0, 20), (20, 20), (7, 31), (450, 900)]
)
def test_the_interval_is_wilson_s(count, size):
    theirs = binomtest(count, size).proportion_ci(confidence_level=0.95, method="wilson")
    assert Share(count=count, size=size).interval == pytest.approx((theirs.low, theirs.high))


def test_an_empty_sample_says_nothing():
    empty = Share()
    assert (empty.value, empty.interval, empty.enough(0)) == (None, (0.0, 1.0), False)


def test_agreement_is_that_of_each_person_s_last_word_with_the_draft_on_their_screen():
    figures = counted(
        reading(said(PARTIAL), said(MET, minute=1)),
        reading(said(NOT_MET, draft=NOT_MET, dossier="D-2"), dossier="D-2"),
    )
    (line,) = figures.criteria
    assert line.with_draft == figures.with_draft == Share(count=1, size=2)
    assert [(c.dossier_id, c.draft, c.ruled) for c in line.overridden] == [("D-1", PARTIAL, MET)]


def test_what_was_taken_back_or_ruled_without_a_draft_agrees_with_nothing():
    figures = counted(
        reading(said(PARTIAL), said(PARTIAL, action="withdraw", minute=1)),
        reading(said(MET, draft=None, dossier="D-2"), dossier="D-2"),
    )
    assert figures.with_draft == Share()


def test_two_persons_are_compared_with_each_other_and_never_with_the_assistant():
    one = reading(said(PARTIAL), said(MET, by="Bo", minute=1))
    alone = reading(said(PARTIAL, dossier="D-2"), dossier="D-2")
    figures = counted(one, alone)
    assert figures.people == figures.criteria[0].people == Share(count=0, size=1)


def test_an_arbiter_is_neither_a_reader_nor_an_override():
    figures = counted(
        reading(
            said(PARTIAL),
            said(MET, by="Bo", minute=1),
            said(MET, by="Cy", action="adjudicate", minute=2),
        )
    )
    assert figures.people == Share(count=0, size=1)
    assert figures.with_draft == Share(count=1, size=2)


def test_people_are_compared_as_they_stood_before_a_reopening_showed_them_each_other():
    figures = counted(
        reading(
            said(PARTIAL),
            said(MET, by="Bo", minute=1),
            said(PARTIAL, by="Bo", minute=9),
            reopened_at=MOMENT + timedelta(minutes=5),
        )
    )
    assert figures.people == Share(count=0, size=1)
    assert figures.with_draft == Share(count=2, size=2)


@pytest.mark.parametrize(
    ("blind", "then", "expected"),
    [
        (PARTIAL, None, Shift(blind=1)),
        (PARTIAL, MET, Shift(blind=1, left=1, up=1)),
        (MET, MET, Shift(blind=1, contradicted=1, kept=1)),
        (MET, PARTIAL, Shift(blind=1, contradicted=1, joined=1, down=1)),
        (MET, NOT_MET, Shift(blind=1, contradicted=1, elsewhere=1, down=1)),
        (ABSTAIN, PARTIAL, Shift(blind=1, contradicted=1, joined=1)),
        (MET, None, Shift()),
    ],
)
def test_a_change_of_mind_after_the_draft_is_counted_with_its_direction(blind, then, expected):
    after = [] if then is None else [said(then, minute=1)]
    assert counted(reading(said(blind, action="blind"), *after)).shift == expected


def test_agreement_before_seeing_the_draft_stands_beside_agreement_after():
    figures = counted(reading(said(MET, action="blind"), said(PARTIAL, minute=1)))
    assert figures.blind == Share(count=0, size=1)
    assert figures.with_draft == Share(count=1, size=1)


def test_time_is_the_median_over_people_of_all_their_stays_on_a_criterion_they_ruled_on():
    figures = counted(
        reading(
            said(PARTIAL),
            said(PARTIAL, by="Bo"),
            visits=(stay(20), stay(40), stay(100, by="Bo"), stay(900, by="passe")),
        )
    )
    assert (figures.criteria[0].median_seconds, figures.criteria[0].timed) == (80, 2)


def test_reasons_are_counted_from_the_most_frequent():
    figures = counted(
        *(
            reading(said(MET, reason_id=reason, dossier=f"D-{n}"), dossier=f"D-{n}")
            for n, reason in enumerate(["ailleurs", "", "ailleurs"])
        )
    )
    assert figures.reasons == (("ailleurs", 2), ("", 1))


def test_drift_tells_apart_what_made_the_drafts():
    old, new = Origin(model="m-1", prompt="p.v1"), Origin(model="m-1", prompt="p.v2")
    figures = counted(
        reading(said(PARTIAL, finding_key="a"), said(MET, finding_key="b", criterion="E9.1/x/CE2")),
        origins={"a": old, "b": new},
    )
    assert {f.origin: f.with_draft for f in figures.origins} == {
        old: Share(count=1, size=1),
        new: Share(count=0, size=1),
    }


def test_an_untouched_acceptance_is_quick_and_opened_nothing():
    def accepted(seconds: float, untouched: bool) -> Visit:
        return stay(seconds, outcome="accept", untouched=untouched)

    visits = (
        accepted(3, untouched=True),
        accepted(4, untouched=False),
        accepted(60, untouched=True),
        stay(5, outcome="override"),
        stay(6),
    )
    (reader,) = counted(reading(said(PARTIAL), visits=visits)).readers
    assert reader.untouched == Share(count=1, size=3)
    assert (reader.person, reader.rulings, reader.median_seconds) == ("Ada", 4, 4.5)


def kept_at_the_desk(store: SqlReviewStore) -> None:
    """A draft of each engine, a ruling on each, a visit, a signature and its reopening."""
    desk = SqlAssessmentStore(store.database, store.journal)
    store.save_finding("D-1", finding("k1", rationale="a\x00b \ud800 \\u0000 \\ud800"))
    by_model = provenance("k2", dossier_id="D-2", engine="llm")
    store.save_finding("D-2", finding("k2", provenance=by_model))
    store.save_finding("D-3", finding("k3", provenance=provenance("k3", dossier_id="D-3")))
    desk.open_visit(stay(0, by="Anne Martin"))
    desk.update_visit("Anne Martin-D-1-0", "Anne Martin", seconds=30, looks=2, outcome="accept")
    store.append_decision(decision(finding_key="k1"))
    store.append_decision(decision(finding_key="k2", dossier_id="D-2"))
    event = AssessmentEvent(
        dossier_id="D-2", epreuve="E9.1", kind="reopen", person="Ada", at=MOMENT, reason="oubli"
    )
    desk.append_event(event, seen=0)


def told_of_the_desk(records: SqlDeskRecords) -> None:
    one, two = records.readings()
    assert (one.dossier_id, one.reopened_at, len(one.decisions)) == ("D-1", None, 1)
    assert [(v.person, v.seconds, v.outcome) for v in one.visits] == [("Anne Martin", 30, "accept")]
    assert (two.dossier_id, two.reopened_at, two.assessment.version) == ("D-2", MOMENT, 1)
    rubric = {"rubric_version": "1.0", "rubric_hash": "ab" * 32}
    assert records.origins() == {
        "k1": Origin(model="embarque/1", **rubric),
        "k2": Origin(model="modele-local-7b", prompt="criterion_review.v1", **rubric),
    }


def test_the_store_gives_back_what_people_did_and_what_made_the_drafts_they_ruled_on(
    tmp_path: Path,
) -> None:
    with SqlReviewStore(tmp_path / "preuve.sqlite3") as store:
        kept_at_the_desk(store)
        told_of_the_desk(SqlDeskRecords(store.database))
