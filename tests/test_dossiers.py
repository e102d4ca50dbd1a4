import pytest

from assistant.domain.dossier import AssignmentSource, FileRole
from assistant.dossiers import Assignment, Manifest, assign, files_of, read_manifest
from assistant.errors import ManifestInvalid
from assistant.rubric_loader import load_rubric_set
from assistant.settings import bundled
from tests.factories import document


@pytest.fixture(scope="module")
def rubrics():
    return load_rubric_set(bundled("rubrics") / "community-manager")


def what(rubrics, name, text=None, *, given=None, manifest=None):
    return assign(name, text, rubrics, given=given or {}, manifest=manifest or {})


def test_the_name_tells_the_epreuve_or_the_brief(rubrics):
    assert what(rubrics, "E1.2_strategie.docx").epreuves == ("E1.2",)
    assert what(rubrics, "e3.1-e3.2 bilan.pdf").epreuves == ("E3.1", "E3.2")
    assert what(rubrics, "E2.5.1_pages.docx").epreuves == ("E2.5.1",)
    assert what(rubrics, "Brief_client.pdf").role is FileRole.BRIEF
    assert what(rubrics, "brief-client.docx").epreuves == ()


def test_a_person_outranks_the_manifest_which_outranks_the_name(rubrics):
    said = Assignment(role=FileRole.ANNEX, source=AssignmentSource.GIVEN)
    written = Assignment(
        role=FileRole.DELIVERABLE, epreuves=("E4",), source=AssignmentSource.MANIFEST
    )
    name = "E1.2_strategie.docx"
    assert what(rubrics, name, given={name: said}, manifest={name: written}) == said
    assert what(rubrics, name, manifest={name: written}) == written


def test_an_unnamed_file_is_proposed_from_its_content_and_marked_so(rubrics):
    text = document(
        "# Charte de modération",
        "Contenus interdits : injures, spam. Suppression des messages et bannissement.",
        "# Plan de contingence",
        "En cas de crise, la cellule de crise suit la procédure d'alerte et d'escalade.",
        "# Charte éditoriale",
        "Ligne éditoriale, ton, charte graphique, couleurs, typographies, gabarits et logo.",
    )
    proposal = what(rubrics, "travail final.docx", text)
    assert proposal.epreuves == ("E1.3",)
    assert proposal.source is AssignmentSource.CONTENT


def test_what_cannot_be_recognised_is_said_unknown(rubrics):
    assert what(rubrics, "notes.docx", document("Bonjour.")).source is AssignmentSource.UNKNOWN
    assert what(rubrics, "scan.pdf").source is AssignmentSource.UNKNOWN


def test_system_files_links_and_manifests_are_not_the_candidate_s(tmp_path):
    folder = tmp_path / "cand"
    (folder / "annexes").mkdir(parents=True)
    kept = ["a.docx", "annexes/b.pdf"]
    for name in [*kept, "~$a.docx", ".DS_Store", "Thumbs.db", "dossier.yaml"]:
        (folder / name).write_text("x", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("x", encoding="utf-8")
    (folder / "lien.txt").symlink_to(tmp_path / "secret.txt")
    assert [str(p.relative_to(folder)) for p in files_of(folder)] == kept


def test_a_manifest_gives_the_id_and_the_roles(tmp_path):
    (tmp_path / "dossier.yaml").write_text(
        "id: D-042\nfichiers:\n  - fichier: a.docx\n    epreuves: [E1.2]\n"
        "  - {fichier: b.pdf, role: brief}\n",
        encoding="utf-8",
    )
    manifest = read_manifest(tmp_path)
    assert manifest.id == "D-042"
    assert manifest.assignments()["b.pdf"].role is FileRole.BRIEF


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fichiers: [", "ligne"),
        ("id: ../../etc\n", "id"),
        ("fichiers:\n  - {fichier: a, role: chef}\n", "role"),
        ("inconnu: 1\n", "inconnu"),
    ],
)
def test_a_wrong_manifest_is_named_and_explained(tmp_path, text, told):
    (tmp_path / "dossier.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ManifestInvalid) as caught:
        read_manifest(tmp_path)
    assert "dossier.yaml" in caught.value.user_message
    assert told in caught.value.user_message


def test_the_cohort_s_table_serves_each_of_its_folders(cohort):
    manifest = read_manifest(cohort / "cand-004_NGUYEN-Thao")
    both = manifest.assignments()["E3.1-E3.2_tableau-de-bord-2025_NGUYEN.xlsx"]
    assert both.epreuves == ("E3.1", "E3.2")
    assert manifest.assignments()["brief-client.docx"].role is FileRole.BRIEF


def test_a_folder_that_the_cohort_does_not_name_has_no_manifest(tmp_path):
    (tmp_path / "cohorte.csv").write_text(
        "candidat;fichier;type;epreuve\nA;a.docx;livrable;E1.2\n", encoding="utf-8-sig"
    )
    (tmp_path / "B").mkdir()
    (tmp_path / "A").mkdir()
    assert read_manifest(tmp_path / "B") == Manifest()
    assert read_manifest(tmp_path / "A").fichiers[0].epreuves == ("E1.2",)


def test_a_wrong_line_of_the_cohort_s_table_is_told_by_its_number(tmp_path):
    (tmp_path / "A").mkdir()
    (tmp_path / "cohorte.csv").write_text(
        "candidat,fichier,type,epreuve\nA,a.docx,copie,E1.2\n", encoding="utf-8"
    )
    with pytest.raises(ManifestInvalid) as caught:
        read_manifest(tmp_path / "A")
    assert "ligne 2" in caught.value.user_message
