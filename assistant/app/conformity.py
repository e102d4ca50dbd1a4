"""The papers of conformity of this installation."""

from pathlib import Path

from assistant.app.judges import build_judge
from assistant.conformity import gathered, papers
from assistant.settings import Settings


def written_papers(
    measures: Path | None = None, settings: Settings | None = None
) -> dict[str, str]:
    """Each paper by the name of its file.

    Raises: `SettingsInvalid`, `MeasuresInvalid`, `EvalSetInvalid`, `RubricInvalid`.
    """
    settings = settings or Settings.load()
    return papers(gathered(settings, build_judge("embedded", settings).engine, measures))
