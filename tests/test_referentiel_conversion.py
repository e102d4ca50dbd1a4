"""The grids say what the référentiel says: proven against its three source files."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from assistant.domain.rubric import RubricSet
from assistant.rubric_loader import load_rubric_set
from tests.conftest import ROOT
from tools.convert_referentiel import SOURCES, convert, differences, main
from tools.referentiel.criteres import by_epreuve, read_criteria, verify_criteria_cell
from tools.referentiel.fragments import ConversionError, SourceText, load_map
from tools.referentiel.grids import HERE, read_sources
from tools.referentiel.indicateurs import comma_list
from tools.referentiel.lecture import parse
from tools.referentiel.writer import to_yaml

RUBRICS = ROOT / "rubrics"


@pytest.fixture(scope="module")
def grids() -> RubricSet:
    return load_rubric_set(RUBRICS / "community-manager")


def _csv_rows() -> list[dict[str, str]]:
    with (SOURCES / "criteres.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _loose(text: str) -> str:
    """Letters and digits only: what remains when layout and typography are put aside."""
    return "".join(re.findall(r"\w+", text.replace("’", "'").casefold()))


def test_the_115_criteria_are_those_of_the_csv_word_for_word_and_in_order(grids):
    written = [
        (c.id, r.bloc, r.id, r.titre, " ".join(r.competences), g.id, g.titre, str(c.ce), c.texte)
        for r in grids.rubrics
        for g in r.groupes
        for c in g.criteres
    ]

    official = [tuple(row.values()) for row in _csv_rows()]
    assert len(official) == 115
    assert written == official


def test_the_files_are_what_the_conversion_writes():
    assert differences(convert(SOURCES), RUBRICS) == []


def test_the_check_notices_a_changed_word(tmp_path, capsys):
    assert main(["--target", str(tmp_path)]) == 0
    grid = tmp_path / "community-manager" / "E1.1.yaml"
    grid.write_text(
        grid.read_text(encoding="utf-8").replace("sources fiables", "sources sûres"),
        encoding="utf-8",
    )

    assert main(["--target", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out.endswith("différent : community-manager/E1.1.yaml\n")


def test_attendus_are_as_many_as_the_synthesis_table_counts(grids):
    text = (SOURCES / "indicateurs.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (\S+) \| (\d+) \|.*\| (\d+) \((\d+)\) \|$", text, re.MULTILINE)

    counted = [
        (
            r.id,
            str(len(r.criteres)),
            str(sum(len(c.attendus) for c in r.criteres)),
            str(sum(len(c.etoiles) for c in r.criteres)),
        )
        for r in grids.rubrics
    ]
    assert counted == [row for row in table if row[0] != "Total"]
    assert sum(int(row[2]) for row in counted) == 567
    assert sum(int(row[3]) for row in counted) == 324


def test_no_word_of_a_criterion_sheet_is_lost(grids):
    sheets = (SOURCES / "indicateurs.md").read_text(encoding="utf-8")
    for rubric in grids.rubrics:
        for c in rubric.criteres:
            body = sheets.partition(f"### {c.id}\n")[2].partition("\n#")[0]
            names = "Évaluable|Lecture|Attendus|Preuve attendue|Contrôle déterministe|Repérage"
            body = re.sub(rf"\*\*(?:{names}|Vigilance) :\*\*", "", body)
            body = re.sub(r"^  \d+\. ", "", body, flags=re.MULTILINE)
            lecture = (*c.lecture.portees, c.lecture.perimetre, *c.lecture.pieces)
            parts = (c.texte, c.evaluable, *lecture, c.lecture.complement)
            attendus = (("★ " if a.etoile else "") + a.texte for a in c.attendus)
            more = (c.preuve_attendue, c.controles.texte, *c.reperage, c.vigilance)
            assert sorted(_loose(body)) == sorted(_loose(" ".join([*parts, *attendus, *more])))
            assert all(_loose(a.texte) in _loose(body) for a in c.attendus)


def test_every_control_code_of_a_sheet_is_listed_and_known(grids):
    catalogue = {entry.code for entry in grids.certification.controles}
    for rubric in grids.rubrics:
        for criterion in rubric.criteres:
            named = set(re.findall(r"DET-[A-Z]+", criterion.controles.texte))
            assert set(criterion.controles.codes) == named <= catalogue


def test_the_forty_competences_are_whole_and_each_belongs_to_its_epreuve(grids):
    competences = grids.certification.competences
    source = _loose((SOURCES / "referentiel.txt").read_text(encoding="utf-8"))

    assert len(competences) == 40
    assert all(c.texte and c.epreuves for c in competences)
    for rubric in grids.rubrics:
        assert list(rubric.competences) == [c.id for c in competences if rubric.id in c.epreuves]
    # Any three consecutive words that no column break cuts are in the text: most of them.
    triples = [
        _loose(" ".join(words[i : i + 3]))
        for c in competences
        for words in [c.texte.split()]
        for i in range(len(words) - 2)
    ]
    assert sum(triple in source for triple in triples) / len(triples) > 0.95


@pytest.mark.parametrize(
    ("competence", "ending"),
    [
        ("C1.2", "leurs impacts potentiels sur l'activité (de community management)."),
        ("C1.5", "d'analyse concurrentielle / benchmark dans un objectif de démarcation."),
        ("C1.7", "Proposer un plan d'actions afin de mettre en œuvre la stratégie proposée."),
        ("C1.9", "des publications sur les différents médias sociaux."),
        ("C2.1", "- les mots clés principaux / les hashtags\n- indications clients\n- …"),
        ("C2.8", "afin de valider la pertinence d'une collaboration."),
        ("C4.2", "dans un objectif de contractualisation et / ou de partenariat."),
        ("C4.8", "s'adapter à ses codes et fonctionnement."),
    ],
)
def test_a_competence_cut_by_a_page_is_put_back_together(grids, competence, ending):
    assert grids.certification.competence(competence).texte.endswith(ending)


def test_what_the_candidate_must_do_is_told_for_each_epreuve(grids):
    for rubric in grids.rubrics:
        assert "le candidat doit" in rubric.consigne
        assert len(rubric.travail_demande) >= 2
        assert rubric.livrables
        assert rubric.rubriques_usage
    strategy = grids.rubric("E1.2").travail_demande[-1].splitlines()
    assert len(strategy) == 7
    assert strategy[-1] == "- Élaborer un plan d'actions."


def test_every_line_of_the_extracted_text_is_in_one_cell_and_one_only():
    fragments = load_map(HERE / "fragments.yaml")
    text = SourceText.read(SOURCES / "referentiel.txt", fragments.coupures)
    text.verify_partition(fragments.all_fragments())

    everything = list(fragments.all_fragments())
    with pytest.raises(ConversionError, match="dans aucune cellule : 85, 86"):
        text.verify_partition([f for f in everything if not f.startswith("85-97")])
    with pytest.raises(ConversionError, match="dans deux cellules : 85, 86"):
        text.verify_partition([*everything, "85-97 ● C1.1."])


def test_a_fragment_that_announces_other_words_is_refused():
    text = SourceText.read(SOURCES / "referentiel.txt", {})

    with pytest.raises(ConversionError, match="n'ouvrent pas le morceau"):
        text.lines("85-97 ● C1.2. Analyser")


def test_a_criterion_whose_extracted_text_differs_is_refused():
    rows = by_epreuve(read_criteria(SOURCES / "criteres.csv"))["E2.5.1"]
    cell = read_sources(SOURCES)
    fragments = cell.fragments.epreuves["E2.5.1"].criteres
    text = SourceText.read(SOURCES / "referentiel.txt", cell.fragments.coupures).text(fragments)
    verify_criteria_cell("E2.5.1", text, rows)

    with pytest.raises(ConversionError, match="E2.5.1"):
        verify_criteria_cell("E2.5.1", text.replace("cohérence", "accord"), rows)
    with pytest.raises(ConversionError, match="mots extraits"):
        verify_criteria_cell("E2.5.1", text + " en plus", rows)


@pytest.mark.parametrize(
    ("phrasing", "parsed"),
    [
        ("ciblée", {"portees": ["ciblée"]}),
        ("ciblée, tous les objectifs", {"portees": ["ciblée"], "perimetre": "tous les objectifs"}),
        ("intégrale (plan d'actions)", {"portees": ["intégrale"], "perimetre": "plan d'actions"}),
        (
            "intégrale + croisée (brief)",
            {"portees": ["intégrale", "croisée"], "pieces": ["brief"]},
        ),
        (
            "croisée (contraintes du projet) ; complément oral",
            {
                "portees": ["croisée"],
                "pieces": ["contraintes du projet"],
                "complement": "complément oral",
            },
        ),
        (
            "ciblée + croisée (objectifs, cible, brief)",
            {"portees": ["ciblée", "croisée"], "pieces": ["objectifs", "cible", "brief"]},
        ),
    ],
)
def test_a_reading_scope_is_parsed_without_losing_a_word(phrasing, parsed):
    assert parse(phrasing) == parsed


def test_an_unknown_reading_scope_stops_the_conversion():
    with pytest.raises(ConversionError, match="lecture non comprise"):
        parse("survolée (brief)")


def test_commas_between_parentheses_do_not_separate():
    assert comma_list("audit (marché, réseaux), note") == ("audit (marché, réseaux)", "note")


@pytest.mark.parametrize(
    "text",
    [
        "simple",
        "avec : deux-points",
        "1.10",
        "oui",
        "true",
        "- tiret",
        "c'est : « ça » # non",
        "x" * 100 + " fin",
        "première ligne :\n- un\n- deux",
        ("longue " * 30).strip() + " :\n- un\n- deux",
        "* étoile",
        "@compte",
        "50 %",
    ],
)
def test_what_is_written_is_read_back_the_same(text):
    tree = {"texte": text, "liste": [text, "b"], "petit": {"nom": text}}

    assert yaml.safe_load(to_yaml(tree, "En-tête.", {"liste": "Une liste."})) == tree


def test_the_written_files_are_pleasant_to_edit():
    for path in sorted((RUBRICS / "community-manager").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert max(map(len, text.splitlines())) <= 105, path.name
        assert "\\u" not in text
        assert not re.search(r"[&*]id\d", text)


def test_reference_tables_carry_the_sizes_limits_and_events_of_the_source(grids):
    tables = grids.certification.tables

    x = tables.reseau("x")
    assert x is not None
    assert [(f.largeur, f.hauteur) for f in x.formats][:2] == [(400, 400), (1500, 500)]
    assert [t.caracteres for t in x.textes] == [280]
    youtube = tables.reseau("YouTube")
    assert youtube is not None
    assert [(t.champ, t.caracteres) for t in youtube.textes] == [
        ("titre", 100),
        ("description", 5000),
    ]
    assert len(tables.evenements.fixes) == 13
    assert {"nom": "Pentecôte", "regle": "Pâques + 49 jours"} in [
        event.model_dump() for event in tables.evenements.mobiles
    ]
    assert "soldes d'été" in [event.nom for event in tables.evenements.mobiles]
    assert "contrairement à" in tables.connecteurs


def test_sources_that_cannot_be_read_are_reported_and_nothing_is_written(tmp_path, capsys):
    sources = tmp_path / "sources"
    sources.mkdir()
    for path in SOURCES.iterdir():
        text = path.read_text(encoding="utf-8").replace("Les choix graphiques sont justifiés", "X")
        (sources / path.name).write_text(
            text if path.suffix == ".csv" else path.read_text(encoding="utf-8"), encoding="utf-8"
        )
    target = tmp_path / "rubrics"

    assert main(["--sources", str(sources), "--target", str(target)]) == 1
    assert "E1.3/choix-graphiques/CE2" in capsys.readouterr().err
    assert not Path(target).exists()
