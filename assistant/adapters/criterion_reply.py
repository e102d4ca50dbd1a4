"""What the language model is asked for on one criterion, and how its reply is validated.

The JSON schema is the same for every criterion: it is part of what a provider caches. Which
attendus are due is checked here, after the reply.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from assistant.domain.french import fold_accents
from assistant.domain.rubric import Criterion
from ingest.types import Frozen

#: The one template that asks for no advice.
FIRST_PROMPT: Final = "criterion_review.v1"
# Generous bounds: they stop a runaway reply, they do not police style.
_QUOTE: Final = 4000  # one that is far too long is searched for all the same
_SENTENCE: Final = 1500
_MAX_QUOTES: Final = 10
_MAX_ITEMS: Final = 15


#: Honest words for a status or a verdict that are not those of the schema, once spelt alike.
_SYNONYMS: Final = {
    "satisfaite": "satisfait",
    "partielle": "partiel",
    "partiellement_satisfait": "partiel",
    "partiellement_satisfaite": "partiel",
    "partiellement_acquis": "partiel",
    "absente": "absent",
    "non_acquise": "non_acquis",
}
#: Where a quote is when a model gives an object for it.
_QUOTED: Final = ("citation", "texte", "extrait", "quote", "text")


def _spelled(value: object) -> object:
    """« Non vérifiable » and « non-verifiable » are the same honest word as `non_verifiable`."""
    if not isinstance(value, str):
        return value
    word = re.sub(r"[\s_'’-]+", "_", fold_accents(value.strip(" \n\t.«»\"'")).casefold())
    return _SYNONYMS.get(word, word)


def _listed(value: object, most: int) -> object:
    """A list without what says nothing: no list at all is an empty one, a lone text a list of one.

    What comes after the first `most` items is left out.
    """
    if value is None:
        return []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        return value
    return [v for v in value if not (isinstance(v, str) and not v.strip())][:most]


def _quotes(value: object) -> object:
    listed = _listed(value, _MAX_QUOTES)
    return [_quoted(item) for item in listed] if isinstance(listed, list) else listed


def _quoted(item: object) -> object:
    if not isinstance(item, dict):
        return item
    return next((item[name] for name in _QUOTED if isinstance(item.get(name), str)), item)


def _items(value: object) -> object:
    return _listed(value, _MAX_ITEMS)


Statut = Annotated[
    Literal["satisfait", "partiel", "absent", "non_verifiable"], BeforeValidator(_spelled)
]
Appreciation = Annotated[
    Literal["acquis", "partiel", "non_acquis", "non_evaluable"], BeforeValidator(_spelled)
]
Quotes = Annotated[
    tuple[Annotated[str, Field(max_length=_QUOTE)], ...],
    Field(max_length=_MAX_QUOTES),
    BeforeValidator(_quotes),
]
Items = Annotated[
    tuple[Annotated[str, Field(max_length=_SENTENCE)], ...],
    Field(max_length=_MAX_ITEMS),
    BeforeValidator(_items),
]


class Replied(Frozen):
    """A part of a reply. What was not asked for is left out; « numéro » is `numero`."""

    model_config = ConfigDict(extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _names_without_accents(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {fold_accents(k) if isinstance(k, str) else k: v for k, v in value.items()}


class AttenduReply(Replied):
    """One attendu. Quotes come before the status, the status before its reasons, on purpose."""

    numero: int
    citations: Quotes
    statut: Statut
    justification: str = Field(max_length=_SENTENCE)


class CriterionReply(Replied):
    """The whole reply. `expected` holds the numbers due, none meaning that any will do."""

    model_config = ConfigDict(title="criterion_reply")
    expected: ClassVar[tuple[int, ...]] = ()

    attendus: tuple[AttenduReply, ...]
    motif: str = Field(max_length=_SENTENCE)
    verdict_propose: Appreciation
    manques: Items
    questions_oral: Items

    @model_validator(mode="after")
    def _every_attendu_exactly_once(self) -> Self:
        numbers = [attendu.numero for attendu in self.attendus]
        if self.expected and sorted(numbers) != sorted(self.expected):
            due = ", ".join(map(str, self.expected))
            raise ValueError(f"un élément par attendu est demandé, numéros {due}, une fois chacun")
        return self


class AdvisedReply(CriterionReply):
    """The reply to `criterion_review.v2` and later: with one thing that the candidate can do."""

    model_config = ConfigDict(title="advised_reply")

    conseil: str = Field(default="", max_length=_SENTENCE)


class SightReply(Replied):
    """What is seen on a picture of the request."""

    image: int
    observation: str = Field(max_length=_SENTENCE)


def _seen_before_judged(schema: dict[str, Any]) -> None:
    """Puts what is seen beside the quotes: a model writes the properties in their order."""
    order = ("numero", "citations", "vues", "statut", "justification")
    schema["properties"] = {name: schema["properties"][name] for name in order}


class SeeingAttenduReply(AttenduReply):
    """One attendu, for a model that is shown pictures."""

    model_config = ConfigDict(json_schema_extra=_seen_before_judged)

    vues: tuple[SightReply, ...] = Field(default=(), max_length=_MAX_QUOTES)


class SeeingReply(AdvisedReply):
    """The reply of a model that is shown pictures."""

    model_config = ConfigDict(title="seeing_reply")

    attendus: tuple[SeeingAttenduReply, ...]


def reply_type_for(
    criterion: Criterion, prompt_id: str = FIRST_PROMPT, *, sees: bool = False
) -> type[CriterionReply]:
    """The reply that a template asks for on this criterion: same schema, its own attendus due."""
    base: type[CriterionReply] = SeeingReply if sees else AdvisedReply
    return _due(
        CriterionReply if prompt_id == FIRST_PROMPT else base,
        tuple(attendu.numero for attendu in criterion.attendus),
    )


@lru_cache(maxsize=256)
def _due(base: type[CriterionReply], numbers: tuple[int, ...]) -> type[CriterionReply]:
    """One type per list of numbers: making a type costs more than validating with it."""

    class Due(base):  # type: ignore[misc, valid-type]
        expected = numbers

    return Due
