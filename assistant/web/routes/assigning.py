"""`/attribution`: an administrator says who reads and who settles each épreuve."""

from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from assistant.app import AssignmentLine, Outcome, Wanted
from assistant.domain.access import Action, Link
from assistant.domain.assessment import ReadingState
from assistant.domain.readership import Change
from assistant.web.policy import needs
from assistant.web.rendering import render
from assistant.web.site import person_of, site_of

router = APIRouter(prefix="/attribution")

PAGE: Final = 50
_LINKS: Final = {"evaluation": Link.EVALUATOR, "arbitrage": Link.ARBITER}
_Seat = Literal["evaluation", "arbitrage"]


class Sought(BaseModel):
    """What the list is narrowed to, in the address and again in the form that changes it."""

    q: str = Field(default="", max_length=200)
    manque: _Seat | Literal[""] = ""
    etat: ReadingState | Literal[""] = ""
    page: int = Field(default=1, ge=1, le=1_000_000)

    def wanted(self) -> Wanted:
        return Wanted(
            words=self.q,
            lacking=_LINKS.get(self.manque),
            state=ReadingState(self.etat) if self.etat else None,
        )

    def address(self, page: int) -> str:
        """This list, at another page."""
        kept = {"q": self.q, "manque": self.manque, "etat": self.etat, "page": page}
        return "/attribution?" + urlencode({k: v for k, v in kept.items() if v})


class Asked(Sought):
    """What is given to whom, or taken back: the ticked épreuves, or all of the list's."""

    model_config = ConfigDict(extra="ignore")

    acte: Literal["attribuer", "retirer"]
    personne: str = Field(max_length=256)
    pour: _Seat
    place: list[str] = []
    tout: bool = False


@router.get("", dependencies=[needs(Action.ASSIGN)])
def page(request: Request, sought: Annotated[Sought, Query()]) -> Response:
    """The épreuves with their people."""
    return _page(request, sought)


@router.post("", dependencies=[needs(Action.ASSIGN)])
def change(request: Request, asked: Annotated[Asked, Form()]) -> Response:
    """Give or take back; what could not be is told under the form."""
    site = site_of(request)
    places = [_place(value) for value in asked.place]
    if asked.tout:
        places = [(line.dossier_id, line.epreuve) for line in _found(request, asked)[1]]
    changes = [
        Change(
            dossier_id=dossier_id,
            epreuve=epreuve,
            person_id=asked.personne,
            link=_LINKS[asked.pour],
            gives=asked.acte == "attribuer",
        )
        for dossier_id, epreuve in places
    ]
    outcome = site.assignments.change(changes, person_of(request).name)
    return _page(request, asked, outcome, asked)


def _page(
    request: Request, sought: Sought, outcome: Outcome | None = None, asked: Asked | None = None
) -> Response:
    every, found = _found(request, sought)
    last = max(1, -(-len(found) // PAGE))
    number = min(sought.page, last)
    assignments, rubrics = site_of(request).assignments, site_of(request).app.rubrics
    return render(
        request,
        "attribution.html.jinja",
        sought=sought,
        lines=found[(number - 1) * PAGE : number * PAGE],
        found=len(found),
        every=len(every),
        number=number,
        last=last,
        before=sought.address(number - 1) if number > 1 else "",
        following=sought.address(number + 1) if number < last else "",
        candidates=assignments.candidates(every),
        seats=assignments.seats(),
        states=tuple(ReadingState),
        titles={rubric.id: rubric.titre for rubric in rubrics.rubrics},
        outcome=outcome,
        asked=asked,
    )


def _found(
    request: Request, sought: Sought
) -> tuple[tuple[AssignmentLine, ...], list[AssignmentLine]]:
    """Every épreuve, and those that are looked for."""
    assignments, wanted = site_of(request).assignments, sought.wanted()
    every, seats = assignments.lines(), assignments.seats()
    return every, [line for line in every if wanted.takes(line, seats)]


def _place(value: str) -> tuple[str, str]:
    dossier_id, _, epreuve = value.rpartition("|")
    return dossier_id, epreuve
