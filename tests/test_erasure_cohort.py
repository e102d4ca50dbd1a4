"""A candidate of a cohort is erased: nothing of them stays in what the batches left here."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.app import App
from assistant.app.cohort import Stop
from assistant.app.cohort_traces import COHORTS, SAID
from assistant.cli import cli
from tests.cohorts import Silent, installation
from tools.loopback_llm import Behaviour, LoopbackServer

pytestmark = pytest.mark.slow

ERASED, KEPT = "QUATREMARRE Zéphyrine", "MARTIN Anne"
TRACES = ("kumquatologie", "QUATREMARRE", "phyrine")


def cohort_archive(tmp_path: Path) -> Path:
    """Two candidates, one file of the first being refused."""
    path = tmp_path / "promo.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, word in ((ERASED, TRACES[0]), (KEPT, "babiroussa")):
            text = f"# Veille\n\nLa veille {word} suit 12 sources chaque semaine.\n" * 8
            archive.writestr(f"promo/{name}/E1.1_veille.md", text)
        archive.writestr(f"promo/{ERASED}/../../{ERASED}.md", "dehors")
    return path


def traces_in(folder: Path) -> set[tuple[str, str]]:
    """Where a trace stands, as UTF-8, UTF-16 or escaped in ASCII."""
    found = set()
    for path in filter(Path.is_file, folder.rglob("*")):
        raw = path.read_bytes()
        for word in TRACES:
            if any(word.encode(code) in raw for code in ("utf-8", "utf-16-le")):
                found.add((path.name, word))
    return found


def erase(app: App) -> None:
    app.holdings.erase(app.holdings.of(ERASED), actor="Anne", reason="demande")


@pytest.mark.parametrize("in_flight", [False, True])
def test_neither_requests_answers_nor_names_of_an_erased_candidate_stay(tmp_path, in_flight):
    promo = cohort_archive(tmp_path)
    behaviour = Behaviour(batch_seconds=0.5 if in_flight else 0.0)
    with LoopbackServer(behaviour) as server:
        app = installation(
            tmp_path / "installation", server.url, llm_batch_poll_seconds=0.1, llm_batch_requests=9
        )
        kept_here = app.settings.data_dir / COHORTS
        with app.cohorts().cohort(promo, judge="llm") as cohort:
            if in_flight:
                with pytest.raises(KeyboardInterrupt):
                    cohort.hand_over(cohort.plan(), lambda _: None, sleep=interrupted)
            else:
                cohort.hand_over(cohort.plan(), lambda _: None)
        said = kept_here / cohort.id / SAID  # what a run from the page told, cut as a terminal's
        said.write_text(f"{ERASED.replace(' ', chr(10))} : non ouvert", encoding="utf-8")
        assert {word for _, word in traces_in(kept_here)} == set(TRACES), "the scan sees them"
        erase(app)
        assert traces_in(app.settings.data_dir) == set()
        assert any(b"babiroussa" in p.read_bytes() for p in kept_here.rglob("*.demandes.jsonl"))

        with app.cohorts().cohort(promo, judge="llm") as cohort:
            plan = cohort.plan()
            cohort.hand_over(plan, lambda _: None)
            report = cohort.run(cohort.plan(), Silent())
        assert report.stop is Stop.DONE
        assert traces_in(app.settings.data_dir) == set(), "what arrives later is not kept either"
        assert {record.label for record in app.dossiers()} == {KEPT}


def interrupted(_seconds: float) -> None:
    raise KeyboardInterrupt


def written_elsewhere(tmp_path: Path) -> tuple[Path, Path]:
    """A cohort of two, and all that the commands write of it beside the installation."""
    promo, out = tmp_path / "promo", tmp_path / "écrits"
    for name, word in ((ERASED, TRACES[0]), (KEPT, "babiroussa")):
        (promo / name).mkdir(parents=True)
        text = f"# Veille\n\nLa veille {word} suit 12 sources chaque semaine.\n" * 8
        (promo / name / "E1.1_veille.md").write_text(text, encoding="utf-8")
    mine = promo / ERASED
    run("batch", promo, "--yes", "--resultats", out, "--grilles", "--noms")
    run("batch", promo, "--yes", "--rapport", out / "rapport.html", "--noms")
    run("export", mine, "-o", out)
    run("requests", "export", mine, "-o", out / "siennes.jsonl")
    run("requests", "export", mine, promo / KEPT, "-o", out / "toutes.jsonl")
    run("acces", ERASED, "-o", out / "acces.zip")
    return promo, out


def run(*arguments: object, code: int = 0) -> str:
    told = CliRunner().invoke(cli, [str(one) for one in arguments])
    assert told.exit_code == code, told.output
    return told.output


def test_what_was_exported_goes_with_the_candidate_and_what_others_share_is_named(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "données"))
    promo, out = written_elsewhere(tmp_path)
    everything = {path for path in out.rglob("*") if path.is_file()}
    grids = {path.name for path in (out / "grilles").iterdir()}
    assert len(grids) == 2
    changed = next(path for path in out.glob("grille_*.docx"))
    changed.write_bytes(changed.read_bytes() + b"!")

    told = run("erase", ERASED, "--oui")
    gone = {path.name for path in everything if not path.exists()}
    assert {"siennes.jsonl", "acces.zip"} < gone
    assert len(gone) == 3, "and one of the two grids"
    kept = {path.name for path in everything if f"« {path} » contient encore" in told}
    assert kept == {changed.name, "toutes.jsonl", "resultats.xlsx", "rapport.html"} | {
        path.name for path in out.glob("*.csv")
    }
    assert traces_in(tmp_path / "données") == set()
    assert promo.is_dir(), "the candidate's own files are not ours"


def test_exports_that_others_share_go_when_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("PREUVE_DATA_DIR", str(tmp_path / "données"))
    _, out = written_elsewhere(tmp_path)
    told = run("erase", ERASED, "--oui", "--exports")
    assert "contient encore" not in told
    left = {path.name[:6] for path in out.rglob("*") if path.is_file()}
    assert left == {"grille", "repart"}, "the other's grid, and what names nobody"
    assert traces_in(out) == set()
