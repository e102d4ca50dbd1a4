"""Dense search in Chroma, in process and in memory: one collection per scope.

Nothing is written on disk, so nothing of a candidate's text outlives the process, and two
processes never share an index. Vectors are always given: Chroma embeds nothing itself.
"""

import hashlib
import threading
from collections.abc import Sequence
from typing import Any, Final

from assistant.ports import Embedder, ScoredChunk
from assistant.settings import silence_libraries
from ingest.chunking import Chunk

_HNSW: Final = {"hnsw": {"space": "cosine", "ef_search": 500}}
_BATCH: Final = 500


class ChromaChunkIndex:
    """Implements `ChunkIndex`. Thread-safe. Raises a `ModelError` when a remote embedder does."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._client: Any = None
        self._prefix = f"p{id(self):x}"  # in-memory clients of one process share their state
        self._lock = threading.Lock()
        self._filled: set[str] = set()

    @property
    def embedder_name(self) -> str:
        return self._embedder.name

    def add(self, scope: str, chunks: Sequence[Chunk]) -> None:
        with self._lock:
            fresh = [c for c in chunks if self._key(scope, c.id) not in self._filled]
            collection = self._collection(scope)
            for start in range(0, len(fresh), _BATCH):
                batch = fresh[start : start + _BATCH]
                collection.upsert(
                    ids=[c.id for c in batch],
                    embeddings=self._embedder.embed([c.text for c in batch]),
                    documents=[c.text for c in batch],
                )
                self._filled.update(self._key(scope, c.id) for c in batch)

    def query(self, scope: str, text: str, limit: int) -> list[ScoredChunk]:
        (vector,) = self._embedder.embed([text])
        with self._lock:
            collection = self._collection(scope)
            size = collection.count()
            if size == 0:
                return []
            found = collection.query(
                query_embeddings=[vector], n_results=min(limit, size), include=["distances"]
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [ScoredChunk(chunk_id=i, score=1.0 - float(d)) for i, d in pairs]

    def drop(self, scope: str) -> None:
        """Forget a scope and everything in it."""
        with self._lock:
            self._client_now().delete_collection(self._collection(scope).name)
            self._filled = {k for k in self._filled if not k.startswith(f"{scope}\0")}

    @staticmethod
    def _key(scope: str, chunk_id: str) -> str:
        return f"{scope}\0{chunk_id}"

    def _collection(self, scope: str) -> Any:
        # A digest: two scopes never fold into one name, whatever their characters.
        name = f"{self._prefix}-{hashlib.sha256(scope.encode()).hexdigest()[:40]}"
        return self._client_now().get_or_create_collection(
            name=name, embedding_function=None, configuration=_HNSW
        )

    def _client_now(self) -> Any:
        if self._client is None:
            silence_libraries()
            import chromadb
            from chromadb.config import Settings as ChromaSettings

            self._client = chromadb.EphemeralClient(ChromaSettings(anonymized_telemetry=False))
        return self._client
