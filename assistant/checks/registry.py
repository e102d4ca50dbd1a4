"""Code of the rubric → function. One reads here all that is computed."""

from collections.abc import Mapping
from typing import Final

from assistant.checks.cadence import check_cadence
from assistant.checks.calendar_dates import check_dates
from assistant.checks.ceilings import check_ceiling
from assistant.checks.colours import check_colours, check_contrast
from assistant.checks.columns import check_plan, check_raci, check_table
from assistant.checks.commerce import check_contract, check_paid_mention, check_plausible
from assistant.checks.concordance import check_concordance
from assistant.checks.context import Check
from assistant.checks.conversions import check_conversion
from assistant.checks.coverage import check_coverage
from assistant.checks.durations import check_clock_order, check_durations
from assistant.checks.events import check_events
from assistant.checks.legibility import check_legibility, check_lengths
from assistant.checks.links import check_links
from assistant.checks.objectives import check_smart
from assistant.checks.rates import check_rates
from assistant.checks.returns import check_roi
from assistant.checks.sections import check_lexicon, check_reasons, check_sections
from assistant.checks.sources import check_sources, check_utm
from assistant.checks.spelling import check_spelling
from assistant.checks.strategy_parts import check_persona, check_swot
from assistant.checks.sums import check_sums
from assistant.checks.visuals import (
    check_alternatives,
    check_captures,
    check_image_sizes,
    check_weight,
)

CHECKS: Final[Mapping[str, Check]] = {
    "DET-SOMME": check_sums,
    "DET-PLAFOND": check_ceiling,
    "DET-PLAUSIBLE": check_plausible,
    "DET-CONV": check_conversion,
    "DET-ROI": check_roi,
    "DET-RATIO": check_rates,
    "DET-CONCORDANCE": check_concordance,
    "DET-DATES": check_dates,
    "DET-EVT": check_events,
    "DET-FREQ": check_cadence,
    "DET-DUREE": check_durations,
    "DET-HORO": check_clock_order,
    "DET-SMART": check_smart,
    "DET-SWOT": check_swot,
    "DET-PERSONA": check_persona,
    "DET-PLAN": check_plan,
    "DET-TABLEAU": check_table,
    "DET-RACI": check_raci,
    "DET-RUBRIQUES": check_sections,
    "DET-LEXIQUE": check_lexicon,
    "DET-JUSTIF": check_reasons,
    "DET-SOURCES": check_sources,
    "DET-LIEN": check_links,
    "DET-COUV": check_coverage,
    "DET-UTM": check_utm,
    "DET-PUB": check_paid_mention,
    "DET-CONTRAT": check_contract,
    "DET-IMG": check_image_sizes,
    "DET-POIDS": check_weight,
    "DET-ALT": check_alternatives,
    "DET-CAPTURE": check_captures,
    "DET-LONGUEUR": check_lengths,
    "DET-COULEUR": check_colours,
    "DET-CONTRASTE": check_contrast,
    "DET-ORTHO": check_spelling,
    "DET-LISIB": check_legibility,
}
