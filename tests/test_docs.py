"""The documents say what the code does."""

import re
from pathlib import Path

import pytest
import yaml

import assistant.errors
import ingest.errors
from assistant.settings import Settings
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


def test_the_compose_file_listens_on_this_machine_only_and_holds_no_secret():
    text = (ROOT / "docs" / "compose.yaml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]

    published = [port for service in services.values() for port in service.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)
    for service in services.values():
        for name, value in service["environment"].items():
            if name.startswith("PREUVE_"):
                assert name.removeprefix("PREUVE_").lower() in Settings.model_fields
            if any(word in name for word in ("PASSWORD", "KEY")):
                assert re.fullmatch(r"\$\{\w+:[?-].*\}", value), name
        url = service["environment"].get("PREUVE_DATABASE_URL", "")
        assert not url or ":${MOT_DE_PASSE_BASE}@" in url
    commands = [service["command"][1] for service in services.values() if "command" in service]
    assert commands == ["ui", "worker"]
