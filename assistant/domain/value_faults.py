"""What is wrong in a value that a person wrote (a setting, a grid, a manifest), in French."""

import difflib
import re
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

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
    "finite_number": ("« {input} » n'est pas une limite", "écrivez un nombre"),
    "bool_parsing": ("« {input} » n'est ni vrai ni faux", "écrivez true ou false"),
    "bool_type": ("la valeur n'est ni vraie ni fausse", "écrivez true ou false"),
    "greater_than_equal": ("« {input} » est trop petit", "au moins {ge}"),
    "greater_than": ("« {input} » est trop petit", "plus de {gt}"),
    "less_than_equal": ("« {input} » est trop grand", "au plus {le}"),
    "less_than": ("« {input} » est trop grand", "moins de {lt}"),
}


def closest(word: str, known: Iterable[str]) -> str:
    """« voulez-vous dire … ? », or the known words when none is near."""
    words = list(dict.fromkeys(known))
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"voulez-vous dire « {near[0]} » ?"
    shown = ", ".join(words[:15]) + (", …" if len(words) > 15 else "")
    return f"possibles : {shown}" if words else "supprimez cette ligne"


def problem_and_mend(details: ErrorDetails) -> tuple[str, str]:
    """One of a `ValidationError`'s errors: what is wrong, and what to do (which may be empty)."""
    kind, last = details["type"], str(details["loc"][-1]) if details["loc"] else ""
    context = {"input": details["input"], **details.get("ctx", {})}
    if kind == "missing":
        return f"il manque la clé « {last} »", f"ajoutez « {last}: … » à cet endroit"
    if kind == "extra_forbidden":
        return f"la clé « {last} » est inconnue", "supprimez cette ligne"
    if kind in ("enum", "literal_error"):
        word = str(context["input"])
        values = [match["value"] for match in _QUOTED.finditer(str(context["expected"]))]
        return f"la valeur « {word} » est inconnue", closest(word, values)
    if kind == "value_error":
        return str(context["error"]), ""
    problem, mend = _WORDS.get(kind, (f"la valeur est refusée ({kind})", "corrigez-la"))
    return problem.format(**context), mend.format(**context)


def sentence(details: ErrorDetails) -> str:
    """« un nombre est attendu, pas « abc » (écrivez un nombre, sans unité) »."""
    problem, mend = problem_and_mend(details)
    return f"{problem} ({mend})" if mend else problem


def sentences(error: ValidationError, *, whole: str, at_most: int | None = None) -> str:
    """All that is wrong, each with its place; `whole` names the file when it has no place."""
    return " ; ".join(
        f"{'.'.join(str(part) for part in details['loc']) or whole} : {sentence(details)}"
        for details in error.errors()[:at_most]
    )
