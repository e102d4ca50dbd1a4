"""Vectors without a model: hashed stems and character trigrams.

Nothing is downloaded and nothing is learnt. Trigrams bring together what stemming keeps apart
(« e-réputation » and « réputations », a typing error); meaning beyond the letters needs a real
embedding model, which the settings can name.
"""

import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from assistant.domain.french import fold_accents, stems

DIMENSIONS: Final = 1024
_TRIGRAM_WEIGHT: Final = 0.3


class HashingEmbedder:
    """Implements `Embedder`: unit vectors of `DIMENSIONS` floats."""

    name = f"hachage-{DIMENSIONS}/1"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [_vector(text) for text in texts]


def _vector(text: str) -> list[float]:
    vector = [0.0] * DIMENSIONS
    for feature, weight in _features(text):
        digest = zlib.crc32(feature.encode())
        vector[(digest >> 1) % DIMENSIONS] += weight if digest & 1 else -weight
    norm = math.hypot(*vector)
    if norm == 0.0:  # no word at all: any fixed unit vector, far from every real one
        vector[0] = norm = 1.0
    return [value / norm for value in vector]


def _features(text: str) -> Iterator[tuple[str, float]]:
    for stem, count in Counter(stems(text)).items():
        yield f"s:{stem}", 1.0 + math.log(count)
    folded = f" {' '.join(fold_accents(text).split())} "
    trigrams = Counter(folded[i : i + 3] for i in range(len(folded) - 2))
    for trigram, count in trigrams.items():
        yield f"t:{trigram}", _TRIGRAM_WEIGHT * (1.0 + math.log(count))
