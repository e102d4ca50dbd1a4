"""Measures on disk: written whole or not at all, read back with a French complaint."""

import json
from pathlib import Path

from pydantic import ValidationError

from assistant.errors import MeasuresInvalid
from assistant.evaluation.figures import Figures
from assistant.evaluation.run import Run
from ingest.types import Frozen


class Measurement(Frozen):
    """A run and its figures. The figures are for readers: programs measure the run again."""

    run: Run
    figures: Figures | None = None


def write_text(path: Path, text: str) -> Path:
    """Write a file beside its place, then move it there. Raises: `MeasuresInvalid`."""
    partial = path.with_name(f".{path.name}.partiel")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        problem = f"écriture impossible ({error.strerror})."
        raise MeasuresInvalid(problem, path=str(path), problem=problem) from error
    return path


def measurement_json(run: Run, figures: Figures | None = None) -> str:
    """The measures as JSON, what is empty or by default left out."""
    measurement = Measurement(run=run, figures=figures)
    text = measurement.model_dump_json(exclude_defaults=True)
    return json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"


def read_run(path: Path) -> Run:
    """The run of a file of measures. Raises: `MeasuresInvalid`."""
    try:
        text = path.read_text(encoding="utf-8")
        return Measurement.model_validate_json(text).run
    except OSError as error:
        problem = f"fichier illisible ({error.strerror})."
    except UnicodeDecodeError:
        problem = "le fichier n'est pas en UTF-8."
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "fichier"
        problem = f"ce n'est pas un fichier de mesures ({place} : {first['msg']})."
    raise MeasuresInvalid(problem, path=str(path), problem=problem)
