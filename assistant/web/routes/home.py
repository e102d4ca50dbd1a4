"""The home: the dossiers that this person may open."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from assistant.domain.access import Action
from assistant.web.policy import Visible, needs
from assistant.web.rendering import render
from assistant.web.site import person_of, site_of

router = APIRouter()


@router.get("/", dependencies=[needs(Action.OPEN_DESK)])
def home(request: Request) -> Response:
    """What there is to do."""
    site, person = site_of(request), person_of(request)
    visible = Visible(site, person)
    dossiers = [record for record in site.app.dossiers() if record.id in visible]
    return render(request, "accueil.html.jinja", dossiers=dossiers)
