"""The journal: what happened, in order, each entry bound to the one before by its hash.

An entry has two parts. Its header (place, time, action, digest of the content) is in the chain for
good. Its content (who, on what, with which facts) may be erased when a person asks for it: the
digest stays, salted so that nobody can guess the content back from it, and a later entry says
which contents were erased. Any other missing, edited, inserted or swapped entry breaks the chain.

Only SHA-256 over plain text: whoever doubts can verify with a few lines of their own.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, ValidationError

from ingest.types import Frozen

#: What the first entry is bound to.
GENESIS: Final = hashlib.sha256(b"preuve/journal/1").hexdigest()
#: The fact of an erasure that lists the entries whose content it removed.
ERASED_ENTRIES: Final = "entrees"
#: The facts that bind an entry to the finding or the decision written with it.
ROW: Final = "enregistrement"
ROW_HASH: Final = "empreinte"
#: Who makes drafts.
ASSISTANT: Final = "assistant"


class JournalAction(StrEnum):
    """What can happen. The values are kept in the journal: never rename one."""

    DRAFT = "proposition"
    FAILURE = "échec"
    VIEW = "consultation"
    DECISION = "décision"
    CLOSING = "clôture"
    REOPENING = "réouverture"
    EXPORT = "export"
    LOGIN = "connexion"
    LOGIN_REFUSED = "connexion refusée"
    ACCOUNT = "compte"
    ASSIGNMENT = "attribution"
    SETTING = "réglage"
    STOP = "arrêt de l'assistant"
    START = "remise en marche de l'assistant"
    ERASURE = "effacement"
    COHORT_RUN = "lancement d'une cohorte"
    COHORT_PAUSE = "pause d'une cohorte"


class JournalEvent(Frozen):
    """One thing that happened, before it is written.

    `facts` holds identifiers, versions and digests, never a candidate's words nor a key.
    `dossier_id`, `epreuve` and `criterion_id` are empty when the event is not about one.
    """

    action: JournalAction
    actor: str
    at: AwareDatetime
    dossier_id: str = ""
    epreuve: str = ""
    criterion_id: str = ""
    facts: dict[str, str] = {}


class JournalEntry(Frozen):
    """An event in its place, as it is kept: texts, so that a damaged entry can still be read.

    Units: `at` in ISO 8601, UTC; `content` is the event as JSON, and `salt` the random text that
    its digest begins with. Both are None once the content was erased; `dossier_id` repeats the
    content's, and is then empty.
    """

    seq: int
    at: str
    action: str
    content_hash: str
    previous: str
    hash: str
    dossier_id: str
    content: str | None
    salt: str | None

    @property
    def event(self) -> JournalEvent | None:
        """What happened; None when the content was erased or cannot be read."""
        if self.content is None:
            return None
        try:
            return JournalEvent.model_validate_json(self.content)
        except ValidationError:
            return None


class JournalHead(Frozen):
    """The last entry's place and hash: kept elsewhere, it proves that nothing was cut off."""

    seq: int
    hash: str


EMPTY_HEAD: Final = JournalHead(seq=0, hash=GENESIS)


class JournalFault(Frozen):
    """One thing that does not hold. `seq` is the entry's place, 0 for the journal as a whole."""

    seq: int
    message_fr: str


def following(head: JournalHead, event: JournalEvent, salt: str) -> JournalEntry:
    """The entry that an event makes after `head`. `salt`: random, 128 bits or more, in hex."""
    content = json.dumps(event.model_dump(mode="json"), sort_keys=True)
    seq, at = head.seq + 1, event.at.astimezone(UTC).isoformat()
    digest = content_hash(content, salt)
    return JournalEntry(
        seq=seq,
        at=at,
        action=event.action.value,
        content_hash=digest,
        previous=head.hash,
        hash=header_hash(seq, at, event.action.value, digest, head.hash),
        dossier_id=event.dossier_id,
        content=content,
        salt=salt,
    )


def content_hash(content: str, salt: str) -> str:
    """SHA-256 of the salt, a line feed, and the content as it is kept."""
    return hashlib.sha256(f"{salt}\n{content}".encode(errors="surrogatepass")).hexdigest()


def header_hash(seq: int, at: str, action: str, content_digest: str, previous: str) -> str:
    """SHA-256 of the five parts of a header, a line each: what the next entry is bound to."""
    header = "\n".join((str(seq), at, action, content_digest, previous))
    return hashlib.sha256(header.encode(errors="surrogatepass")).hexdigest()


def verify_chain(entries: Iterable[JournalEntry]) -> Iterator[JournalFault]:
    """What does not hold among entries given in their order, from the first of all.

    Reads them once, so that a journal of any length can be verified.
    """
    head = EMPTY_HEAD
    emptied: set[int] = set()
    erased: set[int] = set()
    for entry in entries:
        yield from _header_faults(entry, head)
        head = JournalHead(seq=entry.seq, hash=entry.hash)
        if entry.content is None and entry.salt is None and not entry.dossier_id:
            emptied.add(entry.seq)
        else:
            yield from _content_faults(entry)
            erased |= erased_entries(entry.event)
    for seq in sorted(emptied - erased):
        yield JournalFault(
            seq=seq, message_fr="son contenu a été retiré sans qu'un effacement le dise"
        )


def verify_head(hashes: Mapping[int, str], kept: JournalHead) -> Iterator[JournalFault]:
    """Whether the journal still leads to a head that was kept elsewhere.

    `hashes` gives each entry's hash by its place.
    """
    if kept.seq == 0:
        return
    found = hashes.get(kept.seq)
    if found is None:
        yield JournalFault(
            seq=kept.seq,
            message_fr="la tête gardée à part l'atteste, et le journal ne l'a plus",
        )
    elif found != kept.hash:
        yield JournalFault(
            seq=kept.seq, message_fr="ce n'est pas celle qu'atteste la tête gardée à part"
        )


def erased_entries(event: JournalEvent | None) -> set[int]:
    """The places whose content an erasure removed; none for any other event."""
    if event is None or event.action is not JournalAction.ERASURE:
        return set()
    listed = event.facts.get(ERASED_ENTRIES, "")
    return {int(part) for part in listed.split(",") if part.isdigit()}


def _header_faults(entry: JournalEntry, head: JournalHead) -> Iterator[JournalFault]:
    if entry.seq != head.seq + 1:
        missing = entry.seq - head.seq - 1
        said = f"entrées manquantes avant elle : {missing}" if missing > 0 else "place déjà prise"
        yield JournalFault(seq=entry.seq, message_fr=said)
    if entry.previous != head.hash:
        yield JournalFault(seq=entry.seq, message_fr="elle ne suit pas l'entrée qui la précède")
    expected = header_hash(entry.seq, entry.at, entry.action, entry.content_hash, entry.previous)
    if entry.hash != expected:
        yield JournalFault(seq=entry.seq, message_fr="elle a été modifiée (en-tête)")


def _content_faults(entry: JournalEntry) -> Iterator[JournalFault]:
    if entry.content is None or entry.salt is None:
        yield JournalFault(seq=entry.seq, message_fr="une partie de son contenu a été retirée")
        return
    event = entry.event
    same = (
        event is not None
        and event.action.value == entry.action
        and event.at.astimezone(UTC).isoformat() == entry.at
        and event.dossier_id == entry.dossier_id
    )
    if not same or content_hash(entry.content, entry.salt) != entry.content_hash:
        yield JournalFault(seq=entry.seq, message_fr="elle a été modifiée (contenu)")
