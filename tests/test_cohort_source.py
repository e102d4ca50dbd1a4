"""Who is in a cohort, wherever it comes from; nothing of it leaves its place."""

import errno
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assistant.app.cohort.places import open_place
from assistant.cohort import parse_euros, read_folder, read_listing
from assistant.domain.dossier import FileRole
from assistant.errors import CohortInvalid
from assistant.settings import Settings
from ingest.errors import IngestError


def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data")


def write(path: Path, text: str = "texte") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(place_or_source: object) -> list[str]:
    source = getattr(place_or_source, "source", place_or_source)
    return [candidate.name for candidate in source.candidates]


def test_each_sub_folder_is_a_candidate_and_what_lies_beside_is_told(tmp_path):
    root = tmp_path / "promo"
    write(root / "ÉMILE Zoé" / "E1.2.md")
    write(root / "benali sofiane" / "E1.2.md")
    write(root / ".git" / "config")
    write(root / "oublié.docx")
    write(root / "cohorte.csv")
    (root / "ailleurs").symlink_to(tmp_path)
    source = read_folder(root)
    assert names(source) == ["benali sofiane", "ÉMILE Zoé"]
    assert source.strays == ("oublié.docx",)


def test_a_folder_without_sub_folders_says_how_to_arrange_it(tmp_path):
    write(tmp_path / "promo" / "E1.2_LEROY.docx")
    with pytest.raises(CohortInvalid) as raised:
        open_place(tmp_path / "promo", settings(tmp_path))
    assert "sous-dossier" in raised.value.user_message


@pytest.mark.parametrize("name", ["absent", "notes.txt"])
def test_what_is_not_a_cohort_is_refused_with_what_to_give(tmp_path, name):
    write(tmp_path / "notes.txt")
    with pytest.raises(CohortInvalid):
        open_place(tmp_path / name, settings(tmp_path))


def test_a_list_gathers_files_that_stand_side_by_side(tmp_path):
    for name in ("leroy.md", "benali.md", "brief.md"):
        write(tmp_path / "rendus" / name, name)
    listing = write(
        tmp_path / "rendus" / "liste.csv",
        "candidat;fichier;type;epreuve\n"
        "LEROY Camille;leroy.md;livrable;E1.2\n"
        "LEROY Camille;brief.md;brief;\n"
        "BENALI Sofiane;benali.md;livrable;E1.2\n"
        "BENALI Sofiane;benali.md;livrable;E1.3\n",
    )
    place = open_place(listing, settings(tmp_path))
    assert names(place) == ["BENALI Sofiane", "LEROY Camille"]
    benali, leroy = place.source.candidates
    assert (leroy.folder / "leroy.md").read_text(encoding="utf-8") == "leroy.md"
    assert "E1.3" in (benali.folder / "dossier.yaml").read_text(encoding="utf-8")
    write(tmp_path / "rendus" / "leroy.md", "nouvelle version")
    again = open_place(listing, settings(tmp_path))
    assert again.id == place.id
    assert (leroy.folder / "leroy.md").read_text(encoding="utf-8") == "nouvelle version"


def test_a_list_beside_the_candidates_folders_chooses_among_them(tmp_path):
    write(tmp_path / "promo" / "A" / "E1.2.md")
    write(tmp_path / "promo" / "B" / "E1.2.md")
    listing = write(tmp_path / "promo" / "choix.csv", "candidat,fichier\nB,E1.2.md\n")
    place = open_place(listing, settings(tmp_path))
    assert [c.folder for c in place.source.candidates] == [tmp_path / "promo" / "B"]


def test_a_yaml_list_says_the_same(tmp_path):
    listing = write(
        tmp_path / "liste.yaml",
        "candidats:\n- nom: A\n  fichiers:\n"
        "  - {fichier: a.md, role: livrable, epreuves: [E1.2]}\n",
    )
    (line,) = read_listing(listing)
    assert (line.candidat, line.fichier, line.role) == ("A", "a.md", FileRole.DELIVERABLE)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("l.csv", "", "colonnes absentes"),
        ("l.csv", "candidat;fichier\n", "aucun fichier"),
        ("l.csv", "candidat;fichier\nA;\n", "ligne 2"),
        ("l.csv", "candidat;fichier;type\nA;a.md;copie\n", "type « copie » inconnu"),
        ("l.csv", "candidat;fichier\nA;../secret.md\n", "n'est pas dans le dossier"),
        ("l.csv", "candidat;fichier\nA;/etc/passwd\n", "n'est pas dans le dossier"),
        ("l.csv", "candidat;fichier\nA;C:\\secret.md\n", "n'est pas dans le dossier"),
        ("l.yaml", "candidats: [", "illisible ligne"),
        ("l.yaml", "candidats: 3\n", "candidats"),
        ("l.yaml", "- a\n", "fichier :"),
    ],
)
def test_a_faulty_list_says_where_it_is_wrong(tmp_path, name, text, told):
    with pytest.raises(CohortInvalid) as raised:
        open_place(write(tmp_path / name, text), settings(tmp_path))
    assert told in raised.value.user_message


def archive(path: Path, entries: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return path


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of a process are those of Unix")
def test_a_full_disk_is_not_told_as_a_damaged_archive(tmp_path):
    made = archive(tmp_path / "promo.zip", {"A/E1.2.md": "a" * 200_000, "B/E1.2.md": "b"})
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from ingest.folders import FolderLimits, unpack_folders\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    unpack_folders(Path(sys.argv[1]), Path(sys.argv[2]), FolderLimits())\n"
        "except OSError as error:\n"
        "    print(error.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, made, tmp_path / "ici"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == errno.EFBIG
    assert not (tmp_path / "ici" / "A" / "E1.2.md").exists()


def test_a_zip_of_folders_is_unpacked_once_past_the_folder_around_them(tmp_path):
    made = archive(
        tmp_path / "promo.zip",
        {"promo/A/E1.2.md": "a", "promo/B/sous/E1.3.md": "b", "__MACOSX/promo/A/._E1.2.md": "x"},
    )
    place = open_place(made, settings(tmp_path))
    assert names(place) == ["A", "B"]
    assert place.left_out_fr == ()
    folder = place.source.candidates[0].folder
    assert stat.S_IMODE((tmp_path / "data" / "cohortes" / place.id).stat().st_mode) == 0o700
    (folder / "temoin").touch()
    assert (open_place(made, settings(tmp_path)).source.candidates[0].folder / "temoin").exists()


def test_hostile_entries_are_left_out_and_told(tmp_path):
    link = zipfile.ZipInfo("A/lien.md")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(
        tmp_path / "promo.zip",
        {
            "A/E1.2.md": "a",
            "../../evade.md": "x",
            "/absolu.md": "x",
            "A/bombe.md": b"0" * 40_000_000,
            "A/E1.2.MD": "double",
        },
    )
    with zipfile.ZipFile(path, "a") as made:
        made.writestr(link, "/etc/passwd")
    place = open_place(path, settings(tmp_path))
    (candidate,) = place.source.candidates
    assert [p.name for p in candidate.folder.iterdir()] == ["E1.2.md"]
    assert len(place.left_out_fr) == 5
    assert not list(tmp_path.rglob("evade.md"))
    assert not Path("/absolu.md").exists()


def test_a_zip_that_is_not_one_leaves_nothing_behind(tmp_path):
    path = tmp_path / "promo.zip"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 50)
    with pytest.raises(IngestError):
        open_place(path, settings(tmp_path))
    assert not [p for p in (tmp_path / "data").rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("text", "euros"),
    [
        ("25eur", 25.0),
        ("25 €", 25.0),
        ("12,50", 12.5),
        ("0.5EUR", 0.5),
        ("25\u202feuros", 25.0),
        ("0", None),
        ("-3", None),
        ("beaucoup", None),
        ("1e9", None),
    ],
)
def test_a_budget_is_read_as_a_person_writes_it(text, euros):
    assert parse_euros(text) == euros
