"""DET-CONV: conversions ÷ visites (ou clics) × 100, by its words and by its figures."""

import re
from collections.abc import Iterator
from typing import Final

from assistant.checks.context import GAP, OK, CheckContext, Place
from assistant.checks.expressions import Equation, Node, find_equations
from assistant.checks.formulas import (
    misapplied,
    named,
    numeric,
    ratio,
    result_of,
    symbolic,
    wording,
)
from assistant.domain.finding import CheckResult

_CONVERSION: Final = re.compile(r"taux de (?:conversion|transformation)")
_TRAFFIC: Final = re.compile(
    r"\bvisit|\bsessions?\b|\bclics?\b|\bclicks?\b|\bvues? de (?:la )?page|\btrafic|\bpaniers?\b"
    r"|\bprospects?\b|\bleads?\b"
)
_SEEN: Final = re.compile(
    r"\bimpressions?\b|\bportee\b|\breach\b|\bcouverture\b|\baffichages?\b|\babonnes\b|\bfollowers\b"
    r"|\bvues\b(?! de)"
)
_ACTION: Final = re.compile(
    r"conversions?\b|achats?\b|ventes?\b|commandes?\b|abonnements?\b|inscri|\bdons?\b|telechargement"
    r"|reservations?\b|demandes?\b|demos?\b|contrats?\b|clients?\b|acheteurs?\b|leads?\b|prospects?\b"
)
_EXPECTED: Final = "Taux de conversion = conversions ÷ visites (ou clics) × 100."
_FORMULA: Final = (r"\bformule\b", r"taux de conversion")
_DENOMINATOR: Final = (r"\bdenominateur\b", *_FORMULA)
_APPLIED: Final = (r"application numerique", r"\bcalcul", r"arrondi")


def check_conversion(context: CheckContext) -> Iterator[CheckResult]:
    """DET-CONV over the formulas and calculations written in the deliverables."""
    for document in context.deliverables:
        for equation in find_equations(document):
            if named(equation, _CONVERSION) or _looks_like_one(equation):
                said = list(_formula(context, equation))
                yield from said
                if not any(result.outcome is GAP for result in said):
                    yield from _application(context, equation)


def _looks_like_one(equation: Equation) -> bool:
    """« dons ÷ sessions × 100 » needs no name to be a conversion rate."""
    shapes = (ratio(side.node) for side in equation.sides if symbolic(side) and side.node)
    return any(
        shape
        and _ACTION.search(wording(shape.numerator))
        and _TRAFFIC.search(wording(shape.denominator))
        for shape in shapes
    )


def _formula(context: CheckContext, equation: Equation) -> Iterator[CheckResult]:
    side = next((s for s in equation.sides if symbolic(s) and s.node and ratio(s.node)), None)
    if side is None or side.node is None or (shape := ratio(side.node)) is None:
        return
    places = [Place(equation.document, equation.start, equation.end)]
    fault, attendu = _fault(shape.numerator, shape.denominator)
    if fault:
        yield context.result(
            GAP,
            "C",
            f"Formule écrite : « {side.text} ». {fault}",
            places=places,
            expected_fr=_EXPECTED,
            attendu=context.attendu(*attendu),
        )
    elif _TRAFFIC.search(wording(shape.denominator)):
        text = f"La formule « {side.text} » rapporte bien l'action aux visites ou aux clics."
        yield context.result(OK, "C", text, places=places, attendu=context.attendu(*_FORMULA))


def _fault(top: Node, bottom: Node) -> tuple[str, tuple[str, ...]]:
    """What is wrong, and the attendu it bears on; empty when nothing certain is."""
    above, below = wording(top), wording(bottom)
    if _SEEN.search(below) and not _TRAFFIC.search(below):
        return (
            "Le dénominateur compte des affichages ou une audience, non des visites ou des clics.",
            _DENOMINATOR,
        )
    if _TRAFFIC.search(above) and not _ACTION.search(above) and _ACTION.search(below):
        return "Le rapport est inversé : les visites sont divisées par les conversions.", _FORMULA
    return "", ()


def _application(context: CheckContext, equation: Equation) -> Iterator[CheckResult]:
    outcome = result_of(equation)
    side = next(
        (s for s in reversed(equation.sides) if numeric(s) and s.node and ratio(s.node)), None
    )
    if outcome is None or side is None:
        return
    places = [Place(equation.document, equation.start, equation.end)]
    if fault := misapplied(side, outcome[1]):
        yield context.result(GAP, "C", fault, places=places, attendu=context.attendu(*_APPLIED))
    else:
        text = f"{side.text} = {outcome[0].text} : opération exacte."
        yield context.result(OK, "C", text, places=places)
