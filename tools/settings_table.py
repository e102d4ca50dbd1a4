"""Prints the README's table of settings, from the settings themselves."""

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


if __name__ == "__main__":
    print(settings_table())
