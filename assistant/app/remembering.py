"""The store as the memory of what a model has answered on one draft under way."""

from assistant.ports import GivenAnswer, ReviewStore


class StoredAnswers:
    """Implements `AnswerMemory` for the draft that will be kept under `key`."""

    def __init__(self, store: ReviewStore, dossier_id: str, key: str) -> None:
        self._store = store
        self._dossier_id = dossier_id
        self._key = key

    def recall(self, request: str) -> GivenAnswer | None:
        return self._store.given_answer(self._key, request)

    def keep(self, request: str, answer: GivenAnswer) -> None:
        self._store.keep_answer(self._dossier_id, self._key, request, answer)
