"""Turns a case into the messages a model reads: versioned templates, fenced documents."""

from assistant.prompting.case_values import case_values
from assistant.prompting.extent import NOTHING, Extent, estimated_tokens, fitted_extent
from assistant.prompting.fence import clean_quote, installation_salt, neutralised
from assistant.prompting.library import PromptLibrary

__all__ = [
    "NOTHING",
    "Extent",
    "PromptLibrary",
    "case_values",
    "clean_quote",
    "estimated_tokens",
    "fitted_extent",
    "installation_salt",
    "neutralised",
]
