"""What the desk's script asks: a criterion, what is being typed, rulings, steps."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from assistant.app import Ruling
from assistant.domain.access import Action
from assistant.domain.assessment import Worksheet
from assistant.domain.verdict import Verdict
from assistant.web.desk_html import criterion_fragment, list_fragment
from assistant.web.policy import needs, reader_of
from assistant.web.site import site_of

router = APIRouter(prefix="/api/dossier/{dossier_id}/{epreuve}")

_READ: Final = [needs(Action.READ_DOSSIER, dossier="dossier_id")]
_DECIDE: Final = [needs(Action.DECIDE, dossier="dossier_id")]
_FINALISE: Final = [needs(Action.FINALISE, dossier="dossier_id")]

#: Far more than a person types about one criterion.
Words = Annotated[str, Field(max_length=20_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Typed(_Body):
    """What is being typed about a criterion, and the version that the window had loaded."""

    critere: str
    version: int = Field(ge=0)
    verdict: Verdict | None = None
    motif: Words = ""
    precision: Words = ""
    commentaire: Words = ""
    justification: Words = ""
    a_revoir: bool = False

    def sheet(self) -> Worksheet:
        return Worksheet(
            version=self.version,
            verdict=self.verdict,
            reason_id=self.motif,
            reason=self.precision,
            comment=self.commentaire,
            justification=self.justification,
            to_review=self.a_revoir,
        )


class Decided(Typed):
    """A ruling: what was typed, what was on the screen, and what to show after it."""

    cle: str = ""
    vus: int = Field(ge=0)
    visite: str = ""
    secondes: float = Field(default=0, ge=0, le=86_400)
    regards: int = Field(default=0, ge=0)
    puis: str = ""

    def ruling(self) -> Ruling:
        return Ruling(
            criterion_id=self.critere,
            verdict=self.verdict,
            reason_id=self.motif,
            reason=self.precision,
            comment=self.commentaire,
            justification=self.justification,
            key=self.cle,
            seen=self.vus,
            sheet_version=self.version,
            visit=self.visite,
            seconds=self.secondes,
            looks=self.regards,
        )


class Undone(_Body):
    """Take back the last ruling on a criterion."""

    critere: str
    vus: int = Field(ge=0)


class Stayed(_Body):
    """How long a visit lasted so far."""

    visite: str
    secondes: float = Field(ge=0, le=86_400)
    regards: int = Field(ge=0)


class Step(_Body):
    """A step of the épreuve as a whole, from the version that was on the screen."""

    etape: Literal["prendre", "rendre", "soumettre"]
    version: int = Field(ge=0)


class Closing(_Body):
    """Sign, or reopen with the reason."""

    etape: Literal["finaliser", "rouvrir"]
    version: int = Field(ge=0)
    motif: Words = ""


@router.get("/critere", dependencies=_READ)
def criterion(request: Request, dossier_id: str, epreuve: str, critere: str) -> dict[str, Any]:
    """A criterion to show; the visit starts."""
    return _shown(request, dossier_id, epreuve, critere)


@router.put("/brouillon", dependencies=_DECIDE)
def keep(request: Request, dossier_id: str, epreuve: str, typed: Typed) -> dict[str, Any]:
    """Keep what is being typed. Not accepted: what another window had kept is given back."""
    site, reader = site_of(request), reader_of(request, dossier_id)
    accepted, kept = site.workbench.keep(reader, dossier_id, epreuve, typed.critere, typed.sheet())
    return {
        "accepte": accepted,
        "version": kept.version,
        "verdict": kept.verdict,
        "motif": kept.reason_id,
        "precision": kept.reason,
        "commentaire": kept.comment,
        "justification": kept.justification,
        "a_revoir": kept.to_review,
    }


@router.post("/decision", dependencies=_DECIDE)
def decide(request: Request, dossier_id: str, epreuve: str, decided: Decided) -> dict[str, Any]:
    """Record a ruling, and show what follows: the same criterion when it waits for its author."""
    site, reader = site_of(request), reader_of(request, dossier_id)
    decision = site.rulings.rule(reader, dossier_id, epreuve, decided.ruling())
    following = decided.puis if decided.puis and decision.stands else decided.critere
    shown = _shown(request, dossier_id, epreuve, following)
    return {**shown, "tient": decision.stands, "aveugle": decision.action == "blind"}


@router.post("/annulation", dependencies=_DECIDE)
def undo(request: Request, dossier_id: str, epreuve: str, undone: Undone) -> dict[str, Any]:
    """Take back the last ruling: a ruling of its own, never a deletion."""
    site, reader = site_of(request), reader_of(request, dossier_id)
    site.rulings.undo(reader, dossier_id, epreuve, undone.critere, undone.vus)
    return _shown(request, dossier_id, epreuve, undone.critere)


@router.post("/visite", dependencies=_READ)
def stay(request: Request, dossier_id: str, epreuve: str, stayed: Stayed) -> dict[str, Any]:
    """Sent as one leaves a criterion."""
    site_of(request).workbench.stayed(
        reader_of(request, dossier_id),
        stayed.visite,
        seconds=stayed.secondes,
        looks=stayed.regards,
    )
    return {}


@router.post("/etape", dependencies=_DECIDE)
def step(request: Request, dossier_id: str, epreuve: str, body: Step) -> dict[str, Any]:
    """Take the épreuve, give it back, submit a first reading."""
    rulings = site_of(request).rulings
    acts = {"prendre": rulings.take, "rendre": rulings.release, "soumettre": rulings.submit}
    acts[body.etape](reader_of(request, dossier_id), dossier_id, epreuve, body.version)
    return {}


@router.post("/cloture", dependencies=_FINALISE)
def close(request: Request, dossier_id: str, epreuve: str, body: Closing) -> dict[str, Any]:
    """Sign and lock, or reopen."""
    rulings, reader = site_of(request).rulings, reader_of(request, dossier_id)
    if body.etape == "finaliser":
        rulings.finalise(reader, dossier_id, epreuve, body.version)
    else:
        rulings.reopen(reader, dossier_id, epreuve, body.version, body.motif)
    return {}


def _shown(request: Request, dossier_id: str, epreuve: str, criterion_id: str) -> dict[str, Any]:
    site, reader = site_of(request), reader_of(request, dossier_id)
    view = site.workbench.criterion(reader, dossier_id, epreuve, criterion_id)
    return {
        "fiche": criterion_fragment(view, site.app.library.filenames(dossier_id)),
        "liste": list_fragment(view.desk, criterion_id),
        "titre": f"CE{view.entry.criterion.ce} · {dossier_id}",
    }
