"""A draft that takes several requests, cut between two: what was answered is not asked again."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import HashingEmbedder
from assistant.adapters.sql_answers import GivenAnswerRow
from assistant.adapters.sql_erasure import keyed_tables
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app.cases import EpreuveBench
from assistant.app.runner import EpreuveRunner
from assistant.domain.finding import CriterionFinding, Finding, FindingFailure
from assistant.domain.verdict import Verdict
from assistant.errors import ModelUnavailable
from assistant.ports import GivenAnswer, Prompt, Reply
from tests.factories import FixedClock, criterion, rubric_set
from tests.modes.asking import AnsweringModel, always, evidence, judge, review
from tests.test_runner import dossier

QUOTE = "La farine est pesée à 1 200 g"
GRID = rubric_set(criterion())
DOWN = ModelUnavailable("down", cause="en panne")


def word(proof: str, value: list[Any]) -> dict[str, Any]:
    said = {"numero": 1, proof: value, "statut": "satisfait", "justification": "Écrit."}
    return review({}, attendus=[said])


ANSWERS = {
    "evidence_reply": always(evidence(a1=[QUOTE])),
    "verdict_reply": always(word("preuves", [1])),
    "criterion_reply": always(word("citations", [QUOTE])),
}


class Cut(BaseException):
    """The program is killed: nothing of it catches this."""


class CutModel(AnsweringModel):
    """Answers a few requests, then the program is cut, or the model gone."""

    def __init__(self, requests: int, end: BaseException) -> None:
        super().__init__(ANSWERS)
        self._left = requests
        self._end = end

    def answer(self, prompt: Prompt, reply_type: type[Reply]):
        if self._left == 0:
            raise self._end
        self._left -= 1
        return super().answer(prompt, reply_type)


@pytest.fixture
def store(tmp_path) -> Iterator[SqlReviewStore]:
    with SqlReviewStore(tmp_path / "s.sqlite3") as opened:
        yield opened


@pytest.fixture(scope="module")
def dense() -> ChromaChunkIndex:
    return ChromaChunkIndex(HashingEmbedder())


def run(model, store, dense, *, grid=GRID, **options) -> Finding:
    bench = EpreuveBench(dossier(), grid.rubric("P1"), grid, dense)
    (finding,) = EpreuveRunner(bench, judge(model, **options), store, FixedClock(), tools="t").run()
    return finding


def kept(store: SqlReviewStore) -> int:
    return store.database.read(lambda session: len(session.scalars(select(GivenAnswerRow)).all()))


@pytest.mark.parametrize("mode", ["preuves_puis_verdict", "votes"])
def test_a_program_cut_between_two_requests_asks_only_the_second_when_it_is_run_again(
    store, dense, tmp_path, mode: str
) -> None:
    options = {"mode": mode, "votes": 2}
    with pytest.raises(Cut):
        run(CutModel(1, Cut()), store, dense, **options)
    assert kept(store) == 1

    again = AnsweringModel(ANSWERS)
    finding = run(again, store, dense, **options)

    with SqlReviewStore(tmp_path / "autre.sqlite3") as other:
        whole = run(AnsweringModel(ANSWERS), other, dense, **options)
    assert len(again.prompts) == 1
    assert isinstance(finding, CriterionFinding)
    assert isinstance(whole, CriterionFinding)
    assert finding.verdict is Verdict.MET
    assert finding.model_copy(update={"provenance": whole.provenance}) == whole
    assert finding.provenance.usage == whole.provenance.usage, "what it cost in all is told"
    assert kept(store) == 0, "the draft is kept: its answers are of no more use"


def test_votes_given_before_the_model_failed_are_not_paid_for_again(store, dense) -> None:
    failed = run(CutModel(2, DOWN), store, dense, mode="votes", votes=3)
    assert isinstance(failed, FindingFailure)
    assert kept(store) == 2, "a failure forgets nothing"

    again = AnsweringModel(ANSWERS)
    assert isinstance(run(again, store, dense, mode="votes", votes=3), CriterionFinding)
    assert len(again.prompts) == 1


def test_each_vote_is_asked_for_even_when_two_ask_the_very_same_thing(store, dense) -> None:
    model = AnsweringModel(ANSWERS)  # a single attendu has a single order
    run(model, store, dense, mode="votes", votes=3)

    assert len(model.prompts) == 3
    assert len({prompt.messages for prompt in model.prompts}) == 1


def test_a_draft_of_one_request_keeps_nothing_but_itself(store, dense) -> None:
    run(CutModel(0, DOWN), store, dense, mode="critere")
    assert kept(store) == 0
    run(AnsweringModel(ANSWERS), store, dense, mode="critere")
    assert kept(store) == 0


def test_an_answer_to_another_grid_is_not_taken(store, dense) -> None:
    run(CutModel(1, DOWN), store, dense, mode="preuves_puis_verdict")
    changed = rubric_set(criterion(attendus=[("La farine est pesée au gramme.", True)]))

    again = AnsweringModel(ANSWERS)
    run(again, store, dense, grid=changed, mode="preuves_puis_verdict")
    assert len(again.prompts) == 2


def test_a_kept_answer_that_no_longer_has_the_form_asked_for_is_asked_again(store, dense) -> None:
    run(CutModel(1, DOWN), store, dense, mode="preuves_puis_verdict")

    def spoil(session) -> None:
        row = session.scalars(select(GivenAnswerRow)).one()
        given = GivenAnswer.model_validate_json(row.body)
        row.body = given.model_copy(update={"reply_json": '{"attendus": 3}'}).model_dump_json()

    store.database.write(spoil)
    again = AnsweringModel(ANSWERS)
    assert isinstance(run(again, store, dense, mode="preuves_puis_verdict"), CriterionFinding)
    assert len(again.prompts) == 2


def test_what_was_answered_about_a_candidate_is_erased_with_the_rest() -> None:
    assert GivenAnswerRow.__table__ in keyed_tables()
