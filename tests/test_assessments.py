"""The desk's store: readings, worksheets, visits, and the figures of the queue."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.adapters.sql_assessments import SqlAssessmentStore
from assistant.adapters.sql_store import SqlReviewStore
from assistant.domain.assessment import (
    Assessment,
    AssessmentEvent,
    EventKind,
    ReadingState,
    Seat,
    Visit,
    Worksheet,
)
from assistant.domain.attention import Attention, DraftFacts
from assistant.domain.decision import HumanDecision, final_decision, is_disputed, shift
from assistant.domain.queue import QueueFacts, queue_line
from assistant.domain.verdict import AttenduStatus, Verdict, VerdictRule
from assistant.errors import DecisionRefused, ReadingChanged
from assistant.ports import DossierRecord
from tests.sample_findings import MOMENT, decision, failure, finding
from tests.sample_report import summary

PLACE = ("D-1", "E9.1")
RULE = VerdictRule()
CE1, CE2, CE3 = "E9.1/audit/CE1", "E9.1/audit/CE2", "E9.1/plan/CE1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(tmp_path / "preuve.sqlite3") as opened:
        opened.save_dossier(record())
        yield opened


@pytest.fixture
def desk(store: SqlReviewStore) -> SqlAssessmentStore:
    return SqlAssessmentStore(store.database, store.journal)


def record(*epreuves: str) -> DossierRecord:
    manifest = {"summary": summary().model_dump(mode="json"), "given": {}}
    return DossierRecord(
        id="D-1",
        label="cand-001",
        folder="/dossiers/cand-001",
        epreuves=epreuves or ("E9.1",),
        manifest_json=json.dumps(manifest),
        updated_at=MOMENT,
    )


def event(kind: EventKind, person: str = "Ada", seat: Seat | None = None) -> AssessmentEvent:
    return AssessmentEvent(
        dossier_id="D-1",
        epreuve="E9.1",
        kind=kind,
        person=person,
        at=MOMENT,
        seat=seat,
        reason="Erreur de saisie." if kind == "reopen" else "",
        sha256="ab" * 32 if kind == "finalise" else "",
    )


def line(desk: SqlAssessmentStore, person: str = "Ada", readers: int = 1) -> QueueFacts:
    (only,) = desk.queue(person, readers=readers, rule=RULE)
    return only


def ruling(criterion: str = CE1, assessor: str = "Ada", **changes: object) -> HumanDecision:
    values = {"criterion_id": criterion, "assessor": assessor, "finding_key": "", **changes}
    return decision(**values)  # type: ignore[arg-type]


# Readings


def test_two_people_who_take_the_same_untouched_epreuve_do_not_both_have_it(
    desk: SqlAssessmentStore,
) -> None:
    desk.append_event(event("take", "Ada", "first"), seen=0)
    with pytest.raises(ReadingChanged):
        desk.append_event(event("take", "Bob", "first"), seen=0)

    assert desk.assessment(*PLACE).first == "Ada"
    assert [e.person for e in desk.events(*PLACE)] == ["Ada"]


def test_a_signed_epreuve_takes_no_decision_until_it_is_reopened(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    store.append_decision(ruling())
    desk.append_event(event("finalise"), seen=0, decisions=1)
    with pytest.raises(DecisionRefused):
        store.append_decision(ruling(CE2))

    desk.append_event(event("reopen"), seen=1)
    store.append_decision(ruling(CE2))
    assert len(store.decisions(*PLACE)) == 2


def test_nothing_is_signed_when_somebody_decided_meanwhile(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    store.append_decision(ruling())
    with pytest.raises(ReadingChanged):
        desk.append_event(event("finalise"), seen=0, decisions=0)
    assert desk.assessment(*PLACE) == Assessment(dossier_id="D-1", epreuve="E9.1")


def test_events_are_never_changed_nor_deleted(desk: SqlAssessmentStore, tmp_path: Path) -> None:
    desk.append_event(event("take", "Ada", "first"), seen=0)
    base = sqlite3.connect(tmp_path / "preuve.sqlite3")
    for statement in ("DELETE FROM assessment_events", "UPDATE assessment_events SET person='x'"):
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            base.execute(statement)
    base.close()


# Worksheets


def test_a_second_window_replaces_nothing_and_is_given_what_the_first_one_kept(
    desk: SqlAssessmentStore,
) -> None:
    place = (*PLACE, CE1, "Ada")
    first = desk.save_worksheet(*place, Worksheet(comment="Vu à l'oral."))
    assert first.accepted
    second = desk.save_worksheet(*place, Worksheet(comment="Page 4."))

    assert not second.accepted
    assert second.worksheet.comment == "Vu à l'oral."
    assert desk.worksheet(*place) == Worksheet(version=1, comment="Vu à l'oral.")
    assert desk.save_worksheet(*place, Worksheet(version=1, comment="Page 4.")).accepted


def test_the_same_words_sent_twice_are_no_conflict(desk: SqlAssessmentStore) -> None:
    place = (*PLACE, CE1, "Ada")
    desk.save_worksheet(*place, Worksheet(comment="Page 4."))
    again = desk.save_worksheet(*place, Worksheet(comment="Page 4."))
    assert again.accepted
    assert again.worksheet.version == 1


def test_a_person_s_worksheet_is_theirs_alone(desk: SqlAssessmentStore) -> None:
    desk.save_worksheet(*PLACE, CE1, "Ada", Worksheet(comment="Page 4."))
    assert desk.worksheets(*PLACE, "Bob") == {}


def test_a_visit_only_grows_and_belongs_to_one_person(desk: SqlAssessmentStore) -> None:
    desk.open_visit(
        Visit(
            id="v1",
            dossier_id="D-1",
            epreuve="E9.1",
            criterion_id=CE1,
            person="Ada",
            opened_at=MOMENT,
            draft_shown=True,
        )
    )
    desk.update_visit("v1", "Ada", seconds=12.5, looks=2, outcome="accept", untouched=True)
    desk.update_visit("v1", "Ada", seconds=3, looks=1)
    desk.update_visit("v1", "Bob", seconds=99, looks=9)

    (visit,) = desk.visits(*PLACE)
    assert (visit.seconds, visit.looks, visit.outcome, visit.untouched) == (12.5, 2, "accept", True)
    assert desk.drafts_seen(*PLACE, "Ada") == {CE1}
    assert desk.drafts_seen(*PLACE, "Bob") == frozenset()


# What decisions amount to


def test_undoing_brings_back_what_was_said_before_and_deletes_nothing() -> None:
    first = ruling(action="override", verdict=Verdict.MET, reason="Page 4.")
    second = ruling(action="override", verdict=Verdict.NOT_MET, reason="Non.")
    undone = ruling(action="withdraw", verdict=Verdict.NOT_MET)

    assert final_decision([first, second, undone]) == first
    assert final_decision([first, second, undone, undone]) is None


def test_one_of_two_readers_settles_nothing_alone() -> None:
    ada, bob = ruling(), ruling(assessor="Bob")
    assert final_decision([ada], readers=2) is None
    assert final_decision([ada, bob], readers=2) is not None


def test_a_blind_ruling_that_the_draft_contradicts_waits_for_its_author() -> None:
    blind = ruling(action="blind", verdict=Verdict.NOT_MET, draft_verdict=Verdict.PARTIALLY_MET)
    assert final_decision([blind]) is None
    assert not is_disputed([blind])

    kept = ruling(action="override", verdict=Verdict.NOT_MET, reason="Rien n'est daté.")
    changed = ruling(verdict=Verdict.PARTIALLY_MET)
    assert shift([blind, kept], "Ada") == (Verdict.NOT_MET, Verdict.NOT_MET)
    assert shift([blind, changed], "Ada") == (Verdict.NOT_MET, Verdict.PARTIALLY_MET)


# The queue


def test_the_queue_counts_what_asks_for_attention_as_the_drafts_say_it(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    drafts = [finding("k1", criterion_id=CE1), finding("k2", criterion_id=CE2)]
    drafts[1] = drafts[1].model_copy(
        update={
            "verdict": Verdict.NOT_MET,
            "attendus": tuple(
                a.model_copy(update={"etoile": True, "status": AttenduStatus.ABSENT})
                for a in drafts[1].attendus[:2]
            ),
        }
    )
    for draft in (*drafts, failure(criterion_id=CE3)):
        store.save_finding("D-1", draft)

    facts = desk.draft_facts(*PLACE)
    assert facts[CE1] == DraftFacts.of(drafts[0])
    expected: dict[Attention, int] = {}
    for fact in facts.values():
        for reason in fact.attention(RULE):
            expected[reason] = expected.get(reason, 0) + 1
    found = line(desk)
    assert found.reasons == expected
    assert found.drafted == 3
    assert Attention.FAILURE in expected
    assert Attention.NEAR in expected


def test_the_queue_agrees_with_the_decisions(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    store.append_decision(ruling(CE1))
    store.append_decision(ruling(CE2))
    store.append_decision(
        ruling(CE2, "Bob", action="override", verdict=Verdict.MET, reason="Page 4.")
    )
    store.append_decision(ruling(CE3))
    store.append_decision(ruling(CE3, action="withdraw"))

    found = line(desk)
    assert (found.settled, found.disputed, found.ruled, found.mine) == (1, 1, 2, 2)
    assert line(desk, readers=2).settled == 0

    store.append_decision(
        ruling(CE2, "Cy", action="adjudicate", verdict=Verdict.MET, reason="Page 4.")
    )
    found = line(desk)
    assert (found.settled, found.disputed) == (2, 0)


def test_a_ruling_about_a_draft_made_again_since_is_counted(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    store.save_finding("D-1", finding("k1", criterion_id=CE1))
    store.append_decision(ruling(CE1, finding_key="k1"))
    assert line(desk).stale == 0
    store.save_finding("D-1", finding("k2", criterion_id=CE1))
    assert line(desk).stale == 1


def test_an_epreuve_that_the_dossier_no_longer_answers_leaves_the_queue(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    store.save_dossier(record("E9.2"))
    assert line(desk).assessment.epreuve == "E9.2"


def test_a_reader_sees_only_their_own_progress_while_two_read_apart(
    store: SqlReviewStore, desk: SqlAssessmentStore
) -> None:
    desk.append_event(event("take", "Ada", "first"), seen=0)
    desk.append_event(event("take", "Bob", "second"), seen=1)
    store.append_decision(ruling(CE1, "Bob"))
    store.append_decision(ruling(CE2, "Bob", action="override", verdict=Verdict.MET, reason="4."))
    store.append_decision(ruling(CE2, "Ada"))

    seen = queue_line(line(desk, readers=2), "Ada", total=4, readers=2)
    assert (seen.done, seen.state) == (1, ReadingState.IN_PROGRESS)

    desk.append_event(event("submit", "Ada"), seen=2)
    desk.append_event(event("submit", "Bob"), seen=3)
    seen = queue_line(line(desk, readers=2), "Ada", total=4, readers=2)
    assert (seen.done, seen.state) == (0, ReadingState.TO_ARBITRATE)


def test_a_database_of_the_first_version_gets_its_figures(tmp_path: Path) -> None:
    path = tmp_path / "preuve.sqlite3"
    with SqlReviewStore(path) as store:
        store.save_dossier(record())
        store.save_finding("D-1", finding("k1", criterion_id=CE1))
        store.save_finding("D-1", failure(criterion_id=CE2))
        store.append_decision(ruling(CE1, finding_key="k1"))
        before = line(SqlAssessmentStore(store.database, store.journal))
        facts = SqlAssessmentStore(store.database, store.journal).draft_facts(*PLACE)
    _back_to_the_first_version(path)

    with SqlReviewStore(path) as store:
        desk = SqlAssessmentStore(store.database, store.journal)
        assert line(desk) == before
        assert desk.draft_facts(*PLACE) == facts
    assert before.drafted == 2
    assert before.settled == 1


def _back_to_the_first_version(path: Path) -> None:
    first = {"dossiers", "findings", "current_findings", "decisions", "notes", "preuve_schema"}
    base = sqlite3.connect(path)
    names = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (name,) in names:
        if name not in first and not name.startswith("sqlite_"):
            base.execute(f"DROP TABLE {name}")
    base.execute("UPDATE preuve_schema SET version_num = '0001'")
    base.commit()
    base.close()
