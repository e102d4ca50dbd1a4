"""How far a suspicious passage speaks for what stands beside it.

What a false heading gives for another's words, what a passage gives for a proof, the results
listed around one of them: all of it is flagged with the passage.
"""

import re
from typing import Final

#: Units: characters.
_HEADING: Final = 80
_LONGEST: Final = 600
_LONGEST_RESULT: Final = 140
_LINES_ANNOUNCED: Final = 2
_LINES_LISTED: Final = 30
_RESULT: Final = re.compile(
    r"\b(?:acquise?s?|satisfaits?|partiel\w*|met|valid\w+|verdicts?|statuts?|status|crit[èe]res?|"
    r"attendus?|CE ?\d|C\d+|num[ée]ro|citations?|appr[ée]ciation|confiance|confidence|rationale|"
    r"motif|justification|E\d\.\d|criteri(?:on|a)|passed|satisfied)\b|^[\s{}\[\](),\"']+$",
    re.IGNORECASE,
)


def end_of_announced(text: str, start: int, end: int) -> int:
    """Where the lines end that a false heading, alone on its line, gives for another's words."""
    line_end = text.find("\n", end)
    if line_end < 0 or line_end - (text.rfind("\n", 0, start) + 1) > _HEADING:
        return end
    for _ in range(_LINES_ANNOUNCED):
        following = text.find("\n", line_end + 1)
        line_end = len(text) if following < 0 else following
        if line_end == len(text):
            break
    return min(line_end, end + _LONGEST // 2)


def end_of_next(text: str, end: int) -> int:
    """The end of what follows: the rest of the line, else the next one."""
    line_end = _line_end(text, end)
    if not text[end:line_end].strip() and line_end < len(text):
        line_end = _line_end(text, line_end + 1)
    return min(line_end, end + _LONGEST)


def start_of_previous(text: str, start: int) -> int:
    """The beginning of what comes before: of the line, else of the one before it."""
    line_start = text.rfind("\n", 0, start) + 1
    if not text[line_start:start].strip() and line_start:
        line_start = text.rfind("\n", 0, line_start - 1) + 1
    return max(line_start, start - _LONGEST)


def with_results_beside(text: str, start: int, end: int) -> tuple[int, int]:
    """The range with the short lines around it that tell results too."""
    for _ in range(_LINES_LISTED):
        line_start = text.rfind("\n", 0, start) + 1
        before = text.rfind("\n", 0, max(0, line_start - 1)) + 1
        if line_start == 0 or not _is_a_result(text[before : line_start - 1]):
            break
        start = before
    for _ in range(_LINES_LISTED):
        line_end = _line_end(text, end)
        after = _line_end(text, line_end + 1)
        if line_end >= len(text) or not _is_a_result(text[line_end + 1 : after]):
            break
        end = after
    return start, end


def _line_end(text: str, position: int) -> int:
    found = text.find("\n", position)
    return len(text) if found < 0 else found


def _is_a_result(line: str) -> bool:
    return len(line) <= _LONGEST_RESULT and _RESULT.search(line) is not None
