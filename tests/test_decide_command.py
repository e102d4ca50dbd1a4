"""`preuve decide` takes no ruling that the desk would refuse."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.app import App, build_app
from assistant.app.desk_views import Reader
from assistant.app.rulings import Ruling, Rulings
from assistant.app.workbench import Workbench
from assistant.cli import cli
from assistant.domain.finding import CriterionFinding
from assistant.domain.verdict import Verdict
from assistant.errors import ReadingRefused
from assistant.settings import Settings, bundled

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


def read_by_two(app: App) -> None:
    certification = app.rubrics.certification
    relecture = certification.relecture.model_copy(update={"evaluateurs": 2})
    certification = certification.model_copy(update={"relecture": relecture})
    app.rubrics = app.rubrics.model_copy(update={"certification": certification})


def test_what_two_people_read_is_decided_at_the_desk(app: App, dossier: str):
    read_by_two(app)
    with pytest.raises(ReadingRefused) as refused:
        Rulings(app, Workbench(app)).require_free("Ada", dossier, "E1.2")
    assert "deux personnes" in refused.value.user_message


def read_whole(app: App, dossier: str, person: str, verdict: Verdict) -> None:
    """Every criterion ruled, and the reading submitted."""
    workbench = Workbench(app)
    rulings, reader = Rulings(app, workbench), Reader(name=person)
    for criterion in app.rubric("E1.2").criteres:
        draft = app.store.current_finding(dossier, "E1.2", criterion.id)
        ruling = Ruling(
            criterion_id=criterion.id,
            verdict=verdict if criterion.id == CRITERION else Verdict.NOT_ASSESSABLE,
            reason="Lu en entier.",
            key=draft.provenance.key if isinstance(draft, CriterionFinding) else "",
        )
        rulings.rule(reader, dossier, "E1.2", ruling)
    rulings.submit(reader, dossier, "E1.2", workbench.assessment(dossier, "E1.2").version)


def test_a_third_person_settles_from_the_command_line_once_both_have_submitted(
    dossier: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rubrics = tmp_path / "grilles"
    shutil.copytree(bundled("rubrics"), rubrics)
    certification = rubrics / "community-manager" / "certification.yaml"
    words = certification.read_text("utf-8")
    assert "  evaluateurs: 1\n" in words
    certification.write_text(words.replace("  evaluateurs: 1\n", "  evaluateurs: 2\n"), "utf-8")
    monkeypatch.setenv("PREUVE_RUBRICS_DIR", str(rubrics))
    app = build_app(Settings(_env_file=None, data_dir=data_dir, rubrics_dir=rubrics))

    def settle(person: str, criterion: str = CRITERION):
        words = ["--arbitrage", "-v", "acquis", "-m", "La preuve est page 1."]
        return CliRunner().invoke(cli, ["decide", dossier, criterion, "--par", person, *words])

    read_whole(app, dossier, "Ada", Verdict.MET)
    early = settle("Cy")
    assert early.exit_code != 0
    assert "attend que les lectures" in said(early)
    read_whole(app, dossier, "Bob", Verdict.NOT_MET)
    for reader in ("ada", "Bob"):
        assert settle(reader).exit_code != 0, "whoever read does not arbitrate"
    assert "indiquez votre nom" in said(settle(" "))
    assert Workbench(app).assessment(dossier, "E1.2").arbiter == ""

    settled = settle("Cy")
    assert settled.exit_code == 0, said(settled)
    entry = next(e for e in app.report(dossier, "E1.2").entries if e.criterion.id == CRITERION)
    assert entry.decision is not None
    assert (entry.decision.assessor, entry.decision.action) == ("Cy", "adjudicate")
    assert settle("Cy").exit_code == 0, "the same words twice are one decision"
    told = app.audit.explain(dossier, CRITERION)
    assert "première lecture soumise (Ada)" in told
    assert "première lecture soumise (Bob)" in told
