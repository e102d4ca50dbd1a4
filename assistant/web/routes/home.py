"""The queue: every épreuve that this person may read, and what it asks for first."""

from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from assistant.domain.access import Action, may
from assistant.domain.assessment import ReadingState
from assistant.domain.attention import Attention
from assistant.web.policy import Visible, needs, reader_of
from assistant.web.rendering import render
from assistant.web.site import person_of, site_of

router = APIRouter()

_STATES: Final = tuple(ReadingState)
#: How many lines a browser lays out at once; it keeps the others ready, out of the page.
_SHOWN: Final = 60


class Preference(BaseModel):
    """Whether drafts wait for this person's own verdict, where the choice is theirs."""

    aveugle: bool


@router.get("/", dependencies=[needs(Action.OWN_ACCOUNT)])
def home(request: Request) -> Response:
    """The queue of épreuves; a candidate, who has none, goes to the self-check."""
    site, person, reader = site_of(request), person_of(request), reader_of(request)
    if not may(person.role, Action.OPEN_DESK):
        return RedirectResponse("/autocontrole", 303)
    lines = site.workbench.queue(reader)
    visible = Visible(site, person)
    rubrics = site.app.rubrics
    return render(
        request,
        "file.html.jinja",
        lines=[line for line in lines if visible.epreuve(line.dossier_id, line.epreuve)],
        titles={rubric.id: rubric.titre for rubric in rubrics.rubrics},
        shown=_SHOWN,
        states=_STATES,
        reasons=tuple(Attention),
        blind=site.workbench.is_blind(reader),
        blind_rule=rubrics.certification.relecture.aveugle,
        decides=reader.decides,
    )


@router.put("/api/preference", dependencies=[needs(Action.OPEN_DESK)])
def prefer(request: Request, preference: Preference) -> dict[str, bool]:
    """Read blind, or not."""
    site_of(request).workbench.choose_blind(reader_of(request), preference.aveugle)
    return {"aveugle": preference.aveugle}
