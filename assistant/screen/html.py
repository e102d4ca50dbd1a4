"""Renders the templates of the page.

What a file says of itself (its author, its title) is left out: it names people.
A candidate's text (or file name) is shown as text, whatever it holds: Jinja escapes it, and the
braces that the page's own template language would read are written as entities.
"""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.domain.dossier import DossierSummary
from ingest.types import HiddenReason


def _counted(number: int, noun: str) -> str:
    """« 0 image », « 1 771 mots », with spaces that do not break."""
    plural = "s" if number > 1 else ""
    return f"{number:,}".replace(",", "\u202f") + f"\u00a0{noun}{plural}"


_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["counted"] = _counted
_TEMPLATES.globals["PROPERTY_FR"] = HiddenReason.PROPERTY.value
_INERT: Final = str.maketrans({"{": "&#123;", "}": "&#125;", "`": "&#96;", "$": "&#36;"})


def dossier_card(summary: DossierSummary) -> str:
    """The files of a dossier: role, what was read of each, what was not, what is hidden."""
    reports = {report.sha256: report for report in summary.extraction}
    return _render("dossier_card.html.jinja", dossier=summary, reports=reports)


def _render(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(template).render(**values).translate(_INERT)
