"""What a spreadsheet's cell may hold of a text that is not ours."""

from typing import Final

from assistant.reporting.labels import visible

#: What a spreadsheet takes for the start of a formula, full-width forms included.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BLANK_STARTS: Final = ("\t", "\r", "\n")
#: A spreadsheet's cell holds 32 767 characters.
_LONGEST: Final = 32_000


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and that any can hold and show.

    What could start one gets an apostrophe before it, spaces before it or not.
    """
    shown = visible(text)[:_LONGEST]
    risky = text.startswith(_BLANK_STARTS) or shown.lstrip().startswith(_FORMULA_STARTS)
    return f"'{shown}" if risky else shown
