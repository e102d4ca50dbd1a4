"""With PREUVE_LOCAL_ONLY, nothing leaves the machine, whatever the rest of the settings says."""

import httpx2
import pytest

from assistant.adapters.openai_endpoint import Endpoint, chat_endpoint
from assistant.adapters.openai_transport import http_client
from assistant.errors import SettingsInvalid
from assistant.loopback import is_loopback
from assistant.settings import Settings
from tests.fault_server import FaultServer, ok
from tests.llm_client import ask
from tests.llm_replies import valid_json

OUTSIDE = (
    "",
    "https://api.openai.com/v1",
    "http://192.168.1.20:8000/v1",
    "http://127.0.0.1.exemple.fr/v1",
    "http://localhost.exemple.fr/v1",
    "http://127.0.0.1@exemple.fr/v1",
    "http://2130706433/v1",
    "http://[2001:db8::1]/v1",
    "http://0.0.0.0:8000/v1",
)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_outside_is_refused_when_the_settings_are_read(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREUVE_LOCAL_ONLY", "1")
    monkeypatch.setenv("PREUVE_LLM_MODEL", "essai")
    monkeypatch.setenv("PREUVE_LLM_BASE_URL", address)
    with pytest.raises(SettingsInvalid) as caught:
        Settings.load()
    assert "PREUVE_LOCAL_ONLY" in caught.value.user_message
    assert "PREUVE_LLM_BASE_URL" in caught.value.user_message


def test_the_embeddings_address_is_refused_as_well() -> None:
    with pytest.raises(ValueError, match="PREUVE_EMBEDDING_BASE_URL"):
        Settings(
            _env_file=None,
            local_only=True,
            llm_model="essai",
            llm_base_url="http://127.0.0.1:9/v1",
            embedding_model="vecteurs",
            embedding_base_url="https://exemple.fr/v1",
        )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "::1", "localhost", "::ffff:127.0.0.1"])
def test_this_machine_is_recognised(host: str) -> None:
    assert is_loopback(host)


def test_a_server_of_this_machine_is_reached_past_the_environment_s_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FaultServer(ok(valid_json())) as server:
        assert ask(server, local_only=True).usage.calls == 1


def test_settings_changed_after_they_were_read_are_refused_at_the_endpoint() -> None:
    settings = Settings(_env_file=None, local_only=True)
    changed = settings.model_copy(
        update={"llm_model": "essai", "llm_base_url": "https://exemple.fr/v1"}
    )
    with pytest.raises(SettingsInvalid):
        chat_endpoint(changed)


def test_a_request_to_elsewhere_never_connects() -> None:
    endpoint = Endpoint(
        url="http://127.0.0.1:9/v1", secret="", host="h", model="m", timeout=1, local_only=True
    )
    with http_client(endpoint) as client, pytest.raises(httpx2.ConnectError, match="LOCAL_ONLY"):
        client.get("http://198.51.100.7/")


def test_a_redirect_is_not_followed() -> None:
    def elsewhere(exchange):  # type: ignore[no-untyped-def]
        exchange.send({}, 307, {"Location": "http://198.51.100.7/v1"})

    with (
        FaultServer(elsewhere) as server,
        http_client(
            Endpoint(url=server.url, secret="", host="h", model="m", timeout=2, local_only=True)
        ) as client,
    ):
        assert client.post(f"{server.url}/chat/completions", json={}).status_code == 307
