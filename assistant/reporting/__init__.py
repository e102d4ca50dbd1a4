"""The report as files: the grid to sign (DOCX) and everything for programs (JSON)."""

from assistant.reporting.docx_grid import grid_docx
from assistant.reporting.explanation import explanation
from assistant.reporting.json_export import report_json

__all__ = ["explanation", "grid_docx", "report_json"]
