"""The batch endpoint of an OpenAI-compatible server: files of requests, answered later.

Source: platform.openai.com/docs/api-reference/batch. Answers come at half the price or less, within
a day; the files are those of `batch_format`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from assistant.adapters.openai_endpoint import NO_KEY, chat_endpoint
from assistant.adapters.openai_failures import failure_of
from assistant.errors import BatchEndpointMissing, ModelError
from assistant.settings import Settings
from ingest.types import Frozen

if TYPE_CHECKING:
    import openai

#: Our own key in a batch's metadata: which file of requests it answers.
_LABEL: Final = "preuve_lot"
_WINDOW: Final = "24h"
_PATH: Final = "/v1/chat/completions"
_LISTED: Final = 100
_ATTEMPTS: Final = 4
_MISSING: Final = (404, 405, 501)
_ENDED: Final = frozenset({"completed", "failed", "expired", "cancelled"})


class BatchProgress(Frozen):
    """How far a batch is. File ids are empty where there is none."""

    status: str
    total: int = 0
    completed: int = 0
    failed: int = 0
    output_file: str = ""
    error_file: str = ""

    @property
    def ended(self) -> bool:
        return self.status in _ENDED


class OpenAiBatches:
    """Implements `BatchEndpoint`. Raises, when built: `ModelNotConfigured`, `SettingsInvalid`.

    Every method raises a `ModelError`; `BatchEndpointMissing` when the server has no such thing.
    """

    def __init__(self, settings: Settings, allowed: Callable[[], None] = lambda: None) -> None:
        import openai

        from assistant.adapters.openai_transport import http_client

        self._allowed = allowed
        self._endpoint = chat_endpoint(settings)
        self._client = openai.OpenAI(
            api_key=self._endpoint.secret or NO_KEY,
            base_url=self._endpoint.url,
            http_client=http_client(self._endpoint),
            max_retries=_ATTEMPTS,
        )

    @property
    def host(self) -> str:
        return self._endpoint.host

    def send(self, requests: bytes, label: str) -> str:
        """Hand a file of requests over; the batch's id."""
        import openai

        self._allowed()
        try:
            file = self._client.files.create(file=("demandes.jsonl", requests), purpose="batch")
            batch = self._client.batches.create(
                input_file_id=file.id,
                endpoint=_PATH,
                completion_window=_WINDOW,
                metadata={_LABEL: label},
            )
        except openai.APIError as error:
            raise self._failure(error) from error
        return batch.id

    def progress(self, batch_id: str) -> BatchProgress:
        import openai

        try:
            batch = self._client.batches.retrieve(batch_id)
        except openai.APIError as error:
            raise self._failure(error) from error
        counts = batch.request_counts
        return BatchProgress(
            status=batch.status,
            total=counts.total if counts else 0,
            completed=counts.completed if counts else 0,
            failed=counts.failed if counts else 0,
            output_file=batch.output_file_id or "",
            error_file=batch.error_file_id or "",
        )

    def labelled(self) -> dict[str, str]:
        """The latest batches of the account that we have sent: their label, their id."""
        import openai

        try:
            page = self._client.batches.list(limit=_LISTED)
        except openai.APIError as error:
            raise self._failure(error) from error
        found = [(dict(batch.metadata or {}).get(_LABEL), batch.id) for batch in page.data]
        return {label: batch_id for label, batch_id in found if label}

    def fetch(self, file_id: str) -> bytes:
        """A file's content."""
        import openai

        try:
            return self._client.files.content(file_id).content
        except openai.APIError as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Close the connections kept open."""
        self._client.close()

    def _failure(self, error: "openai.APIError") -> ModelError:
        if getattr(error, "status_code", None) in _MISSING:
            return BatchEndpointMissing(str(type(error)), host=self._endpoint.host)
        return failure_of(error, self._endpoint).error(1)
