"""An error of substance makes a criterion not met, whatever the shares of the rule say."""

from collections.abc import Sequence

from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, CriterionCase, Judgement
from assistant.domain.finding import CheckOutcome, CheckResult, CriterionFinding, EngineId
from assistant.domain.rubric import GroundingThresholds
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.grounding import Grounder
from assistant.review import review_criterion
from tests.factories import FixedClock, case, criterion, document

S, P = AttenduStatus.SATISFIED, AttenduStatus.PARTIAL
A, N = AttenduStatus.ABSENT, AttenduStatus.NOT_VERIFIABLE
TEXT = document(
    "# Budget",
    "Farine : 3 200 €. Total : 7 930 €.",
    "Le client ferme l'été ; nous ouvrons l'été.",
    "Le détail des dépenses sera précisé dans une prochaine version.",
)
LINE = "Farine : 3 200 €. Total : 7 930 €."
CONTRARY = "nous ouvrons l'été"
ASKED = criterion(attendus=(("Le budget est ventilé.", True), ("Le total est juste.", True)))


class Model:
    """Says one status with its quotes on each attendu, and a verdict of its own."""

    engine = EngineId(engine="llm", version="test/1")

    def __init__(self, *words: tuple[AttenduStatus, Sequence[str]], verdict: Verdict) -> None:
        self.words = words
        self.verdict = verdict

    def assess(self, case: CriterionCase) -> Judgement:
        return Judgement(
            attendus=tuple(
                AttenduJudgement(numero=number, status=status, quotes=tuple(quotes))
                for number, (status, quotes) in enumerate(self.words, start=1)
            ),
            rationale="Parce que.",
            verdict=self.verdict,
        )


def found(model: Model, *checks: CheckResult) -> CriterionFinding:
    built = case(TEXT, asked=ASKED, checks=checks)
    grounder = Grounder(built.deliverables, GroundingThresholds())
    return review_criterion(built, model, grounder, FixedClock(), dossier_id="D-1", key="k")


def wrong_total(attendu: int | None, code: str = "DET-SOMME") -> CheckResult:
    return CheckResult(
        code=code,
        title_fr="Somme",
        outcome=CheckOutcome.DISCREPANCY,
        strength="C",
        message_fr="La somme est 8 430 €, annoncée 7 930 €.",
        attendu=attendu,
    )


def test_a_check_that_the_grid_calls_substance_makes_not_met_on_a_determining_attendu():
    model = Model((S, [LINE]), (P, [LINE]), verdict=Verdict.PARTIALLY_MET)
    finding = found(model, wrong_total(2))
    assert finding.verdict is Verdict.NOT_MET
    assert finding.judge_verdict is Verdict.PARTIALLY_MET
    assert "DET-SOMME est en écart sur l'attendu déterminant n° 2" in finding.notes_fr[0]
    assert "« À revoir »" in finding.notes_fr[0]


def test_another_check_only_overrules_its_own_attendu():
    model = Model((S, [LINE]), (P, [LINE]), verdict=Verdict.PARTIALLY_MET)
    finding = found(model, wrong_total(2, code="DET-FREQ"))
    assert finding.verdict is Verdict.PARTIALLY_MET
    assert finding.attendus[1].status is A


def test_a_quote_that_shows_the_contrary_carries_the_model_s_not_met():
    model = Model((S, [LINE]), (A, [CONTRARY]), verdict=Verdict.NOT_MET)
    finding = found(model)
    assert finding.verdict is Verdict.NOT_MET
    assert "contredit l'attendu déterminant n° 2" in finding.notes_fr[0]


def test_a_contrary_that_is_not_in_the_file_carries_nothing():
    model = Model((S, [LINE]), (A, ["nous fermons toute l'année"]), verdict=Verdict.NOT_MET)
    finding = found(model)
    assert finding.verdict is Verdict.PARTIALLY_MET
    assert finding.rejected


def test_an_element_that_is_only_missing_is_no_error_of_substance():
    model = Model((S, [LINE]), (A, []), verdict=Verdict.NOT_MET)
    assert found(model).verdict is Verdict.PARTIALLY_MET


def test_a_contrary_quote_is_no_error_of_substance_when_the_model_does_not_conclude_so():
    model = Model((S, [LINE]), (A, [CONTRARY]), verdict=Verdict.PARTIALLY_MET)
    assert found(model).verdict is Verdict.PARTIALLY_MET


def test_a_check_on_the_whole_criterion_counts_when_the_model_agrees_with_it():
    words = ((S, [LINE]), (P, [LINE]))
    agrees = found(Model(*words, verdict=Verdict.NOT_MET), wrong_total(None))
    assert agrees.verdict is Verdict.NOT_MET
    assert "s'accorde avec le contrôle DET-SOMME" in agrees.notes_fr[0]
    differs = found(Model(*words, verdict=Verdict.PARTIALLY_MET), wrong_total(None))
    assert differs.verdict is Verdict.PARTIALLY_MET


def test_partly_met_is_not_concluded_from_what_is_told_elsewhere_when_the_model_abstains():
    model = Model((P, [LINE]), (N, []), verdict=Verdict.NOT_ASSESSABLE)
    finding = found(model)
    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert finding.reasons == (AbstentionReason.UNDECIDED,)
    judged = found(Model((P, [LINE]), (N, []), verdict=Verdict.PARTIALLY_MET))
    assert judged.verdict is Verdict.PARTIALLY_MET


def test_a_promise_shows_an_absence_and_is_no_error_of_substance():
    promise = "Le détail des dépenses sera précisé dans une prochaine version."
    finding = found(Model((S, [LINE]), (A, [promise]), verdict=Verdict.NOT_MET))
    assert finding.verdict is Verdict.PARTIALLY_MET
    assert finding.attendus[1].status is A
    assert [item.quote for item in finding.attendus[1].evidence] == [promise.rstrip(".")]
    assert not finding.rejected


def test_what_a_check_read_stays_beside_an_absence_that_it_shows():
    seen = Grounder([TEXT], GroundingThresholds()).ground([LINE])[0]
    check = wrong_total(2).model_copy(update={"observed": seen})
    finding = found(Model((S, [LINE]), (A, [CONTRARY]), verdict=Verdict.NOT_MET), check)
    quotes = [item.quote for item in finding.attendus[1].evidence]
    assert quotes == [CONTRARY, seen[0].quote]
