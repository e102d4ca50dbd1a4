"""Examples for a model: what people decided on the same criterion, for other candidates."""

from collections.abc import Iterator
from typing import Final

from assistant import boundaries
from assistant.app.library import DossierLibrary
from assistant.boundaries import Settled
from assistant.domain.dossier import Dossier
from assistant.domain.finding import CriterionFinding
from assistant.domain.rubric import Certification, Criterion
from assistant.errors import ReviewError
from assistant.ports import ReviewStore
from assistant.privacy import anonymous, same_candidate
from assistant.settings import Settings
from ingest.errors import IngestError

#: Dossiers opened for each example wanted, at most: reading them takes time.
_TRIES: Final = 3


class ExampleShelf:
    """The decisions of this installation, as examples for one dossier. Off when `limit` is 0.

    Nothing of the same candidate is ever used: not the same dossier, no dossier that shares one of
    its files, none that bears the same name.
    """

    def __init__(
        self,
        store: ReviewStore,
        library: DossierLibrary,
        certification: Certification,
        dossier: Dossier,
        limit: int,
    ) -> None:
        self._store = store
        self._library = library
        self._certification = certification
        self._dossier = dossier
        self._limit = limit
        self._opened: dict[str, Dossier | None] = {}

    def of(self, epreuve: str, criterion: Criterion) -> tuple[str, ...]:
        """At most `limit` examples, the nearest the criterion's limit first, nobody named."""
        found = boundaries.nearest_the_limit(list(self._settled(epreuve, criterion.id)))
        told: list[str] = []
        for one in found[: self._limit * _TRIES]:
            if len(told) == self._limit:
                break
            if example := self._told(one):
                told.append(example)
        return tuple(told)

    def _settled(self, epreuve: str, criterion_id: str) -> Iterator[Settled]:
        for record in sorted(self._store.dossiers(), key=lambda record: record.id):
            if record.id == self._dossier.id or epreuve not in record.epreuves:
                continue
            ruled = [
                decision
                for decision in self._store.decisions(record.id, epreuve)
                if decision.criterion_id == criterion_id
            ]
            key = next((d.finding_key for d in reversed(ruled) if d.finding_key), "")
            draft = self._store.finding(key) if key else None
            finding = draft if isinstance(draft, CriterionFinding) else None
            if one := boundaries.settled(record.id, ruled, finding):
                yield one

    def _told(self, one: Settled) -> str:
        """The example in words; empty when it may not be used, or nothing can be told of it."""
        other = self._other(one.dossier_id)
        if other is None:
            return ""
        people = (one.decision.assessor,)
        reason, quote = anonymous(other, (one.reason, one.quote), people)
        if not reason and not quote:
            return ""
        return boundaries.in_words(self._certification, one.decision, reason, quote)

    def _other(self, dossier_id: str) -> Dossier | None:
        """Another candidate's dossier; None for the same candidate's, and for one that is gone.

        Without its files, nobody knows which names to hide.
        """
        if dossier_id not in self._opened:
            try:
                opened = self._library.reopen(dossier_id)
            except (ReviewError, IngestError):
                self._opened[dossier_id] = None
            else:
                same = same_candidate(self._dossier, opened)
                self._opened[dossier_id] = None if same else opened
        return self._opened[dossier_id]


def shelf_of(
    settings: Settings,
    store: ReviewStore,
    library: DossierLibrary,
    certification: Certification,
    dossier: Dossier,
) -> ExampleShelf | None:
    """The shelf of a dossier; None when the settings show no example."""
    if not settings.llm_examples or settings.llm_mode not in ("critere", "votes"):
        return None
    return ExampleShelf(store, library, certification, dossier, settings.llm_examples)
