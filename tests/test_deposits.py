"""Whose a deposited dossier is."""

import shutil
from pathlib import Path

import pytest

from assistant.app import App, build_app
from assistant.settings import Settings
from tests.conftest import COHORT

FILE = next(COHORT.glob("cand-001*")) / "E1.2_dossier-strategie_LEROY.docx"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return build_app(Settings(_env_file=None, data_dir=tmp_path / "data"))


def test_the_same_files_of_one_person_are_one_dossier(app: App, tmp_path: Path):
    copy = shutil.copy(FILE, tmp_path / FILE.name)
    first = app.library.deposit([FILE], "ada")
    assert app.library.deposit([Path(copy)], "ada").id == first.id


def test_a_copy_of_somebody_s_files_opens_nothing_of_theirs(app: App):
    ada = app.library.deposit([FILE], "ada")
    criterion = app.rubric("E1.2").criteres[0].id
    app.save_note(ada.id, criterion, epreuve="E1.2", author="Ada", text="Une note d'Ada.")
    bob = app.library.deposit([FILE], "bob")
    nobody = app.library.deposit([FILE])
    assert len({ada.id, bob.id, nobody.id}) == 3
    folders = {app.library.record(d.id).folder for d in (ada, bob, nobody)}
    assert len(folders) == 3
    assert "ada" not in " ".join(folders)


def test_a_deposited_manifest_cannot_name_another_person_s_dossier(app: App, tmp_path: Path):
    ada = app.library.deposit([FILE], "ada")
    before = app.library.record(ada.id)
    manifest = tmp_path / "dossier.yaml"
    manifest.write_text(f"id: {ada.id}\n", "utf-8")
    eve = app.library.deposit([FILE, manifest], "eve")
    assert eve.id != ada.id
    assert app.library.record(ada.id) == before
    assert app.library.reopen(eve.id).id == eve.id


def test_a_folder_on_disk_keeps_the_id_that_its_manifest_gives(app: App, tmp_path: Path):
    folder = tmp_path / "cand"
    folder.mkdir()
    shutil.copy(FILE, folder)
    (folder / "dossier.yaml").write_text("id: CAND-7\n", "utf-8")
    assert app.library.open(folder).id == app.library.resolve(str(folder)) == "CAND-7"
