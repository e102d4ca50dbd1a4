"""What can be wrong in a grid, told with its file, its line, its field and the mend."""

import difflib
import re
from collections.abc import Iterable
from typing import Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ingest.types import Frozen

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


def closest(word: str, known: Iterable[str]) -> str:
    """« voulez-vous dire … ? », or the known words when none is near."""
    words = list(dict.fromkeys(known))
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"voulez-vous dire « {near[0]} » ?"
    shown = ", ".join(words[:15]) + (", …" if len(words) > 15 else "")
    return f"possibles : {shown}" if words else "supprimez cette ligne"


#: The values in pydantic's « 'a', "l'autre" or 'c' ».
_QUOTED: Final = re.compile(r"""(?P<quote>['"])(?P<value>.*?)(?P=quote)""")
_LIST: Final = ("une liste est attendue", "écrivez un tiret « - » devant chaque élément")
_KEYS: Final = ("des clés sont attendues", "écrivez « clé: valeur », une par ligne")
_NUMBER: Final = ("un nombre est attendu, pas « {input} »", "écrivez un nombre, sans unité")

#: pydantic's error type → problem and mend, where {…} is the error's own context.
_WORDS: Final = {
    "string_type": ("un texte est attendu", "écrivez une phrase, sans tiret ni sous-clé"),
    "string_too_short": ("le texte est vide", "complétez-le"),
    "string_pattern_mismatch": (
        "la valeur « {input} » n'a pas la forme attendue",
        "pour un identifiant : lettres sans accent, chiffres, points et tirets ; "
        "pour un jour : MM-JJ",
    ),
    "too_short": ("la liste est vide", "donnez au moins un élément"),
    "tuple_type": _LIST,
    "list_type": _LIST,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_from_float": ("un nombre entier est attendu, pas « {input} »", "arrondissez-le"),
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "bool_parsing": ("« {input} » n'est ni vrai ni faux", "écrivez true ou false"),
    "bool_type": ("la valeur n'est ni vraie ni fausse", "écrivez true ou false"),
    "greater_than_equal": ("« {input} » est trop petit", "au moins {ge}"),
    "greater_than": ("« {input} » est trop petit", "plus de {gt}"),
    "less_than_equal": ("« {input} » est trop grand", "au plus {le}"),
    "less_than": ("« {input} » est trop grand", "moins de {lt}"),
}


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
    kind, last = details["type"], str(path[-1]) if path else ""
    context = {"input": details["input"], **details.get("ctx", {})}
    if kind == "missing":
        return path, f"il manque la clé « {last} »", f"ajoutez « {last}: … » à cet endroit"
    if kind == "extra_forbidden":
        return path, f"la clé « {last} » est inconnue", closest(last, _fields(model, path[:-1]))
    if kind in ("enum", "literal_error"):
        word = str(context["input"])
        values = [match["value"] for match in _QUOTED.finditer(str(context["expected"]))]
        return path, f"la valeur « {word} » est inconnue", closest(word, values)
    if kind == "value_error":
        return path, str(context["error"]), ""
    problem, mend = _WORDS.get(kind, (f"la valeur est refusée ({kind})", "corrigez-la"))
    return path, problem.format(**context), mend.format(**context)


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
