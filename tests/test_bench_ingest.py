"""The measure of reading runs, and writes its figures where the document wants them."""

import subprocess
import sys
from pathlib import Path

import pytest

from ingest.registry import read
from ingest.types import SourceFile
from tools.bench_ingest import MAKERS, Measure, Row, failures, growth, measure, table, write

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", MAKERS)
def test_the_files_it_makes_are_read_whole_and_grow_with_their_pages(name):
    small, large = (
        read(SourceFile.from_bytes(f"a.{name}", MAKERS[name](pages))) for pages in (1, 4)
    )
    assert small.coverage == large.coverage == 1.0
    assert len(large.text) > 3 * len(small.text)


def test_the_command_prints_a_line_for_each_measure():
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench_ingest", "--formats", "docx", "--pages", "1,2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("| docx")]
    assert [line.split(" | ")[1:3] for line in lines if "preuve |" in line] == [
        ["1", "preuve"],
        ["2", "preuve"],
    ]
    assert any("python-docx" in line for line in lines)
    assert "échec" not in done.stdout


def test_figures_and_growth_are_written_between_the_marks(tmp_path):
    rows = [
        Row("pdf", 10, "preuve", Measure(1.0, 80.0, 5), 1.0),
        Row("pdf", 100, "preuve", Measure(12.0, 90.0, 50), 1.0),
        Row("pdf", 100, "pypdf", None, None, "plus de mémoire"),
    ]
    assert "| pdf | 100 | preuve | 8 | 90 | 1,00 |" in table(rows)
    assert "| pdf | 100 | pypdf | échec | — | — |" in table(rows)
    assert failures(rows) == "- échec, pdf, 100 pages, pypdf : plus de mémoire"
    assert "1,20 fois, de 10 à 100" in growth(rows)
    path = tmp_path / "b.md"
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    write(path, rows)
    first = path.read_text(encoding="utf-8")
    write(path, rows)
    assert path.read_text(encoding="utf-8") == first
    assert first.startswith("# Vitesse")
    assert "1,20 fois" in first


def test_a_file_that_is_refused_or_read_in_part_is_told_and_not_measured(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"PK\x03\x04")
    assert "« a.docx » est endommagé" in measure("preuve", path)
    path = tmp_path / "a.csv"
    path.write_text("a;b\n" * 40_000, encoding="utf-8")
    assert measure("preuve", path) == "lu à 75 % seulement"
