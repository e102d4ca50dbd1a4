"""The rows that people write: obligations, risks, limits. Versioned data, beside this module."""

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import StringConstraints, TypeAdapter

from ingest.types import Frozen

_HERE: Final = Path(__file__).resolve().parent

#: A test's place under tests/: « test_journal.py::test_a_chain_is_verified ».
TestName = Annotated[str, StringConstraints(pattern=r"^[a-z_/]+\.py::test_\w+$")]
Sentence = Annotated[str, StringConstraints(min_length=3)]
Degree = Literal["forte", "moyenne", "faible"]


class Obligation(Frozen):
    """What a text asks, in our own words; what answers it; what is left to whoever uses it."""

    texte: Sentence
    article: Sentence
    demande: Sentence
    reponse: Sentence
    reste: Sentence
    essais: tuple[TestName, ...]


class Risk(Frozen):
    """A risk once what is done about it is done. `qui`: who would suffer from it."""

    id: Annotated[str, StringConstraints(pattern=r"^R\d\d$")]
    risque: Sentence
    qui: Sentence
    gravite: Degree
    vraisemblance: Degree
    fait: Sentence
    reste: Sentence
    essais: tuple[TestName, ...]


class Limits(Frozen):
    """What the program is for and is not for, what it misses, what nobody has measured."""

    objet: tuple[Sentence, ...]
    hors_objet: tuple[Sentence, ...]
    limites: tuple[Sentence, ...]
    echecs_connus: tuple[Sentence, ...]
    manques: tuple[Sentence, ...]


@cache
def obligations() -> tuple[Obligation, ...]:
    """Every row of the table of obligations, in its order."""
    return TypeAdapter(tuple[Obligation, ...]).validate_python(_loaded("obligations.v1"))


@cache
def risks() -> tuple[Risk, ...]:
    """Every row of the register, in its order."""
    return TypeAdapter(tuple[Risk, ...]).validate_python(_loaded("risks.v1"))


@cache
def limits() -> Limits:
    """Purpose, limits and known failures."""
    return Limits.model_validate(_loaded("limits.v1"))


def _loaded(name: str) -> object:
    return yaml.safe_load((_HERE / f"{name}.yaml").read_text(encoding="utf-8"))
