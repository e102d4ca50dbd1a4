"""Verifies the journal against itself, against the rows it vouches for, and against its head."""

from collections.abc import Iterator

from assistant.domain.journal import (
    ROW,
    ROW_HASH,
    JournalAction,
    JournalEntry,
    JournalFault,
    JournalHead,
    verify_chain,
    verify_head,
)
from assistant.ports import Journal
from ingest.types import Frozen

Place = tuple[str, str, str]


class Verification(Frozen):
    """What a verification of the journal found.

    `erased`: how many entries have lost their content to an erasure, as they may.
    """

    entries: int
    erased: int
    head: JournalHead
    faults: tuple[JournalFault, ...]

    @property
    def sound(self) -> bool:
        return not self.faults


def verify(journal: Journal, *, expected: JournalHead | None = None) -> Verification:
    """Find every edited, deleted, inserted or swapped entry, finding and decision.

    `expected`: a head that was copied elsewhere, if there is one.
    Raises: `StoreUnavailable`.
    """
    reading = _Reading()
    faults = list(verify_chain(reading.follow(journal.entries())))
    for kept in (journal.kept_head(), expected):
        if kept is not None:
            faults += verify_head(reading.hashes, kept)
    faults += _row_faults(reading.digests, dict(journal.rows()))
    faults += _shown_faults(reading.shown, journal.shown())
    return Verification(
        entries=len(reading.hashes),
        erased=reading.erased,
        head=journal.head(),
        faults=tuple(faults),
    )


class _Reading:
    """What one pass over the entries tells: hashes, digests of rows, drafts on screen."""

    def __init__(self) -> None:
        self.hashes: dict[int, str] = {}
        self.digests: dict[str, tuple[int, str]] = {}
        self.shown: dict[Place, tuple[int, str]] = {}
        self.erased = 0

    def follow(self, entries: Iterator[JournalEntry]) -> Iterator[JournalEntry]:
        for entry in entries:
            self.hashes[entry.seq] = entry.hash
            self.erased += entry.content is None
            self._note(entry)
            yield entry

    def _note(self, entry: JournalEntry) -> None:
        event = entry.event
        if event is None:
            return
        if ROW in event.facts:
            self.digests[event.facts[ROW]] = (entry.seq, event.facts.get(ROW_HASH, ""))
        place = (event.dossier_id, event.epreuve, event.criterion_id)
        if event.action is JournalAction.DRAFT:
            self.shown[place] = (entry.seq, event.facts.get(ROW, ""))
        elif event.action is JournalAction.FAILURE:
            self.shown.pop(place, None)


def _row_faults(
    vouched: dict[str, tuple[int, str]], present: dict[str, str]
) -> Iterator[JournalFault]:
    for name, (seq, digest) in vouched.items():
        found = present.get(name)
        if found is None:
            yield JournalFault(seq=seq, message_fr=f"la {name} qu'elle atteste a disparu")
        elif found != digest:
            yield JournalFault(seq=seq, message_fr=f"la {name} qu'elle atteste a été modifiée")
    for name in present.keys() - vouched.keys():
        yield JournalFault(seq=0, message_fr=f"la {name} n'est attestée par aucune entrée")


def _shown_faults(
    vouched: dict[Place, tuple[int, str]], present: dict[Place, str]
) -> Iterator[JournalFault]:
    for place, key in present.items():
        seq, name = vouched.get(place, (0, ""))
        if not name.endswith(f" {key}"):
            yield JournalFault(
                seq=seq,
                message_fr=f"la proposition affichée pour {' '.join(place)} n'est pas la dernière "
                "que le journal atteste",
            )
    for place in vouched.keys() - present.keys():
        seq, _ = vouched[place]
        yield JournalFault(
            seq=seq, message_fr=f"la proposition de {' '.join(place)} n'est plus affichée"
        )
