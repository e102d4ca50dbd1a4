"""Dense search in Chroma, in process and in memory: one collection per scope.

Nothing is written on disk, so nothing of a candidate's text outlives the process, and two
processes never share an index. Vectors are always given: Chroma embeds nothing itself, and is told
no text.

Chroma keeps the memory of a collection that was deleted (2.7 MiB each was measured with 1.5). So
every few deletions its client is closed, which frees it, and what is still in use is put in a new
one.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.ports import Embedder, ScoredChunk
from assistant.settings import silence_libraries
from ingest.chunking import Chunk

Vector: TypeAlias = NDArray[np.float32]

_HNSW: Final = {"hnsw": {"space": "cosine", "ef_search": 500}}
_BATCH: Final = 500
#: Vectors of queries kept, at most: a few grids' worth.
_KEPT_QUERIES: Final = 4000
#: Deleted collections whose memory may wait to be freed.
_KEPT_DELETED: Final = 16


class ChromaChunkIndex:
    """Implements `ChunkIndex`. Thread-safe. Raises a `ModelError` when a remote embedder does."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._client: Any = None
        self._prefix = f"p{id(self):x}"  # in-memory clients of one process share their state
        self._lock = threading.Lock()
        self._filled: dict[str, dict[str, Vector]] = {}
        self._collections: dict[str, Any] = {}
        self._queries: dict[str, list[float]] = {}
        self._deleted = 0

    @property
    def embedder_name(self) -> str:
        return self._embedder.name

    def add(self, scope: str, chunks: Sequence[Chunk]) -> None:
        with self._lock:
            filled = self._filled.setdefault(scope, {})
            fresh = [c for c in chunks if c.id not in filled]
            for start in range(0, len(fresh), _BATCH):
                batch = fresh[start : start + _BATCH]
                embedded = self._embedder.embed([c.text for c in batch])
                vectors = {
                    c.id: np.asarray(vector, dtype=np.float32)
                    for c, vector in zip(batch, embedded, strict=True)
                }
                self._put(scope, vectors)
                filled |= vectors

    def query(self, scope: str, texts: Sequence[str], limit: int) -> list[list[ScoredChunk]]:
        vectors = self._vectors(texts)
        with self._lock:
            size = len(self._filled.get(scope, ()))
            if size == 0:
                return [[] for _ in texts]
            found = self._collection(scope).query(
                query_embeddings=vectors, n_results=min(limit, size), include=["distances"]
            )
        return [
            [ScoredChunk(chunk_id=i, score=1.0 - float(d)) for i, d in zip(ids, far, strict=True)]
            for ids, far in zip(found["ids"], found["distances"], strict=True)
        ]

    def drop(self, scope: str) -> None:
        with self._lock:
            collection = self._collections.pop(scope, None)
            if collection is not None:
                self._client_now().delete_collection(collection.name)
                self._deleted += 1
            self._filled.pop(scope, None)
            if self._deleted >= _KEPT_DELETED:
                self._renew()

    def _renew(self) -> None:
        """Free what deleted collections hold; the others are filled again."""
        self._client.close()
        self._client, self._deleted = None, 0
        self._collections.clear()
        for scope, vectors in self._filled.items():
            self._put(scope, vectors)

    def _put(self, scope: str, vectors: Mapping[str, Vector]) -> None:
        ids = list(vectors)
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            self._collection(scope).upsert(ids=batch, embeddings=[vectors[i] for i in batch])

    def _vectors(self, texts: Sequence[str]) -> list[list[float]]:
        """A grid's queries are the same for every dossier: each is embedded once."""
        with self._lock:
            known = {text: self._queries[text] for text in texts if text in self._queries}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:  # without the lock: a remote embedder takes its time
            embedded = dict(zip(fresh, self._embedder.embed(fresh), strict=True))
            with self._lock:
                if len(self._queries) > _KEPT_QUERIES:
                    self._queries.clear()
                self._queries.update(embedded)
            known |= embedded
        return [known[text] for text in texts]

    def _collection(self, scope: str) -> Any:
        found = self._collections.get(scope)
        if found is None:
            # A digest: two scopes never fold into one name, whatever their characters.
            name = f"{self._prefix}-{hashlib.sha256(scope.encode()).hexdigest()[:40]}"
            found = self._client_now().get_or_create_collection(
                name=name, embedding_function=None, configuration=_HNSW
            )
            self._collections[scope] = found
        return found

    def _client_now(self) -> Any:
        if self._client is None:
            silence_libraries()
            import chromadb
            from chromadb.config import Settings as ChromaSettings

            self._client = chromadb.EphemeralClient(ChromaSettings(anonymized_telemetry=False))
        return self._client
