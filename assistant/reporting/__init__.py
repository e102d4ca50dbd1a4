"""The report as files: the grid to sign and the candidate's letter (DOCX), and JSON."""

from assistant.reporting.docx_grid import grid_docx
from assistant.reporting.docx_letter import letter_docx
from assistant.reporting.explanation import explanation
from assistant.reporting.json_export import report_json
from assistant.reporting.self_check import (
    PROMISE_FR,
    STAR_FR,
    UNREAD_FR,
    SelfCheckPaper,
    self_check_docx,
    self_check_markdown,
)

__all__ = [
    "PROMISE_FR",
    "STAR_FR",
    "UNREAD_FR",
    "SelfCheckPaper",
    "self_check_docx",
    "self_check_markdown",
    "explanation",
    "grid_docx",
    "letter_docx",
    "report_json",
]
