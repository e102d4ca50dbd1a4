"""Code of the rubric → function. One reads here all that is computed."""

from collections.abc import Mapping
from typing import Final

from assistant.checks.cadence import check_cadence
from assistant.checks.calendar_dates import check_dates
from assistant.checks.ceilings import check_ceiling
from assistant.checks.columns import check_plan, check_raci, check_table
from assistant.checks.concordance import check_concordance
from assistant.checks.context import Check
from assistant.checks.conversions import check_conversion
from assistant.checks.coverage import check_coverage
from assistant.checks.durations import check_clock_order, check_durations
from assistant.checks.objectives import check_smart
from assistant.checks.rates import check_rates
from assistant.checks.returns import check_roi
from assistant.checks.sections import check_lexicon, check_reasons, check_sections
from assistant.checks.strategy_parts import check_persona, check_swot
from assistant.checks.sums import check_sums

CHECKS: Final[Mapping[str, Check]] = {
    "DET-SOMME": check_sums,
    "DET-PLAFOND": check_ceiling,
    "DET-CONV": check_conversion,
    "DET-ROI": check_roi,
    "DET-RATIO": check_rates,
    "DET-CONCORDANCE": check_concordance,
    "DET-DATES": check_dates,
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
    "DET-COUV": check_coverage,
}
