"""Turns a template of this package into a page. Everything is escaped, always."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse

from assistant.domain.access import Action, may
from assistant.domain.person import LOCAL_PERSON_ID, ROLE_LABELS
from assistant.reporting.labels import fr

if TYPE_CHECKING:
    from assistant.web.site import Site

_SERVER_TROUBLE: Final = 500
FOLDER: Final = Path(__file__).parent
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _when(moment: datetime) -> str:
    return moment.astimezone().strftime("%d/%m/%Y à\u00a0%H:%M")


def _percent(share: float) -> str:
    return f"{share * 100:.0f}\u00a0%"


_TEMPLATES.filters["when"] = _when
_TEMPLATES.filters["percent"] = _percent
_TEMPLATES.filters["fr"] = fr
_TEMPLATES.globals["role_labels"] = ROLE_LABELS
_TEMPLATES.globals["may"] = may
_TEMPLATES.globals["Action"] = Action
_TEMPLATES.globals["LOCAL_PERSON_ID"] = LOCAL_PERSON_ID


def fragment(template: str, **values: object) -> Markup:
    """A part of a page, escaped once and for all."""
    return Markup(_TEMPLATES.get_template(template).render(**values))


def banner(request: HTTPConnection, path: str) -> Markup:
    """What stands above every page, for one that is not a template: links, who is there."""
    return fragment("bandeau.html.jinja", **_who_asks(request), path=path)


def render(
    request: Request, template: str, status_code: int = 200, **values: object
) -> HTMLResponse:
    """A page for the person who asks.

    Beside `values` the template finds `person` (None before log-in), `token`, `path` and `halt`
    (who stopped the assistant, if it is; not asked when the server itself is in trouble).
    """
    site = cast("Site", request.app.state.site)  # `site_of` would import the errors, hence us
    halt = site.app.switch.halt() if status_code < _SERVER_TROUBLE else None
    html = _TEMPLATES.get_template(template).render(
        **_who_asks(request),
        path=request.url.path,
        halt=halt,
        **values,
    )
    return HTMLResponse(html, status_code)


def _who_asks(request: HTTPConnection) -> dict[str, object]:
    state = request.state
    return {
        "person": getattr(state, "person", None),
        "token": getattr(state, "token", ""),
        "with_accounts": getattr(state, "with_accounts", False),
        "with_login": getattr(state, "with_login", False),
    }
