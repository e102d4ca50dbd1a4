import pytest

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import HashingEmbedder
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app.cases import EpreuveBench
from assistant.app.runner import EpreuveRunner
from assistant.domain.dossier import AssignmentSource, Dossier, DossierFile, FileRole
from assistant.domain.finding import CriterionFinding, EngineId, FindingFailure
from assistant.domain.verdict import AttenduStatus
from assistant.errors import ModelKeyRefused, ModelReplyInvalid
from tests.factories import FixedClock, FixedJudge, criterion, document, rubric_set

TEXT = document("# Pesées", "La farine est pesée à 1 200 g et notée dans le cahier.")
GRID = rubric_set(*(criterion(n) for n in range(1, 7)))


class FailingJudge(FixedJudge):
    """Fails on the second criterion, with the error it is given."""

    def __init__(self, error):
        super().__init__(AttenduStatus.SATISFIED, "La farine est pesée")
        self.error = error

    def assess(self, case):
        if case.criterion.ce == 2:
            self.calls += 1
            raise self.error
        return super().assess(case)


@pytest.fixture
def store(tmp_path):
    return SqlReviewStore(tmp_path / "s.sqlite3")


@pytest.fixture(scope="module")
def dense():
    return ChromaChunkIndex(HashingEmbedder())


def dossier(*, id="D-1"):
    return Dossier(
        id=id,
        files=(
            DossierFile(
                filename=TEXT.filename,
                sha256=TEXT.sha256,
                role=FileRole.DELIVERABLE,
                epreuves=("P1",),
                source=AssignmentSource.GIVEN,
            ),
        ),
        documents={TEXT.sha256: TEXT},
    )


def run(judge, store, dense, *, concurrency=1, on_result=None, grid=GRID, id="D-1"):
    bench = EpreuveBench(dossier(id=id), grid.rubric("P1"), grid, dense)
    runner = EpreuveRunner(bench, judge, store, FixedClock(), tools="t", concurrency=concurrency)
    return runner.run(on_result)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_every_criterion_ends_in_one_finding_in_the_grid_s_order(store, dense, concurrency):
    judge = FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée")
    findings = run(judge, store, dense, concurrency=concurrency)
    assert [f.criterion_id for f in findings] == [c.id for c in GRID.rubric("P1").criteres]
    assert judge.calls == 6


@pytest.mark.parametrize("concurrency", [1, 3])
def test_one_failing_criterion_stops_none_of_the_others(store, dense, concurrency):
    error = ModelReplyInvalid("bad", cause="illisible")
    findings = run(FailingJudge(error), store, dense, concurrency=concurrency)
    failed = [f for f in findings if isinstance(f, FindingFailure)]
    assert [f.criterion_id for f in failed] == ["P1/petrissage/CE2"]
    assert failed[0].message_fr == error.user_message
    assert sum(isinstance(f, CriterionFinding) for f in findings) == 5


def test_nothing_unchanged_is_judged_twice_and_a_failure_is_tried_again(store, dense):
    run(FailingJudge(ModelReplyInvalid("bad", cause="illisible")), store, dense)
    again = FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée")
    kept = []
    findings = run(again, store, dense, on_result=lambda f, from_store: kept.append(from_store))
    assert again.calls == 1
    assert kept.count(True) == 5
    assert all(isinstance(f, CriterionFinding) for f in findings)


def test_changing_one_criterion_redoes_only_that_one(store, dense):
    run(FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée"), store, dense)
    mended = rubric_set(*(criterion(n) for n in range(1, 6)), criterion(6, reperage=("levain",)))
    judge = FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée")
    run(judge, store, dense, grid=mended)
    assert judge.calls == 1


def test_a_refused_key_is_asked_once_and_told_for_all_the_rest(store, dense):
    judge = FailingJudge(ModelKeyRefused("401", host="exemple"))
    findings = run(judge, store, dense)
    assert judge.calls == 2
    assert [isinstance(f, FindingFailure) for f in findings] == [False] + [True] * 5


def test_two_candidates_with_the_same_file_do_not_share_a_finding(store, dense):
    judge = FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée")
    run(judge, store, dense, id="D-1")
    run(judge, store, dense, id="D-2")
    assert judge.calls == 12


def test_another_model_drafts_again_and_the_first_draft_is_still_kept(store, dense):
    first = FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée")
    second = FixedJudge(AttenduStatus.ABSENT)
    second.engine = EngineId(engine="llm", version="test/1", model="autre")
    run(first, store, dense)
    run(second, store, dense)
    assert second.calls == 6
    run(first, store, dense)
    assert first.calls == 6


class KilledError(BaseException):
    """What a killed process looks like from inside: nothing catches it."""


def test_what_was_finished_before_an_interruption_is_kept(store, dense):
    class Interrupted(FixedJudge):
        def assess(self, case):
            if case.criterion.ce == 4:
                raise KilledError
            return super().assess(case)

    with pytest.raises(KilledError):
        run(Interrupted(AttenduStatus.SATISFIED, "La farine est pesée"), store, dense)
    judge = FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée")
    run(judge, store, dense)
    assert judge.calls == 3
