"""`preuve decide` takes no ruling that the desk would refuse."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.app import App, build_app
from assistant.app.desk_views import Reader
from assistant.app.rulings import Ruling, Rulings
from assistant.app.workbench import Workbench
from assistant.cli import cli
from assistant.errors import ReadingRefused
from assistant.settings import Settings

CRITERION = "E1.2/note-cadrage/CE1"


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def app(data_dir: Path) -> App:
    return build_app(Settings(_env_file=None, data_dir=data_dir))


@pytest.fixture
def dossier(app: App, tmp_path: Path) -> str:
    note = tmp_path / "E1.2_note.md"
    note.write_text("# Note de cadrage\n\nLe budget est de 2 500 € pour le mois de mai 2026.")
    opened = app.library.deposit([note])
    app.review(app.library.open(Path(app.library.record(opened.id).folder)), "E1.2")
    return opened.id


def decide(dossier: str, person: str):
    ruled = ["decide", dossier, CRITERION, "--par", person, "-v", "partiel", "-m", "Lu à part."]
    return CliRunner().invoke(cli, ruled)


def said(result) -> str:
    return " ".join(f"{result.output} {result.exception}".split())


def test_who_holds_the_epreuve_decides_and_nobody_else(app: App, dossier: str):
    rulings = Rulings(app, Workbench(app))
    draft = app.store.current_finding(dossier, "E1.2", CRITERION)
    assert draft is not None
    rulings.rule(
        Reader(name="Ada"),
        dossier,
        "E1.2",
        Ruling(criterion_id=CRITERION, key=draft.provenance.key),
    )
    refused = decide(dossier, "Bob")
    assert refused.exit_code != 0
    assert "lue par Ada" in said(refused)
    assert decide(dossier, "Ada").exit_code == 0


def test_a_first_reading_without_the_draft_is_done_at_the_desk(app: App, dossier: str):
    Workbench(app).choose_blind(Reader(name="Ada"), True)
    refused = decide(dossier, "Ada")
    assert refused.exit_code != 0
    assert "sans la proposition" in said(refused)
    assert decide(dossier, "Bob").exit_code == 0


def test_what_two_people_read_is_decided_at_the_desk(app: App, dossier: str):
    certification = app.rubrics.certification
    relecture = certification.relecture.model_copy(update={"evaluateurs": 2})
    certification = certification.model_copy(update={"relecture": relecture})
    app.rubrics = app.rubrics.model_copy(update={"certification": certification})
    with pytest.raises(ReadingRefused) as refused:
        Rulings(app, Workbench(app)).require_free("Ada", dossier, "E1.2")
    assert "deux personnes" in refused.value.user_message
