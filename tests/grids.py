"""The two certifications that the tests of the grids use, and how to spoil one."""

from pathlib import Path

from tests.conftest import ROOT

SHIPPED = ROOT / "rubrics" / "community-manager"
TINY = ROOT / "tests" / "data" / "certification-minuscule"


def replace(path: Path, old: str, new: str) -> str:
    """Change the first occurrence in a file; returns the file's new text."""
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return text
