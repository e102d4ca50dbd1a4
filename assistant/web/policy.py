"""Every route says who may use it: `needs(...)` or `open_to_all(...)`; a test counts them."""

from fastapi import Request
from fastapi.params import Depends

from assistant.app import Reader
from assistant.domain.access import Action, Link, may
from assistant.domain.person import Person
from assistant.web.errors import LoginNeeded, NotForYou
from assistant.web.site import Site, person_of, person_or_none, site_of


class Needs:
    """The policy of a route: an action, and the path parameter that names the dossier if any."""

    def __init__(self, action: Action, dossier: str) -> None:
        self.action = action
        self.dossier = dossier

    def __call__(self, request: Request) -> None:
        person = person_or_none(request)
        if person is None:
            raise LoginNeeded(self.action)
        dossier = request.path_params[self.dossier] if self.dossier else None
        require(site_of(request), person, self.action, dossier)


class OpenToAll:
    """The policy of a route that anyone may ask, and why that is so."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self) -> None:
        return


def needs(action: Action, *, dossier: str = "") -> Depends:
    """For `dependencies=[…]` of a route; `dossier` names the path parameter that holds its id.

    Nobody logged in: the log-in page (a JSON 401 under `/api/`). Someone else's dossier, or one
    that does not exist: the same 404.
    """
    return Depends(Needs(action, dossier))


def open_to_all(why: str) -> Depends:
    """For `dependencies=[…]` of a route that tells nothing of anyone."""
    return Depends(OpenToAll(why))


def require(site: Site, person: Person, action: Action, dossier_id: str | None = None) -> None:
    """The same question asked from a handler. Raises: `NotForYou`."""
    links = None if dossier_id is None else site.entitlements.links(person, dossier_id)
    if not may(person.role, action, links):
        raise NotForYou(f"{person.id}: {action} on {dossier_id}")


def allowed(site: Site, person: Person, action: Action, dossier_id: str) -> bool:
    """Whether a person may act on a dossier: for buttons."""
    return may(person.role, action, site.entitlements.links(person, dossier_id))


def reader_of(request: Request, dossier_id: str | None = None) -> Reader:
    """Who asks, with what their role lets them do at the desk, on this dossier when one is named.

    Without accounts the one local person also settles disagreements.
    """
    site, person = site_of(request), person_of(request)

    def can(action: Action) -> bool:
        if dossier_id is None:
            return may(person.role, action)
        return allowed(site, person, action, dossier_id)

    return Reader(
        name=person.name,
        decides=can(Action.DECIDE),
        arbitrates=can(Action.ARBITRATE) or not request.state.with_accounts,
        finalises=can(Action.FINALISE),
    )


class Visible:
    """The dossiers a person may read, asked once: for lists."""

    def __init__(self, site: Site, person: Person) -> None:
        self._role = person.role
        self._linked = site.entitlements.linked(person)

    def __contains__(self, dossier_id: str) -> bool:
        every: frozenset[Link] = frozenset(Link)
        links = every if self._linked is None else self._linked.get(dossier_id, frozenset())
        return may(self._role, Action.READ_DOSSIER, links)
