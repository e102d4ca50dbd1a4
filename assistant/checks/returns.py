"""DET-ROI: (gains − coûts) ÷ coûts × 100, recomputed, and what is concluded from it."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from assistant.checks.context import GAP, OK, CheckContext, Place
from assistant.checks.expressions import Equation, Leaf, Node, Operation, compute, find_equations
from assistant.checks.formulas import (
    COST,
    GROSS_REVENUE,
    NET_GAIN,
    REVENUE,
    misapplied,
    named,
    numeric,
    ratio,
    result_of,
    same,
    symbolic,
    wording,
)
from assistant.checks.numbers import show
from assistant.checks.text import fold, sentences
from assistant.domain.finding import CheckResult
from ingest.types import Document

_ROI: Final = re.compile(r"\broi\b|retour sur (?:l')?investissement")
_ROAS: Final = re.compile(r"\broas\b")
_FORMULA: Final = (r"formule du roi", r"\bformule\b")
_APPLIED: Final = (r"application numerique", r"calculs? (?:est|sont)? ?juste", r"\bcalcul")
_EXPECTED: Final = "ROI = (gains − coûts) ÷ coûts × 100."


def check_roi(context: CheckContext) -> Iterator[CheckResult]:
    """DET-ROI over the formulas and calculations written in the deliverables."""
    for document in context.deliverables:
        found = [e for e in find_equations(document) if named(e, _ROI) and not named(e, _ROAS)]
        for equation in found:
            said = list(_formula(context, equation))
            yield from said
            if not any(result.outcome is GAP for result in said):
                yield from _application(context, equation)
        if found:
            yield from _conclusion(context, document, found)


def _formula(context: CheckContext, equation: Equation) -> Iterator[CheckResult]:
    """The words first; a calculation in figures is judged by its shape when there are no words."""
    sides = [s for s in equation.sides if symbolic(s) and (ratio(s.node) if s.node else None)]
    sides = sides or [s for s in equation.sides if numeric(s)]
    for side in sides[:1]:
        fault = _fault(side.node) if side.node else ""
        places = [Place(equation.document, equation.start, equation.end)]
        attendu = context.attendu(*_FORMULA)
        if fault is None:
            continue
        if fault:
            text = f"Formule écrite : « {side.text} ». {fault}{_corrected(equation)}"
            yield context.result(
                GAP, "C", text, places=places, expected_fr=_EXPECTED, attendu=attendu
            )
        else:
            text = f"La formule « {side.text} » est celle du ROI."
            yield context.result(OK, "C", text, places=places, attendu=attendu)


def _fault(node: Node) -> str | None:
    """What is wrong with a formula named ROI; empty when right, None when it cannot be told."""
    if isinstance(node, Operation) and node.symbol == "-" and _is_one(node.right):
        inner = ratio(node.left)
        return "" if inner and COST.search(wording(inner.denominator)) else None
    shape = ratio(node)
    if shape is None:
        return None
    top, bottom = shape.numerator, shape.denominator
    if isinstance(top, Operation) and top.symbol == "-":
        return _fault_of_difference(top, bottom)
    if COST.search(wording(top)) and REVENUE.search(wording(bottom)):
        return "Le rapport est inversé : les coûts sont divisés par les gains."
    if not COST.search(wording(bottom)):
        return None
    if NET_GAIN.search(wording(top)):
        return ""
    if GROSS_REVENUE.search(wording(top)):
        return "Le chiffre d'affaires n'est pas diminué des coûts : c'est un ROAS, non un ROI."
    return None


def _fault_of_difference(top: Operation, bottom: Node) -> str | None:
    if same(top.right, bottom):
        swapped = COST.search(wording(top.left)) and REVENUE.search(wording(top.right))
        return "Gains et coûts sont inversés." if swapped else ""
    if same(top.left, bottom):
        return "La différence est divisée par les gains (taux de marge) et non par les coûts."
    if COST.search(wording(bottom)) and not REVENUE.search(wording(bottom)):
        return "" if REVENUE.search(wording(top.left)) else None
    return None


def _is_one(node: Node) -> bool:
    quantity = node.quantity if isinstance(node, Leaf) else None
    return quantity is not None and quantity.value == 1


def _corrected(equation: Equation) -> str:
    """The right figure, when the gains and the costs can be told apart."""
    pair = _gain_and_cost(equation)
    if pair is None:
        return ""
    gain, cost = pair
    roi = (gain - cost) / cost * 100
    return (
        f" Avec les mêmes chiffres : ({show(gain)} − {show(cost)}) ÷ {show(cost)} × 100 = "
        f"{show(roi, '%', Decimal('0.1'))}."
    )


def _gain_and_cost(equation: Equation) -> tuple[Decimal, Decimal] | None:
    words = next((ratio(s.node) for s in equation.sides if symbolic(s) and s.node), None)
    figures = next((ratio(s.node) for s in equation.sides if numeric(s) and s.node), None)
    if words is None or figures is None:
        return None
    roles: dict[str, Decimal] = {}
    _match_roles(words.numerator, figures.numerator, roles)
    _match_roles(words.denominator, figures.denominator, roles)
    gain, cost = roles.get("gain"), roles.get("cost")
    return (gain, cost) if gain is not None and cost else None


def _match_roles(words: Node, figures: Node, roles: dict[str, Decimal]) -> None:
    """Give each figure the role that the word at the same place has."""
    if isinstance(words, Operation) and isinstance(figures, Operation):
        _match_roles(words.left, figures.left, roles)
        _match_roles(words.right, figures.right, roles)
    elif isinstance(words, Leaf) and (value := compute(figures)):
        text = wording(words)
        role = "cost" if COST.search(text) else "gain" if REVENUE.search(text) else ""
        if role:
            roles[role] = value.middle


def _application(context: CheckContext, equation: Equation) -> Iterator[CheckResult]:
    outcome = result_of(equation)
    sides = [s for s in equation.sides if numeric(s) and (ratio(s.node) if s.node else None)]
    if outcome is None or not sides:
        return
    places = [Place(equation.document, equation.start, equation.end)]
    attendu = context.attendu(*_APPLIED)
    fault = misapplied(sides[-1], outcome[1])
    if fault:
        yield context.result(GAP, "C", fault, places=places, attendu=attendu)
    else:
        text = f"{sides[-1].text} = {outcome[0].text} : opération exacte."
        yield context.result(OK, "C", text, places=places)


_PROFITABLE: Final = re.compile(r"\brentables?\b|\bbenefi(?:ce|ciaire)s?\b")
_NEGATED: Final = re.compile(r"\b(?:pas|peu|non|plus|jamais|sans)\b.{0,20}$|\bn'|\bdeficit|\bperte")


def _conclusion(
    context: CheckContext, document: Document, equations: list[Equation]
) -> Iterator[CheckResult]:
    """« Rentable » after a loss, or the reverse."""
    outcomes = [found[1].value for e in equations if (found := result_of(e))]
    if len(set(outcomes)) != 1 or outcomes[0] == 0:
        return
    loss = outcomes[0] < 0
    for block in document.blocks:
        for sentence in sentences(block.text):
            folded = fold(sentence.text)
            match = _PROFITABLE.search(folded)
            if match and _ROI.search(folded):
                negated = bool(_NEGATED.search(folded[: match.start()]))
                if negated != loss:
                    start = block.start + sentence.start
                    yield context.result(
                        GAP,
                        "I",
                        f"Le ROI annoncé est de {show(outcomes[0], '%')} ; la conclusion dit le "
                        "contraire.",
                        places=[Place(document, start, block.start + sentence.end)],
                        attendu=context.attendu(r"conclusion"),
                    )
