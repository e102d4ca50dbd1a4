"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

import assistant.errors
import ingest.errors
from ingest.errors import UserFacingError
from tools.settings_table import settings_table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_holds_the_table_of_settings_as_the_code_has_it():
    assert settings_table() in README  # python -m tools.settings_table prints it


def test_every_command_is_in_the_readme():
    from assistant.cli import cli

    names = [c.name for c in cli.registered_commands] + [g.name for g in cli.registered_groups]
    assert names
    for name in names:
        assert f"`preuve {name}" in README


def test_every_linked_document_exists():
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for document in documents:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def error_classes() -> list[type[UserFacingError]]:
    found: list[type[UserFacingError]] = []
    todo = [UserFacingError]
    while todo:
        for child in todo.pop().__subclasses__():
            found.append(child)
            todo.append(child)
    return [c for c in found if c.__module__ in ("assistant.errors", "ingest.errors")]


@pytest.mark.parametrize("error", error_classes(), ids=lambda c: c.__name__)
def test_every_error_is_drawn_in_its_tree(error):
    module = assistant.errors if error.__module__ == "assistant.errors" else ingest.errors
    assert error.__name__ in (module.__doc__ or "")


@pytest.mark.parametrize("error", error_classes(), ids=lambda c: c.__name__)
def test_every_error_s_message_is_french_and_says_something(error):
    template = getattr(error, "template_fr", None)
    if template is None:  # a branch of the tree, never raised itself
        assert error.__subclasses__()
        return
    assert len(template) > 20
    fields = re.findall(r"{(\w+)}", template)
    assert template.format(**dict.fromkeys(fields, "x"))


def test_no_lock_file_names_an_index_or_a_path():
    locks = list(ROOT.glob("requirements*.lock"))
    assert len(locks) == 3
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"index-url|find-links|https?://|file://", text)


def test_the_changelog_has_an_unreleased_part():
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
