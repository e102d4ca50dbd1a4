"""Every route says who may use it: `needs(...)` or `open_to_all(...)`; a test counts them."""

from collections.abc import Set
from typing import Final

from fastapi import Request
from fastapi.params import Depends

from assistant.app import Reader
from assistant.domain.access import ALONE, ASSIGNED, Action, Link, may
from assistant.domain.dossier import DossierFile
from assistant.domain.person import Person
from assistant.web.errors import LoginNeeded, NotForYou
from assistant.web.site import Site, person_of, person_or_none, site_of

#: In the place of an épreuve: the dossier as a whole.
WHOLE: Final = ""


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
        if not _alone(request, self.action):
            require(site_of(request), person, self.action, dossier, epreuve_of(request))


class OpenToAll:
    """The policy of a route that anyone may ask, and why that is so."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __call__(self) -> None:
        return


def needs(action: Action, *, dossier: str = "") -> Depends:
    """For `dependencies=[…]` of a route; `dossier` names the path parameter that holds its id.

    A route whose path also has an `epreuve` asks about that one; others, about any of the dossier.
    Nobody logged in: the log-in page (a JSON 401 under `/api/`). Someone else's dossier, or one
    that does not exist: the same 404.
    """
    return Depends(Needs(action, dossier))


def open_to_all(why: str) -> Depends:
    """For `dependencies=[…]` of a route that tells nothing of anyone."""
    return Depends(OpenToAll(why))


def epreuve_of(request: Request) -> str | None:
    """The épreuve that the address names, if it does."""
    found: str | None = request.path_params.get("epreuve")
    return found


def allowed(request: Request, action: Action) -> bool:
    """Whether whoever asks may do what is about no dossier: for a page that offers it."""
    person = person_or_none(request)
    return person is not None and (_alone(request, action) or may(person.role, action))


def _alone(request: Request, action: Action) -> bool:
    return action in ALONE and not request.state.with_accounts


def require(
    site: Site,
    person: Person,
    action: Action,
    dossier_id: str | None = None,
    epreuve: str | None = None,
) -> None:
    """The same question asked from a handler. Raises: `NotForYou`."""
    links = None if dossier_id is None else site.entitlements.links(person, dossier_id, epreuve)
    if not may(person.role, action, links):
        raise NotForYou(f"{person.id}: {action} on {dossier_id}")


def reader_of(request: Request, dossier_id: str | None = None) -> Reader:
    """Who asks, with what their role lets them do at the desk, on the dossier and épreuve named.

    Without accounts the one local person also settles disagreements.
    """
    site, person = site_of(request), person_of(request)

    links = (
        None
        if dossier_id is None
        else site.entitlements.links(person, dossier_id, epreuve_of(request))
    )

    def can(action: Action) -> bool:
        return may(person.role, action, links)

    return Reader(
        name=person.name,
        decides=can(Action.EVALUATE),
        arbitrates=can(Action.ARBITRATE) or not request.state.with_accounts,
        finalises=can(Action.FINALISE),
    )


class Visible:
    """What a person may read, asked once, for lists: « D-1 in visible », or one of its épreuves."""

    def __init__(self, site: Site, person: Person) -> None:
        self._role = person.role
        self._linked = site.entitlements.linked(person)
        self._dossiers: dict[str, set[Link]] = {}
        for (dossier_id, _), links in (self._linked or {}).items():
            self._dossiers.setdefault(dossier_id, set()).update(links)

    def __contains__(self, dossier_id: str) -> bool:
        return self._may(self._dossiers.get(dossier_id, frozenset()))

    def epreuve(self, dossier_id: str, epreuve: str) -> bool:
        """Whether this épreuve of the dossier may be read."""
        linked = self._linked or {}
        whole = linked.get((dossier_id, ""), frozenset())
        return self._may(whole | linked.get((dossier_id, epreuve), frozenset()))

    def file(self, dossier_id: str, file: DossierFile) -> bool:
        """Whether a file may be opened: it answers an épreuve that may be read, or none alone."""
        return not file.epreuves or any(self.epreuve(dossier_id, e) for e in file.epreuves)

    def _may(self, links: Set[Link]) -> bool:
        return may(self._role, Action.READ_DOSSIER, ASSIGNED if self._linked is None else links)
