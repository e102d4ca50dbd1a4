import pytest

from assistant.domain.case import ComparedPiece
from assistant.domain.finding import CheckOutcome, CheckResult
from assistant.domain.rubric import GroundingThresholds, Portee
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.review import finding_key, review_criterion
from tests.factories import FixedClock, FixedJudge, case, criterion, document

TEXT = document("# Pesées", "La farine est pesée à 1 200 g et notée dans le cahier.")


def review(judge, built=None):
    built = built or case(TEXT)
    grounder = Grounder(built.deliverables, GroundingThresholds())
    return review_criterion(built, judge, grounder, FixedClock(), dossier_id="D-1", key="k")


def test_a_verified_quote_carries_the_verdict():
    finding = review(FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée à 1 200 g"))
    assert finding.verdict is Verdict.MET
    assert finding.evidence[0].quote == "La farine est pesée à 1 200 g"


def test_an_invented_quote_withholds_the_verdict_and_is_shown():
    finding = review(FixedJudge(AttenduStatus.SATISFIED, "Le sel est pesé chaque matin."))
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert "vérifi" in finding.abstention_fr
    assert [r.quote for r in finding.rejected] == ["Le sel est pesé chaque matin."]
    assert finding.attendus[0].withheld is AttenduStatus.SATISFIED


def test_the_judge_s_own_verdict_is_kept_beside_the_derived_one():
    finding = review(FixedJudge(AttenduStatus.ABSENT, verdict=Verdict.MET))
    assert finding.verdict is Verdict.NOT_MET
    assert finding.judge_verdict is Verdict.MET


def test_an_absence_carries_its_search_record():
    finding = review(FixedJudge(AttenduStatus.ABSENT))
    assert finding.verdict is Verdict.NOT_MET
    assert finding.search.queries
    assert finding.search.sections == ("Pesées",)
    assert finding.search.nearest


def test_an_absence_is_not_concluded_from_a_file_read_in_part():
    partly = case(document("La farine est pesée.", unread=0.5))
    finding = review(FixedJudge(AttenduStatus.ABSENT), partly)
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert finding.search.coverage == 0.5


def test_a_missing_piece_forbids_a_comparison():
    crossed = criterion(portees=(Portee.CROISEE,), pieces=("brief",))
    finding = review(
        FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée"),
        case(TEXT, asked=crossed, missing=("brief",)),
    )
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert "« brief »" in finding.abstention_fr


def discrepancy(attendu: int | None) -> CheckResult:
    return CheckResult(
        code="DET-SOMME",
        title_fr="Somme",
        outcome=CheckOutcome.DISCREPANCY,
        strength="C",
        message_fr="2 + 2 = 4, annoncé 5.",
        attendu=attendu,
    )


@pytest.mark.parametrize(
    ("attendu", "verdict"), [(1, Verdict.NOT_MET), (None, Verdict.NOT_ASSESSABLE)]
)
def test_a_conclusive_check_overrules_on_its_attendu_and_stops_a_favourable_verdict(
    attendu, verdict
):
    finding = review(
        FixedJudge(AttenduStatus.SATISFIED, "La farine est pesée à 1 200 g"),
        case(TEXT, checks=(discrepancy(attendu),)),
    )
    assert finding.verdict is verdict
    assert finding.checks[0].message_fr == "2 + 2 = 4, annoncé 5."


def test_the_key_changes_with_all_that_determines_the_answer_and_with_nothing_else():
    def key(built, judge, dossier="D-1", tools="t"):
        return finding_key(built, judge.engine, dossier_id=dossier, tools=tools)

    judge = FixedJudge(AttenduStatus.SATISFIED)
    base = key(case(TEXT), judge)
    assert key(case(TEXT, checks=(discrepancy(1),)), judge) == base
    others = [
        key(case(document("Autre texte, autre fichier.")), judge),
        key(case(TEXT, asked=criterion(reperage=("levain",))), judge),
        key(case(TEXT, pieces=(ComparedPiece(nom="brief", documents=(TEXT,)),)), judge),
        key(case(TEXT), FixedJudge(AttenduStatus.SATISFIED, engine="embedded")),
        key(case(TEXT), judge, dossier="D-2"),
        key(case(TEXT), judge, tools="u"),
    ]
    assert len({base, *others}) == 7
