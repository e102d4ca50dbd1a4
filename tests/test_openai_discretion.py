"""What the adapter keeps to itself, and what the connection test tells."""

import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from assistant.errors import (
    ModelError,
    ModelUnavailable,
)
from tests.fault_server import (
    Exchange,
    FaultServer,
    Step,
    completion,
    ok,
    raw,
    status,
)
from tests.llm_client import KEY, PROMPT, REPLY, TEXT, ask, model
from tests.llm_replies import valid_json

# -- secrets --------------------------------------------------------------------------------------


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
        "import sys, assistant.adapters.openai_chat, assistant.adapters.llm, "
        "assistant.adapters.openai_embedder\n"
        "heavy = {'openai', 'langchain_openai', 'langchain_core', 'httpx2'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the connection test --------------------------------------------------------------------------


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
