"""What drafts like this one were worth, where it was measured for the same judge."""

from pathlib import Path

from pydantic import ValidationError

from assistant.domain.bands import BandTable
from assistant.errors import MeasuresInvalid
from assistant.settings import Settings, bundled

PATTERN = "bands-*.json"


def band_tables(settings: Settings) -> tuple[BandTable, ...]:
    """Those that this installation measured (in its data folder), then the project's own.

    The order matters: of two tables measured on one day, the first is heard.
    Raises: `MeasuresInvalid`.
    """
    measured_here = sorted(settings.data_dir.glob(PATTERN))
    published = sorted(bundled("eval_sets").glob(f"*/{PATTERN}"))
    return tuple(_read(path) for path in (*measured_here, *published))


def _read(path: Path) -> BandTable:
    try:
        return BandTable.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        problem = "ce n'est pas un fichier écrit par « preuve eval … --bands »."
        raise MeasuresInvalid(f"{path}: {error}", path=path.name, problem=problem) from error
