"""A server that is busy, broken, gone, or refuses: waited out, or said in French."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from assistant.adapters.openai_chat import OpenAiChatModel
from assistant.adapters.openai_waiting import Patience, retry_after_seconds
from assistant.errors import (
    ModelContextExceeded,
    ModelError,
    ModelKeyRefused,
    ModelNotConfigured,
    ModelNotFound,
    ModelQuotaExceeded,
    ModelRequestRejected,
    ModelUnavailable,
    SettingsInvalid,
)
from assistant.settings import Settings
from tests.fault_server import (
    Exchange,
    FaultServer,
    Step,
    ok,
    raw,
    silence,
    status,
)
from tests.llm_client import KEY, PROMPT, REPLY, Waits, ask, model, refusal
from tests.llm_replies import valid_json

# -- busy, broken or gone -------------------------------------------------------------------------


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


# -- wrong key, wrong model, too long -------------------------------------------------------------


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
