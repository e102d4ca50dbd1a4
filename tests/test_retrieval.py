import pytest

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import DIMENSIONS, HashingEmbedder
from assistant.domain.french import stems
from assistant.domain.rubric import RetrievalSettings
from assistant.ports import ScoredChunk
from assistant.retrieval import DossierIndex, LexicalIndex, fuse, select
from ingest.chunking import Chunk
from ingest.types import Locator
from tests.factories import criterion

TEXTS = {
    "levain": "Le levain est rafraîchi chaque soir et son acidité relevée.",
    "farine": "Les farines sont pesées, puis les pesées notées dans le cahier du fournil.",
    "vente": "La vendeuse accueille les clients et tient la caisse.",
    "four": "Les fours sont préchauffés à 250 degrés.",
}


def chunks(prefix: str = "") -> list[Chunk]:
    return [
        Chunk(
            id=prefix + name,
            sha256="0" * 64,
            text=text,
            start=0,
            end=len(text),
            locator=Locator(file="f"),
        )
        for name, text in TEXTS.items()
    ]


@pytest.fixture(scope="module")
def dense() -> ChromaChunkIndex:
    return ChromaChunkIndex(HashingEmbedder())


def test_stems_bring_inflected_words_together_and_drop_accents_last():
    assert stems("Les objectifs évalués") == stems("un objectif évalué")
    assert stems("l'évaluée et les réunions") == stems("évaluées, réunion")


def test_the_lexical_index_finds_inflected_words_and_ignores_unknown_ones():
    index = LexicalIndex(chunks())
    assert index.query("noter une pesée de farine", 3)[0] == "farine"
    assert index.query("blockchain", 3) == []
    assert LexicalIndex([]).query("farine", 3) == []


def test_local_vectors_are_unit_length_and_see_through_spelling():
    embed = HashingEmbedder().embed
    (a, b, c) = embed(["réputation en ligne", "réputations en ligne", "préchauffage du four"])
    near = sum(x * y for x, y in zip(a, b, strict=True))
    far = sum(x * y for x, y in zip(a, c, strict=True))
    assert len(a) == DIMENSIONS
    assert sum(x * x for x in a) == pytest.approx(1.0)
    assert near > 0.6 > 0.3 > far
    assert embed([""])[0] != []


def test_fusion_prefers_what_several_rankings_put_near_the_top():
    fused = fuse([["a", "b", "c"], ["b", "a", "d"], ["b"]], k=60)
    assert [name for name, _ in fused][:2] == ["b", "a"]


def test_the_passages_of_a_criterion_come_with_the_attendus_that_brought_them(dense):
    asked = criterion(
        attendus=(("La farine est pesée et notée.", True), ("Le levain est rafraîchi.", False))
    )
    index = DossierIndex("select", chunks(), dense)
    found = select(asked, index, RetrievalSettings(per_attendu=1, per_criterion=3, voisins=0))
    assert {p.chunk.id for p in found.for_attendu(1)} == {"farine"}
    assert {p.chunk.id for p in found.for_attendu(2)} == {"levain"}
    assert len(found.passages) == 3
    assert found.queries[1:] == tuple(a.texte for a in asked.attendus)


def nearest(dense: ChromaChunkIndex, scope: str, text: str, limit: int) -> list[ScoredChunk]:
    (found,) = dense.query(scope, [text], limit)
    return found


def test_queries_asked_together_are_answered_each_in_its_place(dense):
    dense.add("together", chunks())
    texts = [*TEXTS.values(), next(iter(TEXTS.values()))]
    together = dense.query("together", texts, 1)
    assert together == [nearest(dense, "together", text, 1) for text in texts]


def test_the_best_passage_of_an_attendu_comes_with_its_neighbours_in_the_same_document(dense):
    asked = criterion(attendus=(("La farine est pesée et notée.", True),))
    other = chunks("autre-")[0].model_copy(update={"sha256": "1" * 64, "text": "Rien."})
    index = DossierIndex("around", [*chunks()[:2], other, *chunks()[2:]], dense)
    settings = RetrievalSettings(per_attendu=1, per_criterion=1)
    found = select(asked, index, settings)
    assert [p.chunk.id for p in found.for_attendu(1)] == ["farine", "levain"]
    assert index.neighbours("vente", 1) == ["four"]


def test_an_attendu_that_only_points_back_is_searched_with_its_criterion_and_its_cues(dense):
    asked = criterion(attendus=(("Elles sont datées.", True),), reperage=("caisse", "clients"))
    index = DossierIndex("anaphora", chunks(), dense)
    found = select(asked, index, RetrievalSettings(per_attendu=2, per_criterion=1, voisins=0))
    assert {p.chunk.id for p in found.for_attendu(1)} == {"farine", "vente"}


def test_nothing_crosses_from_one_dossier_to_another(dense):
    dense.add("dossier-a", chunks("a-"))
    dense.add("dossier-A", chunks("b-"))
    for query in TEXTS.values():
        assert {c.chunk_id[:2] for c in nearest(dense, "dossier-a", query, 10)} == {"a-"}
        assert {c.chunk_id[:2] for c in nearest(dense, "dossier-A", query, 10)} == {"b-"}
    assert nearest(dense, "dossier-b", "farine", 10) == []


def test_adding_twice_changes_nothing_and_dropping_forgets(dense):
    dense.add("twice", chunks())
    dense.add("twice", chunks())
    assert len(nearest(dense, "twice", "farine", 50)) == len(TEXTS)
    dense.drop("twice")
    assert nearest(dense, "twice", "farine", 50) == []


def test_a_dossier_in_use_is_still_searched_when_many_others_came_and_went(dense):
    dense.add("stays", chunks("s-"))
    expected = nearest(dense, "stays", "farine", 10)
    for number in range(40):
        dense.add(f"passes-{number}", chunks(f"p{number}-"))
        dense.drop(f"passes-{number}")
        assert nearest(dense, "stays", "farine", 10) == expected


def test_the_nearest_by_vector_is_the_one_that_speaks_of_it(dense):
    dense.add("nearest", chunks())
    assert nearest(dense, "nearest", "préchauffer le four", 1)[0].chunk_id == "four"
