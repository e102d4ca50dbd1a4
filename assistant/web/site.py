"""What every handler finds behind a request: the installation, the person, the token."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from starlette.requests import HTTPConnection

from assistant.account_ports import Entitlements
from assistant.app import (
    App,
    Assignments,
    Desk,
    DeskExports,
    People,
    Rulings,
    SelfChecks,
    StatisticsDesk,
    Viewer,
    Workbench,
)
from assistant.app.cohort import CohortLauncher
from assistant.domain.person import Person
from assistant.settings import Settings
from assistant.web.errors import NotForYou

if TYPE_CHECKING:
    from assistant.web.rates import Rates

#: Where Gradio's pages are mounted.
GRADIO_PATH: Final = "/depot"


@dataclass(frozen=True)
class Site:
    """One installation as the web sees it."""

    app: App
    desk: Desk
    settings: Settings
    people: People
    rates: "Rates"
    entitlements: Entitlements
    workbench: Workbench
    rulings: Rulings
    viewer: Viewer
    exports: DeskExports
    self_checks: SelfChecks
    statistics: StatisticsDesk
    assignments: Assignments
    launcher: CohortLauncher


def site_of(request: HTTPConnection) -> Site:
    """The installation behind a request."""
    return cast(Site, request.app.state.site)


def person_or_none(request: HTTPConnection) -> Person | None:
    """Who is asking, None before log-in; set by `Identification`."""
    return cast(Person | None, getattr(request.state, "person", None))


def person_of(request: HTTPConnection) -> Person:
    """Who is asking. Raises: `NotForYou` when nobody is known, which a policy excludes."""
    person = person_or_none(request)
    if person is None:
        raise NotForYou("nobody is logged in")
    return person


def token_of(request: HTTPConnection) -> str:
    """What a form or a script of this visitor must send back to change anything."""
    return cast(str, getattr(request.state, "token", ""))
