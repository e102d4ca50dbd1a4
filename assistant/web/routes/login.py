"""Log-in, log-out, and what each person may change of their own account."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from assistant.domain.access import Action
from assistant.domain.account import PASSWORD_MIN
from assistant.errors import LoginFailed, LoginPaused, PasswordRefused
from assistant.web import tokens
from assistant.web.errors import LOGIN_PATH, NotForYou
from assistant.web.identity import Door
from assistant.web.policy import needs, open_to_all
from assistant.web.rates import address_of, limited
from assistant.web.rendering import render
from assistant.web.site import person_of, person_or_none, site_of
from assistant.web.tokens import SESSION_COOKIE, VISIT_COOKIE
from ingest.errors import UserFacingError

router = APIRouter()

HOME: Final = "/"
_WHY_OPEN: Final = "nobody is logged in yet; it tells nothing of anyone"


@router.get(LOGIN_PATH, dependencies=[open_to_all(_WHY_OPEN)])
def login_page(request: Request, suite: str = HOME) -> Response:
    """The form; whoever is already in goes on to where they were going."""
    if person_or_none(request) is not None:
        return RedirectResponse(safe_path(suite), 303)
    return _form(request, suite=suite)


@router.post(LOGIN_PATH, dependencies=[open_to_all(_WHY_OPEN), limited("connexion")])
def log_in(
    request: Request,
    identifiant: Annotated[str, Form(max_length=256)] = "",
    mot_de_passe: Annotated[str, Form(max_length=4096)] = "",
    suite: Annotated[str, Form(max_length=2048)] = HOME,
) -> Response:
    """A new session under a new token: whatever cookie came with the request opens nothing."""
    _require_own_log_in(request)
    accounts = site_of(request).people.accounts
    try:
        token = accounts.log_in(identifiant, mot_de_passe, address_of(request))
    except (LoginFailed, LoginPaused) as error:
        return _form(request, suite=suite, login=identifiant, error=error)
    accounts.log_out(tokens.session_of(request))
    return _with_session(RedirectResponse(safe_path(suite), 303), request, token)


@router.post("/deconnexion", dependencies=[needs(Action.OWN_ACCOUNT)])
def log_out(request: Request) -> Response:
    """The session ends here and in the browser, which forgets what our pages kept in it."""
    _require_own_log_in(request)
    site_of(request).people.accounts.log_out(tokens.session_of(request))
    answer = RedirectResponse(LOGIN_PATH, 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return _with_session(answer, request, "", max_age=0)


@router.get("/compte", dependencies=[needs(Action.OWN_ACCOUNT)])
def account_page(request: Request) -> Response:
    """Who one is here, and the form that changes the password."""
    return _account(request)


@router.post("/compte/mot-de-passe", dependencies=[needs(Action.OWN_ACCOUNT), limited("connexion")])
def change_password(
    request: Request,
    actuel: Annotated[str, Form(max_length=4096)] = "",
    nouveau: Annotated[str, Form(max_length=4096)] = "",
    encore: Annotated[str, Form(max_length=4096)] = "",
) -> Response:
    """Every other session of this person ends."""
    _require_own_log_in(request)
    if nouveau != encore:
        different = PasswordRefused("typed twice", problem="les deux saisies diffèrent.")
        return _account(request, error=different)
    accounts = site_of(request).people.accounts
    try:
        token = accounts.change_password(person_of(request), actuel, nouveau, address_of(request))
    except (LoginFailed, LoginPaused, PasswordRefused) as error:
        return _account(request, error=error)
    return _with_session(RedirectResponse("/compte?change=oui", 303), request, token)


def safe_path(wanted: str) -> str:
    """Where to go on, when it is a page of this site; else the home."""
    path = urlsplit(wanted).path if wanted.isprintable() else ""
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if inside and path and "\\" not in wanted else HOME


def _require_own_log_in(request: Request) -> None:
    """Raises: `NotForYou` where people come in by another door than ours."""
    if request.state.door is not Door.SESSION:
        raise NotForYou("no log-in of ours")


def _form(
    request: Request, *, suite: str, login: str = "", error: UserFacingError | None = None
) -> Response:
    _require_own_log_in(request)
    return render(
        request,
        "connexion.html.jinja",
        _refused_status(error),
        suite=safe_path(suite),
        login=login,
        error=error.user_message if error else "",
    )


def _account(request: Request, error: UserFacingError | None = None) -> Response:
    return render(
        request,
        "compte.html.jinja",
        _refused_status(error),
        error=error.user_message if error else "",
        changed=request.query_params.get("change") == "oui",
        own_login=request.state.door is Door.SESSION,
        password_min=PASSWORD_MIN,
    )


def _refused_status(error: UserFacingError | None) -> int:
    if error is None:
        return 200
    return 429 if isinstance(error, LoginPaused) else 403


def _with_session(
    answer: Response, request: Request, token: str, max_age: int | None = None
) -> Response:
    scheme = request.scope["scheme"]
    for name, value in ((SESSION_COOKIE, token), (VISIT_COOKIE, tokens.new_visit())):
        age = max_age if name == SESSION_COOKIE else None
        answer.headers.append("Set-Cookie", tokens.cookie(name, value, scheme, max_age=age))
    return answer
