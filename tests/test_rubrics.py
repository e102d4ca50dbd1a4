"""A certification is data: its grids load whatever they say, and nothing of one is in the code."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from assistant.domain import rubric, tables, verdict
from assistant.domain.rubric import Certification, Lecture, Portee, Rubric, RubricSet
from assistant.domain.verdict import AttenduStatus, Verdict, derive_verdict
from assistant.rubric_loader import check_file, check_folder, load_rubric_set
from tests.conftest import ROOT
from tests.grids import SHIPPED, TINY, replace


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny certification, to be spoilt."""
    return Path(shutil.copytree(TINY, tmp_path / "patisserie"))


def test_another_certification_loads_with_its_own_ids_scale_and_thresholds():
    rubrics = load_rubric_set(TINY)
    certification = rubrics.certification

    assert certification.epreuves == ("TOUR-1", "VITRINE")
    assert certification.libelle(Verdict.PARTIALLY_MET) == "À consolider"
    assert certification.blocs_requis == ("PROD",)
    assert certification.seuils.citations.near_ratio == 97
    assert certification.seuils.recherche.per_attendu == 2
    assert certification.seuils.recherche.per_criterion == 8
    assert rubrics.rubric("TOUR-1").critere("TOUR-1/pate/CE2").lecture.complement


def test_its_thresholds_change_the_verdict_that_the_same_statuses_lead_to():
    half = [AttenduStatus.SATISFIED, AttenduStatus.ABSENT]
    strict = load_rubric_set(SHIPPED).certification.seuils.regle
    lenient = load_rubric_set(TINY).certification.seuils.regle

    assert derive_verdict(half, strict) is Verdict.PARTIALLY_MET
    assert derive_verdict(half, lenient) is Verdict.MET


def test_what_is_written_is_kept_as_text_without_quotes():
    rubrics = load_rubric_set(TINY)

    assert [r.version for r in rubrics.rubrics] == ["3", "1.10"]
    criterion = rubrics.rubric("TOUR-1").criteres[0]
    assert criterion.reperage == ("farine", "beurre", "on", "12:30")
    assert criterion.vigilance == ""


def _literals(path: Path) -> Iterator[str]:
    """Texts that the code works with: docstrings and help examples decide nothing."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg == "help":
            aside.update(ast.walk(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in aside:
            yield node.value


def test_nothing_of_the_first_certification_is_in_the_code():
    rubrics = load_rubric_set(SHIPPED)
    certification = rubrics.certification
    words = {certification.titre, *certification.epreuves}
    words |= {bloc.id for bloc in certification.blocs}
    words |= {competence.id for competence in certification.competences}
    words |= {rubric.titre for rubric in rubrics.rubrics}
    words |= {g.id for r in rubrics.rubrics for g in r.groupes if "-" in g.id}
    words |= {c.id for r in rubrics.rubrics for c in r.criteres}
    pattern = re.compile(
        rf"(?<![\w.-])(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?![\w-])"
    )
    sources = [
        ROOT / "ui.py",
        *(ROOT / "assistant").rglob("*.py"),
        *(ROOT / "ingest").rglob("*.py"),
    ]

    found = [
        f"{path.relative_to(ROOT)} : {text!r}"
        for path in sources
        if path.is_file()
        for text in _literals(path)
        if pattern.search(text)
    ]

    assert found == []
    assert pattern.search("épreuve E1.2")  # the search itself can find


def test_comments_and_layout_do_not_change_the_hash_and_words_do(tiny):
    before = load_rubric_set(tiny)
    grid = tiny / "TOUR-1.yaml"

    replace(grid, "competences: [K1]", "# un commentaire\ncompetences:\n    - 'K1'")
    same = load_rubric_set(tiny)
    replace(grid, "en grammes", "en kilogrammes")
    changed = load_rubric_set(tiny)

    assert same.rubric("TOUR-1").content_hash == before.rubric("TOUR-1").content_hash
    assert changed.rubric("TOUR-1").content_hash != before.rubric("TOUR-1").content_hash
    assert changed.rubric("VITRINE").content_hash == before.rubric("VITRINE").content_hash
    assert re.fullmatch(r"[0-9a-f]{64}", before.certification.content_hash)


def test_a_table_changes_the_hash_of_the_certification(tiny):
    before = load_rubric_set(tiny).certification.content_hash
    (tiny / "tables.yaml").write_text("connecteurs: [car]\n", encoding="utf-8")

    certification = load_rubric_set(tiny).certification

    assert certification.tables.connecteurs == ("car",)
    assert certification.content_hash != before


def test_the_shipped_grids_have_no_problem():
    assert check_folder(SHIPPED) == ()
    assert all(check_file(path) == () for path in SHIPPED.glob("*.yaml"))


def test_every_piece_to_compare_with_has_a_place_in_a_dossier():
    rubrics = load_rubric_set(SHIPPED)
    used = {p for r in rubrics.rubrics for c in r.criteres for p in c.lecture.pieces}

    assert used == {piece.nom for piece in rubrics.certification.pieces}
    for piece in rubrics.certification.pieces:
        assert piece.role or piece.epreuves or piece.meme_livrable


def test_a_reading_scope_knows_what_it_asks():
    reading = Lecture(portees=(Portee.INTEGRALE, Portee.CROISEE), pieces=("brief",))

    assert reading.integrale
    assert reading.croisee


def test_a_rubric_set_needs_every_grid():
    rubrics = load_rubric_set(TINY)

    with pytest.raises(ValueError, match="épreuves attendues"):
        RubricSet(certification=rubrics.certification, rubrics=rubrics.rubrics[:1])


def _documentation() -> str:
    return (ROOT / "docs" / "format-des-grilles.md").read_text(encoding="utf-8")


def test_the_example_of_the_documentation_loads(tmp_path):
    blocks = re.findall(r"^```yaml\n# (\S+\.yaml)\n(.*?)^```", _documentation(), re.M | re.S)
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")

    rubrics = load_rubric_set(tmp_path)

    assert [name for name, _ in blocks] == ["certification.yaml", "ECRIT.yaml"]
    assert len(rubrics.rubric("ECRIT").criteres[0].etoiles) == 1


def test_every_key_of_the_schema_is_documented():
    text = _documentation()
    words = {word for code in re.findall(r"`([^`\n]+)`", text) for word in re.findall(r"\w+", code)}
    models: list[type[BaseModel]] = [Certification, Rubric]
    seen: set[type[BaseModel]] = set()
    missing: set[str] = set()
    while models:
        model = models.pop()
        seen.add(model)
        for name, info in model.model_fields.items():
            missing |= {name} - words
            inner = re.findall(r"assistant\.domain\.\w+\.(\w+)", str(info.annotation))
            found = [
                getattr(m, n) for m in (rubric, tables, verdict) for n in inner if hasattr(m, n)
            ]
            models += [
                m
                for m in found
                if isinstance(m, type) and issubclass(m, BaseModel) and m not in seen
            ]

    assert Lecture in seen
    assert missing == set()
