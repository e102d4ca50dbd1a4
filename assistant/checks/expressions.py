"""Calculations written out in a text: « (15 900 − 3 180) ÷ 15 900 × 100 = 80 % ».

A side of an equation is parsed once, whether its operands are numbers or words (« gains − coûts »),
so that a formula can be judged by its shape and recomputed when it has figures. Figures that were
rounded make the result an interval, never a false precision.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Final, Literal

from assistant.checks.numbers import Quantity, Unit, find_quantities
from assistant.checks.text import sentences
from ingest.types import Document

#: Characters and parentheses beyond which a text is no calculation that a person writes.
MAX_LENGTH: Final = 400
MAX_DEPTH: Final = 20

Symbol = Literal["+", "-", "×", "÷"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """An operand as written: a number with its words, or words alone."""

    text: str
    start: int
    end: int

    @property
    def quantity(self) -> Quantity | None:
        """Its number, when it has exactly one and a certain one."""
        found = list(find_quantities(self.text))
        return found[0] if len(found) == 1 and found[0].exact else None


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and what joins them."""

    symbol: Symbol
    left: "Node"
    right: "Node"


Node = Leaf | Operation


@dataclass(frozen=True, slots=True)
class Interval:
    """All the values that rounded figures allow; a point when they are exact."""

    low: Decimal
    high: Decimal

    @property
    def middle(self) -> Decimal:
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equation, with its range in the document's text."""

    text: str
    start: int
    end: int
    node: Node | None


@dataclass(frozen=True, slots=True)
class Equation:
    """« A = B = C » as written in one sentence or cell."""

    document: Document
    sides: tuple[Side, ...]

    @property
    def start(self) -> int:
        return self.sides[0].start

    @property
    def end(self) -> int:
        return self.sides[-1].end


_OPERATOR: Final = re.compile(
    r"\s*(?P<plus>\+)\s*|\s+(?P<minus>[-−–])\s+|(?P<tight_minus>(?<=\d)[-−](?=\d))"
    r"|\s*(?P<times>[×*∗·])\s*|(?P<x>(?<=[\d€%)j])\s*x\s*(?=[\d(]))|\s+(?P<letter>x)\s+(?=\d)"
    r"|\s*(?P<divide>÷)\s*|\s+(?P<slash>/)\s+|(?P<tight_slash>(?<=[\d€)])/(?=[\d(]))"
    r"|\s*\b(?P<by>divisée?s? par)\b\s*|\s*\b(?P<mult>multipliée?s? par)\b\s*",
    re.IGNORECASE,
)
_SYMBOLS: Final[dict[str, Symbol]] = {
    "plus": "+",
    "minus": "-",
    "tight_minus": "-",
    "times": "×",
    "x": "×",
    "letter": "×",
    "mult": "×",
    "divide": "÷",
    "slash": "÷",
    "tight_slash": "÷",
    "by": "÷",
}


class _Unreadable(Exception):
    """The text is not an expression."""


@dataclass
class _Parser:
    """Precedence climbing over the characters of one side."""

    text: str
    offset: int
    at: int = 0

    def sum(self) -> Node:
        node = self.product()
        while (symbol := self._operator("+", "-")) is not None:
            node = Operation(symbol, node, self.product())
        return node

    def product(self) -> Node:
        node = self.operand()
        while (symbol := self._operator("×", "÷")) is not None:
            node = Operation(symbol, node, self.operand())
        return node

    def operand(self) -> Node:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if self.at < len(self.text) and self.text[self.at] in "([":
            self.at += 1
            node = self.sum()
            if self.at >= len(self.text) or self.text[self.at] not in ")]":
                raise _Unreadable
            self.at += 1
            self._skip_unit()
            return node
        return self._leaf()

    def _leaf(self) -> Leaf:
        start, depth = self.at, 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "([":
                depth += 1
            elif char in ")]":
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0 and self.at > start and _OPERATOR.match(self.text, self.at):
                break
            self.at += 1
        words = self.text[start : self.at]
        if not re.search(r"\w", words) or depth:
            raise _Unreadable
        return Leaf(words.strip(), self.offset + start, self.offset + start + len(words.rstrip()))

    def _skip_unit(self) -> None:
        if unit := re.compile(r"\s*(?:€|%)").match(self.text, self.at):
            self.at = unit.end()

    def _operator(self, *wanted: Symbol) -> Symbol | None:
        match = _OPERATOR.match(self.text, self.at)
        if match is None:
            return None
        name = match.lastgroup or ""
        symbol = _SYMBOLS[name]
        if symbol not in wanted:
            return None
        self.at = match.end()
        return symbol


def parse(text: str, offset: int = 0) -> Node | None:
    """The tree of an expression, None when the text is not one (or is too long to be one)."""
    if len(text) > MAX_LENGTH or text.count("(") > MAX_DEPTH:
        return None
    trimmed = text.rstrip(' .;:,!?»"')
    parser = _Parser(trimmed, offset)
    try:
        node = parser.sum()
    except _Unreadable:
        return None
    return node if not trimmed[parser.at :].strip() else None


def leaves(node: Node) -> Iterator[Leaf]:
    """The operands, left to right."""
    if isinstance(node, Leaf):
        yield node
    else:
        yield from leaves(node.left)
        yield from leaves(node.right)


def is_numeric(node: Node) -> bool:
    """Whether every operand is one certain number."""
    return all(leaf.quantity is not None for leaf in leaves(node))


def compute(node: Node) -> Interval | None:
    """The value, None when an operand is not one certain number or a divisor may be zero."""
    if isinstance(node, Leaf):
        quantity = node.quantity
        return interval_of(quantity) if quantity else None
    left, right = compute(node.left), compute(node.right)
    if left is None or right is None:
        return None
    firsts, seconds = (left.low, left.high), (right.low, right.high)
    try:
        ends = [_apply(node.symbol, a, b) for a in firsts for b in seconds]
    except (DivisionByZero, InvalidOperation):
        return None
    if node.symbol == "÷" and right.low <= 0 <= right.high:
        return None
    return Interval(min(ends), max(ends))


def _apply(symbol: Symbol, a: Decimal, b: Decimal) -> Decimal:
    if symbol == "+":
        return a + b
    if symbol == "-":
        return a - b
    return a * b if symbol == "×" else a / b


def interval_of(quantity: Quantity) -> Interval:
    """Whole numbers and amounts to the cent are exact; k€, % and decimals may be rounded."""
    whole = quantity.step == 1 and quantity.unit is not Unit.PERCENT
    cents = quantity.unit is Unit.EURO and quantity.step <= 1
    half = Decimal(0) if whole or cents else quantity.step / 2
    return Interval(quantity.value - half, quantity.value + half)


def shows(interval: Interval, shown: Quantity, *, factor: int = 1) -> bool:
    """Whether a displayed number can stand for a computed one: rounded or cut at its last digit."""
    value = shown.value / factor
    margin = shown.step / factor
    return interval.low - margin < value < interval.high + margin


def find_equations(document: Document) -> list[Equation]:
    """Every « … = … » of the visible text, sentence by sentence."""
    found = []
    for block in document.blocks:
        if "=" not in block.text:
            continue
        for sentence in sentences(block.text):
            if "=" in sentence.text:
                start = block.start + sentence.start
                found += [
                    _equation(document, text, start + at) for at, text in _apart(sentence.text)
                ]
    return found


def _apart(text: str) -> Iterator[tuple[int, str]]:
    """The calculations of a sentence, each with its offset: « a = 1 % ; b ÷ c = 7 % » holds two.

    Between two equals signs, a result followed by a separator ends one calculation; what comes
    after opens the next.
    """
    begin, cursor = 0, 0
    parts = text.split("=")
    for part in parts[:-1]:
        result = _RESULT.match(part) if cursor else None
        if result and (separator := _NEXT.match(part, result.end())):
            end = cursor + separator.end()
            yield begin, text[begin : cursor + result.end()]
            begin = end
        cursor += len(part) + 1
    yield begin, text[begin:]


def _equation(document: Document, text: str, offset: int) -> Equation:
    sides, cursor = [], 0
    parts = text.split("=")
    for index, part in enumerate(parts):
        raw = _tail(part) if index == 0 else part
        if index == len(parts) - 1:
            raw = _head(raw)
        start = offset + cursor + part.index(raw) if raw else offset + cursor
        lead = len(raw) - len(raw.lstrip())
        stripped = raw.strip()
        begin = start + lead
        sides.append(Side(stripped, begin, begin + len(stripped), parse(stripped, begin)))
        cursor += len(part) + 1
    return Equation(document, tuple(sides))


def _tail(part: str) -> str:
    """What the equals sign bears on: after the last colon, else after an introducing comma."""
    if ":" in part:
        part = part.rpartition(":")[2]
    pieces = re.split(r"(?<=\D),(?=\s)|;", part)
    if len(pieces) > 1 and not re.search(r"\d", pieces[-2]):
        return pieces[-1]
    return part


_RESULT: Final = re.compile(
    r"\s*[≈~]?\s*\(?[-−+]?\d[\d .,]*(?: ?(?:k€|M€|€|%|‰|points?|x))?(?![\w×÷*])"
)

_NEXT: Final = re.compile(r"\s*(?:[;,]\s|et\b|puis\b)")


def _head(part: str) -> str:
    """A final result without the words that follow it: « 119 %, donc rentable » → « 119 % »."""
    match = _RESULT.match(part)
    if match is None:
        return part
    rest = part[match.end() :]
    return part if _OPERATOR.match(rest) else match.group().rstrip(" .,")
