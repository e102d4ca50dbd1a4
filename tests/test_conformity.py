"""The papers of conformity say what the code does, and name tests that are there."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from assistant.app.conformity import written_papers
from assistant.cli import cli
from assistant.conformity import PAPERS, Risk, obligations, risks
from assistant.conformity.intervals import Share
from assistant.settings import Settings, bundled

TESTS = Path(__file__).resolve().parent
PUBLISHED = TESTS.parent / "docs" / "conformite"
ARTICLES = {
    "Règlement européen sur l'IA (UE 2024/1689)": "9 10 11 12 13 14 15 26 27 50 86",
    "RGPD (UE 2016/679)": "5 9 13 14 15 17 20 22 25 32 35",
    "Code du travail": "L6113-1 R6113-9",
}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """What an installation has when nobody has set anything."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PREUVE_{name.upper()}", raising=False)
    return Settings(_env_file=None, data_dir=tmp_path)


@cache
def functions(file: Path) -> frozenset[str]:
    """The tests that pytest collects from a module: its functions named so."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_risk_and_every_obligation_names_tests_that_exist():
    for row in (*risks(), *obligations()):
        assert row.essais, row
        for essai in row.essais:
            module, _, name = essai.partition("::")
            assert (TESTS / module).is_file(), essai
            assert name in functions(TESTS / module), essai


def test_a_row_without_a_test_s_name_is_refused():
    row = risks()[0].model_dump() | {"essais": ("à vérifier",)}
    with pytest.raises(ValidationError):
        Risk.model_validate(row)


def test_every_article_of_the_brief_has_its_row():
    for texte, wanted in ARTICLES.items():
        said = " ".join(row.article for row in obligations() if row.texte == texte)
        found = {word.strip(",") for word in said.split()}
        assert set(wanted.split()) <= found, texte
    assert any("France compétences" in row.texte for row in obligations())


def test_risks_are_numbered_once_each():
    numbers = [risk.id for risk in risks()]
    assert numbers == [f"R{number:02}" for number in range(1, len(numbers) + 1)]


def test_the_published_papers_are_those_that_the_code_writes_today(settings):
    written = written_papers(settings=settings)
    assert set(written) == {path.name for path in PUBLISHED.iterdir()} == set(PAPERS)
    for name, text in written.items():
        told = "preuve conformite --sortie docs/conformite"  # writes them again
        assert (PUBLISHED / name).read_text(encoding="utf-8") == text, f"{name}: {told}"


def test_the_papers_of_an_installation_say_its_own_durations_and_its_own_engine(settings):
    own = settings.model_copy(
        update={
            "keep_dossiers_days": 400,
            "judge": "llm",
            "llm_model": "modele-essai",
            "llm_base_url": "https://modele.exemple/v1",
            "self_check_days": 12,
        }
    )
    written = written_papers(settings=own)
    for name in ("notice-candidats.md", "aipd.md"):
        text = written[name].replace("\u00a0", " ")
        assert "400 jours" in text
        assert "12 jours" in text
        assert "« modele-essai », modele.exemple (hors de cette machine)" in text
    assert "fait appel à un modèle de langage" in written["notice-candidats.md"]
    assert "Rien n’est envoyé" in written_papers(settings=settings)["aipd.md"]


def test_measures_of_one_s_own_replace_the_project_s(settings, tmp_path):
    reference = bundled("eval_sets") / "cohorte-exemple" / "reference-embedded.json"
    measured = json.loads(reference.read_bytes())
    measured["run"]["rows"] = measured["run"]["rows"][:3]
    measured["run"]["replicates"] = []
    measured["run"]["set"] |= {"title": "Promotion de mars", "name": "mars"}
    own = tmp_path / "mesures.json"
    own.write_text(json.dumps(measured), encoding="utf-8")
    text = written_papers(own, settings)["dossier-technique.md"]
    assert "Promotion de mars" in text
    assert "non dit" in text, "who made these labels is not known"


def test_the_command_writes_each_paper_and_refuses_what_is_no_measure(tmp_path, monkeypatch):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "données"))
    done = CliRunner().invoke(cli, ["conformite", "--sortie", str(tmp_path / "papiers")])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "papiers").iterdir()} == set(PAPERS)
    wrong = tmp_path / "autre.json"
    wrong.write_text("[]", encoding="utf-8")
    refused = CliRunner().invoke(cli, ["conformite", "-o", str(tmp_path), "--mesures", str(wrong)])
    assert refused.exit_code == 1
    assert "preuve eval" in refused.output


@pytest.mark.parametrize(
    ("agreed", "size", "low", "high"),
    [(1, 1, 0.2065, 1.0), (0, 1, 0.0, 0.7935), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)  # the last: Newcombe 1998, Statistics in Medicine 17, table I
def test_an_interval_is_wilson_s(agreed, size, low, high):
    assert Share(agreed, size).bounds == pytest.approx((low, high), abs=5e-5)
