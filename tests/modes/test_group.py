"""One request for the criteria of a group: shared, exact, and undone without loss."""

import pytest

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import HashingEmbedder
from assistant.adapters.llm.group import shared_usage
from assistant.adapters.sql_store import SqlReviewStore
from assistant.app.cases import EpreuveBench
from assistant.app.runner import ALONE_FR, EpreuveRunner
from assistant.domain.finding import CriterionFinding, FindingFailure, Usage
from assistant.domain.rubric import Portee, RubricSet
from assistant.domain.verdict import Verdict
from assistant.errors import ModelKeyRefused, ModelReplyInvalid, ModelUnavailable
from tests.factories import FixedClock, criterion, rubric_set
from tests.modes.asking import LONG, AnsweringModel, always, judge, review, text_of
from tests.test_runner import dossier

QUOTE = "La farine est pesée à 1 200 g"
GRID = rubric_set(*(criterion(n) for n in range(1, 4)))


def said(status: str = "satisfait") -> dict[str, object]:
    attendu = {"numero": 1, "citations": [QUOTE], "statut": status, "justification": "Écrit."}
    return review({}, attendus=[attendu])


def together(count: int = 3, **changes: object) -> dict[str, object]:
    return {"criteres": [{"critere": n, "reponse": said(**changes)} for n in range(1, count + 1)]}


@pytest.fixture
def store(tmp_path):
    return SqlReviewStore(tmp_path / "s.sqlite3")


@pytest.fixture(scope="module")
def dense():
    return ChromaChunkIndex(HashingEmbedder())


def run(model, store, dense, *, grid: RubricSet = GRID, **options):
    bench = EpreuveBench(dossier(), grid.rubric("P1"), grid, dense)
    a_judge = judge(model, mode="groupe", **options)
    return EpreuveRunner(bench, a_judge, store, FixedClock(), tools="t").run()


def test_one_request_makes_the_findings_of_the_whole_group(store, dense) -> None:
    model = AnsweringModel({"group_reply": always(together())})
    findings = run(model, store, dense)

    assert len(model.prompts) == 1
    assert model.prompts[0].messages[1].text.count(QUOTE) == 1
    assert [f.criterion_id for f in findings] == [c.id for c in GRID.rubric("P1").criteres]
    assert all(isinstance(f, CriterionFinding) and f.verdict is Verdict.MET for f in findings)
    usages = [f.provenance.usage for f in findings]
    assert sum(usage.calls for usage in usages) == 1
    assert sum(usage.input_tokens for usage in usages) == len(text_of(model.prompts[0]))
    assert "avec 2 autres critères" in " ".join(findings[0].notes_fr)


def test_a_group_is_not_asked_about_twice(store, dense) -> None:
    run(AnsweringModel({"group_reply": always(together())}), store, dense)
    silent = AnsweringModel({})

    assert all(isinstance(f, CriterionFinding) for f in run(silent, store, dense))
    assert silent.prompts == []


def test_changing_one_criterion_asks_its_whole_group_again(store, dense) -> None:
    """The other criteria were in the same request: their answers may depend on it."""
    run(AnsweringModel({"group_reply": always(together())}), store, dense)
    changed = rubric_set(criterion(1), criterion(2), criterion(3, reperage=("levain",)))
    model = AnsweringModel({"group_reply": always(together())})
    run(model, store, dense, grid=changed)

    assert len(model.prompts) == 1


def test_a_group_answered_amiss_is_asked_about_criterion_by_criterion(store, dense) -> None:
    invalid = ModelReplyInvalid("bad", cause="illisible")
    model = AnsweringModel({"group_reply": lambda p: invalid, "criterion_reply": always(said())})
    findings = run(model, store, dense)

    assert model.kinds == ["group_review.v3", *["criterion_review.v1"] * 3]
    assert all(isinstance(f, CriterionFinding) and ALONE_FR in f.notes_fr for f in findings)


@pytest.mark.parametrize(
    "reply",
    [together(2), together(4), {"criteres": [{"critere": 1, "reponse": said()}] * 3}],
    ids=["one missing", "one too many", "one thrice"],
)
def test_every_criterion_of_the_group_is_due_once(store, dense, reply) -> None:
    model = AnsweringModel({"group_reply": always(reply)})
    with pytest.raises(ValueError, match="une fois chacun"):
        run(model, store, dense)


def test_one_criterion_failing_alone_stops_none_of_the_others(store, dense) -> None:
    invalid = ModelReplyInvalid("bad", cause="illisible")
    replies = iter([said(), invalid, said()])
    model = AnsweringModel(
        {"group_reply": lambda p: invalid, "criterion_reply": lambda p: next(replies)}
    )
    findings = run(model, store, dense)

    assert [isinstance(f, FindingFailure) for f in findings] == [False, True, False]


@pytest.mark.parametrize(
    "error", [ModelUnavailable("down", cause="en panne"), ModelKeyRefused("401", host="ici")]
)
def test_an_absent_server_fails_the_group_without_asking_each(store, dense, error) -> None:
    model = AnsweringModel({"group_reply": lambda p: error})
    findings = run(model, store, dense)

    assert len(model.prompts) == 1
    assert all(isinstance(f, FindingFailure) for f in findings)
    assert findings[2].message_fr == error.user_message


def test_a_file_too_long_for_a_group_goes_criterion_by_criterion(store, dense) -> None:
    model = AnsweringModel({"criterion_reply": always(said())})
    wordy = criterion(3).model_copy(update={"vigilance": LONG * 400})
    findings = run(
        model, store, dense, grid=rubric_set(criterion(1), criterion(2), wordy), useful_tokens=7000
    )

    assert "group_review.v3" not in model.kinds
    assert sum(isinstance(f, CriterionFinding) for f in findings) == 2


def test_a_group_of_one_is_asked_about_as_the_others_are(store, dense) -> None:
    """So that its request begins with the same bytes: the document is not paid for twice."""
    model = AnsweringModel({"group_reply": always(together(1))})
    (finding,) = run(model, store, dense, grid=rubric_set(criterion(1)))

    assert model.kinds == ["group_review.v3"]
    assert isinstance(finding, CriterionFinding)
    assert "autre(s) critère(s)" not in " ".join(finding.notes_fr)


def test_groups_are_cut_to_what_a_reply_can_hold() -> None:
    many = rubric_set(*(criterion(n, attendus=[("Un attendu.", True)] * 6) for n in range(1, 8)))
    bundles = judge(AnsweringModel({}), mode="groupe").together(many.rubric("P1"))

    assert [len(bundle) for bundle in bundles] == [3, 3, 1]
    assert [c.ce for bundle in bundles for c in bundle] == list(range(1, 8))


def test_other_modes_ask_about_each_criterion_alone() -> None:
    bundles = judge(AnsweringModel({})).together(GRID.rubric("P1"))
    assert [len(bundle) for bundle in bundles] == [1, 1, 1]


def test_shares_of_a_usage_add_up_to_it() -> None:
    whole = Usage(calls=1, input_tokens=1001, cached_tokens=7, output_tokens=50, cost_eur=0.3)
    shares = list(shared_usage(whole, 3))

    assert sum(s.calls for s in shares) == 1
    assert sum(s.input_tokens for s in shares) == 1001
    assert sum(s.cached_tokens for s in shares) == 7
    assert sum(s.cost_eur or 0 for s in shares) == pytest.approx(0.3)


def test_a_group_may_read_whole_what_one_of_its_criteria_wants_whole(store, dense) -> None:
    grid = rubric_set(criterion(1, portees=(Portee.INTEGRALE,)), criterion(2))
    model = AnsweringModel({"group_reply": always(together(2, status="absent"))})
    findings = run(model, store, dense, grid=grid)

    assert {f.verdict for f in findings if isinstance(f, CriterionFinding)} == {Verdict.NOT_MET}
