"""Several readings of one criterion: other orders, one result, and disagreement said as such."""

import re

import pytest

from assistant.adapters.llm.ballots import in_true_order, merged, orders, reordered
from assistant.domain.abstention import AbstentionReason
from assistant.domain.case import AttenduJudgement, Judgement, Sighting
from assistant.domain.rubric import Portee
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import ModelUnavailable
from tests.llm_cases import SENTENCE, case
from tests.modes.asking import AnsweringModel, draft, evidence, judge, review, unchecked, words
from tests.modes.test_two_steps import long_case

S, P, A = AttenduStatus.SATISFIED, AttenduStatus.PARTIAL, AttenduStatus.ABSENT
FIRST = "Un rythme de publication chiffré est annoncé."


def by_text(*replies: dict[str, str]):
    """A model whose n-th reading gives these statuses to the attendus of these first words."""
    calls = iter(replies)

    def answer(prompt: str) -> dict[str, object]:
        given = next(calls)
        listed = re.findall(r"^(\d+)\. (?:★ )?(\w+ \w+)", prompt.rpartition("Attendus :")[2], re.M)
        return review({int(number): given[text] for number, text in listed})

    return AnsweringModel({"criterion_reply": answer})


ALL_MET = {
    "Un rythme": "satisfait",
    "Les jours": "satisfait",
    "Un responsable": "satisfait",
    "Le budget": "absent",
}


def test_readings_that_agree_give_the_verdict_of_one() -> None:
    model = by_text(ALL_MET, ALL_MET, ALL_MET)
    finding = draft(judge(model, mode="votes"), unchecked(case(attendus=4)))

    assert finding.verdict is Verdict.MET
    assert [a.status for a in finding.attendus] == [S, S, S, A]
    assert finding.provenance.usage.calls == 3
    assert "Les 3 lectures du modèle concordent" in finding.notes_fr[0]


def test_each_reading_has_its_attendus_in_another_order_on_the_same_prefix() -> None:
    model = by_text(ALL_MET, ALL_MET, ALL_MET)
    judge(model, mode="votes").assess(case(attendus=4))

    listed = [p.messages[-1].text.rpartition("Attendus :")[2] for p in model.prompts]
    assert len(set(listed)) == 3
    assert listed[0].index(FIRST) < listed[0].index("Les jours")
    assert len({p.messages[:2] for p in model.prompts}) == 1


def test_a_split_on_a_determining_attendu_abstains_and_says_why() -> None:
    doubtful = ALL_MET | {"Les jours": "partiel"}
    model = by_text(ALL_MET, doubtful, ALL_MET)
    finding = draft(judge(model, mode="votes"), unchecked(case(attendus=4)))

    assert finding.verdict is Verdict.NOT_ASSESSABLE
    assert AbstentionReason.SPLIT_VOTES in finding.reasons
    told = "n° 2 : « satisfait » 2 fois, « partiel » 1 fois"
    assert told in finding.abstention_fr
    assert told in " ".join(finding.notes_fr)
    assert finding.attendus[1].reason is AbstentionReason.SPLIT_VOTES
    assert finding.attendus[1].evidence  # what the readings quoted is still shown


def test_a_split_on_another_attendu_is_shown_and_does_not_withhold_the_verdict() -> None:
    doubtful = ALL_MET | {"Un responsable": "absent"}
    model = by_text(ALL_MET, doubtful, ALL_MET)
    finding = draft(judge(model, mode="votes"), unchecked(case(attendus=4)))

    assert finding.verdict is Verdict.MET
    assert finding.attendus[2].status is S
    assert "Lectures partagées" in finding.attendus[2].justification
    assert "Incertitude" in " ".join(finding.notes_fr)


def test_a_verdict_that_stands_whatever_the_split_is_given() -> None:
    """The rule's worst and best cases agree: nothing hangs on the disagreement."""
    a_case = unchecked(case(attendus=2))
    missing = {"Un rythme": "absent", "Les jours": "absent"}
    model = by_text(missing, missing, missing)

    assert draft(judge(model, mode="votes"), a_case).verdict is Verdict.NOT_MET


def test_without_a_majority_the_least_favourable_status_is_kept() -> None:
    a_case = case(attendus=4)
    result = merged(a_case, [ballot(S, S, third) for third in (S, P, A)])

    assert result.attendus[2].status is A


def test_two_models_answer_in_turn() -> None:
    one, other = by_text(ALL_MET), by_text(ALL_MET | {"Un rythme": "absent"})
    other.name = "autre/2"
    a_judge = judge(one, other, mode="votes", votes=2)
    finding = draft(a_judge, unchecked(case(attendus=4)))

    assert (len(one.prompts), len(other.prompts)) == (1, 1)
    assert a_judge.engine.model == "essai/1 + autre/2"
    assert finding.verdict is Verdict.NOT_ASSESSABLE


def test_one_failing_reading_fails_the_criterion() -> None:
    down = ModelUnavailable("down", cause="en panne")
    answers = iter([review({1: "satisfait", 2: "satisfait"}), down])
    model = AnsweringModel({"criterion_reply": lambda prompt: next(answers)})

    with pytest.raises(ModelUnavailable):
        judge(model, mode="votes").assess(case())


def test_a_long_file_is_read_once_and_its_quotes_several_times() -> None:
    model = AnsweringModel(
        {
            "evidence_reply": lambda p: evidence(a1=[SENTENCE]) if SENTENCE in p else evidence(),
            "verdict_reply": lambda p: review(
                {}, attendus=words({1: "absent", 2: "absent"}, proof="preuves")
            ),
        }
    )
    finding = draft(judge(model, mode="votes", useful_tokens=6000), long_case(annex=SENTENCE))

    assert model.kinds.count("criterion_verdict.v2") == 3
    assert "Annexe" in finding.search.sections
    assert {a.status for a in finding.attendus} == {A}


def test_what_each_reading_saw_on_a_page_is_kept() -> None:
    a_case = case(attendus=2)
    sights = [(Sighting(picture=1, observation="Un logo."),), (), ()]
    ballots = [
        Judgement(
            attendus=(
                AttenduJudgement(numero=1, status=S, seen=seen),
                AttenduJudgement(numero=2, status=S),
            )
        )
        for seen in reversed(sights)
    ]

    assert merged(a_case, ballots).attendus[0].seen == sights[0]


# -- orders ---------------------------------------------------------------------------------------


def test_orders_are_drawn_once_for_all_from_the_criterion() -> None:
    a_case = case(attendus=4)
    assert orders(a_case, 5) == orders(a_case, 5)
    assert orders(a_case, 5)[0].numbers == (1, 2, 3, 4)
    assert len(set(orders(a_case, 5))) == 5


def test_two_attendus_have_two_orders() -> None:
    assert len({order.numbers for order in orders(case(attendus=2), 5)}) == 2


def test_a_reordered_case_and_its_judgement_come_back_to_the_true_numbers() -> None:
    a_case = case(attendus=4, portee=Portee.CROISEE)
    for order in orders(a_case, 4):
        shown = reordered(a_case, order)
        texts = {a.numero: a.texte for a in shown.criterion.attendus}
        said = Judgement(
            attendus=tuple(
                AttenduJudgement(numero=n, status=S, justification=text)
                for n, text in texts.items()
            )
        )
        back = in_true_order(said, order)

        for word, attendu in zip(back.attendus, a_case.criterion.attendus, strict=True):
            assert (word.numero, word.justification) == (attendu.numero, attendu.texte)
        assert texts[shown.checks[0].attendu or 0] == FIRST
        found = shown.passages.passages[0].attendus
        assert {texts[n] for n in found} == {a.texte for a in a_case.criterion.attendus[:2]}


def ballot(*statuses: AttenduStatus) -> Judgement:
    given = (*statuses, A)
    return Judgement(
        attendus=tuple(AttenduJudgement(numero=n, status=s) for n, s in enumerate(given, start=1))
    )
