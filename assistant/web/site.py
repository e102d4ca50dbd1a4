"""What every handler finds behind a request: the installation, the person, the token."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Final, cast

from starlette.requests import HTTPConnection

from assistant.account_ports import Entitlements
from assistant.app import App, Desk, DeskExports, Rulings, Viewer, Workbench
from assistant.domain.access import Link
from assistant.domain.person import LOCAL_PERSON_ID, Person
from assistant.settings import Settings
from assistant.web.errors import NotForYou

#: Where Gradio's pages are mounted.
GRADIO_PATH: Final = "/depot"


class LocalEntitlements:
    """Without accounts, the one local person has every dossier; nobody else has any."""

    def links(self, person: Person, dossier_id: str) -> Set[Link]:
        return frozenset(Link) if person.id == LOCAL_PERSON_ID else frozenset()

    def linked(self, person: Person) -> Mapping[str, Set[Link]] | None:
        return None if person.id == LOCAL_PERSON_ID else {}


@dataclass(frozen=True)
class Site:
    """One installation as the web sees it."""

    app: App
    desk: Desk
    settings: Settings
    entitlements: Entitlements
    workbench: Workbench
    rulings: Rulings
    viewer: Viewer
    exports: DeskExports


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
