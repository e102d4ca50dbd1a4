"""Vectors without a model: hashed stems and character trigrams.

Nothing is downloaded and nothing is learnt. Trigrams bring together what stemming keeps apart
(« e-réputation » and « réputations », a typing error); meaning beyond the letters needs a real
embedding model, which the settings can name.
"""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from assistant.domain.french import fold_accents, stems

DIMENSIONS: Final = 1024
_TRIGRAM_WEIGHT: Final = 0.3


class HashingEmbedder:
    """Implements `Embedder`: unit vectors of `DIMENSIONS` floats."""

    name = f"hachage-{DIMENSIONS}/1"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [_vector(text) for text in texts]


def _vector(text: str) -> list[float]:
    vector = np.zeros(DIMENSIONS, dtype=np.float64)
    for feature, weight in _features(text):
        digest = zlib.crc32(feature.encode())
        sign = 1.0 if digest & 1 else -1.0
        vector[(digest >> 1) % DIMENSIONS] += sign * weight
    norm = float(np.linalg.norm(vector))
    if norm == 0.0:  # no word at all: any fixed unit vector, far from every real one
        vector[0] = norm = 1.0
    result: list[float] = (vector / norm).tolist()
    return result


def _features(text: str) -> Iterator[tuple[str, float]]:
    for stem, count in Counter(stems(text)).items():
        yield f"s:{stem}", 1.0 + float(np.log(count))
    folded = f" {' '.join(fold_accents(text).split())} "
    trigrams = Counter(folded[i : i + 3] for i in range(len(folded) - 2))
    for trigram, count in trigrams.items():
        yield f"t:{trigram}", _TRIGRAM_WEIGHT * (1.0 + float(np.log(count)))
