"""`pip install .` gives the same command, with grids, prompts and examples inside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The project built as a wheel and unpacked where nothing of the checkout can be seen."""
    folder = tmp_path_factory.mktemp("wheel")
    target = folder / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", str(target), str(ROOT)],
        check=True,
        timeout=240,
    )  # fmt: skip
    return target


def run(installed: Path, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREUVE_")}
    return subprocess.run(
        [sys.executable, "-c", "from assistant.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        timeout=240,
        check=False,
        env=environment | {"PYTHONPATH": str(installed), "PREUVE_DATA_DIR": str(tmp_path / "data")},
    )


def test_the_wheel_holds_its_data_and_works_away_from_the_checkout(installed, tmp_path):
    listed = run(installed, tmp_path, "rubrics", "list")
    assert listed.returncode == 0, listed.stderr
    assert "E2.5.3" in listed.stdout
    examples = installed / "assistant" / "_bundle" / "eval_sets" / "cohorte-exemple"
    folder = examples / "cand-007_OUEDRAOGO-Aminata"
    reviewed = run(installed, tmp_path, "review", str(folder), "-e", "E2.5.2")
    assert reviewed.returncode == 0, reviewed.stderr
    assert "Propositions" in reviewed.stdout
    assert (installed / "ui.py").is_file()
    assert list((installed / "assistant" / "_bundle" / "prompts").glob("*.jinja"))
    assert list((installed / "assistant" / "screen" / "templates").glob("*.jinja"))
    assert list((installed / "assistant" / "adapters" / "migrations").rglob("*.py"))
