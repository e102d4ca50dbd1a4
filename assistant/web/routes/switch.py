"""The stop button of the whole assistant."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from assistant.domain.access import Action
from assistant.web.policy import needs
from assistant.web.rendering import render
from assistant.web.site import person_of, site_of

router = APIRouter()

_PAGE = "/arret"


@router.get(_PAGE, dependencies=[needs(Action.STOP_ASSISTANT)])
def page(request: Request) -> Response:
    """Whether the assistant may work, and the button."""
    return render(request, "arret.html.jinja")


@router.post("/arret/arreter", dependencies=[needs(Action.STOP_ASSISTANT)])
def stop(request: Request, motif: Annotated[str, Form(max_length=500)] = "") -> Response:
    """From now on nothing is drafted, by any process."""
    app = site_of(request).app
    app.switch.stop(person_of(request).name, app.clock.now(), " ".join(motif.split()))
    return RedirectResponse(_PAGE, 303)


@router.post("/arret/reprendre", dependencies=[needs(Action.STOP_ASSISTANT)])
def start(request: Request) -> Response:
    """Drafts may be made again."""
    app = site_of(request).app
    app.switch.start(person_of(request).name, app.clock.now())
    return RedirectResponse(_PAGE, 303)
