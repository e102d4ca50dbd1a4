"""How long each class of data is kept, and what of it is past its time."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime

from ingest.types import Frozen


class DataClass(StrEnum):
    """What is kept for a time of its own. The values are kept in the journal: never rename one."""

    DOSSIERS = "dossiers"
    DEPOSITS = "copies des fichiers déposés"
    ANSWERS = "réponses en attente"
    COHORTS = "suivi des cohortes"
    JOURNAL = "texte du journal"
    SELF_CHECKS = "brouillons d'autocontrôle"


class Durations(Frozen):
    """Units: days since the last use; None keeps until someone erases.

    A dossier's last use is the last thing that the journal says of it. The journal's own text is
    that of entries about no dossier (log-ins, accounts, settings): a dossier's go with it.
    """

    dossiers: int | None = None
    deposits: int | None = None
    answers: int | None = None
    cohorts: int | None = None
    journal: int | None = None

    def limit(self, days: int | None, now: datetime) -> datetime | None:
        """The moment before which a last use is too old; None when nothing ever is."""
        return None if days is None else now - timedelta(days=days)

    @property
    def none_given(self) -> bool:
        return all(value is None for value in self.model_dump().values())


class Due(Frozen):
    """What of one class is past its time: names (dossiers, folders, cohorts), or a count alone."""

    data: DataClass
    before: AwareDatetime | None
    names: tuple[str, ...] = ()
    count: int
