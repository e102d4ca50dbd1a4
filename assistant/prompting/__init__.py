"""Turns a case into the messages a model reads: versioned templates, fenced documents."""

from assistant.prompting.case_values import case_values
from assistant.prompting.extent import (
    CHARACTERS_PER_TOKEN,
    NOTHING,
    Extent,
    estimated_tokens,
    fitted_extent,
)
from assistant.prompting.fence import clean_quote, installation_salt, neutralised
from assistant.prompting.library import PromptLibrary
from assistant.prompting.mode_values import (
    FoundQuote,
    ReadingName,
    evidence_values,
    group_values,
    small_values,
    verdict_values,
)
from assistant.prompting.parts import Part, split_parts

__all__ = [
    "CHARACTERS_PER_TOKEN",
    "NOTHING",
    "Extent",
    "FoundQuote",
    "Part",
    "PromptLibrary",
    "ReadingName",
    "case_values",
    "clean_quote",
    "estimated_tokens",
    "evidence_values",
    "fitted_extent",
    "group_values",
    "installation_salt",
    "neutralised",
    "small_values",
    "split_parts",
    "verdict_values",
]
