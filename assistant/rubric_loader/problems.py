"""What can be wrong in a grid, told with its file, its line, its field and the mend."""

from collections.abc import Iterable
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from assistant.domain.value_faults import closest, problem_and_mend
from ingest.types import Frozen

__all__ = ["Path", "RubricProblem", "closest", "explain"]

Path = tuple[str | int, ...]


class RubricProblem(Frozen):
    """One thing to mend. `line` counts from 1; None when the file as a whole is at fault."""

    file: str
    line: int | None = None
    path: Path = ()
    problem_fr: str
    mend_fr: str = ""

    @property
    def field(self) -> str:
        """The field's path as a person counts: « groupes 1 › criteres 2 › texte »."""
        words: list[str] = []
        for part in self.path:
            if isinstance(part, int) and words:
                words[-1] += f" {part + 1}"
            else:
                words.append(str(part))
        return " › ".join(words)

    def __str__(self) -> str:
        """« E1.yaml, ligne 12, titre : il manque… ; ajoutez… »."""
        place = [self.file]
        place += [f"ligne {self.line}"] if self.line is not None else []
        place += [self.field] if self.path else []
        mend = f" → {self.mend_fr}" if self.mend_fr else ""
        end = "" if mend.endswith("?") else "."
        return f"{', '.join(place)} : {self.problem_fr}{mend}{end}"


def explain(error: ValidationError, model: type[BaseModel]) -> list[tuple[Path, str, str]]:
    """Each error as a path in the file, the problem and the mend, in French."""
    errors = error.errors()
    places = [details["loc"] for details in errors]
    # A list of faulty items is also reported as too short: only its items are at fault.
    found = [
        _explain_one(details, model)
        for details in errors
        if details["type"] != "too_short" or not _contains_another(details["loc"], places)
    ]
    # A rule on the whole file is only worth telling when its parts are right.
    return [entry for entry in found if entry[0]] or found


def _contains_another(path: Path, places: Iterable[Path]) -> bool:
    return any(len(place) > len(path) and place[: len(path)] == path for place in places)


def _explain_one(details: ErrorDetails, model: type[BaseModel]) -> tuple[Path, str, str]:
    path = tuple(part for part in details["loc"] if part != "[key]")
    problem, mend = problem_and_mend({**details, "loc": path})
    if details["type"] == "extra_forbidden":
        mend = closest(str(path[-1]), _fields(model, path[:-1]))
    return path, problem, mend


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the schema knows at a path."""
    for part in path:
        if isinstance(part, int):
            continue
        known = model.model_fields.get(part)
        inner = _model_in(known.annotation) if known else None
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model inside an annotation such as `tuple[Criterion, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
