"""The language model over real HTTP: what is asked, and what is taken for a reply.

Every fault ends in a reply, a retry or a typed error, never in a default: a test that expects an
error asserts that nothing else came out.
"""

import json

import pytest

from assistant.adapters.criterion_reply import reply_type_for
from assistant.adapters.openai_forms import sampling_body
from assistant.errors import (
    ModelRefused,
    ModelReplyInvalid,
)
from tests.fault_server import (
    FaultServer,
    Step,
    ok,
    status,
)
from tests.llm_cases import criterion
from tests.llm_client import KEY, PROMPT, TEXT, ask, assert_strict, model, refusal
from tests.llm_replies import valid_json, valid_reply

# -- the straight way -----------------------------------------------------------------------------


def test_a_valid_reply_is_returned_with_its_raw_text_and_its_usage() -> None:
    usage = {
        "prompt_tokens": 900,
        "completion_tokens": 80,
        "total_tokens": 980,
        "prompt_tokens_details": {"cached_tokens": 640},
    }
    with FaultServer(ok(valid_json(), usage=usage)) as server:
        answer = ask(server)

    assert answer.reply.model_dump(mode="json") == valid_reply()
    assert answer.raw_text == valid_json()
    assert answer.usage.calls == 1
    assert answer.usage.input_tokens == 900
    assert answer.usage.cached_tokens == 640
    assert answer.usage.output_tokens == 80


def test_the_request_carries_the_strict_schema_the_limits_and_the_key() -> None:
    with FaultServer(ok(valid_json())) as server:
        ask(server, llm_seed=7, llm_temperature=0.2, llm_max_output_tokens=500)

    body, headers = server.bodies[0], server.exchanges[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body["model"] == "essai"
    assert body["temperature"] == 0.2
    assert body["seed"] == 7
    # llama-cpp-python obeys the second only.
    assert body["max_completion_tokens"] == body["max_tokens"] == 500
    asked = body["response_format"]["json_schema"]
    assert asked["strict"] is True
    assert_strict(asked["schema"])
    assert list(asked["schema"]["properties"]["attendus"]["items"]["properties"]) == [
        "numero",
        "citations",
        "statut",
        "justification",
    ]


def test_neighbouring_user_messages_are_joined_for_servers_that_want_turns() -> None:
    with FaultServer(ok(valid_json())) as server:
        ask(server)

    messages = server.bodies[0]["messages"]
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[1]["content"] == f"{TEXT}\n\nLe critère."


def test_the_schema_is_the_same_for_every_criterion_so_that_the_prefix_cache_works() -> None:
    with FaultServer(ok(valid_json(2)), ok(valid_json(4))) as server:
        client = model(server.url)
        client.answer(PROMPT, reply_type_for(criterion(attendus=2)))
        client.answer(PROMPT, reply_type_for(criterion(attendus=4)))

    assert server.bodies[0] == server.bodies[1]


@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("api.openai.com", {"max_completion_tokens"}),
        ("atelier.openai.azure.com", {"max_completion_tokens"}),
        ("api.mistral.ai", {"max_tokens"}),
        ("127.0.0.1:8080", {"max_completion_tokens", "max_tokens"}),
    ],
)
def test_the_output_limit_has_the_name_each_provider_accepts(host: str, sent: set[str]) -> None:
    body = sampling_body(host, temperature=0, seed=3, max_tokens=100)

    assert {name for name in body if name.startswith("max_")} == sent
    assert ("random_seed" in body) == (host == "api.mistral.ai")


# -- replies in the wrong shape -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "cause"),
    [
        ("", "elle était vide"),
        ("Bonjour, voici mon avis.", "pas un objet JSON complet"),
        (valid_json()[:-30], "pas un objet JSON complet"),
        (valid_json()[:-1], "pas un objet JSON complet"),
        (valid_json(3), "numéros 1, 2, une fois chacun"),
        (valid_json(1), "numéros 1, 2, une fois chacun"),
        (valid_json(attendus=valid_reply()["attendus"][:1] * 2), "une fois chacun"),
        (valid_json(verdict_propose="reçu"), "verdict_propose : valeur non prévue"),
        (valid_json(motif="x" * 5000), "motif : texte trop long"),
        ('{"attendus": []}', "motif : champ manquant"),
    ],
)
def test_a_bad_reply_is_asked_again_and_a_good_one_taken(bad: str, cause: str) -> None:
    with FaultServer(ok(bad), ok(valid_json())) as server:
        answer = ask(server)

    assert answer.usage.calls == 2
    assert answer.usage.output_tokens == 100
    first, second = (body["messages"][-1]["content"] for body in server.bodies)
    # The correction comes at the very end: the cached prefix stays.
    assert second.startswith(first)
    assert "inutilisable" in second
    assert cause in second


def test_a_reply_that_stays_bad_is_an_error_after_the_allowed_attempts() -> None:
    with FaultServer(ok(valid_json(verdict_propose="reçu"))) as server:
        error = refusal(server)

    assert isinstance(error, ModelReplyInvalid)
    assert error.retryable
    assert len(server.exchanges) == 4
    assert "verdict_propose : valeur non prévue, après 4 essais" in error.user_message


def test_an_error_never_repeats_what_the_model_wrote() -> None:
    with FaultServer(ok(valid_json(verdict_propose="Zoé Durand est malade"))) as server:
        error = refusal(server, llm_max_attempts=1)

    assert "Durand" not in f"{error.user_message} {error}"


@pytest.mark.parametrize("cut", [valid_json()[:120], valid_json()[:-2], valid_json()])
@pytest.mark.parametrize("reason", ["length", "model_length"])
def test_a_truncated_reply_is_never_used_even_when_it_parses(cut: str, reason: str) -> None:
    with FaultServer(ok(cut, finish_reason=reason)) as server:
        error = refusal(server, llm_max_attempts=2)

    assert isinstance(error, ModelReplyInvalid)
    assert "réponse coupée" in error.user_message
    assert len(server.exchanges) == 2
    assert "sois plus bref" in server.bodies[1]["messages"][-1]["content"]


def test_a_cut_reply_is_given_more_room_then_as_much_as_the_server_has() -> None:
    cut = ok("", finish_reason="length")
    full = status(400, "This model's maximum context length is 8192 tokens.")
    with FaultServer(cut, cut, full, ok(valid_json())) as server:
        answer = ask(server, llm_max_output_tokens=500)

    assert [body["max_tokens"] for body in server.bodies] == [500, 1000, 2000, 500]
    assert answer.reply.model_dump(mode="json") == valid_reply()


@pytest.mark.parametrize(
    ("host", "name", "longest"),
    [
        ("api.openai.com", "gpt-5.1-mini", "5000"),
        ("api.openai.com", "o3", "5000"),
        ("api.openai.com", "gpt-4.1", "2000"),
        ("127.0.0.1:8080", "gpt-5.1-mini", "2000"),
    ],
)
def test_a_model_of_openai_that_thinks_is_given_room_for_its_thoughts(
    host: str, name: str, longest: str
) -> None:
    settings = {"llm_max_output_tokens": 2000, "llm_reasoning_tokens": 3000, "llm_model": name}
    asked = model(f"https://{host}/v1", **settings)

    assert asked.parameters["max_output_tokens"] == longest
    body = asked.request(PROMPT, reply_type_for(criterion(attendus=1)))
    assert body["max_completion_tokens"] == int(longest)


def test_tokens_of_a_truncated_reply_are_counted() -> None:
    with FaultServer(ok("{", finish_reason="length"), ok(valid_json())) as server:
        answer = ask(server)

    assert answer.usage.calls == 2
    assert answer.usage.input_tokens == 18000


def test_json_cut_while_the_server_says_it_is_done_is_asked_again() -> None:
    """Half of a reply may hold whole smaller objects: none of them is mistaken for it."""
    with FaultServer(ok(valid_json(2)[:-80]), ok(valid_json())) as server:
        answer = ask(server)

    assert answer.usage.calls == 2


@pytest.mark.parametrize(
    "content",
    [
        f"```json\n{valid_json()}\n```",
        f"Voici la réponse :\n\n```\n{valid_json()}\n```\nBonne lecture.",
        f"<think>Un objet {{ comme ça }} ? Non : {{}}.</think>\n{valid_json()}",
        f'Exemple : {{"attendus": []}}. Ma réponse :\n{valid_json()}',
        f"\n\n  {valid_json()}  \n",
        json.dumps(valid_reply(), indent=2),
    ],
)
def test_reasoning_before_the_object_and_fences_around_it_are_tolerated(content: str) -> None:
    with FaultServer(ok(content)) as server:
        answer = ask(server)

    assert answer.reply.model_dump(mode="json") == valid_reply()
    assert answer.usage.calls == 1
    assert answer.raw_text == content


def test_a_draft_before_a_truncated_final_object_is_not_taken() -> None:
    with FaultServer(ok(f"Brouillon : {valid_json()}\nFinal : {valid_json()[:60]}")) as server:
        error = refusal(server, llm_max_attempts=1)

    assert isinstance(error, ModelReplyInvalid)


@pytest.mark.parametrize(
    "word", ["non vérifiable", "Non vérifiable", "NON-VERIFIABLE", " non_verifiable. "]
)
def test_honest_spellings_of_a_status_are_understood(word: str) -> None:
    attendus = valid_reply()["attendus"]
    attendus[0] |= {"statut": word, "citations": ["", "  "]}
    with FaultServer(ok(valid_json(attendus=attendus, verdict_propose="Non évaluable"))) as server:
        reply = ask(server).reply

    assert reply.attendus[0].statut == "non_verifiable"
    assert reply.attendus[0].citations == ()
    assert reply.verdict_propose == "non_evaluable"


@pytest.mark.parametrize("word", ["oui", "plutôt satisfait", "satisfait ou partiel", "", None, 1])
def test_other_words_are_not_guessed_into_a_status(word: object) -> None:
    attendus = valid_reply()["attendus"]
    attendus[0] |= {"statut": word}
    with FaultServer(ok(valid_json(attendus=attendus))) as server:
        error = refusal(server, llm_max_attempts=1)

    assert isinstance(error, ModelReplyInvalid)


def test_deeply_nested_nonsense_is_an_invalid_reply() -> None:
    with FaultServer(ok('{"attendus": ' + "[" * 20_000)) as server:
        assert isinstance(refusal(server, llm_max_attempts=1), ModelReplyInvalid)


# -- the model declines ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "cause"),
    [
        (ok(None, refusal="I cannot help with that."), "il décline la demande"),
        (ok("", finish_reason="content_filter"), "filtre de contenu"),
        (ok(valid_json(), finish_reason="content_filter"), "filtre de contenu"),
        (status(400, "filtered", code="content_filter"), "filtre de contenu"),
    ],
)
def test_a_refusal_is_said_and_not_insisted_upon(step: Step, cause: str) -> None:
    with FaultServer(step) as server:
        error = refusal(server)

    assert isinstance(error, ModelRefused)
    assert cause in error.user_message
    assert len(server.exchanges) == 1
