"""The desk: one épreuve of a dossier, criterion by criterion, with the document beside it."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from assistant.app import CriterionView
from assistant.domain.access import Action
from assistant.errors import UnknownCriterion
from assistant.web.desk_html import attention_items, criterion_fragment, list_fragment
from assistant.web.errors import NotForYou
from assistant.web.policy import Visible, needs, reader_of
from assistant.web.rendering import render
from assistant.web.site import Site, person_of, site_of

router = APIRouter()


@router.get(
    "/dossier/{dossier_id}", dependencies=[needs(Action.READ_DOSSIER, dossier="dossier_id")]
)
def first_epreuve(request: Request, dossier_id: str) -> Response:
    """The dossier's first épreuve that this person may read."""
    epreuves = readable(request, dossier_id)
    if not epreuves:
        raise NotForYou(f"{dossier_id} answers no épreuve of theirs")
    return RedirectResponse(f"/dossier/{dossier_id}/{epreuves[0]}", 303)


@router.get(
    "/dossier/{dossier_id}/{epreuve}",
    dependencies=[needs(Action.READ_DOSSIER, dossier="dossier_id")],
)
def epreuve_page(request: Request, dossier_id: str, epreuve: str) -> Response:
    """The first criterion that this person has not ruled on."""
    view = site_of(request).workbench.desk(reader_of(request, dossier_id), dossier_id, epreuve)
    waiting = [s for s in view.states if s.mine is None or s.waiting or s.stale]
    target = (waiting or list(view.states))[0].criterion.id
    return RedirectResponse(criterion_path(dossier_id, epreuve, target), 303)


@router.get(
    "/dossier/{dossier_id}/{epreuve}/{rest:path}",
    dependencies=[needs(Action.READ_DOSSIER, dossier="dossier_id")],
)
def criterion_page(request: Request, dossier_id: str, epreuve: str, rest: str) -> Response:
    """One criterion."""
    site = site_of(request)
    view = open_criterion(site, request, dossier_id, epreuve, rest)
    visible, summary = Visible(site, person_of(request)), site.app.library.summary(dossier_id)
    names = site.app.library.filenames(dossier_id)
    opened = {file.sha256 for file in summary.files if visible.file(dossier_id, file)}
    return render(
        request,
        "poste.html.jinja",
        view=view,
        desk=view.desk,
        listing=list_fragment(view.desk, view.entry.criterion.id),
        card=criterion_fragment(view, names),
        tabs=[tab for tab in site.viewer.tabs(dossier_id, epreuve) if tab.sha256 in opened],
        epreuves=readable(request, dossier_id),
        alerts=attention_items(summary, epreuve, names),
    )


def readable(request: Request, dossier_id: str) -> tuple[str, ...]:
    """The dossier's épreuves that this person may read."""
    site = site_of(request)
    visible = Visible(site, person_of(request))
    epreuves = site.app.library.record(dossier_id).epreuves
    return tuple(e for e in epreuves if visible.epreuve(dossier_id, e))


def open_criterion(
    site: Site, request: Request, dossier_id: str, epreuve: str, rest: str
) -> CriterionView:
    """The criterion that an address names, with or without its épreuve in front."""
    reader = reader_of(request, dossier_id)
    known = {criterion.id for criterion in site.app.rubric(epreuve).criteres}
    for criterion_id in (f"{epreuve}/{rest}", rest):
        if criterion_id in known:
            return site.workbench.criterion(reader, dossier_id, epreuve, criterion_id)
    raise UnknownCriterion(rest, criterion=rest, epreuve=epreuve)


def criterion_path(dossier_id: str, epreuve: str, criterion_id: str) -> str:
    """« /dossier/D-1/E1.2/strategie/CE4 »."""
    rest = criterion_id.removeprefix(f"{epreuve}/")
    return f"/dossier/{dossier_id}/{epreuve}/{rest}"
