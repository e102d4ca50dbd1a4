"""Who is in front of the screen."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import Field

from ingest.types import Frozen


class Role(StrEnum):
    """What a person comes for; one role per account."""

    ADMIN = "admin"
    EVALUATOR = "evaluateur"
    ARBITER = "arbitre"
    OPERATOR = "operateur"
    CANDIDATE = "candidat"


ROLE_LABELS: Final[Mapping[Role, str]] = {
    Role.ADMIN: "administration",
    Role.EVALUATOR: "évaluation",
    Role.ARBITER: "arbitrage",
    Role.OPERATOR: "traitement par lots",
    Role.CANDIDATE: "candidat",
}


class Person(Frozen):
    """A person known to this installation. `name` is what signs decisions and is shown."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    role: Role


#: The one person of an installation without accounts, which only this machine can reach.
LOCAL_PERSON_ID: Final = "local"


def local_person(name: str) -> Person:
    """The evaluator at the keyboard of a machine without accounts."""
    return Person(id=LOCAL_PERSON_ID, name=name.strip() or "Évaluateur local", role=Role.EVALUATOR)
