"""Finds who asks: the one local evaluator, the person of a session, or whom a proxy names."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.account_ports import Grants
from assistant.app import People
from assistant.domain.access import ASSIGNED, Link
from assistant.domain.person import LOCAL_PERSON_ID, Person, local_person
from assistant.errors import SettingsInvalid
from assistant.settings import Settings
from assistant.web import tokens

Networks = tuple[IPv4Network | IPv6Network, ...]

#: Where the address that opened the connection stays, whatever a proxy says of it.
_PEER: Final = "preuve.peer"
_FORWARDING: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Door(Enum):
    """How people come in."""

    LOCAL = auto()  # no accounts: the person at this machine
    SESSION = auto()  # a log-in of ours
    PROXY = auto()  # a reverse proxy vouches for them


@dataclass(frozen=True)
class Visitor:
    """Who asks, and by which door. `refused_fr`: why the request goes no further."""

    door: Door
    person: Person | None = None
    refused_fr: str = ""


class Identities:
    """Decides by the settings and the accounts, at each request.

    Without any account the person at this machine is the evaluator; from the first account on,
    nobody comes in without one.
    Raises: `SettingsInvalid` from the constructor.
    """

    def __init__(self, people: People, settings: Settings) -> None:
        self._accounts = people.accounts
        self._header = settings.auth_header.strip().lower()
        self._proxies = networks(settings.trusted_proxies)
        self._local = local_person(settings.assessor)
        self._accounts_exist = False
        if self._header and not self._proxies:
            problem = (
                "PREUVE_AUTH_HEADER demande PREUVE_TRUSTED_PROXIES : sans elle, chacun pourrait "
                "se dire n'importe qui."
            )
            raise SettingsInvalid(problem, problem=problem)

    @property
    def door(self) -> Door:
        """The door of the next request."""
        if self._header:
            return Door.PROXY
        if not self._accounts_exist:
            self._accounts_exist = self._accounts.exist()
        return Door.SESSION if self._accounts_exist else Door.LOCAL

    def __call__(self, request: HTTPConnection) -> Visitor:
        door = self.door
        if door is Door.PROXY:
            return self._by_proxy(request)
        if door is Door.SESSION:
            person = self._accounts.of_session(tokens.session_of(request))
            return Visitor(door, person)
        return self._locally(request)

    def _by_proxy(self, request: HTTPConnection) -> Visitor:
        if not trusted(request.scope.get(_PEER, ""), self._proxies):
            return Visitor(Door.PROXY, refused_fr=_NOT_THE_PROXY_FR)
        names = request.headers.getlist(self._header)
        if len(names) != 1 or not names[0].strip():
            return Visitor(Door.PROXY, refused_fr=_NOBODY_NAMED_FR)
        person = self._accounts.vouched_for(names[0])
        return Visitor(Door.PROXY, person, "" if person else _NO_ACCOUNT_FR)

    def _locally(self, request: HTTPConnection) -> Visitor:
        forwarded = any(name in request.headers for name in _FORWARDING)
        if forwarded or not _is_loopback_address(request.scope.get(_PEER, "")):
            return Visitor(Door.LOCAL, refused_fr=_NOT_LOCAL_FR)
        return Visitor(Door.LOCAL, self._local)


_NOT_THE_PROXY_FR: Final = (
    "Cette page ne s'ouvre que par son adresse publique. Utilisez celle qui vous a été donnée."
)
_NOBODY_NAMED_FR: Final = (
    "Le serveur de connexion n'a pas dit qui vous êtes. Reconnectez-vous ; si cela se répète, "
    "prévenez la personne qui administre preuve."
)
_NO_ACCOUNT_FR: Final = (
    "Aucun compte actif ne correspond à votre identifiant. Demandez à la personne qui administre "
    "preuve de vous en ouvrir un."
)
_NOT_LOCAL_FR: Final = (
    "Sans compte, preuve ne se laisse ouvrir que depuis la machine où elle tourne. Pour la servir "
    "à d'autres, créez des comptes (« preuve comptes ajouter »)."
)


class Links:
    """Port `Entitlements`: the local person was given everything, others what they were granted."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def links(self, person: Person, dossier_id: str, epreuve: str | None = None) -> Set[Link]:
        if person.id == LOCAL_PERSON_ID:
            return ASSIGNED  # all is theirs to read and settle, whoever brought the files
        return self._grants.links(person, dossier_id, epreuve)

    def linked(self, person: Person) -> Mapping[tuple[str, str], Set[Link]] | None:
        return None if person.id == LOCAL_PERSON_ID else self._grants.linked(person)


class Peer:
    """Keeps the address of the connection, then believes what a trusted proxy says of it."""

    def __init__(self, app: ASGIApp, proxies: str) -> None:
        self._trusted = networks(proxies)
        self._app = app
        self._behind_proxy = ProxyHeadersMiddleware(
            app,  # type: ignore[arg-type]  # the same protocol under another library's name
            trusted_hosts=[str(network) for network in self._trusted],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        peer = client[0] if client else ""
        scope[_PEER] = peer
        if trusted(peer, self._trusted) and "x-forwarded-for" in Headers(scope=scope):
            await self._behind_proxy(scope, receive, send)  # type: ignore[arg-type]
        else:
            await self._app(scope, receive, send)


def networks(listed: str) -> Networks:
    """The addresses and networks of a setting. Raises: `SettingsInvalid`."""
    try:
        return tuple(ip_network(part.strip()) for part in listed.split(",") if part.strip())
    except ValueError as error:
        problem = f"PREUVE_TRUSTED_PROXIES : {error}"
        raise SettingsInvalid(problem, problem=problem) from error


def trusted(address: str, proxies: Networks) -> bool:
    """Whether an address is one of the proxies'."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in proxies)


def _is_loopback_address(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
