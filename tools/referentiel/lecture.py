"""Parses the reading scopes of the sheets: « intégrale + croisée (brief) ; complément oral »."""

import re
from typing import Final

from tools.referentiel.fragments import ConversionError

_SCOPE: Final = re.compile(r"(ciblée|intégrale|croisée)(?: \(([^)]+)\)|, (.+))?")


def parse(text: str) -> dict[str, object]:
    """The scopes, the pieces to compare with, the part to read, what the reading lacks.

    What follows a scope is the pieces when it is crossed, the part to read otherwise. Raises:
    `ConversionError` for a phrasing it does not know, rather than lose words.
    """
    scopes, _, complement = text.partition(" ; ")
    found: dict[str, object] = {"portees": []}
    names: list[str] = []
    for scope in scopes.split(" + "):
        match = _SCOPE.fullmatch(scope)
        if match is None:
            raise ConversionError(f"lecture non comprise : « {text} »")
        names.append(match[1])
        detail = match[2] or match[3]
        if detail:
            crossed = match[1] == "croisée"
            found |= {"pieces": detail.split(", ")} if crossed else {"perimetre": detail}
    found["portees"] = names
    return found | ({"complement": complement} if complement else {})
