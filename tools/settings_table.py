"""Writes the README's table of settings, from the settings themselves.

python -m tools.settings_table
"""

import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from assistant.settings import Settings


def settings_table() -> str:
    """A Markdown table: variable, default, meaning."""
    lines = ["| variable | par défaut | rôle |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        lines.append(
            f"| `PREUVE_{name.upper()}` | {_default(field.default)} | {field.description} |"
        )
    return "\n".join(lines)


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "selon le système"
    text = "" if value is None or "SecretStr" in type(value).__name__ else str(value)
    return f"`{text}`" if text else "—"


def write_table(readme: Path) -> None:
    """Replace the table that stands in the README."""
    text = readme.read_text(encoding="utf-8")
    table = re.compile(r"\| variable \| par défaut \| rôle \|\n(?:\|.*\n)+")
    readme.write_text(table.sub(lambda _: settings_table() + "\n", text), encoding="utf-8")


if __name__ == "__main__":
    write_table(Path(__file__).resolve().parent.parent / "README.md")
