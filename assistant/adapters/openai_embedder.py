"""Vectors from any OpenAI-compatible embeddings address, over the OpenAI SDK.

LangChain's `OpenAIEmbeddings` is not used: by default it cuts texts with a vocabulary that it
downloads, and sends token numbers that most other servers do not understand.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from assistant.adapters.openai_endpoint import NO_KEY, embedding_endpoint
from assistant.adapters.openai_failures import (
    MALFORMED_BODY,
    Failure,
    Remedy,
    failure_of,
)
from assistant.adapters.openai_waiting import LONGEST_BACKOFF_SECONDS, Patience
from assistant.settings import Settings, silence_libraries

if TYPE_CHECKING:
    import openai
    from openai.types import CreateEmbeddingResponse

_BATCH: Final = 64
#: Longer passages are cut before they are sent: the beginning says what a passage is about, and a
#: server refuses or truncates the rest. Chunks are far shorter.
_MOST_CHARACTERS: Final = 8000


def _always() -> None:
    """Refuses no request."""


class OpenAiEmbedder:
    """Implements `Embedder`. Texts go in batches of 64; vectors come back unit-length.

    Raises, when built: `ModelNotConfigured`, `SettingsInvalid`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        allowed: Callable[[], None] = _always,
    ) -> None:
        self.endpoint = embedding_endpoint(settings)
        self._attempts = settings.llm_max_attempts
        self._allowed = allowed
        self._sleep, self._clock, self._jitter = sleep, clock, jitter

    @property
    def name(self) -> str:
        return f"{self.endpoint.host}/{self.endpoint.model}"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See `Embedder`. Raises: a `ModelError`."""
        vectors: list[list[float]] = []
        for batch in _batches(texts):
            vectors += self._embed_batch(batch)
        return vectors

    def close(self) -> None:
        """Close the connections kept open."""
        if "_client" in self.__dict__:
            self._client.close()

    def _embed_batch(self, batch: list[str]) -> list[list[float]]:
        patience = Patience(
            self._attempts,
            self._attempts * (self.endpoint.timeout + LONGEST_BACKOFF_SECONDS),
            sleep=self._sleep,
            clock=self._clock,
            jitter=self._jitter,
        )
        while True:
            result = self._ask(batch)
            if not isinstance(result, Failure):
                return result
            hopeful = result.remedy in (Remedy.WAIT, Remedy.MAYBE_OTHER_FORM)
            if not (hopeful and patience.try_later(result.retry_after)):
                raise result.error(patience.made)

    def _ask(self, batch: list[str]) -> list[list[float]] | Failure:
        import openai

        self._allowed()
        try:
            response = self._client.embeddings.create(
                model=self.endpoint.model,
                input=batch,
                # The SDK would ask for base64, which lesser servers do not know.
                encoding_format="float",
            )
            return _vectors(response, len(batch))
        except (openai.APIError, *MALFORMED_BODY) as error:
            return failure_of(error, self.endpoint)

    @cached_property
    def _client(self) -> "openai.OpenAI":
        silence_libraries()
        import openai

        from assistant.adapters.openai_transport import http_client

        return openai.OpenAI(
            api_key=self.endpoint.secret or NO_KEY,
            base_url=self.endpoint.url,
            http_client=http_client(self.endpoint),
            max_retries=0,
        )


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), _BATCH):
        # An empty text is refused by most servers.
        yield [text[:_MOST_CHARACTERS] or " " for text in texts[start : start + _BATCH]]


def _vectors(response: "CreateEmbeddingResponse", count: int) -> list[list[float]]:
    """The vectors in the order asked. Raises `ValueError` when they are not what was asked."""
    ordered = sorted(response.data, key=lambda item: item.index)
    if [item.index for item in ordered] != list(range(count)):
        raise ValueError("not one vector per text")
    if len({len(item.embedding) for item in ordered}) > 1:
        raise ValueError("vectors of different lengths")
    return [_unit(item.embedding) for item in ordered]


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in vector))
    if not (0 < length < math.inf):
        raise ValueError("a vector without a length")
    return [value / length for value in vector]
