"""Foreseen refusals of the web, and the French page or JSON that each failure becomes."""

import logging
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from assistant.errors import (
    CohortBusy,
    CohortEntrusted,
    DecisionConflict,
    DecisionRefused,
    DiskUnusable,
    DossierNotFound,
    LetterNotReady,
    LoginFailed,
    LoginPaused,
    PageUnavailable,
    PdfNeedsOffice,
    ReadingChanged,
    ReadingRefused,
    SelfCheckLimit,
    StoreUnavailable,
    UnknownCohort,
    UnknownCriterion,
    UnknownDossier,
    UnknownDraft,
    UnknownEpreuve,
    disk_failure,
)
from assistant.reporting.labels import fr
from assistant.web.rendering import render
from ingest.errors import UserFacingError

_LOG: Final = logging.getLogger(__name__)

API_PREFIX: Final = "/api/"
LOGIN_PATH: Final = "/connexion"
ACCOUNT_PATH: Final = "/compte"


class WebError(UserFacingError):
    """A request is refused."""


class LoginNeeded(WebError):
    """Nobody is logged in."""

    template_fr = "Connectez-vous pour continuer."


class NotForYou(WebError):
    """The page is another person's, or does not exist: nothing says which."""

    template_fr = "Cette page n'existe pas, ou ne vous est pas destinée."


class RequestRefused(WebError):
    """A request that did not come from our own pages, or not whole."""

    template_fr = (
        "La demande est refusée : elle ne vient pas de cette page, ou la page est restée ouverte "
        "trop longtemps. Rechargez la page, puis recommencez."
    )


class TooManyRequests(WebError):
    """One person or one address asks too often for what costs."""

    template_fr = "Trop de demandes en peu de temps. Patientez un instant, puis recommencez."


_STATUS: Final[Mapping[type[UserFacingError], int]] = {
    LoginNeeded: 401,
    NotForYou: 404,
    UnknownCohort: 404,
    UnknownDossier: 404,
    UnknownDraft: 404,
    SelfCheckLimit: 429,
    CohortBusy: 409,
    CohortEntrusted: 409,
    UnknownEpreuve: 404,
    UnknownCriterion: 404,
    DossierNotFound: 404,
    RequestRefused: 403,
    TooManyRequests: 429,
    LoginFailed: 403,
    LoginPaused: 429,
    DecisionRefused: 409,
    DecisionConflict: 412,
    ReadingRefused: 409,
    ReadingChanged: 412,
    PageUnavailable: 404,
    LetterNotReady: 409,
    PdfNeedsOffice: 409,
    StoreUnavailable: 503,
    DiskUnusable: 507,
}
#: Their own messages list what exists: on the web they say no more than `NotForYou`.
_TELLING: Final = (UnknownDossier, UnknownEpreuve, UnknownCriterion)

_HTTP_FR: Final[Mapping[int, str]] = {
    400: "La demande est incomplète ou mal formée.",
    404: NotForYou.template_fr,
    405: "Cette adresse ne s'utilise pas ainsi.",
    413: (
        "L'envoi dépasse la taille acceptée. Envoyez moins de fichiers à la fois, ou des images "
        "moins lourdes, puis recommencez. Rien n'a été gardé de cet envoi."
    ),
    422: "La demande est incomplète ou mal formée.",
    429: TooManyRequests.template_fr,
    500: (
        "Une erreur imprévue s'est produite. Ce qui est enregistré est conservé ; rechargez la "
        "page. Si cela se répète, prévenez la personne qui administre preuve."
    ),
}
_TITLES_FR: Final[Mapping[int, str]] = {
    401: "Connexion nécessaire",
    403: "Demande refusée",
    404: "Page introuvable",
    409: "Non enregistré",
    412: "Non enregistré",
    413: "Envoi trop volumineux",
    429: "Trop de demandes",
    500: "Erreur imprévue",
    503: "Service indisponible",
    507: "Disque inutilisable",
}


def install(web: FastAPI) -> None:
    """Make every failure a French page, or JSON under `/api/`."""
    web.add_exception_handler(UserFacingError, _foreseen)
    web.add_exception_handler(HTTPException, _http)
    web.add_exception_handler(OSError, _system)
    web.add_exception_handler(Exception, _unforeseen)


def status_of(error: UserFacingError) -> int:
    """The HTTP status of a foreseen failure."""
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return 400


def failure(
    request: Request, status: int, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A failure as its reader wants it. JSON: `{"erreur": "…"}`."""
    if request.url.path.startswith(API_PREFIX):
        return JSONResponse({"erreur": fr(message)}, status, headers)
    title = _TITLES_FR.get(status, "Demande impossible")
    page = render(request, "erreur.html.jinja", status, title=title, message=message)
    page.headers.update(headers or {})
    return page


def plain_message(status: int) -> str:
    """What is said of an HTTP status that carries no message of ours."""
    return _HTTP_FR.get(status, _HTTP_FR[400] if status < 500 else _HTTP_FR[500])


def answer_to(request: Request, error: UserFacingError) -> Response:
    """What a foreseen failure becomes."""
    if isinstance(error, LoginNeeded) and not request.url.path.startswith(API_PREFIX):
        return _to_login(request)
    if isinstance(error, NotForYou) and request.url.path == "/":
        return RedirectResponse(ACCOUNT_PATH, 303)  # someone in, whose role has no queue
    message = NotForYou.template_fr if isinstance(error, _TELLING) else error.user_message
    return failure(request, status_of(error), message)


def _foreseen(request: Request, error: Exception) -> Response:
    assert isinstance(error, UserFacingError)
    return answer_to(request, error)


def _to_login(request: Request) -> Response:
    """The log-in page, which comes back to a page that was asked for, and only to ours."""
    if request.method != "GET":
        return RedirectResponse(LOGIN_PATH, 303)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{LOGIN_PATH}?suite={quote(wanted, safe='/')}", 303)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return failure(request, error.status_code, plain_message(error.status_code), error.headers)


def _system(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    foreseen = disk_failure(OSError(error.errno, error.strerror))  # not where: that is the host's
    if foreseen is None:
        raise error
    _LOG.error("the disk refused to write", exc_info=error)
    return failure(request, status_of(foreseen), foreseen.user_message)


def _unforeseen(request: Request, _error: Exception) -> Response:
    return failure(request, 500, _HTTP_FR[500])  # Starlette raises it again, into the log
