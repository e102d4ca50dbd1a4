"""One épreuve of one dossier, as people read it: who reads, how far, and who signed.

What happens to it is a list of events, appended and never edited; the state is read from them.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from assistant.domain.verdict import Verdict
from ingest.types import Frozen

EventKind = Literal["take", "release", "submit", "finalise", "reopen"]
Seat = Literal["first", "second", "arbiter"]


class AssessmentEvent(Frozen):
    """Something a person did to an épreuve as a whole.

    `seat`: taken or given back; `reason`: of a reopening; `record`: the canonical JSON that a
    signature is about, `sha256` its hash.
    """

    dossier_id: str
    epreuve: str
    kind: EventKind
    person: str = Field(min_length=1)
    at: AwareDatetime
    seat: Seat | None = None
    reason: str = ""
    record: str = Field(default="", repr=False)
    sha256: str = ""

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> Self:
        if self.kind in ("take", "release") and self.seat is None:
            raise ValueError(f"{self.kind} names a seat")
        if self.kind == "reopen" and not self.reason.strip():
            raise ValueError("reopen must state its reason")
        if self.kind == "finalise" and not self.sha256:
            raise ValueError("finalise signs a record")
        return self


class Signature(Frozen):
    """Who finalised, when, and the SHA-256 of what was signed."""

    person: str
    at: AwareDatetime
    sha256: str


class Assessment(Frozen):
    """Where an épreuve's reading stands. `version` counts its events."""

    dossier_id: str
    epreuve: str
    version: int = 0
    first: str = ""
    second: str = ""
    arbiter: str = ""
    submitted: tuple[str, ...] = ()
    signature: Signature | None = None

    def after(self, event: AssessmentEvent) -> "Assessment":
        """The state once this event has happened."""
        changes: dict[str, object] = {"version": self.version + 1}
        match event.kind:
            case "take" if event.seat:
                changes[event.seat] = event.person
            case "release" if event.seat:
                changes[event.seat] = ""
            case "submit":
                changes["submitted"] = (*self.submitted, event.person)
            case "finalise":
                changes["signature"] = Signature(
                    person=event.person, at=event.at, sha256=event.sha256
                )
            case "reopen":
                changes |= {"signature": None, "submitted": ()}
        return self.model_copy(update=changes)

    @property
    def readers(self) -> tuple[str, ...]:
        return tuple(name for name in (self.first, self.second) if name)

    @property
    def holders(self) -> tuple[str, ...]:
        return tuple(name for name in (self.first, self.second, self.arbiter) if name)

    def seat_of(self, person: str) -> Seat | None:
        seats: tuple[Seat, ...] = ("first", "second", "arbiter")
        return next((seat for seat in seats if person and getattr(self, seat) == person), None)

    def holders_told(self, person: str, readers: int) -> tuple[str, ...]:
        """The holders as this person is told of them, who sits here or may.

        Whoever reads does not know who else does until every reading is submitted.
        """
        if self.shows_others(readers):
            return self.holders
        own = tuple(name for name in self.holders if name == person)
        others = len(self.holders) - len(own)
        if not others:
            return own
        return (*own, "une autre personne" if others == 1 else f"{others} autres personnes")

    def all_submitted(self, readers: int) -> bool:
        """Whether every expected reader has finished a first reading."""
        present = self.readers
        return len(present) >= readers and all(name in self.submitted for name in present)

    def shows_others(self, readers: int) -> bool:
        """Whether one person's rulings may be shown to another."""
        return readers == 1 or self.signature is not None or self.all_submitted(readers)


class ReadingState(StrEnum):
    """Where the queue puts an épreuve. The values are the words on screen."""

    TO_READ = "à relire"
    IN_PROGRESS = "en cours"
    TO_ARBITRATE = "à arbitrer"
    FINAL = "finalisé"


def reading_state(
    assessment: Assessment, *, ruled: int, disputed: int, readers: int
) -> ReadingState:
    """`ruled`, `disputed`: how many criteria someone has ruled on, and people disagree on."""
    if assessment.signature is not None:
        return ReadingState.FINAL
    if disputed and assessment.shows_others(readers):
        return ReadingState.TO_ARBITRATE
    if ruled or assessment.holders:
        return ReadingState.IN_PROGRESS
    return ReadingState.TO_READ


class Obstacle(Frozen):
    """Why an épreuve cannot be finalised yet, and the criteria that it is about."""

    cause_fr: str
    criteria: tuple[str, ...] = ()


class Worksheet(Frozen):
    """What a person is preparing on one criterion, kept at each keystroke; not a decision.

    `version` counts the saves. `to_review`: « à revoir », a note to oneself.
    """

    version: int = 0
    verdict: Verdict | None = None
    reason_id: str = ""
    reason: str = ""
    comment: str = ""
    justification: str = ""
    to_review: bool = False

    def same_content(self, other: "Worksheet") -> bool:
        return self.model_copy(update={"version": other.version}) == other


class SavedWorksheet(Frozen):
    """What is kept after a save: `accepted` is False when another window had saved meanwhile."""

    accepted: bool
    worksheet: Worksheet


class Visit(Frozen):
    """One stay of one person on one criterion.

    Units: `seconds` with the page in view and somebody active. `outcome`: the action decided,
    empty when nothing was; `untouched`: confirmed without a quote, a page or the prose opened.
    """

    id: str
    dossier_id: str
    epreuve: str
    criterion_id: str
    person: str
    opened_at: AwareDatetime
    draft_shown: bool
    seconds: float = 0.0
    looks: int = 0
    outcome: str = ""
    untouched: bool = False


def rebuilt(dossier_id: str, epreuve: str, events: Iterable[AssessmentEvent]) -> Assessment:
    """The state that a list of events leads to."""
    state = Assessment(dossier_id=dossier_id, epreuve=epreuve)
    for event in events:
        state = state.after(event)
    return state
