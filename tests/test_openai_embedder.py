"""Vectors over real HTTP: in order, unit-length, and the same typed errors as the chat."""

import math
from typing import Any

import pytest

from assistant.adapters.openai_embedder import OpenAiEmbedder
from assistant.errors import (
    ModelContextExceeded,
    ModelError,
    ModelKeyRefused,
    ModelNotConfigured,
    ModelNotFound,
    ModelUnavailable,
)
from assistant.settings import Settings
from tests.fault_server import Exchange, FaultServer, Step, raw, status


def embedder(url: str, **changes: Any) -> OpenAiEmbedder:
    values: dict[str, Any] = {"embedding_model": "vecteurs", "embedding_base_url": url} | changes
    return OpenAiEmbedder(Settings(_env_file=None, **values), sleep=lambda seconds: None)


def lengths(exchange: Exchange) -> None:
    """A vector that tells the length of its text; given back in reverse order."""
    data = [
        {"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0]}
        for i, text in enumerate(exchange.body["input"])
    ]
    exchange.send({"object": "list", "model": "vecteurs", "data": data[::-1]})


def vectors(*embeddings: list[float]) -> Step:
    data = [{"index": i, "embedding": vector} for i, vector in enumerate(embeddings)]
    return lambda exchange: exchange.send({"object": "list", "data": data})


def test_vectors_come_in_the_order_asked_and_unit_length() -> None:
    texts = ["x" * n for n in range(1, 151)]
    with FaultServer(lengths) as server:
        found = embedder(server.url).embed(texts)

    assert [round(v[0] / v[1]) for v in found] == list(range(1, 151))
    assert all(math.isclose(math.hypot(*v), 1.0) for v in found)
    assert [len(body["input"]) for body in server.bodies] == [64, 64, 22]


def test_texts_are_sent_as_texts_and_floats_are_asked_for() -> None:
    """Token numbers and base64 are OpenAI's own habits: other servers do not know them."""
    with FaultServer(lengths) as server:
        embedder(server.url).embed(["bonjour", ""])

    body = server.bodies[0]
    assert server.exchanges[0].path.endswith("/v1/embeddings")
    assert body["input"] == ["bonjour", " "]
    assert body["encoding_format"] == "float"


def test_no_text_asks_nothing() -> None:
    with FaultServer(lengths) as server:
        assert embedder(server.url).embed([]) == []

    assert server.exchanges == []


def test_a_passing_trouble_is_waited_out() -> None:
    with FaultServer(status(429), status(500), raw(b"<html>"), lengths) as server:
        assert len(embedder(server.url).embed(["a"])) == 1


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (status(401), ModelKeyRefused),
        (status(404, code="model_not_found"), ModelNotFound),
        (status(404), ModelNotFound),
        (status(400, "maximum context length is 512 tokens"), ModelContextExceeded),
        (status(503), ModelUnavailable),
        (raw(b'{"data": []}'), ModelUnavailable),
        (vectors([1.0, 0.0], [1.0, 0.0]), ModelUnavailable),
        (vectors([0.0, 0.0]), ModelUnavailable),
        (Exchange.hang_up, ModelUnavailable),
    ],
)
def test_every_fault_is_a_typed_error(step: Step, kind: type[ModelError]) -> None:
    with FaultServer(step) as server, pytest.raises(kind) as caught:
        embedder(server.url, llm_max_attempts=2).embed(["a"])

    assert caught.value.user_message


def test_without_a_model_nothing_is_built() -> None:
    with pytest.raises(ModelNotConfigured):
        OpenAiEmbedder(Settings(_env_file=None))


def test_the_language_models_key_goes_to_its_own_host_only() -> None:
    with FaultServer(lengths) as server:
        embedder(server.url, llm_base_url=server.url, llm_api_key="sk-modele").embed(["a"])
        embedder(server.url, llm_api_key="sk-modele").embed(["a"])  # the model's host is OpenAI
        embedder(server.url, llm_api_key="sk-modele", embedding_api_key="sk-own").embed(["a"])

    sent = [exchange.headers["authorization"] for exchange in server.exchanges]
    assert sent == ["Bearer sk-modele", "Bearer sans-cle", "Bearer sk-own"]
