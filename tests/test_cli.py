"""The `preuve` command as an operator types it, on real files."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader, PdfWriter

from tests.conftest import COHORT

CAMILLE = COHORT / "cand-001_LEROY-Camille"


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def preuve(data_dir, tmp_path):
    """Runs the command in an empty folder, with its own data and no configuration."""

    def run(*arguments, **environment):
        return subprocess.run(
            [sys.executable, "-m", "assistant.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=clean_environment(data_dir) | environment,
            timeout=240,
            check=False,
        )

    return run


def clean_environment(data_dir: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PREUVE_")}
    root = str(Path(__file__).resolve().parent.parent)
    return kept | {"PREUVE_DATA_DIR": str(data_dir), "PYTHONPATH": root, "COLUMNS": "200"}


def dossier(folder: Path, *files: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def word_file(path: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.save(str(path))
    return path


def findings_of(result, epreuve):
    (dossier,) = json.loads(result.stdout)
    return dossier["epreuves"][epreuve]


@pytest.mark.slow
def test_a_dossier_is_reviewed_decided_and_exported(preuve, tmp_path):
    folder = dossier(
        tmp_path / "cand",
        CAMILLE / "E1.2_dossier-strategie_LEROY.docx",
        CAMILLE / "brief-client.docx",
    )
    reviewed = preuve("review", folder, "--json")
    assert reviewed.returncode == 0, reviewed.stderr
    findings = findings_of(reviewed, "E1.2")
    assert len(findings) == 17
    assert {f["kind"] for f in findings} == {"finding"}

    criterion = findings[0]["criterion_id"]
    confirmed = preuve("decide", folder, criterion, "--par", "Ada")
    assert confirmed.returncode == 0, confirmed.stderr
    other = "acquis" if findings[1]["verdict"] != "acquis" else "non_acquis"
    without_reason = preuve(
        "decide", folder, findings[1]["criterion_id"], "--par", "Ada", "-v", other
    )
    assert without_reason.returncode == 1
    assert "motif" in without_reason.stderr.lower()

    shown = preuve("show", folder, "--json")
    assert json.loads(shown.stdout)["status"] == "brouillon"

    exported = preuve("export", folder, "-o", tmp_path / "grilles")
    assert exported.returncode == 0, exported.stderr
    grid = docx.Document(exported.stdout.strip())
    assert any("BROUILLON" in p.text for p in grid.paragraphs)


@pytest.mark.slow
def test_a_dossier_that_is_one_file_is_shown_by_its_path(preuve, tmp_path):
    note = tmp_path / "E1.2_note.md"
    note.write_text("# Note de cadrage\n\nLe budget est de 2 500 € pour le mois de mai 2026.")
    assert preuve("review", str(note), "--epreuve", "E1.2").returncode == 0
    shown = preuve("show", str(note), "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)


def test_reviewing_again_gives_the_same_answer_without_judging(preuve, tmp_path):
    folder = dossier(tmp_path / "cand", CAMILLE / "E1.2_dossier-strategie_LEROY.docx")
    first = findings_of(preuve("review", folder, "--json"), "E1.2")
    again = findings_of(preuve("review", folder, "--json"), "E1.2")
    assert again == first  # times and durations included: nothing was made again


def encrypted_pdf(path: Path) -> Path:
    writer = PdfWriter(clone_from=PdfReader(CAMILLE.parent / PDF))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(path)
    return path


PDF = "cand-003_MARCHAND-Elodie/E1.2_strategie-social-media_MARCHAND.pdf"
GOOD = "Note de cadrage : le client demande une stratégie, budget 9 600 €, échéance mars 2026."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "make", "told"),
    [
        ("vide.docx", lambda p: p.write_bytes(b""), "vide"),
        ("image.docx", lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 40), "PNG"),
        ("faux.pdf", lambda p: word_file(p, GOOD), "Word"),
        ("protege.pdf", encrypted_pdf, "mot de passe"),
        (
            "coupe.docx",
            lambda p: p.write_bytes(word_file(p, GOOD).read_bytes()[:-400]),
            "endommagé",
        ),
        ("film.mp4", lambda p: p.write_bytes(b"\0\0\0\x18ftypmp42"), "format"),
    ],
)
def test_a_bad_file_is_named_with_its_mend_and_the_rest_is_reviewed(
    preuve, tmp_path, name, make, told
):
    folder = dossier(tmp_path / "cand")
    word_file(folder / "E1.2_note.docx", GOOD)
    make(folder / name)
    result = preuve("review", folder, "--json")
    assert result.returncode == 3
    assert f"« {name} »" in result.stderr
    assert told in result.stderr
    assert len(findings_of(result, "E1.2")) == 17


@pytest.mark.slow
def test_an_epreuve_whose_only_file_is_unreadable_fails_criterion_by_criterion(preuve, tmp_path):
    folder = dossier(tmp_path / "cand")
    (folder / "E1.2_note.docx").write_bytes(b"")
    result = preuve("review", folder, "--json")
    assert result.returncode != 0
    findings = findings_of(result, "E1.2")
    assert len(findings) == 17
    assert {f["kind"] for f in findings} == {"failure"}
    assert "vide" in findings[0]["message_fr"]


def test_a_folder_without_deliverable_says_what_to_add(preuve, tmp_path):
    folder = dossier(tmp_path / "cand", CAMILLE / "brief-client.docx")
    result = preuve("review", folder)
    assert result.returncode == 1
    assert "aucun livrable" in result.stderr
    assert "Ajoutez" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("review", "nulle-part"), "introuvable"),
        (("show", "D-inconnu"), "inconnu"),
        (("review", "{cand}", "--epreuve", "E9"), "E1.1"),
        (("review", "{cand}", "--judge", "llm"), "PREUVE_LLM_MODEL"),
        (("review", "{cand}", "-f", "rien"), "NOM=EPREUVE"),
        (("decide", "{cand}", "E1.2/nulle/CE1", "--par", "Ada"), "n'existe pas"),
        (("decide", "{cand}", "E1.2/audit/CE1", "--par", ""), "nom"),
    ],
)
def test_a_wrong_request_is_answered_in_french_with_the_mend(preuve, tmp_path, arguments, told):
    folder = dossier(tmp_path / "cand")
    word_file(folder / "E1.2_note.docx", GOOD)
    result = preuve(*(a.format(cand=folder) for a in arguments))
    assert result.returncode == 1
    assert told in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("review",), "manque"),
        (("revoir",), "Commande"),
        (("review", "x", "--rapide"), "n'existe pas"),
        (("review", "x", "--judge", "humain"), "Valeur refusée"),
    ],
)
def test_wrong_usage_exits_with_2_and_points_to_the_help(preuve, arguments, told):
    result = preuve(*arguments)
    assert result.returncode == 2
    assert told in result.stderr
    assert "preuve --help" in result.stderr


@pytest.mark.slow
def test_an_unnamed_file_is_taken_for_the_epreuve_one_asks_for(preuve, tmp_path):
    folder = dossier(tmp_path / "cand")
    word_file(folder / "travail.docx", GOOD)
    result = preuve("review", folder, "--epreuve", "E1.2", "--json")
    assert result.returncode == 0, result.stderr
    assert len(findings_of(result, "E1.2")) == 17


def test_a_wrong_setting_is_named(preuve):
    result = preuve("show", PREUVE_PORT="mille")
    assert result.returncode == 1
    assert "PREUVE_PORT" in result.stderr


def test_doctor_says_what_works_and_what_is_missing(preuve):
    plain = preuve("doctor")
    assert plain.returncode == 0, plain.stderr
    assert "115 critères" in plain.stdout
    assert "moteur embarqué" in plain.stdout
    wanting = preuve("doctor", PREUVE_JUDGE="llm")
    assert wanting.returncode == 1


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a POSIX signal")
def test_a_killed_review_loses_nothing_finished_and_running_again_continues(
    preuve, data_dir, tmp_path
):
    folder = dossier(
        tmp_path / "cand",
        CAMILLE / "E1.2_dossier-strategie_LEROY.docx",
        CAMILLE / "brief-client.docx",
    )
    command = [sys.executable, "-m", "assistant.cli", "review", str(folder)]
    process = subprocess.Popen(
        command,
        env=clean_environment(data_dir),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    finished = wait_for_findings(data_dir, at_least=3)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    before = {f["criterion_id"]: f for f in stored(data_dir)}
    assert len(before) >= finished

    result = preuve("review", folder, "--json")
    assert result.returncode == 0, result.stderr
    after = {f["criterion_id"]: f for f in findings_of(result, "E1.2")}
    assert len(after) == 17
    assert {k: after[k] for k in before} == before


def wait_for_findings(data_dir: Path, *, at_least: int) -> int:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if len(found := stored(data_dir)) >= at_least:
            return len(found)
        time.sleep(0.02)
    raise AssertionError("nothing was drafted in 90 s")


def stored(data_dir: Path) -> list[dict[str, object]]:
    import sqlite3

    path = data_dir / "preuve.sqlite3"
    if not path.exists():
        return []
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT * FROM findings").fetchall()
            columns = [c[1] for c in connection.execute("PRAGMA table_info(findings)")]
    except sqlite3.OperationalError:  # the tables are not there yet
        return []
    column = next(c for c in ("body", "json", "document", "payload") if c in columns)
    return [json.loads(row[columns.index(column)]) for row in rows]
