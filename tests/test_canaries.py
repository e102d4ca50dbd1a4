"""What one candidate wrote is never found in another's dossier, however alike their names are.

Each dossier holds words that no other has. They are looked for everywhere else: in what a search
gives, in what leaves for a model, in quotes, exports and pages.
"""

import json
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import docx
import pytest

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import HashingEmbedder
from assistant.app import App, build_app
from assistant.app.cohort.places import open_place
from assistant.domain.dossier import Dossier
from assistant.errors import UnknownDossier
from assistant.retrieval import DossierIndex
from assistant.settings import Settings
from ingest.chunking import split
from tests.web import site_for, visitor

EPREUVE = "E1.3"
#: Alike to a person, to a system that folds capitals, or to one that makes up accents.
NAMES = (
    "LEROY Zoé",
    unicodedata.normalize("NFD", "LEROY Zoé"),
    "Leroy Zoé",
    "LERОY Zoé",  # a Cyrillic letter
    "LEROY Zoe",
    "LEROY  Zoé",
)
QUERIES = 1_000


def canary(number: int) -> str:
    """Letters that no other dossier has: a word for a search, nothing for a recogniser."""
    return f"zibelune{'abcdefghij'[number]}or"


def write(folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    file = docx.Document()
    file.add_heading("Charte de modération", level=1)
    file.add_paragraph(f"La charte {canary(number)} interdit l'injure et le {canary(number)}.")
    file.add_paragraph(f"Nous répondons à chaque commentaire {canary(number)} en deux heures.")
    file.save(str(folder / "E1.3_charte.docx"))


class Place:
    """An installation, and one dossier for each of the names."""

    def __init__(self, root: Path) -> None:
        for number, name in enumerate(NAMES):
            write(root / "cohorte" / name, number)
        self.root = root
        settings = Settings(_env_file=None, data_dir=root / "data", llm_model="essai")
        self.app: App = build_app(settings)

    @cached_property
    def dossiers(self) -> tuple[Dossier, ...]:
        return tuple(self.app.open(self.root / "cohorte" / name) for name in NAMES)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("alike"))


def others(number: int) -> Iterator[str]:
    yield from (canary(other) for other in range(len(NAMES)) if other != number)


def test_names_that_look_alike_make_as_many_dossiers(place: Place) -> None:
    assert len({dossier.id for dossier in place.dossiers}) == len(NAMES)
    for number, dossier in enumerate(place.dossiers):
        (document,) = dossier.deliverables(EPREUVE)
        assert canary(number) in document.text
    source = open_place(place.root / "cohorte", place.app.settings).source
    assert len({candidate.folder for candidate in source.candidates}) == len(NAMES)


def test_a_thousand_searches_give_nothing_of_another_dossier(place: Place) -> None:
    dense = ChromaChunkIndex(HashingEmbedder())
    own: list[dict[str, str]] = []
    indexes = []
    for dossier in place.dossiers:
        pieces = [c for d in dossier.deliverables(EPREUVE) for c in split(d)]
        own.append({piece.id: piece.text for piece in pieces})
        indexes.append(DossierIndex(f"{dossier.id}/{EPREUVE}", pieces, dense))
    asked = 0
    for round_number in range(-(-QUERIES // (len(NAMES) * (len(NAMES) - 1)))):
        for number, index in enumerate(indexes):
            texts = [f"{word} charte injure {round_number}" for word in others(number)]
            for lexical, nearest in index.rankings(texts):
                asked += 1
                found = {*lexical, *nearest}
                assert found <= own[number].keys()
                assert not any(w in own[number][i] for i in found for w in others(number))
    assert asked >= QUERIES


def test_no_prompt_quote_export_or_page_holds_another_dossier_s_words(place: Place) -> None:
    with visitor(site_for(place.app, "Claude")) as client:
        for number, dossier in enumerate(place.dossiers):
            findings = place.app.review(dossier, EPREUVE)
            lines = place.app.requests("essai").export(dossier, EPREUVE).lines
            page = client.get(f"/dossier/{dossier.id}/{EPREUVE}", follow_redirects=True)
            said = {
                "demandes": "".join(str(json.loads(line)["body"]["messages"]) for line in lines),
                "propositions": "".join(finding.model_dump_json() for finding in findings),
                "page": page.text,
                "export": place.app.export(dossier.id, EPREUVE, "json")[1].decode(),
            }
            for where, text in said.items():
                assert not any(word in text for word in others(number)), (where, number)
                assert canary(number) in text, (where, number)


def test_files_whose_names_look_alike_are_two_files(tmp_path: Path) -> None:
    folder = tmp_path / "candidat"
    write(folder, 0)
    for number, name in enumerate(("été.docx", unicodedata.normalize("NFD", "été.docx")), start=1):
        file = docx.Document()
        file.add_paragraph(f"Charte de modération {canary(number)}.")
        file.save(str(folder / name))
    app = build_app(Settings(_env_file=None, data_dir=tmp_path / "data"))
    dossier = app.open(folder)
    assert len({file.filename for file in dossier.files}) == 3
    assert len({file.sha256 for file in dossier.files}) == 3


def test_a_list_s_candidates_and_files_whose_names_fold_into_one_stay_apart(tmp_path: Path) -> None:
    rows = ["candidat;fichier;type;epreuve"]
    for number, (name, file) in enumerate(
        [("Zoé : L", "a/charte.docx"), ("Zoé / L", "b/charte.docx"), ("ZOÉ : L", "c/charte.docx"),
         ("Zoé : L", "d/charte.docx")]
    ):  # fmt: skip
        write(tmp_path / file.partition("/")[0], number)
        (tmp_path / file.partition("/")[0] / "E1.3_charte.docx").rename(tmp_path / file)
        rows.append(f"{name};{file};livrable;{EPREUVE}")
    (tmp_path / "liste.csv").write_text("\n".join(rows), encoding="utf-8")
    source = open_place(
        tmp_path / "liste.csv", Settings(_env_file=None, data_dir=tmp_path / "data")
    ).source
    files = {
        candidate.name: sorted(candidate.folder.glob("*.docx")) for candidate in source.candidates
    }
    assert sorted(map(len, files.values())) == [1, 1, 2]


def test_erasing_one_name_leaves_the_names_that_look_like_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert len(place.dossiers) == len(NAMES)
    (record,) = place.app.holdings.of("LEROY Zoé")
    assert record.label == "LEROY Zoé"
    with pytest.raises(UnknownDossier):  # in no one's letters: it could be one of several
        place.app.holdings.of("leroy zoé")
