"""`preuve eval` as an operator types it, on cohorts that the tests make."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from assistant.cli import main
from tests.evaluation.sets import CRITERIA, DELIVERABLE, labels_of, write_cohort

ROOT = Path(__file__).resolve().parent.parent.parent
ALICE, BOB = "cand-a_ALICE", "cand-b_BOB"
TWO = {"nom": "essai", "version": "1", "parties": {"regarder": [ALICE], "garder": [BOB]}}


@pytest.fixture(scope="module")
def preuve(tmp_path_factory):
    """Runs `preuve eval` in an empty folder, with no configuration."""
    folder = tmp_path_factory.mktemp("ailleurs")

    def run(*arguments):
        """In this process, since starting another loads the libraries again each time."""
        out, errors = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(errors):
            for name in [name for name in os.environ if name.startswith("PREUVE_")]:
                patch.delenv(name)
            patch.setenv("PREUVE_DATA_DIR", str(folder / "data"))
            patch.setenv("COLUMNS", "160")
            patch.chdir(folder)
            patch.setattr(sys, "argv", ["preuve", "eval", *map(str, arguments)])
            with pytest.raises(SystemExit) as end:
                main()
        return subprocess.CompletedProcess(
            arguments, end.value.code, out.getvalue(), errors.getvalue()
        )

    return run


@pytest.fixture(scope="module")
def cohort_of_two(tmp_path_factory):
    return write_cohort(tmp_path_factory.mktemp("jeu"), [ALICE, BOB], described=TWO)


@pytest.fixture(scope="module")
def measured(preuve, cohort_of_two, tmp_path_factory):
    """A whole run, with everything it can write."""
    out = tmp_path_factory.mktemp("sortie")
    done = preuve(
        *(cohort_of_two, "--judge", "embedded", "--runs", 2, "--json", "--out", out),
        *("--markdown", out / "quality.md", "--save-baseline", out / "reference.json"),
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), out


def overall(data, part="tout"):
    (found,) = [p for p in data["figures"]["parts"] if p["part"] == part]
    return {m["id"]: m for m in found["overall"]["measures"]}


def test_every_label_gets_a_row_and_its_draft(measured):
    data, _ = measured

    rows = data["run"]["rows"]
    assert [(r["candidate"], r["criterion"]) for r in rows] == [
        (c, criterion) for c in (ALICE, BOB) for criterion in CRITERIA
    ]
    assert all(r["draft"] for r in rows)


def test_what_is_read_of_the_files_is_right(measured):
    data, _ = measured
    figures = overall(data)

    assert figures["quote_exactness"]["value"] == 1.0
    assert figures["quote_second_reader"]["value"] == 1.0
    assert figures["quote_exactness"]["size"] > 0
    assert figures["recall_criterion"] == {"id": "recall_criterion"} | {
        key: figures["recall_criterion"][key] for key in ("value", "size", "note_fr")
    }
    assert figures["recall_criterion"]["value"] == 1.0
    assert figures["recall_criterion"]["size"] == 4  # two citations for each of two candidates
    assert figures["stability"]["value"] == 1.0


def test_baselines_stand_beside_the_judge(measured):
    data, _ = measured

    (whole,) = [p for p in data["figures"]["parts"] if p["part"] == "tout"]
    assert set(whole["baselines"]) == {"majorite", "mots-cles"}
    majority = {m["id"]: m for m in whole["baselines"]["majorite"]["measures"]}
    assert majority["agreement"]["value"] == pytest.approx(2 / 3)  # « acquis » twice in three


def test_the_same_set_gives_the_same_figures_again(measured, preuve, cohort_of_two):
    first, _ = measured

    again = preuve(cohort_of_two, "--judge", "embedded", "--runs", 2, "--json")

    second = json.loads(again.stdout)
    for data in (first, second):
        data["figures"].pop("spent")  # seconds vary; nothing else may
        for row in data["run"]["rows"]:
            row.pop("seconds", None)
    assert second == first


def test_files_hold_no_path_of_this_machine_and_no_text_of_a_candidate(measured):
    _, out = measured

    for name in ("mesures.json", "rapport.html", "quality.md", "reference.json"):
        text = (out / name).read_text(encoding="utf-8")
        assert str(out.parent) not in text
        assert "42 000 impressions" not in text


def test_the_gate_passes_on_its_own_reference_and_fails_on_a_better_one(
    measured, preuve, cohort_of_two, tmp_path
):
    _, out = measured
    reference = json.loads((out / "reference.json").read_text(encoding="utf-8"))
    reference["run"].pop("replicates")
    for row in reference["run"]["rows"]:
        row["draft"] = row["gold"]
    better = tmp_path / "meilleure.json"
    better.write_text(json.dumps(reference), encoding="utf-8")

    same = preuve(cohort_of_two, "--judge", "embedded", "--gate", out / "reference.json")
    worse = preuve(cohort_of_two, "--judge", "embedded", "--gate", better)

    assert same.returncode == 0
    assert "Rien n'a reculé" in same.stdout
    assert worse.returncode == 1
    assert "a reculé au-delà du bruit" in worse.stdout


def test_two_runs_are_compared_without_running_anything(measured, preuve):
    _, out = measured

    done = preuve("--compare", out / "reference.json", out / "mesures.json")

    assert done.returncode == 0
    assert "0 propositions changent" in done.stdout


def test_one_part_is_measured_alone(preuve, cohort_of_two):
    done = preuve(cohort_of_two, "--judge", "embedded", "--part", "garder", "--json")

    data = json.loads(done.stdout)
    assert {row["candidate"] for row in data["run"]["rows"]} == {BOB}
    assert [part["part"] for part in data["figures"]["parts"]] == ["garder"]


def test_a_bare_cohort_of_one_candidate_runs_without_baselines(preuve, tmp_path):
    folder = write_cohort(tmp_path / "promo", [ALICE])

    done = preuve(folder, "--judge", "embedded")

    assert done.returncode == 0
    assert "sans set.yaml" in done.stdout
    assert "Majorité" not in done.stdout


def test_a_file_that_cannot_be_read_fails_its_own_criteria_only(preuve, tmp_path):
    folder = write_cohort(tmp_path / "promo", [ALICE, BOB])
    (folder / BOB / DELIVERABLE).write_bytes(b"ceci n'est pas un document Word")

    done = preuve(folder, "--judge", "embedded", "--json")

    rows = json.loads(done.stdout)["run"]["rows"]
    assert done.returncode == 3
    assert [("draft" in r and r["draft"] is not None) for r in rows] == [True] * 3 + [False] * 3
    assert DELIVERABLE in done.stderr


def test_labels_that_match_nothing_are_left_out_and_told(preuve, tmp_path):
    labels = [*labels_of(ALICE), *labels_of("cand-z_ZOE")]
    labels[1]["critere_id"] = "E3.1/analyse-campagne/CE9"
    folder = write_cohort(tmp_path / "promo", [ALICE], labels)

    done = preuve(folder, "--judge", "embedded", "--json")

    assert len(json.loads(done.stdout)["run"]["rows"]) == 2
    assert "CE9" in done.stderr
    assert "cand-z_ZOE" in done.stderr


def test_the_check_tells_problems_and_fails_or_says_there_is_none(preuve, cohort_of_two, tmp_path):
    labels = labels_of(ALICE)
    labels[0]["citation"] = "Jamais écrit par Alice."
    faulty = write_cohort(tmp_path / "promo", [ALICE], labels)

    good, bad = preuve(cohort_of_two, "--check"), preuve(faulty, "--check")

    assert (good.returncode, bad.returncode) == (0, 1)
    assert "6 étiquettes lues, 0 erreur," in good.stdout
    assert "ligne 2 : citation introuvable" in bad.stdout


def test_the_check_speaks_json(preuve, tmp_path):
    labels = labels_of(ALICE)
    labels[2]["verdict"] = "peut-être"
    folder = write_cohort(tmp_path / "promo", [ALICE], labels)

    done = preuve(folder, "--check", "--json")

    problems = json.loads(done.stdout)
    assert {problem["line"] for problem in problems} == {0, 4}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nulle-part"], 1, "rien ne se trouve à ce chemin"),
        ([], 2, "indiquez un jeu"),
        (["--compare", "a.json", "b.json"], 1, "a.json"),
        (["cohorte-exemple", "--judge", "llm"], 1, "PREUVE_LLM_MODEL"),
    ],
)
def test_what_cannot_be_done_is_said_in_french(preuve, arguments, code, said):
    done = preuve(*arguments)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_library_is_told_before_any_work_with_the_command_that_installs_it(
    cohort_of_two, tmp_path
):
    (tmp_path / "sklearn").mkdir()
    (tmp_path / "sklearn" / "__init__.py").write_text("raise ImportError('absent')")

    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "eval", cohort_of_two],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "PREUVE_DATA_DIR": str(tmp_path / "d")},
        timeout=120,
        check=False,
    )

    assert done.returncode == 1
    assert 'pip install "preuve[eval]"' in done.stderr
