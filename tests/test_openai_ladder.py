"""The ways of asking for JSON: from the best a server accepts down to plain text."""

import json
import threading

import pytest

from assistant.adapters.openai_forms import LadderMemory, sampling_body
from assistant.errors import (
    ModelReplyInvalid,
    ModelRequestRejected,
    ModelUnavailable,
)
from tests.fault_server import (
    Exchange,
    FaultServer,
    Step,
    by_form,
    ok,
    status,
    tool_call,
)
from tests.llm_client import PROMPT, REPLY, ask, assert_strict, model, refusal
from tests.llm_replies import valid_json, valid_reply

# -- the ladder -----------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("host", "model", "sent"),
    [
        ("api.openai.com", "gpt-4.1-2025-04-14", True),
        ("api.openai.com", "gpt-4o", True),
        ("api.openai.com", "o3", False),
        ("api.openai.com", "o4-mini", False),
        ("api.openai.com", "gpt-5-mini", False),
        ("essai.openai.azure.com", "gpt-5.1", False),
        ("localhost:8000", "o3", True),
        ("api.mistral.ai", "mistral-large-latest", True),
    ],
)
def test_a_reasoning_model_is_not_sent_a_temperature_that_it_would_refuse(
    host: str, model: str, sent: bool
) -> None:
    body = sampling_body(host, model=model, temperature=0.0, seed=None, max_tokens=4000)
    assert ("temperature" in body) is sent
