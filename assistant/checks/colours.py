"""DET-COULEUR and DET-CONTRASTE: the colours that a charter writes down."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.domain.finding import CheckResult
from ingest.types import Document

_HEX: Final = re.compile(r"#(?P<hex>[0-9A-Fa-f]{3,8})\b")
_RGB: Final = re.compile(
    r"(?:RVB|RGB)\W{0,3}(\d{1,4})\W{1,3}(\d{1,4})\W{1,3}(\d{1,4})", re.IGNORECASE
)
#: WCAG 2: running text, then large text.
TEXT_CONTRAST: Final = 4.5
LARGE_TEXT_CONTRAST: Final = 3.0


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in sRGB, 0 to 255 per channel, and where it is written."""

    red: int
    green: int
    blue: int
    place: Place

    @property
    def rgb(self) -> tuple[int, int, int]:
        return self.red, self.green, self.blue

    def __str__(self) -> str:
        return "#{:02X}{:02X}{:02X}".format(*self.rgb)


def check_colours(context: CheckContext) -> Iterator[CheckResult]:
    """DET-COULEUR: well-formed codes, and codes of the commissioned palette taken up."""
    for document in context.deliverables:
        for place, why in _malformed(document):
            text = f"« {place.text} » n'est pas un code couleur valide : {why}."
            yield context.result(GAP, "I", text, places=[place])
    found = _distinct([c for d in context.deliverables for c in colours(d)])
    if not found:
        text = "Aucun code couleur (#RRGGBB, RVB) écrit dans le texte."
        yield context.result(SILENT, "I", text)
        return
    given = {colour.rgb for d in context.compared() for colour in colours(d)}
    strangers = [c for c in found if given and c.rgb not in given]
    names = ", ".join(map(str, found))
    places = [c.place for c in found]
    if strangers:
        text = f"Couleurs hors de la palette donnée : {', '.join(map(str, strangers))}."
        yield context.result(GAP, "I", text, places=[c.place for c in strangers])
    yield context.result(OK, "I", f"Couleurs codées : {names}.", places=places)


def colours(document: Document) -> Iterator[Colour]:
    """Every valid colour code of the text."""
    for match in _HEX.finditer(document.text):
        code = match["hex"]
        if len(code) == 3:
            code = "".join(char * 2 for char in code)
        if len(code) == 6 and not (len(match["hex"]) == 3 and code.isdigit()):
            red, green, blue = (int(code[i : i + 2], 16) for i in (0, 2, 4))
            yield Colour(red, green, blue, Place(document, match.start(), match.end()))
    for match in _RGB.finditer(document.text):
        red, green, blue = (int(part) for part in match.groups())
        if max(red, green, blue) <= 255:
            yield Colour(red, green, blue, Place(document, match.start(), match.end()))


def _malformed(document: Document) -> Iterator[tuple[Place, str]]:
    for match in _RGB.finditer(document.text):
        if max(int(part) for part in match.groups()) > 255:
            yield Place(document, match.start(), match.end()), "une valeur dépasse 255"
    for match in _HEX.finditer(document.text):
        digits = any(char.isdigit() for char in match["hex"])
        if len(match["hex"]) in (5, 7) and digits:
            yield Place(document, match.start(), match.end()), "six chiffres sont attendus"


def _distinct(found: Sequence[Colour]) -> list[Colour]:
    return list({colour.rgb: colour for colour in reversed(found)}.values())[::-1]


def luminance(rgb: tuple[int, int, int]) -> float:
    """Relative luminance (WCAG 2), 0 to 1."""
    red, green, blue = (_linear(channel / 255) for channel in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def contrast(left: tuple[int, int, int], right: tuple[int, int, int]) -> float:
    """Contrast ratio (WCAG 2), 1 to 21."""
    light, dark = sorted((luminance(left), luminance(right)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def check_contrast(context: CheckContext) -> Iterator[CheckResult]:
    """DET-CONTRASTE: the pairs that the palette allows; which one carries text is to be seen."""
    found = _distinct([c for d in context.deliverables for c in colours(d)])
    if len(found) < 2:
        return
    pairs = [(contrast(a.rgb, b.rgb), a, b) for a, b in combinations(found, 2)]
    readable = [pair for pair in pairs if pair[0] >= TEXT_CONTRAST]
    told = ", ".join(f"{a} et {b} : {_ratio(value)}" for value, a, b in (readable or pairs)[:6])
    places = [colour.place for colour in found]
    if readable:
        text = f"Paires lisibles en texte courant (≥ 4,5:1) : {told}."
        yield context.result(OK, "I", text, places=places)
    else:
        text = f"Aucune paire de la palette n'atteint 4,5:1 : {told}."
        yield context.result(GAP, "I", text, places=places)


def _ratio(value: float) -> str:
    return f"{value:.1f}:1".replace(".", ",")
