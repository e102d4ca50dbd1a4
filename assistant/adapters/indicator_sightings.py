"""How well a section of a candidate's text answers an attendu, and by which line."""

import re
from typing import Final

from assistant.adapters.indicator_sections import Section
from assistant.adapters.indicator_words import Wanted
from assistant.domain.cues import CueThresholds
from assistant.domain.french import fold_accents, stems
from ingest.types import Frozen

_MAX_QUOTE: Final = 300
_MAX_CUES: Final = 3
#: Figures, capitalised words that do not open a sentence, quoted words, hashtags and addresses.
_CONCRETE: Final = re.compile(
    r"\d+|(?<=[^\W\d_A-ZÀ-Ý;,] )[A-ZÀ-Ý][a-zà-ÿ]{2,}|(?<=[;,] )[A-ZÀ-Ý][a-zà-ÿ]{2,}"
    r"|«[^»\d]{6,}»|#[^\W\d]{3,}|https?://"
)


class Sighting(Frozen):
    """How well a section answers an attendu, and its most telling line.

    `share` of the attendu's words found; number of `cues` of the criterion; number of `concrete`
    elements (figures, proper names, examples); `value`: share and cues together, what is compared
    with the threshold.
    """

    section: Section
    line: str
    share: float
    cues: int
    concrete: int
    value: float


def sight(section: Section, wanted: Wanted, seuils: CueThresholds, *, elsewhere: bool) -> Sighting:
    """A heading's words count for half, and only beside words of the section itself.

    A title announces, it does not show. `elsewhere`: by its title, the section is about something
    else, and must say more.
    """
    own, folded = frozenset(stems(section.text)), fold_accents(section.text)
    found, cues = wanted.shown(own, folded, seuils.poids_signe), wanted.cues_in(folded)
    if found or cues:
        found += 0.5 * len(wanted.stems & frozenset(stems(section.heading)) - own)
        cues = wanted.cues_in(f"{fold_accents(section.heading)}\n{folded}")
    share = min(1.0, found / len(wanted.words)) if wanted.words else 0.0
    value = share + seuils.bonus_mot_repere * min(cues, _MAX_CUES)
    return Sighting(
        section=section,
        line=max(section.lines, key=lambda line: _tells(line, wanted, seuils.poids_signe)),
        share=share,
        cues=cues,
        concrete=len(_CONCRETE.findall(section.text)),
        value=value * seuils.poids_ailleurs if elsewhere else value,
    )


def _tells(line: str, wanted: Wanted, sign_weight: float) -> float:
    """How much a line says of what is wanted; a concrete element is worth half a word.

    Without it, a table's header row, all words and no content, would be quoted first.
    """
    folded = fold_accents(line)
    said = wanted.shown(frozenset(stems(line)), folded, sign_weight) + wanted.cues_in(folded)
    return said + 0.5 * min(len(_CONCRETE.findall(line)), _MAX_CUES)


def quote_of(text: str, wanted: Wanted, sign_weight: float) -> str:
    """The whole line when it is short, else the run of sentences richest in wanted words."""
    if len(text) <= _MAX_QUOTE:
        return text
    cuts = [0, *(m.end() for m in re.finditer(r"(?<=[.!?;])\s+|\s\|\s", text)), len(text)]
    spans = [(start, end) for start, end in zip(cuts, cuts[1:], strict=False) if end > start]
    start, end = max(spans, key=lambda s: _said(text[s[0] : s[1]], wanted, sign_weight))
    said = text[start:end].strip()
    if len(said) <= _MAX_QUOTE:
        return said
    whole_words, _, _ = said[: _MAX_QUOTE + 1].rpartition(" ")
    return whole_words or said[:_MAX_QUOTE]


def _said(text: str, wanted: Wanted, sign_weight: float) -> float:
    return wanted.shown(frozenset(stems(text)), fold_accents(text), sign_weight)
