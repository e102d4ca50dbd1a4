"""`preuve rubrics`: list, show, check."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli.rubrics import app
from tests.grids import TINY, replace

runner = CliRunner()


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny certification, to be spoilt."""
    return Path(shutil.copytree(TINY, tmp_path / "patisserie"))


def test_list_counts_criteria_attendus_and_stars():
    result = runner.invoke(app, ["list", "--grilles", str(TINY), "--json"])

    assert result.exit_code == 0
    first = json.loads(result.stdout)[0]
    assert (first["epreuve"], first["criteres"], first["attendus"], first["etoiles"]) == (
        "TOUR-1",
        2,
        4,
        3,
    )
    shown = runner.invoke(app, ["list", "--grilles", str(TINY)])
    assert "Tourier en atelier" in shown.stdout
    assert first["empreinte"][:12] in shown.stdout


def test_list_reads_the_installed_certification_by_default():
    result = runner.invoke(app, ["list", "--json"])

    assert len(json.loads(result.stdout)) == 13


def test_show_prints_a_grid_or_one_criterion():
    whole = runner.invoke(app, ["show", "tour-1", "--grilles", str(TINY)])
    one = runner.invoke(app, ["show", "TOUR-1", "pate/CE2", "--grilles", str(TINY)])
    same = runner.invoke(
        app, ["show", "TOUR-1", "TOUR-1/pate/CE2", "--grilles", str(TINY), "--json"]
    )

    assert "Préparer une pâte levée feuilletée." in whole.stdout
    assert "1. ★ Les masses sont données en grammes." in whole.stdout
    assert "Une durée de repos est écrite." in one.stdout
    assert "intégrale ; démonstration" in one.stdout
    assert json.loads(same.stdout)["id"] == "TOUR-1/pate/CE2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "NIMP"], "L'épreuve « NIMP » n'existe pas. Épreuves connues : TOUR-1, VITRINE."),
        (["show", "TOUR-1", "pate/CE9"], "Le critère « pate/CE9 » n'existe pas"),
    ],
)
def test_show_says_in_french_what_does_not_exist(arguments, message):
    result = runner.invoke(app, [*arguments, "--grilles", str(TINY)])

    assert result.exit_code == 1
    assert message in result.stderr


def test_check_tells_problems_on_stderr_and_by_its_exit_code(tiny):
    right = runner.invoke(app, ["check", str(tiny), str(tiny / "TOUR-1.yaml")])
    assert (right.exit_code, right.stdout, right.stderr) == (0, "Aucun problème.\n", "")

    replace(tiny / "TOUR-1.yaml", "codes: [PESEE]", "codes: [PESE]")
    wrong = runner.invoke(app, ["check", str(tiny / "TOUR-1.yaml"), str(tiny / "VITRINE.yaml")])
    assert wrong.exit_code == 1
    assert wrong.stdout == ""
    assert "TOUR-1.yaml, ligne 27, groupes 1 › criteres 1 › controles › codes 1" in wrong.stderr
    assert "1 problème." in wrong.stderr

    as_json = runner.invoke(app, ["check", str(tiny / "TOUR-1.yaml"), "--json"])
    (problem,) = json.loads(as_json.stdout)
    assert (as_json.exit_code, problem["line"]) == (1, 27)


def test_check_of_a_lone_grid_says_what_it_could_not_check(tmp_path):
    lone = shutil.copy(TINY / "VITRINE.yaml", tmp_path)

    result = runner.invoke(app, ["check", str(lone)])

    assert result.exit_code == 0
    assert "ses renvois" in result.stderr


def test_check_of_a_path_that_is_not_there_is_a_problem(tmp_path):
    result = runner.invoke(app, ["check", str(tmp_path / "absent.yaml")])

    assert result.exit_code == 1
    assert "absent.yaml : le fichier est introuvable" in result.stderr
