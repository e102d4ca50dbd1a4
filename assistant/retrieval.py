"""Chooses the passages that a criterion is judged on.

Two searches, one by words (BM25 over French stems) and one by vectors (the `ChunkIndex`), are
run for the criterion and for each of its attendus, and fused by reciprocal rank: a passage that
several searches put near the top comes first. Everything stays within one dossier's scope.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import bm25s
import numpy as np

from assistant.domain.case import Passage, Passages
from assistant.domain.french import stems
from assistant.domain.rubric import Criterion, RetrievalSettings
from assistant.ports import ChunkIndex
from ingest.chunking import Chunk

_DEPTH: Final = 20  # how far down each ranking is read before fusion


class LexicalIndex:
    """BM25 over the stems of a fixed list of chunks."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._ids = [chunk.id for chunk in chunks]
        corpus = [stems(chunk.text) or [""] for chunk in chunks]
        self._known = {stem for document in corpus for stem in document}
        self._bm25 = bm25s.BM25()
        if corpus:
            self._bm25.index(corpus, show_progress=False)

    def query(self, text: str, limit: int) -> list[str]:
        """Ids of the chunks that share a stem with the text, best first."""
        known = [stem for stem in stems(text) if stem in self._known]
        if not known:
            return []
        scores = self._bm25.get_scores(known)
        order = np.argsort(-scores, kind="stable")[:limit]
        return [self._ids[i] for i in order if scores[i] > 0]


class DossierIndex:
    """Both searches over the deliverables of one épreuve of one dossier."""

    def __init__(self, scope: str, chunks: Sequence[Chunk], dense: ChunkIndex) -> None:
        self.scope = scope
        self.chunks = {chunk.id: chunk for chunk in chunks}
        self._order = list(self.chunks)
        self._lexical = LexicalIndex(chunks)
        self._dense = dense
        dense.add(scope, chunks)

    def neighbours(self, chunk_id: str, reach: int) -> list[str]:
        """The chunks of the same document up to `reach` places before and after this one."""
        position, document = self._order.index(chunk_id), self.chunks[chunk_id].sha256
        around = self._order[max(0, position - reach) : position + reach + 1]
        return [i for i in around if i != chunk_id and self.chunks[i].sha256 == document]

    def rankings(self, texts: Sequence[str]) -> list[tuple[list[str], list[str]]]:
        """The lexical and the dense ranking for each query: chunk ids, best first."""
        dense = self._dense.query(self.scope, texts, _DEPTH)
        return [
            (self._lexical.query(text, _DEPTH), [scored.chunk_id for scored in found])
            for text, found in zip(texts, dense, strict=True)
        ]


def fuse(rankings: Iterable[Sequence[str]], *, k: int) -> list[tuple[str, float]]:
    """Reciprocal rank fusion: (id, score) with the best first, ties broken by id."""
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, chunk_id in enumerate(ranking, start=1):
            scores[chunk_id] += 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def select(criterion: Criterion, index: DossierIndex, settings: RetrievalSettings) -> Passages:
    """The passages for a criterion: the best of each attendu, then the best overall.

    An attendu alone is often too short, or speaks in the référentiel's words rather than in a
    candidate's (« Elles découlent des constats »). So it is searched beside the criterion that it
    makes explicit, then beside the cues that locate it, its own words counting double; what the
    criterion brings as a whole counts too. Its best passage comes with its neighbours: a proof
    often runs over a cut.
    """
    cues = ", ".join(criterion.reperage)
    whole = f"{criterion.texte} {cues}".strip()
    beside = [
        f"{attendu.texte} {attendu.texte} {words}"
        for attendu in criterion.attendus
        for words in (criterion.texte, cues)
    ]
    of_criterion, *found = index.rankings([whole, *beside])
    by_criterion = fuse(of_criterion, k=settings.rrf_k)
    context = [chunk_id for chunk_id, _ in by_criterion]
    attendus_of: defaultdict[str, list[int]] = defaultdict(list)
    best: dict[str, float] = {}
    for attendu, by_text, by_cues in zip(criterion.attendus, found[::2], found[1::2], strict=True):
        fused = fuse((*by_text, *by_cues, context), k=settings.rrf_k)[: settings.per_attendu]
        for chunk_id, score in (*fused, *_around(fused, index, settings.voisins)):
            attendus_of[chunk_id].append(attendu.numero)
            best[chunk_id] = max(score, best.get(chunk_id, 0.0))
    for chunk_id, score in by_criterion:
        if len(best) >= settings.per_criterion:
            break
        best.setdefault(chunk_id, score)
    ordered = sorted(best.items(), key=lambda item: (-item[1], item[0]))
    passages = tuple(
        Passage(chunk=index.chunks[chunk_id], score=score, attendus=tuple(attendus_of[chunk_id]))
        for chunk_id, score in ordered
    )
    queries = (whole, *(attendu.texte for attendu in criterion.attendus))
    return Passages(passages=passages, queries=queries)


def _around(
    fused: Sequence[tuple[str, float]], index: DossierIndex, reach: int
) -> list[tuple[str, float]]:
    """The neighbours of the best passage that were not chosen, valued as the last that was."""
    if not fused:
        return []
    chosen = {chunk_id for chunk_id, _ in fused}
    near = index.neighbours(fused[0][0], reach)
    return [(chunk_id, fused[-1][1]) for chunk_id in near if chunk_id not in chosen]
