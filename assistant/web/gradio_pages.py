"""What the handlers of Gradio's pages ask: who is there, and what they may do."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import rmtree
from typing import Final, Protocol

from starlette.requests import HTTPConnection

from assistant.domain.access import Action, Link
from assistant.domain.person import LOCAL_PERSON_ID, Person
from assistant.settings import Settings
from assistant.web.errors import NotForYou
from assistant.web.policy import WHOLE, Visible, require
from assistant.web.rates import asker_of
from assistant.web.rendering import banner
from assistant.web.site import GRADIO_PATH, Site, person_of

_FORGOTTEN_SECONDS: Final = 3600.0


class Event(Protocol):
    """An event of a Gradio page, with the request that brought it through our guards."""

    @property
    def request(self) -> HTTPConnection | None: ...


class Guests:
    """The people in front of Gradio's pages. An event is asked about like any route."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def person(self, event: Event) -> Person:
        """Raises: `NotForYou`."""
        return person_of(_request(event))

    def require(self, event: Event, action: Action, dossier_id: str | None = None) -> None:
        """These pages show dossiers whole: one épreuve of theirs is not enough.

        Raises: `NotForYou`.
        """
        require(self._site, self.person(event), action, dossier_id, WHOLE)

    def banner(self, event: Event) -> str:
        """What stands above the site's other pages, as it is for this person."""
        self.person(event)
        return str(banner(_request(event), f"{GRADIO_PATH}/"))

    def visible(self, event: Event) -> Callable[[str], bool]:
        """Which dossiers this person may read whole, asked once."""
        visible = Visible(self._site, self.person(event))
        return lambda dossier_id: visible.epreuve(dossier_id, WHOLE)

    def take(self, event: Event, kind: str) -> None:
        """Count one of what is limited. Raises: `TooManyRequests`."""
        self._site.rates.take(kind, asker_of(_request(event)))

    def depositor(self, event: Event) -> str:
        """The account in whose name files are deposited; empty for the one local person."""
        person = self.person(event)
        return "" if person.id == LOCAL_PERSON_ID else person.id

    def own(self, event: Event, dossier_id: str) -> None:
        """This person deposited the dossier."""
        self._site.people.grants.grant(self.person(event).id, dossier_id, Link.OWNER)


class Uploads:
    """Where what is being sent waits for its deposit: private, and emptied at each start."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data_dir / "televersements"
        rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def take(self, files: Sequence[Path]) -> None:
        """What was deposited goes, and so does what an interrupted sending left behind."""
        for file in files:
            file.unlink(missing_ok=True)
        limit = time.time() - _FORGOTTEN_SECONDS
        for file in self.folder.rglob("*"):
            try:
                if file.is_file() and file.stat().st_mtime < limit:
                    file.unlink(missing_ok=True)
            except FileNotFoundError:  # another deposit was quicker
                continue


def _request(event: Event) -> HTTPConnection:
    if event.request is None:
        raise NotForYou("an event without its request")
    return event.request
