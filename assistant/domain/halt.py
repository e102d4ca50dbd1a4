"""The assistant put to rest: nothing is drafted, and people go on deciding."""

from pydantic import AwareDatetime, Field

from ingest.types import Frozen


class Halt(Frozen):
    """Who stopped the assistant, when, and why if they said so."""

    person: str = Field(min_length=1)
    at: AwareDatetime
    reason: str = ""
