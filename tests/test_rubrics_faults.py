"""A faulty grid says where and how to mend it: file, line, field, correction."""

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from assistant.errors import RubricInvalid
from assistant.rubric_loader import check_file, check_folder, load_rubric_set
from ingest.types import Frozen
from tests.conftest import ROOT
from tests.grids import TINY, replace


class Fault(Frozen):
    """One entry of the file of faults; its comment says what each key means."""

    faute: str
    dans: str
    remplacer: str
    par: str
    ligne: str = ""
    derniere: bool = False
    probleme: str
    correction: str = ""


FAULTS = [
    Fault.model_validate(entry)
    for entry in yaml.safe_load(
        (ROOT / "tests" / "data" / "grilles-fautives.yaml").read_text(encoding="utf-8")
    )
]


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny certification, to be spoilt."""
    return Path(shutil.copytree(TINY, tmp_path / "patisserie"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.faute)
def test_a_faulty_file_says_the_line_the_problem_and_the_mend(tiny, fault):
    text = replace(tiny / fault.dans, fault.remplacer, fault.par)

    problems = check_file(tiny / fault.dans)

    told = next((p for p in problems if fault.probleme in p.problem_fr), None)
    assert told is not None, [str(p) for p in problems]
    assert told.file == fault.dans
    assert fault.correction in told.mend_fr
    assert told.line is not None
    changed = _lines_with(text, fault.ligne or fault.par.strip())
    if fault.ligne:
        assert told.line == changed[-1 if fault.derniere else 0]
    else:
        assert told.line >= changed[0]
    assert f"{fault.dans}, ligne {told.line}" in str(told)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.faute)
def test_a_certification_with_a_faulty_file_is_not_loaded(tiny, fault):
    replace(tiny / fault.dans, fault.remplacer, fault.par)

    with pytest.raises(RubricInvalid) as raised:
        load_rubric_set(tiny)

    assert fault.dans in raised.value.user_message
    assert fault.probleme in raised.value.user_message


def _lines_with(text: str, words: str) -> list[int]:
    return [number for number, line in enumerate(text.split("\n"), 1) if words in line]


def test_a_grid_cannot_claim_a_hash(tiny):
    replace(tiny / "VITRINE.yaml", "version: 1.10", "version: 1.10\ncontent_hash: abc")

    (problem,) = check_file(tiny / "VITRINE.yaml")
    assert problem.line == 6
    assert "content_hash" in problem.problem_fr


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tiny):
    grid = tiny / "TOUR-1.yaml"
    grid.write_bytes(grid.read_text(encoding="utf-8").encode("cp1252"))

    (problem,) = check_file(grid)

    assert problem.line == 10  # « La pâte », the first accent
    assert "UTF-8" in problem.problem_fr
    assert "UTF-8" in problem.mend_fr


@pytest.mark.parametrize("content", ["", "\n\n", "# rien\n", "une phrase\n", "- une\n- liste\n"])
def test_a_file_without_a_key_is_refused(tiny, content):
    (tiny / "TOUR-1.yaml").write_text(content, encoding="utf-8")

    (problem,) = check_file(tiny / "TOUR-1.yaml")
    assert problem.line == 1
    assert problem.mend_fr


def test_a_byte_order_mark_is_harmless(tiny):
    grid = tiny / "TOUR-1.yaml"
    grid.write_bytes(b"\xef\xbb\xbf" + grid.read_bytes())

    assert check_file(grid) == ()
    assert load_rubric_set(tiny).rubric("TOUR-1")


def test_windows_line_ends_are_harmless(tiny):
    grid = tiny / "TOUR-1.yaml"
    before = load_rubric_set(tiny).rubric("TOUR-1").content_hash
    grid.write_bytes(grid.read_bytes().replace(b"\n", b"\r\n"))

    assert load_rubric_set(tiny).rubric("TOUR-1").content_hash == before


def test_a_file_that_unfolds_or_weighs_too_much_is_refused(tiny):
    grid = tiny / "TOUR-1.yaml"
    bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise("abcdefgh")]
    grid.write_text("\n".join(bomb), encoding="utf-8")
    (problem,) = check_file(grid)
    assert (problem.line, "renvois" in problem.problem_fr) == (2, True)

    grid.write_text("a: " + "[" * 200, encoding="utf-8")
    (problem,) = check_file(grid)
    assert "trop profonde" in problem.problem_fr
    grid.write_text("a: " + "[" * 100_000, encoding="utf-8")
    assert len(check_file(grid)) == 1

    grid.write_text("a: " + "x" * 3_000_000, encoding="utf-8")
    (problem,) = check_file(grid)
    assert "trop gros" in problem.problem_fr


def test_all_the_problems_of_a_folder_are_told_at_once(tiny):
    replace(tiny / "TOUR-1.yaml", "evaluable: oral", "evaluable: orale")
    replace(tiny / "TOUR-1.yaml", "codes: [PESEE]", "codes: [PESE]")
    replace(tiny / "VITRINE.yaml", "ce: 1", "ce: 0")
    (tiny / "VITRINES.yaml").write_text("id: x\n", encoding="utf-8")

    problems = check_folder(tiny)

    assert [p.file for p in problems] == ["TOUR-1.yaml"] * 2 + ["VITRINE.yaml"] * 2 + [
        "VITRINES.yaml"
    ]
    assert "voulez-vous dire « VITRINE.yaml » ?" in problems[-1].mend_fr


@pytest.mark.parametrize("damage", ["removed", "repeated", "emptied", "turned into a list"])
def test_whatever_line_is_damaged_the_folder_loads_or_says_what_is_wrong(tiny, damage):
    for path in sorted(tiny.glob("*.yaml")):
        whole = path.read_text(encoding="utf-8")
        lines = whole.splitlines()
        for index, line in enumerate(lines):
            spoilt = {
                "removed": [],
                "repeated": [line, line],
                "emptied": [line.partition(":")[0] + ":"],
                "turned into a list": [line.partition(":")[0] + ": [{id: [x]}, 3]"],
            }[damage]
            path.write_text("\n".join([*lines[:index], *spoilt, *lines[index + 1 :]]), "utf-8")
            for problem in check_folder(tiny):
                assert problem.problem_fr
                assert problem.line is None or 1 <= problem.line <= len(lines) + 2
        path.write_text(whole, "utf-8")
    assert check_folder(tiny) == ()


def test_a_missing_grid_a_missing_certification_and_a_missing_folder_are_told(tiny):
    (tiny / "VITRINE.yaml").unlink()
    assert "la grille de l'épreuve VITRINE est introuvable" in str(check_folder(tiny)[0])

    (tiny / "certification.yaml").unlink()
    assert "certification.yaml : le fichier est introuvable" in str(check_folder(tiny)[0])

    with pytest.raises(RubricInvalid, match="1 problem"):
        load_rubric_set(tiny / "ailleurs")


def test_a_competence_announced_on_one_side_only_is_told(tiny):
    replace(tiny / "certification.yaml", "allergènes.\n    epreuves: [VITRINE]", "allergènes.")
    (problem,) = check_file(tiny / "VITRINE.yaml")
    assert "ne rattache pas la compétence K2" in problem.problem_fr

    replace(tiny / "VITRINE.yaml", "[K2]", "[]")
    replace(
        tiny / "certification.yaml",
        "feuilletée.\n    epreuves: [TOUR-1]",
        "f.\n    epreuves: [TOUR-1, VITRINE]",
    )
    (problem,) = check_file(tiny / "VITRINE.yaml")
    assert "rattache la compétence K1 à cette épreuve" in problem.problem_fr


def test_a_grid_beside_an_invalid_certification_says_so(tiny):
    replace(tiny / "certification.yaml", "titre: Tourier", "titres: Tourier")

    problems = check_file(tiny / "VITRINE.yaml")
    assert "certification.yaml, à côté, n'est pas valide" in str(problems[-1])


def test_a_faulty_table_is_told_with_its_line(tiny):
    (tiny / "tables.yaml").write_text(
        "reseaux:\n  - nom: Ardoise\n    profil:\n      - {largeur: 0, hauteur: 3}\n",
        encoding="utf-8",
    )

    (problem,) = check_folder(tiny)
    assert (problem.file, problem.line) == ("tables.yaml", 4)
    assert problem.field == "reseaux 1 › profil 1 › largeur"
