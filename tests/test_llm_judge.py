"""The language model as a judge: what it is shown, and what its word becomes."""

import re
from typing import Any

import pytest

from assistant.adapters.criterion_reply import CriterionReply
from assistant.adapters.llm import LlmJudge
from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory
from assistant.adapters.scripted import ScriptedChatModel
from assistant.domain.case import CriterionCase, Judgement
from assistant.domain.rubric import Portee
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import (
    ModelContextExceeded,
    ModelError,
    ModelReplyInvalid,
    ModelUnavailable,
    UnknownPrompt,
)
from assistant.ports import ChatModel
from assistant.prompting import PromptLibrary, estimated_tokens
from assistant.settings import Settings, bundled
from tests.fault_server import FaultServer, ok, status
from tests.llm_cases import ROW, SENTENCE, case, deliverable, passage
from tests.llm_replies import valid_json, valid_reply

LONG = "Une phrase de remplissage sans intérêt aucun. "


def reply(count: int = 2, **changes: Any) -> CriterionReply:
    return CriterionReply.model_validate(valid_reply(count, **changes))


def judge(model: ChatModel, *, context_tokens: int = 32_000) -> LlmJudge:
    prompts = PromptLibrary(bundled("prompts"), salt=b"x" * 32)
    return LlmJudge(model, prompts, "criterion_review.v1", context_tokens=context_tokens)


def assess(a_case: CriterionCase, a_reply: CriterionReply, **options: Any) -> Judgement:
    return judge(ScriptedChatModel([a_reply]), **options).assess(a_case)


def absent(count: int = 2) -> CriterionReply:
    attendus = [
        {"numero": n, "citations": [], "statut": "absent", "justification": "Cherché partout."}
        for n in range(1, count + 1)
    ]
    return reply(attendus=attendus, verdict_propose="non_acquis")


def long_case(portee: Portee) -> CriterionCase:
    document = deliverable(LONG * 3000)
    start = document.text.index(SENTENCE)
    chosen = (passage(document, start, start + len(SENTENCE)),)
    return case(document=document, portee=portee, passages=chosen)


# -- what comes out ------------------------------------------------------------------------------


def test_the_models_word_is_handed_over_unverified_and_in_order() -> None:
    given = reply(
        attendus=list(reversed(valid_reply()["attendus"])),
        manques=["Un budget."],
        motif="  Chiffré.  ",
    )
    judgement = assess(case(), given)

    assert [a.numero for a in judgement.attendus] == [1, 2]
    assert judgement.attendus[0].quotes == (SENTENCE,)
    assert judgement.attendus[1].quotes == (ROW,)
    assert {a.status for a in judgement.attendus} == {AttenduStatus.SATISFIED}
    assert judgement.rationale == "Chiffré."
    assert judgement.verdict is Verdict.MET
    assert judgement.missing == ("Un budget.",)
    assert judgement.oral_questions == ("Qui publie pendant les congés ?",)
    assert judgement.notes_fr == ()
    assert judgement.usage.calls == 1
    assert CriterionReply.model_validate_json(judgement.raw_reply) == given


def test_an_invented_quote_is_passed_on_as_it_is_for_the_review_to_reject() -> None:
    attendus = valid_reply()["attendus"]
    attendus[0]["citations"] = ["Nous publierons cent recettes."]

    judgement = assess(case(), reply(attendus=attendus))

    assert judgement.attendus[0].quotes == ("Nous publierons cent recettes.",)


def test_place_marks_are_taken_out_of_a_quote() -> None:
    attendus = valid_reply()["attendus"]
    attendus[0]["citations"] = [f"{SENTENCE}\n⟦page 2⟧\n⟦titre de niveau 2⟧\nRéseaux"]

    judgement = assess(case(), reply(attendus=attendus))

    assert judgement.attendus[0].quotes == (f"{SENTENCE}\nRéseaux",)


def test_a_quote_of_a_neutralised_delimiter_reads_as_in_the_document() -> None:
    attendus = valid_reply()["attendus"]
    attendus[0]["citations"] = ["un jeton ‹|im_end|› dans le texte"]

    judgement = assess(case(), reply(attendus=attendus))

    assert judgement.attendus[0].quotes == ("un jeton <|im_end|> dans le texte",)


@pytest.mark.parametrize("numbers", [[1], [1, 1], [1, 2, 3], [2, 3], []])
def test_every_attendu_is_due_exactly_once(numbers: list[int]) -> None:
    attendus = [{**valid_reply()["attendus"][0], "numero": n} for n in numbers]

    with pytest.raises(ModelReplyInvalid):
        assess(case(), reply(attendus=attendus))


def test_a_failure_of_the_model_is_a_failure_not_a_verdict() -> None:
    failing = ScriptedChatModel([ModelUnavailable("down", cause="en panne")])

    with pytest.raises(ModelUnavailable):
        judge(failing).assess(case())


# -- which judge ---------------------------------------------------------------------------------


def test_the_engine_names_the_model_the_prompt_and_what_changes_the_answer() -> None:
    settings = Settings(
        _env_file=None, llm_model="essai-1", llm_base_url="http://127.0.0.1:9/v1", llm_seed=3
    )
    engine = judge(OpenAiChatModel(settings), context_tokens=9000).engine

    assert engine.engine == "llm"
    assert engine.model == "127.0.0.1:9/essai-1"
    assert engine.prompt == "criterion_review.v1"
    assert re.fullmatch("[0-9a-f]{64}", engine.prompt_hash)
    assert engine.parameters == {
        "temperature": "0",
        "seed": "3",
        "max_output_tokens": "4000",
        "structured_output": "auto",
        "context_tokens": "9000",
        "mode": "critere",
        "prompt_2": engine.parameters["prompt_2"],
        "prompt_3": engine.parameters["prompt_3"],
    }
    assert engine.parameters["prompt_2"].startswith("criterion_evidence.v3 ")
    assert engine.parameters["prompt_3"].startswith("criterion_verdict.v2 ")


def test_an_unknown_prompt_is_said_before_anything_is_asked() -> None:
    prompts = PromptLibrary(bundled("prompts"))
    unknown = LlmJudge(ScriptedChatModel([]), prompts, "perdu.v1", context_tokens=9000)

    with pytest.raises(UnknownPrompt):
        _ = unknown.engine


# -- how much is shown ---------------------------------------------------------------------------


def test_a_dossier_that_fits_is_sent_whole() -> None:
    model = ScriptedChatModel([reply()])
    judge(model).assess(case())

    text = model.prompts[0].messages[1].text
    assert SENTENCE in text
    assert ROW in text
    assert "transmis en entier" in text


@pytest.mark.parametrize("portee", [Portee.CIBLEE, Portee.CROISEE])
def test_a_dossier_too_long_is_sent_in_passages_within_the_context(portee: Portee) -> None:
    model = ScriptedChatModel([reply()])
    judgement = judge(model, context_tokens=8_000).assess(long_case(portee))

    prompt = model.prompts[0]
    assert sum(estimated_tokens(m.text) for m in prompt.messages) <= 8_000
    assert SENTENCE in prompt.messages[1].text
    assert "Réseaux" in prompt.messages[2].text  # the outline
    assert "seuls les passages" in judgement.notes_fr[0]


@pytest.mark.parametrize("portee", [Portee.CIBLEE, Portee.CROISEE])
def test_absence_may_be_concluded_from_passages_when_some_suffice(portee: Portee) -> None:
    judgement = assess(long_case(portee), absent(), context_tokens=8_000)

    assert {a.status for a in judgement.attendus} == {AttenduStatus.ABSENT}


def test_absence_is_not_concluded_when_not_a_single_passage_was_shown() -> None:
    blind = case(document=deliverable(LONG * 3000), passages=())
    judgement = assess(blind, absent(), context_tokens=8_000)

    assert {a.status for a in judgement.attendus} == {AttenduStatus.NOT_VERIFIABLE}


def test_absence_may_be_concluded_from_the_whole_text() -> None:
    judgement = assess(case(portee=Portee.INTEGRALE), absent())

    assert {a.status for a in judgement.attendus} == {AttenduStatus.ABSENT}


def test_a_context_too_small_for_the_instructions_is_said_before_any_call() -> None:
    model = ScriptedChatModel([reply()])

    with pytest.raises(ModelContextExceeded) as caught:
        judge(model, context_tokens=1_000).assess(case())

    assert "PREUVE_LLM_CONTEXT_TOKENS" in caught.value.user_message
    assert model.prompts == []


# -- over HTTP -----------------------------------------------------------------------------------


def over_http(server: FaultServer, **changes: Any) -> LlmJudge:
    settings = Settings(_env_file=None, llm_model="essai", llm_base_url=server.url, **changes)
    return judge(OpenAiChatModel(settings, memory=LadderMemory(), sleep=lambda seconds: None))


def test_a_judgement_over_http_carries_the_raw_reply_and_the_tokens() -> None:
    with FaultServer(status(429), ok("{}"), ok(valid_json())) as server:
        judgement = over_http(server).assess(case())

    assert judgement.raw_reply == valid_json()
    assert judgement.usage.calls == 2
    assert len(server.exchanges) == 3
    assert judgement.verdict is Verdict.MET


def test_a_server_that_read_only_a_part_of_the_prompt_cannot_find_an_absence() -> None:
    """Ollama cuts what exceeds its context without a word; the token count tells."""
    text = absent().model_dump_json()
    usage = {"prompt_tokens": 200, "completion_tokens": 9, "total_tokens": 209}
    with FaultServer(ok(text, usage=usage)) as server:
        judgement = over_http(server).assess(case())

    assert {a.status for a in judgement.attendus} == {AttenduStatus.NOT_VERIFIABLE}
    assert "n'a lu que 200 tokens" in judgement.notes_fr[0]


def test_a_server_that_counts_no_tokens_is_believed() -> None:
    text = absent().model_dump_json()
    usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    with FaultServer(ok(text, usage=usage)) as server:
        judgement = over_http(server).assess(case())

    assert {a.status for a in judgement.attendus} == {AttenduStatus.ABSENT}


@pytest.mark.parametrize(
    "step",
    [
        ok("{}"),
        ok(valid_json()[:50], finish_reason="length"),
        ok(None, refusal="no"),
        status(401),
        status(404, code="model_not_found"),
        status(429, headers={"Retry-After": "1"}),
        status(500),
        status(400, "maximum context length"),
    ],
)
def test_no_fault_ends_in_a_default_judgement(step: Any) -> None:
    with FaultServer(step) as server, pytest.raises(ModelError) as caught:
        over_http(server).assess(case())

    assert caught.value.user_message
