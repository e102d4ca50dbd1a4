"""A small local model: few attendus, short texts, checks first, absence only after all was read."""

from assistant.domain.case import CriterionCase
from assistant.domain.finding import CheckOutcome
from assistant.domain.rubric import Portee
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.prompting import estimated_tokens
from tests.llm_cases import ROW, SENTENCE, case
from tests.modes.asking import AnsweringModel, draft, judge, text_of, unchecked, words
from tests.modes.test_two_steps import INVENTED, long_case


def small(**options):
    return {"mode": "petit_modele", **options}


def all_said(status: str):
    """Says the same of every attendu asked about."""

    def answer(prompt: str) -> dict[str, object]:
        last = prompt.rpartition("élément(s) :")[2].partition(".")[0]
        numbers = [int(word) for word in last.replace(",", " ").split() if word.isdigit()]
        return {"attendus": words(dict.fromkeys(numbers, status))}

    return AnsweringModel({"statuses_reply": answer})


def test_few_attendus_go_in_each_request() -> None:
    model = all_said("satisfait")
    finding = draft(judge(model, **small()), unchecked(case(attendus=4)))

    asked = [p.messages[-1].text.rpartition("Attendus :")[2] for p in model.prompts]
    assert ["1. " in text for text in asked] == [True, False]
    assert ["3. " in text for text in asked] == [False, True]
    assert finding.verdict is Verdict.MET
    assert finding.judge_verdict is None
    assert "petit modèle" in finding.notes_fr[0]


def test_an_attendu_that_a_conclusive_check_refutes_is_not_asked_about() -> None:
    model = all_said("satisfait")
    finding = draft(judge(model, **small()), case(attendus=4))

    assert all("1. ★" not in text_of(prompt) for prompt in model.prompts)
    assert finding.attendus[0].status is AttenduStatus.ABSENT
    assert "DET-FREQ" in finding.attendus[0].justification


def test_when_checks_settle_everything_nothing_is_asked() -> None:
    a_case = case(attendus=2)
    (check,) = a_case.checks
    both = (check, check.model_copy(update={"attendu": 2}))
    model = all_said("satisfait")
    finding = draft(judge(model, **small()), a_case.model_copy(update={"checks": both}))

    assert model.prompts == []
    assert finding.verdict is Verdict.NOT_MET


def test_a_check_goes_with_the_attendu_it_bears_on() -> None:
    a_case = case(attendus=4)
    hint = a_case.checks[0].model_copy(update={"strength": "I", "outcome": CheckOutcome.OK})
    model = all_said("satisfait")
    judge(model, **small()).assess(a_case.model_copy(update={"checks": (hint,)}))

    assert ["DET-FREQ" in text_of(prompt) for prompt in model.prompts] == [True, False]


def test_requests_stay_short_whatever_the_model_accepts() -> None:
    model = all_said("absent")
    draft(judge(model, context_tokens=128_000, **small()), long_case(sections=60))

    assert len(model.prompts) > 5
    for prompt in model.prompts:
        assert sum(estimated_tokens(m.text) for m in prompt.messages) <= 6000


def test_only_the_passages_of_these_attendus_are_shown() -> None:
    a_case = long_case()
    targeted = a_case.criterion.model_copy(update={"lecture": case().criterion.lecture})
    model = all_said("satisfait")
    judge(model, **small()).assess(a_case.model_copy(update={"criterion": targeted}))

    (prompt,) = model.prompts
    assert "Fin 1." in text_of(prompt)
    assert "Fin 2." not in text_of(prompt)


def sought(a_case: CriterionCase, quote: str):
    """Satisfied where SENTENCE is shown, with this quote; absent elsewhere."""

    def answer(prompt: str) -> dict[str, object]:
        status = "satisfait" if SENTENCE in prompt else "absent"
        return {"attendus": words({1: status, 2: status}, quotes={1: [quote], 2: [quote]})}

    model = AnsweringModel({"statuses_reply": answer})
    return draft(judge(model, **small()), a_case), model


def test_what_the_passages_do_not_show_is_looked_for_in_every_part() -> None:
    finding, model = sought(long_case(annex=SENTENCE), SENTENCE)

    read = [text_of(prompt) for prompt in model.prompts[1:]]
    assert all(sum(f"Fin {n}." in text for text in read) == 1 for n in range(1, 25))
    assert finding.attendus[0].status is AttenduStatus.SATISFIED
    assert finding.evidence[0].quote == SENTENCE.rstrip(".")


def test_absence_is_concluded_only_after_every_part_was_read() -> None:
    finding, model = sought(long_case(), SENTENCE)

    parts = len(model.prompts) - 1
    assert parts > 1
    assert {a.status for a in finding.attendus} == {AttenduStatus.ABSENT}
    assert f"lu en {parts} parties" in " ".join(finding.notes_fr)


def test_an_invented_quote_of_one_part_makes_nothing_found() -> None:
    finding, _ = sought(long_case(annex=SENTENCE), INVENTED)

    assert {a.status for a in finding.attendus} == {AttenduStatus.NOT_VERIFIABLE}
    assert {r.quote for r in finding.rejected} == {INVENTED}


def test_a_short_file_that_must_be_read_whole_is_shown_whole() -> None:
    model = all_said("absent")
    finding = draft(judge(model, **small()), unchecked(case(portee=Portee.INTEGRALE, passages=())))

    assert SENTENCE in text_of(model.prompts[0])
    assert ROW in text_of(model.prompts[0])
    assert len(model.prompts) == 1
    assert finding.verdict is Verdict.NOT_MET
