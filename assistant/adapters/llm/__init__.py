"""The language model as a judge: what it is shown, how it is asked, what its word becomes."""

from assistant.adapters.llm.judge import LlmJudge
from assistant.adapters.llm.modes import ModeOptions

__all__ = ["LlmJudge", "ModeOptions"]
