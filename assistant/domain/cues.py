"""The language cues of the embedded engine, as their versioned file says them."""

import re
from functools import cached_property

from pydantic import Field, field_validator

from ingest.types import Frozen


class CueThresholds(Frozen):
    """When a section answers an attendu.

    Units: `mots` is a share (0 to 1) of the attendu's words; `bonus_mot_repere` adds to it for
    each cue present; `concret_*` count figures and proper names.
    """

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

    @field_validator("renvois", "suspens", "demande_chiffres", "demande_dates")
    @classmethod
    def _patterns_compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"expression invalide « {pattern} » : {error}") from None
        return patterns

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


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.IGNORECASE)
