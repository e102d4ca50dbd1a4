"""A dossier's files at the desk: their text, their pages, the places of quotes."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from assistant.app import Viewer
from assistant.domain.access import Action
from assistant.domain.finding import Evidence
from assistant.web.desk_html import quotes_of
from assistant.web.errors import NotForYou
from assistant.web.policy import Visible, needs, reader_of
from assistant.web.rendering import fragment
from assistant.web.site import Site, person_of, site_of
from ingest.errors import UserFacingError

router = APIRouter()

_READ: Final = [needs(Action.READ_DOSSIER, dossier="dossier_id")]


@router.get("/api/dossier/{dossier_id}/fichier/{sha256}", dependencies=_READ)
def file_text(request: Request, dossier_id: str, sha256: str) -> dict[str, object]:
    """The whole text of a file, as HTML."""
    view = _viewer(request, dossier_id, sha256).text(dossier_id, sha256)
    return {"nom": view.filename, "texte": fragment("document.html.jinja", file=view)}


@router.get("/api/dossier/{dossier_id}/fichier/{sha256}/pages", dependencies=_READ)
def file_pages(request: Request, dossier_id: str, sha256: str) -> dict[str, object]:
    """The pages' sizes in points; none for a file that has no pages here."""
    found = _viewer(request, dossier_id, sha256).pages(dossier_id, sha256)
    return {
        "note": found.note_fr,
        "pages": [[size.width, size.height] for size in found.pages],
    }


@router.get("/dossier/{dossier_id}/fichier/{sha256}/page/{number}.png", dependencies=_READ)
def page_image(request: Request, dossier_id: str, sha256: str, number: int) -> Response:
    """One page, drawn."""
    png = _viewer(request, dossier_id, sha256).page(dossier_id, sha256, number)
    return Response(png, media_type="image/png")


@router.get("/api/dossier/{dossier_id}/{epreuve}/places", dependencies=_READ)
def places(request: Request, dossier_id: str, epreuve: str, critere: str) -> dict[str, object]:
    """Where each quote of a criterion stands on the pages, by « hash:start:end »."""
    site = site_of(request)
    report, _ = site.workbench.report(reader_of(request, dossier_id), dossier_id, epreuve)
    found = next((e.finding for e in report.entries if e.criterion.id == critere), None)
    return {
        f"{quote.sha256}:{quote.start}:{quote.end}": _place(site, dossier_id, quote)
        for quote in quotes_of(found)
    }


def _viewer(request: Request, dossier_id: str, sha256: str) -> Viewer:
    """What opens a file, for someone who may. Raises: `NotForYou`."""
    site = site_of(request)
    visible = Visible(site, person_of(request))
    for file in site.app.library.summary(dossier_id).files:
        if file.sha256 == sha256 and not visible.file(dossier_id, file):
            raise NotForYou(f"{file.sha256} answers no épreuve of theirs")
    return site.viewer


def _place(site: Site, dossier_id: str, quote: Evidence) -> dict[str, object] | None:
    """None when the file can no longer be opened: the quote itself is still on the card."""
    try:
        place = site.viewer.place(dossier_id, quote)
    except UserFacingError:
        return None
    boxes = [[box.left, box.top, box.right, box.bottom] for box in place.boxes]
    return {"page": place.page, "cadres": boxes}
