"""Measures on disk: written whole or not at all, read back with a French complaint."""

import json
from pathlib import Path
from typing import Final, Literal

from pydantic import ConfigDict, ValidationError

from assistant.domain.value_faults import sentences
from assistant.errors import MeasuresInvalid
from assistant.evaluation.figures import Figures
from assistant.evaluation.run import Run
from ingest.errors import system_cause_fr
from ingest.types import Frozen

FORMAT: Final = "preuve-mesures/1"


class _Kept(Frozen):
    """What is read back of a file: figures are for people, programs measure the run again."""

    model_config = ConfigDict(extra="ignore")

    format: Literal["preuve-mesures/1"]
    run: Run


def write_text(path: Path, text: str) -> Path:
    """Write a file beside its place, then move it there. Raises: `MeasuresInvalid`."""
    partial = path.with_name(f".{path.name}.partiel")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        problem = f"écriture impossible ({system_cause_fr(error)})."
        raise MeasuresInvalid(problem, path=str(path), problem=problem) from error
    return path


def measurement_json(run: Run, figures: Figures | None = None) -> str:
    """The measures as JSON, what has its default value left out; one row of the run per line."""
    content = run.model_dump(mode="json", exclude_defaults=True)
    rows = content.pop("rows")
    head: dict[str, object] = {"format": FORMAT}
    if figures is not None:
        head["figures"] = figures.model_dump(mode="json", exclude_defaults=True)
    content["rows"] = "@rows"
    text = json.dumps({**head, "run": content}, ensure_ascii=False, indent=1)
    lines = ",\n".join(f"   {json.dumps(row, ensure_ascii=False)}" for row in rows)
    return text.replace('"@rows"', f"[\n{lines}\n  ]") + "\n"


def read_run(path: Path) -> Run:
    """The run of a file of measures. Raises: `MeasuresInvalid`."""
    try:
        return _Kept.model_validate_json(path.read_text(encoding="utf-8")).run
    except OSError as error:
        problem = f"fichier illisible ({system_cause_fr(error)})."
    except UnicodeDecodeError:
        problem = "le fichier n'est pas en UTF-8."
    except ValidationError as error:
        first = sentences(error, whole="fichier", at_most=1)
        problem = f"ce n'est pas un fichier de mesures ({first})."
    raise MeasuresInvalid(problem, path=str(path), problem=problem)
