"""Grids load whatever the certification, and a faulty file says where and how to mend it."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from assistant.domain import rubric, tables, verdict
from assistant.domain.rubric import Certification, Lecture, Portee, Rubric, RubricSet
from assistant.domain.verdict import AttenduStatus, Verdict, derive_verdict
from assistant.errors import RubricInvalid
from assistant.rubric_loader import check_file, check_folder, load_rubric_set
from tests.conftest import ROOT

SHIPPED = ROOT / "rubrics" / "community-manager"
TINY = ROOT / "tests" / "data" / "certification-minuscule"


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A copy of the tiny certification, to be spoilt."""
    return Path(shutil.copytree(TINY, tmp_path / "patisserie"))


def _replace(path: Path, old: str, new: str) -> str:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return text


# --- A certification is data -------------------------------------------------------------------


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


# --- The content hash --------------------------------------------------------------------------


def test_comments_and_layout_do_not_change_the_hash_and_words_do(tiny):
    before = load_rubric_set(tiny)
    grid = tiny / "TOUR-1.yaml"

    _replace(grid, "competences: [K1]", "# un commentaire\ncompetences:\n    - 'K1'")
    same = load_rubric_set(tiny)
    _replace(grid, "en grammes", "en kilogrammes")
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


def test_a_grid_cannot_claim_a_hash(tiny):
    _replace(tiny / "VITRINE.yaml", "version: 1.10", "version: 1.10\ncontent_hash: abc")

    (problem,) = check_file(tiny / "VITRINE.yaml")
    assert problem.line == 6
    assert "content_hash" in problem.problem_fr


# --- What can be wrong in a file ---------------------------------------------------------------

#: name, file, words to replace, by what, words of the line at fault, problem, mend
BAD: list[tuple[str, str, str, str, str, str, str]] = [
    (
        "missing key",
        "TOUR-1.yaml",
        "    titre: La pâte\n",
        "",
        "- id: pate",
        "il manque la clé « titre »",
        "ajoutez « titre: … »",
    ),
    (
        "key left empty",
        "TOUR-1.yaml",
        "titre: Dossier de production",
        "titre:",
        "titre:",
        "il manque la clé « titre »",
        "ajoutez",
    ),
    (
        "unknown key",
        "TOUR-1.yaml",
        "        vigilance:",
        "        vigilence: attention",
        "vigilence",
        "la clé « vigilence » est inconnue",
        "voulez-vous dire « vigilance » ?",
    ),
    (
        "unknown key in a nested list",
        "TOUR-1.yaml",
        "            texte: La farine est nommée.",
        "            texte: La farine est nommée.\n            etoiles: true",
        "etoiles: true",
        "la clé « etoiles » est inconnue",
        "voulez-vous dire « etoile » ?",
    ),
    (
        "key written twice",
        "TOUR-1.yaml",
        "bloc: PROD",
        "bloc: PROD\ntitre: Un autre",
        "titre: Un autre",
        "la clé « titre » est déjà écrite ligne 3",
        "gardez une seule",
    ),
    (
        "criterion id",
        "TOUR-1.yaml",
        "id: TOUR-1/pate/CE2",
        "id: TOUR-1/pates/CE2",
        "TOUR-1/pates/CE2",
        "ne suit pas « épreuve/groupe/CEn »",
        "écrivez « TOUR-1/pate/CE2 »",
    ),
    (
        "criterion id given twice",
        "TOUR-1.yaml",
        "id: TOUR-1/pate/CE2\n        ce: 2",
        "id: TOUR-1/pate/CE1\n        ce: 1",
        "LAST:TOUR-1/pate/CE1",
        "« TOUR-1/pate/CE1 » est déjà défini ligne 12",
        "renommez-le",
    ),
    (
        "unknown compétence",
        "TOUR-1.yaml",
        "competences: [K1]",
        "competences: [K1, K22]",
        "K22",
        "la compétence « K22 » n'est pas dans certification.yaml",
        "voulez-vous dire « K2 » ?",
    ),
    (
        "unknown bloc",
        "TOUR-1.yaml",
        "bloc: PROD",
        "bloc: PRODUCTION",
        "bloc: PRODUCTION",
        "le bloc « PRODUCTION » n'est pas dans",
        "PROD",
    ),
    (
        "bloc of another épreuve",
        "TOUR-1.yaml",
        "bloc: PROD",
        "bloc: VENTE",
        "bloc: VENTE",
        "l'épreuve est rangée dans le bloc PROD",
        "écrivez « bloc: PROD »",
    ),
    (
        "unknown control",
        "TOUR-1.yaml",
        "codes: [PESEE]",
        "codes: [PESE]",
        "codes: [PESE]",
        "le contrôle « PESE » n'est pas dans certification.yaml",
        "voulez-vous dire « PESEE » ?",
    ),
    (
        "unknown piece",
        "TOUR-1.yaml",
        "pieces: [fiche de commande]",
        "pieces: [fiche des commandes]",
        "fiche des commandes",
        "la pièce « fiche des commandes » n'est pas dans",
        "voulez-vous dire « fiche de commande » ?",
    ),
    (
        "crossed reading without a piece",
        "TOUR-1.yaml",
        ", pieces: [fiche de commande]",
        "",
        "portees: [ciblée, croisée]",
        "une lecture croisée doit nommer ses pièces",
        "ajoutez « pieces: [brief] »",
    ),
    (
        "piece without a crossed reading",
        "TOUR-1.yaml",
        "portees: [ciblée, croisée]",
        "portees: [ciblée]",
        "portees: [ciblée], pieces",
        "des pièces sont nommées sans lecture croisée",
        "ajoutez « croisée »",
    ),
    (
        "misspelt value",
        "TOUR-1.yaml",
        "portees: [intégrale]",
        "portees: [integrale]",
        "portees: [integrale]",
        "la valeur « integrale » est inconnue",
        "voulez-vous dire « intégrale » ?",
    ),
    (
        "unknown place of proof",
        "TOUR-1.yaml",
        "evaluable: oral",
        "evaluable: configuration",
        "evaluable: configuration",
        "la valeur « configuration » est inconnue",
        "voulez-vous dire « configuration d'outil » ?",
    ),
    (
        "attendus misnumbered",
        "TOUR-1.yaml",
        "- numero: 3",
        "- numero: 4",
        "- id: TOUR-1/pate/CE1",
        "les attendus doivent être numérotés 1, 2, 3…",
        "",
    ),
    (
        "no star",
        "VITRINE.yaml",
        "            etoile: true\n",
        "",
        "- id: VITRINE/allergenes/CE1",
        "au moins un attendu doit porter « etoile: true »",
        "",
    ),
    (
        "star in French",
        "VITRINE.yaml",
        "etoile: true",
        "etoile: oui",
        "etoile: oui",
        "« oui » n'est ni vrai ni faux",
        "écrivez true ou false",
    ),
    (
        "a number in letters",
        "VITRINE.yaml",
        "ce: 1",
        "ce: un",
        "ce: un",
        "un nombre est attendu, pas « un »",
        "écrivez un nombre",
    ),
    (
        "a text where a list is due",
        "VITRINE.yaml",
        "competences: [K2]",
        "competences: K2",
        "competences: K2",
        "une liste est attendue",
        "écrivez un tiret",
    ),
    (
        "a list where a text is due",
        "VITRINE.yaml",
        "titre: Les allergènes",
        "titre: [Les, allergènes]",
        "titre: [Les, allergènes]",
        "un texte est attendu",
        "sans tiret",
    ),
    (
        "a text where keys are due",
        "VITRINE.yaml",
        "lecture: {portees: [croisée], pieces: [plan de cuisson]}",
        "lecture: croisée",
        "lecture: croisée",
        "des clés sont attendues",
        "clé: valeur",
    ),
    (
        "an empty list",
        "VITRINE.yaml",
        "portees: [croisée], pieces: [plan de cuisson]",
        "portees: []",
        "portees: []",
        "la liste est vide",
        "au moins un",
    ),
    (
        "file name",
        "VITRINE.yaml",
        "id: VITRINE\n",
        "id: TOUR-1\n",
        "id: TOUR-1",
        "le fichier s'appelle « VITRINE.yaml »",
        "écrivez « id: VITRINE »",
    ),
    (
        "scale not whole",
        "certification.yaml",
        "  partiel: {libelle: À consolider}\n",
        "",
        "echelle:",
        "l'échelle doit définir aussi : partiel",
        "",
    ),
    (
        "unknown verdict",
        "certification.yaml",
        "  partiel:",
        "  partiels:",
        "partiels:",
        "la valeur « partiels » est inconnue",
        "voulez-vous dire « partiel » ?",
    ),
    (
        "threshold out of range",
        "certification.yaml",
        "acquis_satisfaits: 0.5",
        "acquis_satisfaits: 1.5",
        "acquis_satisfaits: 1.5",
        "« 1.5 » est trop grand",
        "au plus 1",
    ),
    (
        "unknown threshold",
        "certification.yaml",
        "near_ratio: 97",
        "near_ration: 97",
        "near_ration",
        "la clé « near_ration » est inconnue",
        "voulez-vous dire « near_ratio » ?",
    ),
    (
        "unknown épreuve of a piece",
        "certification.yaml",
        "epreuves: [TOUR-1], meme_livrable",
        "epreuves: [TOUR-2], meme_livrable",
        "TOUR-2",
        "l'épreuve « TOUR-2 » n'est pas dans « blocs »",
        "voulez-vous dire « TOUR-1 » ?",
    ),
    (
        "unknown required block",
        "certification.yaml",
        "blocs_requis: [PROD]",
        "blocs_requis: [PRO]",
        "blocs_requis: [PRO]",
        "le bloc « PRO » n'est pas dans « blocs »",
        "voulez-vous dire « PROD » ?",
    ),
    (
        "épreuve in two blocks",
        "certification.yaml",
        "epreuves: [VITRINE]\ncompetences",
        "epreuves: [VITRINE, TOUR-1]\ncompetences",
        "epreuves: [VITRINE, TOUR-1]",
        "l'épreuve « TOUR-1 » est citée deux fois",
        "gardez une seule",
    ),
    (
        "an id that leaves the folder",
        "certification.yaml",
        "epreuves: [VITRINE]\ncompetences",
        "epreuves: [../VITRINE]\ncompetences",
        "../VITRINE",
        "« ../VITRINE » n'a pas la forme attendue",
        "lettres sans accent",
    ),
    (
        "unknown role",
        "certification.yaml",
        "role: brief",
        "role: commande",
        "role: commande",
        "la valeur « commande » est inconnue",
        "possibles : brief, annexe",
    ),
    (
        "compétence defined twice",
        "certification.yaml",
        "- id: K2",
        "- id: K1",
        "LAST:- id: K1",
        "« K1 » est déjà défini ligne 15",
        "renommez-le",
    ),
    (
        "tables inside the certification",
        "certification.yaml",
        "octroi:",
        "tables: {connecteurs: [car]}\noctroi:",
        "tables:",
        "les tables n'ont pas leur place ici",
        "tables.yaml",
    ),
    (
        "unclosed quotes",
        "TOUR-1.yaml",
        "titre: La pâte",
        'titre: "La pâte',
        "",
        "la syntaxe YAML est incorrecte",
        "fermez les guillemets",
    ),
    (
        "colon in a plain text",
        "TOUR-1.yaml",
        "titre: La pâte",
        "titre: La pâte : levée",
        "titre: La pâte : levée",
        "la syntaxe YAML est incorrecte, colonne",
        "mettez entre guillemets",
    ),
    (
        "tabulation",
        "TOUR-1.yaml",
        "    titre: La pâte",
        "\ttitre: La pâte",
        "\ttitre",
        "la syntaxe YAML est incorrecte",
        "remplacez la tabulation par des espaces",
    ),
    (
        "indentation",
        "TOUR-1.yaml",
        "        evaluable: oral",
        "      evaluable: oral",
        "      evaluable: oral",
        "la syntaxe YAML est incorrecte",
        "alignez cette ligne avec les précédentes",
    ),
    (
        "missing colon",
        "TOUR-1.yaml",
        "bloc: PROD",
        "bloc PROD",
        "",
        "la syntaxe YAML est incorrecte",
        "« : »",
    ),
    (
        "unclosed bracket",
        "TOUR-1.yaml",
        "codes: [PESEE]",
        "codes: [PESEE",
        "",
        "la syntaxe YAML est incorrecte",
        "fermez les crochets",
    ),
    (
        "a text that begins with an asterisk",
        "TOUR-1.yaml",
        "titre: La pâte",
        "titre: *pate",
        "titre: *pate",
        "les renvois YAML « *nom » sont refusés",
        "recopiez",
    ),
    (
        "tag",
        "TOUR-1.yaml",
        "titre: La pâte",
        "titre: !!python/object/apply:os.getcwd []",
        "python/object",
        "python/object/apply:os.getcwd » est refusée",
        "supprimez-la",
    ),
    (
        "two documents",
        "TOUR-1.yaml",
        "bloc: PROD",
        "bloc: PROD\n---\nbloc: VENTE",
        "---",
        "plusieurs documents",
        "supprimez la ligne « --- »",
    ),
    (
        "a control character",
        "TOUR-1.yaml",
        "titre: La pâte",
        "titre: La \x07pâte",
        "\x07",
        "caractère de contrôle",
        "retapez-la",
    ),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "problem", "mend"),
    [case[1:] for case in BAD],
    ids=[case[0] for case in BAD],
)
def test_a_faulty_file_says_the_line_the_problem_and_the_mend(
    tiny, name, old, new, at, problem, mend
):
    text = _replace(tiny / name, old, new)

    problems = check_file(tiny / name)

    told = next((p for p in problems if problem in p.problem_fr), None)
    assert told is not None, [str(p) for p in problems]
    assert told.file == name
    assert mend in told.mend_fr
    lines = text.split("\n")
    if at:
        numbers = [n for n, line in enumerate(lines, 1) if at.removeprefix("LAST:") in line]
        assert told.line == (numbers[-1] if at.startswith("LAST:") else numbers[0])
    else:  # where a parser notices an unclosed mark is after it
        assert told.line is not None
        assert told.line >= next(n for n, line in enumerate(lines, 1) if new.strip() in line)
    assert f"{name}, ligne {told.line}" in str(told)


@pytest.mark.parametrize("case", BAD, ids=[case[0] for case in BAD])
def test_a_certification_with_a_faulty_file_is_not_loaded(tiny, case):
    _replace(tiny / case[1], case[2], case[3])

    with pytest.raises(RubricInvalid) as raised:
        load_rubric_set(tiny)

    assert case[1] in raised.value.user_message
    assert case[5] in raised.value.user_message


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
    _replace(tiny / "TOUR-1.yaml", "evaluable: oral", "evaluable: orale")
    _replace(tiny / "TOUR-1.yaml", "codes: [PESEE]", "codes: [PESE]")
    _replace(tiny / "VITRINE.yaml", "ce: 1", "ce: 0")
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
    _replace(tiny / "certification.yaml", "allergènes.\n    epreuves: [VITRINE]", "allergènes.")
    (problem,) = check_file(tiny / "VITRINE.yaml")
    assert "ne rattache pas la compétence K2" in problem.problem_fr

    _replace(tiny / "VITRINE.yaml", "[K2]", "[]")
    _replace(
        tiny / "certification.yaml",
        "feuilletée.\n    epreuves: [TOUR-1]",
        "f.\n    epreuves: [TOUR-1, VITRINE]",
    )
    (problem,) = check_file(tiny / "VITRINE.yaml")
    assert "rattache la compétence K1 à cette épreuve" in problem.problem_fr


def test_a_grid_beside_an_invalid_certification_says_so(tiny):
    _replace(tiny / "certification.yaml", "titre: Tourier", "titres: Tourier")

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


# --- The command -------------------------------------------------------------------------------


@pytest.fixture
def cli() -> tuple[CliRunner, object]:
    from assistant.cli.rubrics import app

    return CliRunner(), app


def test_list_counts_criteria_attendus_and_stars(cli):
    runner, app = cli
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


def test_list_reads_the_installed_certification_by_default(cli):
    runner, app = cli
    result = runner.invoke(app, ["list", "--json"])

    assert len(json.loads(result.stdout)) == 13


def test_show_prints_a_grid_or_one_criterion(cli):
    runner, app = cli
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
def test_show_says_in_french_what_does_not_exist(cli, arguments, message):
    runner, app = cli
    result = runner.invoke(app, [*arguments, "--grilles", str(TINY)])

    assert result.exit_code == 1
    assert message in result.stderr


def test_check_tells_problems_on_stderr_and_by_its_exit_code(cli, tiny):
    runner, app = cli
    right = runner.invoke(app, ["check", str(tiny), str(tiny / "TOUR-1.yaml")])
    assert (right.exit_code, right.stdout, right.stderr) == (0, "Aucun problème.\n", "")

    _replace(tiny / "TOUR-1.yaml", "codes: [PESEE]", "codes: [PESE]")
    wrong = runner.invoke(app, ["check", str(tiny / "TOUR-1.yaml"), str(tiny / "VITRINE.yaml")])
    assert wrong.exit_code == 1
    assert wrong.stdout == ""
    assert "TOUR-1.yaml, ligne 27, groupes 1 › criteres 1 › controles › codes 1" in wrong.stderr
    assert "1 problème(s)." in wrong.stderr

    as_json = runner.invoke(app, ["check", str(tiny / "TOUR-1.yaml"), "--json"])
    (problem,) = json.loads(as_json.stdout)
    assert (as_json.exit_code, problem["line"]) == (1, 27)


def test_check_of_a_lone_grid_says_what_it_could_not_check(cli, tmp_path):
    runner, app = cli
    lone = shutil.copy(TINY / "VITRINE.yaml", tmp_path)

    result = runner.invoke(app, ["check", str(lone)])

    assert result.exit_code == 0
    assert "ses renvois" in result.stderr


def test_check_of_a_path_that_is_not_there_is_a_problem(cli, tmp_path):
    runner, app = cli
    result = runner.invoke(app, ["check", str(tmp_path / "absent.yaml")])

    assert result.exit_code == 1
    assert "absent.yaml : le fichier est introuvable" in result.stderr


def test_a_rubric_set_needs_every_grid():
    rubrics = load_rubric_set(TINY)

    with pytest.raises(ValueError, match="épreuves attendues"):
        RubricSet(certification=rubrics.certification, rubrics=rubrics.rubrics[:1])


# --- The documentation -------------------------------------------------------------------------


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
