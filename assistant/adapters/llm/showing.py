"""How much of the file a request shows, and what is told of it beside the finding."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from assistant.adapters.llm.dialogue import Ask
from assistant.domain.case import CriterionCase
from assistant.domain.finding import Usage
from assistant.errors import ModelContextExceeded
from assistant.ports import Answer, Prompt
from assistant.prompting import (
    CHARACTERS_PER_TOKEN,
    NOTHING,
    Extent,
    PromptLibrary,
    estimated_tokens,
    fitted_extent,
    split_parts,
)

#: No usual tokeniser packs more French than this into a token: fewer tokens counted by the server
#: mean that it read only a part of the prompt, as Ollama does without a word.
_MOST_CHARACTERS_PER_TOKEN: Final = 8
#: The share of the room that a part of the deliverables takes: the same for all criteria, so that
#: the parts are the same too; what is left holds the instructions and the criterion.
_PART_SHARE: Final = 0.5
_PIECES_SHARE: Final = 0.15
#: What a page takes at the largest size sent, in the models that count them dearest.
_TOKENS_PER_PICTURE: Final = 1600
_SMALLEST_PART: Final = 400  # characters

_PASSAGES_FR: Final = (
    "Le dossier dépasse le contexte du modèle : seuls les passages retenus par la recherche lui "
    "ont été transmis, avec le plan du livrable."
)
_PARTS_FR: Final = (
    "Le livrable dépasse ce que le modèle lit d'un coup : il a été lu en {count} parties, chacune "
    "une fois."
)
_CUT_PIECE_FR: Final = "Une pièce de comparaison trop longue n'a été transmise qu'en partie."
_TRUNCATED_FR: Final = (
    "Le serveur n'a lu que {read} tokens, moins que la demande n'en contient : il l'a sans doute "
    "tronquée sans le dire. Augmentez son contexte (num_ctx pour Ollama) ou baissez "
    "PREUVE_LLM_CONTEXT_TOKENS."
)

#: Turns an extent into the values of a template, the fence's marker being given.
Values = Callable[[Extent, str], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Showing:
    """Writes prompts within what the model reads well.

    Units: `room` is the length of a prompt, in tokens. `model` names it in errors.
    """

    prompts: PromptLibrary
    room: int
    model: str

    def render(
        self,
        prompt_id: str,
        case: CriterionCase,
        extent: Extent,
        values: Values,
        *,
        pictures: bool = False,
    ) -> Prompt:
        """With the case's pictures when they are asked for. Raises: `UnknownPrompt`."""
        marker = self.prompts.marker(*(document.text for document in case.deliverables))
        shown = case.pictures if pictures else ()
        return self.prompts.render(prompt_id, shown, **values(extent, marker))

    def fitted(
        self,
        prompt_id: str,
        case: CriterionCase,
        values: Values,
        *,
        whole: bool = True,
        pictures: bool = False,
    ) -> tuple[Prompt, Extent]:
        """The whole deliverables when they fit, else as many of the best passages as do.

        `whole` False: passages in any case.
        Raises: `ModelContextExceeded` when not even the instructions fit.
        """
        everything = Extent()
        if whole:
            prompt = self.render(prompt_id, case, everything, values, pictures=pictures)
            if self.fits(prompt):
                return prompt, everything
        left = self._left(self.render(prompt_id, case, NOTHING, values, pictures=pictures))
        extent = fitted_extent(case, left)
        return self.render(prompt_id, case, extent, values, pictures=pictures), extent

    def parts(self, prompt_id: str, case: CriterionCase, values: Values) -> tuple[Prompt, ...]:
        """One prompt for each part of the deliverables.

        Raises: `ModelContextExceeded` when no part is small enough.
        """
        characters = int(self.room * _PART_SHARE * CHARACTERS_PER_TOKEN)
        while characters >= _SMALLEST_PART:
            pieces = self._piece_characters(case)
            prompts = tuple(
                self.render(prompt_id, case, Extent(part=part, piece_characters=pieces), values)
                for part in split_parts(case.deliverables, characters)
            )
            if all(self.fits(prompt) for prompt in prompts):
                return prompts
            characters //= 2
        raise self.exceeded("no part of the deliverables fits")

    def fits(self, prompt: Prompt) -> bool:
        return prompt_tokens(prompt) <= self.room

    def exceeded(self, detail: str) -> ModelContextExceeded:
        return ModelContextExceeded(detail, model=self.model)

    def _piece_characters(self, case: CriterionCase) -> int | None:
        """What of each compared piece goes with a part: its beginning, when they are long."""
        sizes = [len(document.text) for piece in case.pieces for document in piece.documents]
        room = int(self.room * _PIECES_SHARE * CHARACTERS_PER_TOKEN)
        return room // len(sizes) if sum(sizes) > room else None

    def _left(self, bare: Prompt) -> int:
        """The room beside a prompt that shows nothing of the file, in tokens."""
        left = self.room - prompt_tokens(bare)
        if left <= 0:
            raise self.exceeded(f"no room beside the instructions: {left} tokens")
        return left


def prompt_tokens(prompt: Prompt) -> int:
    """How many tokens a prompt takes, estimated on the long side."""
    text = sum(estimated_tokens(message.text) for message in prompt.messages)
    return text + _TOKENS_PER_PICTURE * len(prompt.pictures)


def is_truncated(prompt: Prompt, usage: Usage) -> bool:
    """Whether the server counted fewer tokens than the prompt can possibly have."""
    counted = usage.input_tokens / max(usage.calls, 1)
    characters = sum(len(message.text) for message in prompt.messages)
    return 0 < counted * _MOST_CHARACTERS_PER_TOKEN < characters


def truncated_usage(asks: Iterable[Ask[Any]], answers: Iterable[Answer[Any]]) -> Usage | None:
    """What the server says it read of the first request that it cut, if it cut any."""
    for one, answer in zip(asks, answers, strict=True):
        if is_truncated(one.prompt, answer.usage):
            return answer.usage
    return None


def showing_notes(extent: Extent, truncated: Usage | None, *, parts: int = 0) -> Iterator[str]:
    """What the assessor must know of how the file was shown."""
    if parts:
        yield _PARTS_FR.format(count=parts)
    elif not extent.whole:
        yield _PASSAGES_FR
    if extent.piece_characters:
        yield _CUT_PIECE_FR
    if truncated is not None:
        yield _TRUNCATED_FR.format(read=truncated.input_tokens // max(truncated.calls, 1))


def may_conclude_absence(case: CriterionCase, extent: Extent) -> bool:
    """Whether what was shown is enough to say that something is not there.

    The whole text is; passages found by a search are, where the grid does not ask for all of it.
    """
    return extent.whole or (bool(extent.passages) and not case.criterion.lecture.integrale)
