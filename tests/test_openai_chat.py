"""The language model over real HTTP: every fault ends in a reply, a retry or a typed error.

Never in a default: a test that expects an error asserts that nothing else came out.
"""

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from assistant.adapters.criterion_reply import CriterionReply, reply_type_for
from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_forms import LadderMemory, sampling_body
from assistant.adapters.openai_waiting import Patience, retry_after_seconds
from assistant.errors import (
    ModelContextExceeded,
    ModelError,
    ModelKeyRefused,
    ModelNotConfigured,
    ModelNotFound,
    ModelQuotaExceeded,
    ModelRefused,
    ModelReplyInvalid,
    ModelRequestRejected,
    ModelUnavailable,
    SettingsInvalid,
)
from assistant.ports import Answer, Message, Prompt
from assistant.settings import Settings
from tests.fault_server import (
    Exchange,
    FaultServer,
    Step,
    by_form,
    completion,
    ok,
    raw,
    silence,
    status,
    tool_call,
)
from tests.llm_cases import criterion
from tests.llm_replies import valid_json, valid_reply

KEY = "sk-essai-0123456789abcdef"
TEXT = "Le texte du candidat, qui ne doit aller nulle part ailleurs."
PROMPT = Prompt(
    id="essai.v1",
    template_hash="0" * 64,
    messages=(
        Message(role="system", text="Consigne, réponse en JSON."),
        Message(role="user", text=TEXT),
        Message(role="user", text="Le critère."),
    ),
)
REPLY = reply_type_for(criterion())


def settings(url: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "llm_model": "essai",
        "llm_base_url": url,
        "llm_api_key": KEY,
        "llm_timeout_seconds": 5.0,
    } | changes
    return Settings(_env_file=None, **values)


class Waits(list[float]):
    """Stands in for `time.sleep`: remembers, does not sleep."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def model(url: str, waits: Waits | None = None, **changes: Any) -> OpenAiChatModel:
    memory = changes.pop("memory", None) or LadderMemory()
    return OpenAiChatModel(
        settings(url, **changes), memory=memory, sleep=waits if waits is not None else Waits()
    )


def ask(server: FaultServer, waits: Waits | None = None, **changes: Any) -> Answer[CriterionReply]:
    return model(server.url, waits, **changes).answer(PROMPT, REPLY)


def refusal(server: FaultServer, waits: Waits | None = None, **changes: Any) -> ModelError:
    """The error that comes out, with its French message; anything else fails the test."""
    with pytest.raises(ModelError) as caught:
        ask(server, waits, **changes)
    message = caught.value.user_message
    assert message
    assert "{" not in message
    for secret in (KEY, TEXT, "0123456789abcdef"):
        assert secret not in message
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value)
    return caught.value


# -- the straight way ----------------------------------------------------------------------------


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


def assert_strict(node: Any) -> None:
    """Every object closed, every property required, no reference, no bound."""
    if isinstance(node, list):
        for item in node:
            assert_strict(item)
    if not isinstance(node, dict):
        return
    if node.get("type") == "object":
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
    assert not {"$ref", "$defs", "maxLength", "maxItems", "minimum", "default"} & set(node)
    for value in node.values():
        assert_strict(value)


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


# -- replies in the wrong shape ------------------------------------------------------------------


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
        (valid_json(note=20), "note : champ inattendu"),
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


# -- the model declines --------------------------------------------------------------------------


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


# -- busy, broken or gone ------------------------------------------------------------------------


@pytest.mark.parametrize("code", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_passing_trouble_is_waited_out(code: int) -> None:
    waits = Waits()
    with FaultServer(status(code), ok(valid_json())) as server:
        answer = ask(server, waits)

    assert answer.reply.verdict_propose == "acquis"
    assert server.forms == ["json_schema", "json_schema"]
    assert len(waits) == 1
    assert 0.25 <= waits[0] <= 0.5


def test_back_off_doubles_and_is_bounded_in_number() -> None:
    waits = Waits()
    with FaultServer(status(503)) as server:
        error = refusal(server, waits)

    assert isinstance(error, ModelUnavailable)
    assert error.retryable
    assert len(server.exchanges) == 4
    assert "HTTP 503, après 4 essais" in error.user_message
    assert [0.25, 0.5, 1.0] <= waits <= [0.5, 1.0, 2.0]


def test_the_wait_a_server_asks_for_is_respected() -> None:
    waits = Waits()
    with FaultServer(status(429, headers={"Retry-After": "7"}), ok(valid_json())) as server:
        ask(server, waits)

    assert waits == [7.0]


def test_the_wait_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    waits = Waits()
    with FaultServer(status(503, headers={"Retry-After": date}), ok(valid_json())) as server:
        ask(server, waits)

    assert 25 <= waits[0] <= 30


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "bientôt"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after_seconds(headers) == seconds


def test_a_server_that_asks_for_an_hour_is_not_waited_for() -> None:
    waits = Waits()
    with FaultServer(status(429, headers={"Retry-After": "3600"})) as server:
        error = refusal(server, waits)

    assert isinstance(error, ModelUnavailable)
    assert "attente demandée : 3600 s" in error.user_message
    assert waits == []
    assert len(server.exchanges) == 1


def test_patience_ends_at_its_deadline() -> None:
    now = [0.0]
    patience = Patience(
        10, 2.0, sleep=lambda s: now.__setitem__(0, now[0] + s), clock=lambda: now[0]
    )
    tries = 0
    while patience.try_later():
        tries += 1

    assert now[0] < 2.0
    assert 1 <= tries <= 4


@pytest.mark.parametrize(
    "step",
    [
        status(429, "You exceeded your current quota", code="insufficient_quota"),
        status(402, "Insufficient Balance"),
    ],
)
def test_an_exhausted_account_is_not_retried(step: Step) -> None:
    waits = Waits()
    with FaultServer(step) as server:
        error = refusal(server, waits)

    assert isinstance(error, ModelQuotaExceeded)
    assert "crédit ou le quota" in error.user_message
    assert len(server.exchanges) == 1


def test_a_server_too_slow_to_answer_times_out() -> None:
    with FaultServer(silence(0.6)) as server:
        error = refusal(server, llm_timeout_seconds=0.2, llm_max_attempts=2)

    assert isinstance(error, ModelUnavailable)
    assert "pas de réponse complète en 0.2 s, après 2 essais" in error.user_message
    assert len(server.exchanges) == 2


def test_a_body_that_drips_for_ever_times_out_too() -> None:
    """The library's time-out is per read: a byte now and then would outlive it."""
    with FaultServer(lambda exchange: exchange.drip(0.05, 60)) as server:
        error = refusal(server, llm_timeout_seconds=0.3, llm_max_attempts=1)

    assert isinstance(error, ModelUnavailable)
    assert "pas de réponse complète" in error.user_message


def test_a_connection_cut_in_the_middle_of_the_body_is_retried() -> None:
    with FaultServer(Exchange.hang_up, ok(valid_json())) as server:
        answer = ask(server)

    assert answer.usage.calls == 1
    assert len(server.exchanges) == 2


@pytest.mark.parametrize(
    "step",
    [
        raw(b'{"choices": [{"index": 0, "mess'),
        raw(b"<html>Bad gateway</html>", "text/html"),
        raw(b"{}"),
        raw(b'{"choices": null}'),
        raw(b'{"choices": []}'),
        raw(b'{"choices": [{"index": 0, "finish_reason": "stop", "message": null}]}'),
        raw(b'{"error": {"message": "loading"}}'),
        raw(b"[]"),
        raw(b"null"),
        raw(b"\xff\xfe"),
    ],
)
def test_a_body_that_is_not_an_answer_is_retried_then_said(step: Step) -> None:
    with FaultServer(step, ok(valid_json())) as server:
        assert ask(server).reply.verdict_propose == "acquis"

    with FaultServer(step) as server:
        error = refusal(server, llm_max_attempts=3)

    assert isinstance(error, ModelUnavailable)
    assert "autre chose que le JSON" in error.user_message
    assert len(server.exchanges) == 3


def test_a_server_that_says_it_broke_off_is_retried() -> None:
    with FaultServer(ok(valid_json(), finish_reason="error"), ok(valid_json())) as server:
        assert ask(server).usage.calls == 2


def test_an_address_where_nobody_listens_is_named() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    waits = Waits()
    client = model(f"http://127.0.0.1:{port}/v1", waits)

    with pytest.raises(ModelUnavailable) as caught:
        client.answer(PROMPT, REPLY)

    assert f"connexion refusée par 127.0.0.1:{port}" in caught.value.user_message
    assert len(waits) == 3


def test_a_redirection_is_not_followed_with_the_candidates_text() -> None:
    with FaultServer(ok(valid_json())) as elsewhere:
        away = status(307, headers={"Location": f"{elsewhere.url}/chat/completions"})
        with FaultServer(away) as server:
            error = refusal(server)

        assert isinstance(error, ModelRequestRejected)
        assert elsewhere.exchanges == []


# -- wrong key, wrong model, too long ------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "kind", "words"),
    [
        (status(401, f"Incorrect API key provided: {KEY}"), ModelKeyRefused, "PREUVE_LLM_API_KEY"),
        (status(403, "forbidden"), ModelKeyRefused, "refuse la clé"),
        (status(400, "API key not valid"), ModelKeyRefused, "refuse la clé"),
        (status(404, "gone", code="model_not_found"), ModelNotFound, "PREUVE_LLM_MODEL"),
        (status(404, 'model "essai" not found, try pulling it first'), ModelNotFound, "« essai »"),
        (status(400, "Invalid model: essai"), ModelNotFound, "« essai »"),
        (
            status(400, "This model's maximum context length is 4096 tokens."),
            ModelContextExceeded,
            "PREUVE_LLM_CONTEXT_TOKENS",
        ),
        (
            status(400, "the request exceeds the available context size, try increasing it"),
            ModelContextExceeded,
            "trop long",
        ),
        (status(400, "x", code="context_length_exceeded"), ModelContextExceeded, "trop long"),
        (
            status(500, "Requested tokens exceed context window of 512"),
            ModelContextExceeded,
            "long",
        ),
        (status(413, "too large"), ModelContextExceeded, "trop long"),
        (
            status(429, "Request too large for essai: Limit 30000, Requested 45000"),
            ModelContextExceeded,
            "trop long",
        ),
    ],
)
def test_what_waiting_cannot_mend_is_said_at_once(
    step: Step, kind: type[ModelError], words: str
) -> None:
    waits = Waits()
    with FaultServer(step) as server:
        error = refusal(server, waits)

    assert type(error) is kind
    assert words in error.user_message
    assert len(server.exchanges) == 1
    assert waits == []


def test_a_wrong_path_is_reported_as_a_wrong_address() -> None:
    with FaultServer(raw(b"404 page not found", "text/plain", 404)) as server:
        error = refusal(server)

    assert isinstance(error, ModelNotFound)
    assert "PREUVE_LLM_BASE_URL" in error.user_message
    assert len(server.exchanges) == 4  # one per form: a 404 may also mean an unknown form


def test_without_a_model_nothing_is_built() -> None:
    with pytest.raises(ModelNotConfigured):
        OpenAiChatModel(Settings(_env_file=None, llm_model=""))


@pytest.mark.parametrize(
    "url",
    [
        "localhost:11434/v1",
        "ftp://x/v1",
        "http://",
        "http://[::1/v1",
        "http://127.0.0.1:99999/v1",
        "http://127.0.0.1:port/v1",
        "http://127.0.0.1:9/v1\x00",
        "https://exemple fr/v1",
    ],
)
def test_an_address_that_is_none_is_refused_before_any_request(url: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        model(url)

    assert "PREUVE_LLM_BASE_URL" in caught.value.user_message


@pytest.mark.parametrize("key", ["sk-é0123", "sk-a b", "sk-a\nb"])
def test_a_key_that_no_header_can_carry_is_refused_before_any_request(key: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        model("http://127.0.0.1:9/v1", llm_api_key=key)

    assert key not in caught.value.user_message


def test_a_key_pasted_with_its_line_break_works() -> None:
    with FaultServer(ok(valid_json())) as server:
        ask(server, llm_api_key=f" {KEY}\n")

    assert server.exchanges[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_proxy_of_the_environment_does_not_see_what_goes_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with FaultServer(status(502)) as proxy, FaultServer(ok(valid_json())) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        ask(server)

    assert proxy.exchanges == []


# -- the ladder ----------------------------------------------------------------------------------

REJECTED = status(400, "response_format of type 'json_schema' is not supported")
LANGCHAIN_WARNS = status(
    400, "'response_format' of type 'json_schema' is not supported with this model"
)


@pytest.mark.parametrize("refusal_step", [REJECTED, LANGCHAIN_WARNS, status(404), status(422)])
def test_a_server_without_json_schema_is_asked_for_a_function_call(refusal_step: Step) -> None:
    script = by_form({"json_schema": refusal_step, "function": tool_call(valid_json())})
    with FaultServer(script) as server:
        client = model(server.url)
        first = client.answer(PROMPT, REPLY)
        client.answer(PROMPT, REPLY)

    assert first.reply.verdict_propose == "acquis"
    assert json.loads(first.raw_text) == valid_reply()
    assert server.forms == ["json_schema", "function", "function"]
    function = server.bodies[1]["tools"][0]["function"]
    assert server.bodies[1]["tool_choice"]["function"]["name"] == function["name"]
    assert_strict(function["parameters"])


def test_a_server_that_answers_500_to_what_it_does_not_know_is_understood() -> None:
    """llama-cpp-python does."""
    script = by_form({"json_schema": status(500), "function": tool_call(valid_json())})
    with FaultServer(script) as server:
        client = model(server.url)
        client.answer(PROMPT, REPLY)
        client.answer(PROMPT, REPLY)

    assert server.forms == ["json_schema", "json_schema", "function", "function"]


def test_a_500_on_a_form_that_has_worked_is_a_breakdown() -> None:
    with FaultServer(ok(valid_json()), status(500)) as server:
        client = model(server.url)
        client.answer(PROMPT, REPLY)
        with pytest.raises(ModelUnavailable):
            client.answer(PROMPT, REPLY)

    assert server.forms == ["json_schema"] * 5


def test_a_server_that_always_breaks_down_is_said_unavailable_within_bounds() -> None:
    with FaultServer(status(500)) as server:
        error = refusal(server)

    assert isinstance(error, ModelUnavailable)
    assert "HTTP 500" in error.user_message
    assert len(server.exchanges) <= 8


def test_a_chosen_form_is_retried_on_500_as_often_as_allowed() -> None:
    with FaultServer(status(500), status(500), ok(valid_json())) as server:
        ask(server, llm_structured_output="json_schema")

    assert server.forms == ["json_schema"] * 3


def test_the_ladder_goes_down_to_json_mode_with_the_schema_in_the_prompt() -> None:
    script = by_form(
        {
            "json_schema": status(400),
            "function": status(400, "tools are not supported"),
            "json_object": ok(valid_json()),
        }
    )
    with FaultServer(script) as server:
        ask(server)

    assert server.forms == ["json_schema", "function", "json_object"]
    assert '"additionalProperties":false' in server.bodies[2]["messages"][-1]["content"]
    assert "additionalProperties" not in server.bodies[0]["messages"][-1]["content"]


def test_the_ladder_ends_with_plain_text() -> None:
    script = by_form(
        {
            "json_schema": status(400),
            "function": status(400),
            "json_object": status(400),
            "text": ok(f"```json\n{valid_json()}\n```"),
        }
    )
    with FaultServer(script) as server:
        answer = ask(server)

    assert answer.reply.verdict_propose == "acquis"
    assert "response_format" not in server.bodies[3]
    assert "additionalProperties" in server.bodies[3]["messages"][-1]["content"]


def test_a_server_that_rejects_everything_is_said_to() -> None:
    with FaultServer(status(400, "no")) as server:
        error = refusal(server)

    assert isinstance(error, ModelRequestRejected)
    assert "HTTP 400" in error.user_message
    assert server.forms == ["json_schema", "function", "json_object", "text"]


def test_a_server_that_ignores_the_form_is_asked_in_another_after_two_bad_replies() -> None:
    """`transformers serve` does: it accepts a schema and writes what it likes."""
    script = by_form({"json_schema": ok("Bien sûr !"), "function": tool_call(valid_json())})
    with FaultServer(script) as server:
        answer = ask(server)

    assert answer.reply.verdict_propose == "acquis"
    assert server.forms == ["json_schema", "json_schema", "function"]


def test_bad_replies_do_not_demote_an_endpoint_that_has_proven_its_form() -> None:
    with FaultServer(ok(valid_json()), ok("?"), ok("?"), ok(valid_json())) as server:
        client = model(server.url)
        for _ in range(3):
            client.answer(PROMPT, REPLY)

    assert server.forms == ["json_schema"] * 3 + ["function"] + ["json_schema"]


def test_json_text_where_a_function_call_was_asked_is_taken() -> None:
    script = by_form({"json_schema": status(400), "function": ok(valid_json())})
    with FaultServer(script) as server:
        assert ask(server).reply.verdict_propose == "acquis"


def test_arguments_that_are_not_json_are_a_bad_reply() -> None:
    script = by_form({"json_schema": status(400), "function": tool_call('{"attendus": [')})
    with FaultServer(script) as server:
        error = refusal(server, llm_structured_output="function", llm_max_attempts=2)

    assert isinstance(error, ModelReplyInvalid)
    assert server.forms == ["function", "function"]


@pytest.mark.parametrize("form", ["json_schema", "function", "json_object"])
def test_a_chosen_form_is_the_only_one_tried(form: str) -> None:
    with FaultServer(status(400)) as server:
        error = refusal(server, llm_structured_output=form)

    assert isinstance(error, ModelRequestRejected)
    assert server.forms == [form]


def test_what_an_endpoint_accepts_is_remembered_across_clients() -> None:
    memory = LadderMemory()
    script = by_form({"json_schema": status(400), "function": tool_call(valid_json())})
    with FaultServer(script) as server:
        ask(server, memory=memory)
        ask(server, memory=memory)

    assert server.forms == ["json_schema", "function", "function"]


@pytest.mark.parametrize(
    ("message", "parameter", "name"),
    [
        ("Unsupported value: 'temperature' does not support 0", "temperature", "temperature"),
        ("[{'type': 'extra_forbidden', 'loc': ('body', 'seed')}]", None, "seed"),
        (
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            "max_tokens",
            "max_tokens",
        ),
    ],
)
def test_a_parameter_the_server_refuses_is_left_out_and_stays_out(
    message: str, parameter: str | None, name: str
) -> None:
    def script(exchange: Exchange) -> None:
        refused = name in exchange.body
        (status(400, message, param=parameter) if refused else ok(valid_json()))(exchange)

    with FaultServer(script) as server:
        client = model(server.url, llm_seed=1, llm_max_attempts=1)
        client.answer(PROMPT, REPLY)
        client.answer(PROMPT, REPLY)

    assert [name in body for body in server.bodies] == [True, False, False]
    assert server.forms == ["json_schema"] * 3


def test_threads_share_one_client() -> None:
    with FaultServer(ok(valid_json())) as server:
        client = model(server.url)
        results: list[str] = []

        def run() -> None:
            results.append(client.answer(PROMPT, REPLY).reply.verdict_propose)

        threads = [threading.Thread(target=run) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert results == ["acquis"] * 8


# -- secrets -------------------------------------------------------------------------------------


def test_neither_the_key_nor_the_text_reaches_a_log_or_a_repr(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    faults = (status(401, f"bad key {KEY}"), status(503), ok(valid_json()), status(400, TEXT))
    for step in faults:
        with FaultServer(step) as server:
            client = model(server.url, llm_max_attempts=2)
            try:
                client.answer(PROMPT, REPLY)
            except ModelError as error:
                logging.getLogger("essai").info("failed: %s", error)
            logging.getLogger("essai").info("client: %r %r", client, client.endpoint)

    assert "HTTP 503" in caplog.text
    assert KEY not in caplog.text
    assert TEXT not in caplog.text


def test_a_password_in_the_address_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FaultServer(status(503)) as server:
        url = server.url.replace("http://", "http://lucie:motdepasse@")
        client = model(url, llm_max_attempts=1)
        with pytest.raises(ModelUnavailable) as caught:
            client.answer(PROMPT, REPLY)

    shown = f"{caplog.text} {client!r} {client.name} {client.endpoint} {caught.value.user_message}"
    assert "motdepasse" not in shown


def test_account_ids_of_the_environment_do_not_go_to_another_provider(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    with FaultServer(ok(valid_json())) as server:
        ask(server, llm_api_key="")

    headers = " ".join(f"{k}: {v}" for k, v in server.exchanges[0].headers.items())
    assert "org-secret" not in headers
    assert "proj-secret" not in headers
    assert "sk-other" not in headers


def test_importing_the_adapters_loads_no_provider_library() -> None:
    code = (
        "import sys, assistant.adapters.openai_chat, assistant.adapters.llm_judge, "
        "assistant.adapters.openai_embedder\n"
        "heavy = {'openai', 'langchain_openai', 'langchain_core', 'httpx2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the connection test -------------------------------------------------------------------------


def test_a_working_endpoint_is_said_to_work() -> None:
    with FaultServer(ok('{"reponse": "prêt"}')) as server:
        found = model(server.url).ping()

    assert found.ok
    assert found.reachable
    assert found.key_accepted
    assert found.model_known
    assert found.form_fr == "schéma JSON imposé par le serveur"
    assert str(found) == "Le modèle répond (schéma JSON imposé par le serveur)."
    assert len(server.exchanges) == 1


Check = Callable[[Any], bool]


@pytest.mark.parametrize(
    ("step", "check"),
    [
        (status(401, f"Incorrect key {KEY}"), lambda s: s.reachable and s.key_accepted is False),
        (status(404, "x", code="model_not_found"), lambda s: s.model_known is False),
        (status(503, "loading model"), lambda s: s.reachable and "loading model" in str(s)),
        (raw(b"<html>"), lambda s: s.reachable and not s.ok),
        (Exchange.hang_up, lambda s: not s.reachable),
    ],
)
def test_a_failing_endpoint_says_how(step: Step, check: Check) -> None:
    with FaultServer(step) as server:
        found = model(server.url).ping()

    assert not found.ok
    assert check(found)
    assert found.message_fr
    assert KEY not in repr(found)


def test_a_reply_in_blocks_is_read_from_its_text_blocks() -> None:
    """Some reasoning models send their thoughts and their answer as a list."""
    blocks = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Voyons : {"}]},
        {"type": "text", "text": valid_json()},
    ]
    body = completion("")
    body["choices"][0]["message"]["content"] = blocks
    with FaultServer(lambda exchange: exchange.send(body)) as server:
        assert ask(server).reply.verdict_propose == "acquis"


def test_a_completion_without_usage_is_still_an_answer() -> None:
    body = completion(valid_json())
    del body["usage"]
    with FaultServer(lambda exchange: exchange.send(body)) as server:
        answer = ask(server)

    assert answer.usage.calls == 1
    assert answer.usage.input_tokens == 0
