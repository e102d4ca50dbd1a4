"""The language cues of the embedded engine, as their versioned file says them."""

import re
from functools import cached_property

from pydantic import Field, field_validator

from ingest.types import Frozen


class Signe(Frozen):
    """How a text shows a word without saying it: « délai » by « sous 24 h ».

    `pour` is matched against a whole word of an attendu, `montre` searched in a text, both
    without accents.
    """

    pour: str
    montre: str

    @field_validator("pour", "montre")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        (checked,) = _compiled((pattern,))
        return checked

    @cached_property
    def wanted(self) -> re.Pattern[str]:
        return _any_of((self.pour,))

    @cached_property
    def shown(self) -> re.Pattern[str]:
        return _any_of((self.montre,))


class CueThresholds(Frozen):
    """When a section answers an attendu.

    Units: `mots` is a share (0 to 1) of the attendu's words; `bonus_mot_repere` adds to it for
    each cue present; a word shown by a sign counts for `poids_signe` of a word; what a
    section about something else says counts for `poids_ailleurs`; `concret_*` count
    figures, proper names and examples.
    """

    poids_signe: float = Field(ge=0, le=1)
    poids_ailleurs: float = Field(ge=0, le=1)
    mots: float = Field(gt=0, le=1)
    bonus_mot_repere: float = Field(ge=0, le=1)
    concret_a_verifier: int = Field(ge=0)
    concret_repere: int = Field(ge=0)


class EmbeddedCues(Frozen):
    """Regular expressions, searched without regard to case. `hash`: SHA-256 of the file."""

    id: str
    hash: str
    seuils: CueThresholds
    renvois: tuple[str, ...]
    suspens: tuple[str, ...]
    demande_chiffres: tuple[str, ...]
    demande_dates: tuple[str, ...]
    demande_tout: tuple[str, ...]
    mots_de_grille: tuple[str, ...]
    signes: tuple[Signe, ...]

    @field_validator(
        "renvois", "suspens", "demande_chiffres", "demande_dates", "demande_tout", "mots_de_grille"
    )
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        return _compiled(patterns)

    @cached_property
    def referral(self) -> re.Pattern[str]:
        return _any_of(self.renvois)

    @cached_property
    def pending(self) -> re.Pattern[str]:
        return _any_of(self.suspens)

    @cached_property
    def wants_figures(self) -> re.Pattern[str]:
        return _any_of(self.demande_chiffres)

    @cached_property
    def wants_dates(self) -> re.Pattern[str]:
        return _any_of(self.demande_dates)

    @cached_property
    def wants_all(self) -> re.Pattern[str]:
        return _any_of(self.demande_tout)

    @cached_property
    def says_presence(self) -> re.Pattern[str]:
        return _any_of(self.mots_de_grille)


def _compiled(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Raises: `ValueError`, in French, for a pattern that is no regular expression."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"expression invalide « {pattern} » : {error}") from None
    return patterns


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)
