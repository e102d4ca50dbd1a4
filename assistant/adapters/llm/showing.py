"""How much of the file a request shows, and what is told of it beside the finding."""

from collections.abc import Iterator
from typing import Final

from assistant.domain.finding import Usage
from assistant.ports import Prompt
from assistant.prompting import Extent, estimated_tokens

#: No usual tokeniser packs more French than this into a token: fewer tokens counted by the server
#: mean that it read only a part of the prompt, as Ollama does without a word.
_MOST_CHARACTERS_PER_TOKEN: Final = 8

_PASSAGES_FR: Final = (
    "Le dossier dépasse le contexte du modèle : seuls les passages retenus par la recherche lui "
    "ont été transmis, avec le plan du livrable."
)
_CUT_PIECE_FR: Final = "Une pièce de comparaison trop longue n'a été transmise qu'en partie."
_TRUNCATED_FR: Final = (
    "Le serveur n'a lu que {read} tokens, moins que la demande n'en contient : il l'a sans doute "
    "tronquée sans le dire. Augmentez son contexte (num_ctx pour Ollama) ou baissez "
    "PREUVE_LLM_CONTEXT_TOKENS."
)


def prompt_tokens(prompt: Prompt) -> int:
    """How many tokens a prompt takes, estimated on the long side."""
    return sum(estimated_tokens(message.text) for message in prompt.messages)


def is_truncated(prompt: Prompt, usage: Usage) -> bool:
    """Whether the server counted fewer tokens than the prompt can possibly have."""
    counted = usage.input_tokens / max(usage.calls, 1)
    characters = sum(len(message.text) for message in prompt.messages)
    return 0 < counted * _MOST_CHARACTERS_PER_TOKEN < characters


def showing_notes(extent: Extent, usage: Usage, *, truncated: bool) -> Iterator[str]:
    """What the assessor must know of how the file was shown."""
    if not extent.whole:
        yield _PASSAGES_FR
    if extent.piece_characters is not None:
        yield _CUT_PIECE_FR
    if truncated:
        yield _TRUNCATED_FR.format(read=usage.input_tokens // max(usage.calls, 1))
