"""The language model as a judge: what it is shown, how it is asked, what its word becomes."""

from assistant.adapters.llm.judge import LlmJudge

__all__ = ["LlmJudge"]
