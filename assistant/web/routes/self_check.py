"""`/autocontrole`: a candidate checks a draft, in a space that nobody else sees."""

from typing import Final, TypeGuard

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from assistant.app import SelfCheck, SelfCheckForm
from assistant.domain.access import Action
from assistant.domain.self_check import where_to_begin
from assistant.errors import ReviewError
from assistant.reporting import PROMISE_FR, STAR_FR, UNREAD_FR
from assistant.web.policy import needs
from assistant.web.rates import limited
from assistant.web.rendering import render
from assistant.web.routes.exports import attachment
from assistant.web.site import person_of, site_of
from ingest.errors import IngestError

router = APIRouter(prefix="/autocontrole")

_TYPES: Final[dict[SelfCheckForm, str]] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
}


@router.get("", dependencies=[needs(Action.SELF_CHECK)])
def space(request: Request) -> Response:
    """One's drafts, and the form to hand a new one in."""
    return _space(request)


@router.post("", dependencies=[needs(Action.SELF_CHECK), limited("envoi")])
async def hand_in(request: Request) -> Response:
    """Take a draft in, and go to its page."""
    site, person = site_of(request), person_of(request)
    form = await request.form()
    epreuve = str(form.get("epreuve", ""))
    deliverables = [await _read(item) for item in form.getlist("livrables") if _is_file(item)]
    briefs = [await _read(item) for item in form.getlist("brief") if _is_file(item)]
    try:
        draft_id = await run_in_threadpool(
            site.self_checks.start, person.id, epreuve, deliverables, briefs
        )
    except (ReviewError, IngestError) as error:
        return _space(request, error_fr=error.user_message, epreuve=epreuve, status=422)
    return RedirectResponse(f"/autocontrole/{draft_id}", 303)


@router.get("/{draft_id}", dependencies=[needs(Action.SELF_CHECK)])
def result(request: Request, draft_id: str) -> Response:
    """What the draft covers, so far."""
    site = site_of(request)
    found = _of(request, draft_id)
    return render(
        request,
        "autocontrole_resultat.html.jinja",
        check=found,
        promise=PROMISE_FR,
        star=STAR_FR,
        unread=UNREAD_FR,
        beginning=where_to_begin(found.criteria),
        expires=found.draft.expires_at(site.self_checks.days),
    )


@router.get("/{draft_id}/etat", dependencies=[needs(Action.SELF_CHECK)])
def state(request: Request, draft_id: str) -> dict[str, int | bool]:
    """How far the reading is, for the page that waits."""
    found = _of(request, draft_id)
    return {"en_cours": found.running, "lus": len(found.criteria), "total": found.total}


@router.get("/{draft_id}/autocontrole.{form}", dependencies=[needs(Action.SELF_CHECK)])
def download(request: Request, draft_id: str, form: SelfCheckForm) -> Response:
    """The same, as a file to keep."""
    site = site_of(request)
    name, data = site.self_checks.file(person_of(request).id, draft_id, form)
    return attachment(name, data, _TYPES[form])


@router.post("/{draft_id}/supprimer", dependencies=[needs(Action.SELF_CHECK)])
def delete(request: Request, draft_id: str) -> Response:
    """Delete a draft at once."""
    site_of(request).self_checks.delete(person_of(request).id, draft_id)
    return RedirectResponse("/autocontrole", 303)


def _space(request: Request, error_fr: str = "", epreuve: str = "", status: int = 200) -> Response:
    site, person = site_of(request), person_of(request)
    return render(
        request,
        "autocontrole.html.jinja",
        status,
        rubrics=site.app.rubrics.rubrics,
        drafts=site.self_checks.drafts(person.id),
        left=site.self_checks.left_today(person.id),
        used_up=site.self_checks.used_up_fr,
        days=site.self_checks.days,
        promise=PROMISE_FR,
        error=error_fr,
        chosen=epreuve,
    )


def _is_file(item: UploadFile | str) -> TypeGuard[UploadFile]:
    """A browser sends an empty part where no file was chosen."""
    return isinstance(item, UploadFile) and bool(item.filename)


async def _read(item: UploadFile) -> tuple[str, bytes]:
    return item.filename or "fichier", await item.read()


def _of(request: Request, draft_id: str) -> SelfCheck:
    return site_of(request).self_checks.result(person_of(request).id, draft_id)
