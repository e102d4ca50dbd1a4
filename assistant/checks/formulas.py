"""The shape of a formula: what is divided by what, whatever the words or figures."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assistant.checks.expressions import (
    Equation,
    Leaf,
    Node,
    Operation,
    Side,
    compute,
    is_numeric,
    leaves,
    shows,
)
from assistant.checks.numbers import Quantity, find_quantities, show
from assistant.checks.text import fold, stems

REVENUE: Final = re.compile(
    r"chiffre d'affaires|\bca\b|recettes?|revenus?|ventes?|gains?|dons?\b|benefices? bruts?|rapport"
)
GROSS_REVENUE: Final = re.compile(
    r"chiffre d'affaires|\bca\b|recettes?|revenus?|\bventes\b|\bdons\b"
)
NET_GAIN: Final = re.compile(r"nets?\b|benefices?|profits?|marges?|resultats?")
_HUNDREDS: Final = (Decimal(100), Decimal("0.01"))
COST: Final = re.compile(r"couts?|depenses?|investissements?|\binvesti|budgets?|frais|charges?")


@dataclass(frozen=True, slots=True)
class Ratio:
    """numerator ÷ denominator, « × 100 » and the like set aside."""

    numerator: Node
    denominator: Node


def ratio(node: Node) -> Ratio | None:
    """The division at the top of an expression, looking through « × 100 »."""
    if not isinstance(node, Operation):
        return None
    if node.symbol == "÷":
        return Ratio(node.left, node.right)
    if node.symbol == "×":
        for part, other in ((node.left, node.right), (node.right, node.left)):
            if _hundred(other) and (found := ratio(part)):
                return found
    return None


def _hundred(node: Node) -> bool:
    quantity = node.quantity if isinstance(node, Leaf) else None
    return quantity is not None and quantity.value in (100, 1000)


def wording(node: Node) -> str:
    """All the words of an expression, folded."""
    return fold(" ".join(leaf.text for leaf in leaves(node)))


def same(left: Node, right: Node) -> bool:
    """The same operand: the same number, or the same words."""
    a, b = compute(left), compute(right)
    if a and b:
        return a == b
    return set(stems(wording(left))) == set(stems(wording(right))) != set()


def symbolic(side: Side) -> bool:
    """A formula in words: an operation with at least one operand that has no figure."""
    return isinstance(side.node, Operation) and not is_numeric(side.node)


def numeric(side: Side) -> bool:
    """A calculation in figures."""
    return isinstance(side.node, Operation) and is_numeric(side.node)


def result_of(equation: Equation) -> tuple[Side, Quantity] | None:
    """The last side, when it is one certain number."""
    side = equation.sides[-1]
    found = list(find_quantities(side.text))
    if isinstance(side.node, Operation) or len(found) != 1 or not found[0].exact:
        return None
    return side, found[0]


def named(equation: Equation, pattern: re.Pattern[str]) -> bool:
    """Whether the equation's first side says what it computes.

    The words just before it count when the first side is itself a calculation.
    """
    first = equation.sides[0]
    if not isinstance(first.node, Operation):
        return bool(pattern.search(fold(first.text)))
    block = next(iter(equation.document.blocks_between(equation.start, equation.end)), None)
    before = equation.document.text[block.start : equation.start] if block else ""
    return bool(pattern.search(fold(f"{before[-60:]} {first.text}")))


def misapplied(side: Side, shown: Quantity) -> str:
    """Why a displayed result does not follow from the figures; empty when it does.

    A percentage may be computed with or without « × 100 ».
    """
    value = compute(side.node) if side.node else None
    if value is None:
        return ""
    percent = shown.unit == "%"
    if shows(value, shown) or (percent and shows(value, shown, factor=100)):
        return ""
    true = value.middle * (
        100 if percent and abs(value.middle) < 10 and "100" not in side.text else 1
    )
    text = (
        f"{side.text} = {show(true, shown.unit)}, résultat annoncé {show(shown.value, shown.unit)}"
    )
    if any(abs(true * factor - shown.value) < shown.step for factor in _HUNDREDS):
        return f"{text} : facteur 100 oublié ou compté deux fois."
    return f"{text} : le calcul donne un autre résultat."
