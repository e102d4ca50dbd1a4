"""Builds the judge, the embedder and the index that the settings ask for."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from assistant.adapters.chroma_index import ChromaChunkIndex
from assistant.adapters.hashing_embedder import HashingEmbedder
from assistant.adapters.indicator_judge import IndicatorJudge, load_cues
from assistant.domain.finding import JudgeName
from assistant.errors import ModelNotConfigured
from assistant.ports import ChatModel, Embedder, Judge
from assistant.pricing import model_price
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.adapters.llm import LlmJudge
    from assistant.adapters.openai_traffic import TrafficGate

_CUES: Final = "embedded_cues.v2.yaml"


def always_on() -> None:
    """Refuses nothing: where there is no switch to ask."""


def build_judge(
    name: JudgeName,
    settings: Settings,
    gate: "TrafficGate | None" = None,
    allowed: Callable[[], None] = always_on,
) -> Judge:
    """`gate` paces and counts the requests of a whole cohort; `allowed` refuses each by raising.

    Raises: `ModelNotConfigured` when the language model is asked for and not configured.
    """
    if name == "embedded":
        return IndicatorJudge(load_cues(settings.prompts_path / _CUES))
    if not settings.llm_configured:
        raise ModelNotConfigured("no endpoint in the settings")
    # Imported here: the provider's libraries take seconds to load.
    from assistant.adapters.openai_chat import OpenAiChatModel

    models = [
        OpenAiChatModel(one, price=model_price(one), gate=gate, allowed=allowed)
        for one in (settings, second_settings(settings))
        if one is not None
    ]
    return llm_judge(settings, *models)


def second_settings(settings: Settings) -> Settings | None:
    """The settings of the model that gives every other vote; None when there is none."""
    if settings.llm_mode != "votes" or not settings.llm_second_model:
        return None
    return settings.model_copy(update={"llm_model": settings.llm_second_model})


def llm_judge(settings: Settings, model: ChatModel, second: ChatModel | None = None) -> "LlmJudge":
    """The judge over any chat model, with the installation's prompts. Raises: `OSError`."""
    from assistant.adapters.llm import LlmJudge, ModeOptions
    from assistant.prompting import PromptLibrary, installation_salt

    return LlmJudge(
        model,
        PromptLibrary(
            settings.prompts_path, salt=installation_salt(settings.data_dir / "prompt.salt")
        ),
        settings.llm_prompt,
        context_tokens=settings.llm_context_tokens,
        reply_tokens=settings.llm_max_output_tokens,
        options=ModeOptions(
            mode=settings.llm_mode,
            useful_tokens=settings.llm_useful_tokens,
            votes=settings.llm_votes,
            attendus_per_call=settings.llm_attendus_per_call,
            vision=vision_parameters(settings),
            examples=settings.llm_examples,
        ),
        second=second,
    )


def vision_parameters(settings: Settings) -> str:
    """How pictures are made, for the audit trail; empty when none is sent."""
    if settings.llm_vision == "off":
        return ""
    return (
        f"{settings.llm_vision_pictures} x {settings.llm_vision_pixels} px, "
        f"{settings.llm_vision_kb} ko"
    )


def build_index(settings: Settings, allowed: Callable[[], None] = always_on) -> ChromaChunkIndex:
    """The dense index, over the configured embeddings or the local ones."""
    return ChromaChunkIndex(_embedder(settings, allowed))


def _embedder(settings: Settings, allowed: Callable[[], None]) -> Embedder:
    if not settings.embedding_model:
        return HashingEmbedder()
    from assistant.adapters.openai_embedder import OpenAiEmbedder

    return OpenAiEmbedder(settings, allowed=allowed)
