"""The little of CSS that decides whether a text is seen."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cssselect import ExpressionError, GenericTranslator, SelectorError, parse
from cssselect.parser import Function, Pseudo
from cssselect.xpath import XPathExpr
from lxml import etree

#: Units: characters, rules, elements looked at (once per rule) and declarations given out.
#: Beyond, style sheets are not followed, and the caller says so.
MAX_CHARACTERS: Final = 500_000
MAX_RULES: Final = 1000
MAX_LOOKS: Final = 3_000_000
MAX_DECLARATIONS: Final = 100_000

#: Declarations without any of these change nothing to what is seen.
_RELEVANT: Final = frozenset(
    {
        "display",
        "visibility",
        "opacity",
        "color",
        "background",
        "background-color",
        "background-image",
        "font",
        "font-size",
        "position",
        "left",
        "right",
        "top",
        "bottom",
        "text-indent",
        "margin",
        "margin-left",
        "margin-top",
        "filter",
        "-webkit-text-fill-color",
        "clip",
        "clip-path",
        "transform",
        "height",
        "width",
        "max-height",
        "max-width",
        "overflow",
    }
)
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_DECLARATION: Final = re.compile(r"([a-zA-Z-][\w-]*)\s*:\s*([^;]+)")
_VARIABLE: Final = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*((?:[^()]|\([^()]*\))*))?\)")
_IMPORTANT: Final = re.compile(r"\s*!\s*important\s*$", re.IGNORECASE)

#: Blocks inside blocks: « @supports » around « @media » is as far as real sheets go.
_MAX_NESTING: Final = 5

Specificity = tuple[int, int, int, int]
_INLINE: Final[Specificity] = (1, 0, 0, 0)


class _OneStep(GenericTranslator):
    """Translates to a single XPath step with conditions.

    libxml2 takes a quadratic time over several steps, and over numbered children or siblings:
    those select nothing here.
    """

    def xpath_descendant_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        return right.add_condition(f"ancestor::{_step(left)}")

    def xpath_child_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        return right.add_condition(f"parent::{_step(left)}")

    def xpath_direct_adjacent_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        condition = f" and ({left.condition})" if left.condition else ""
        return right.add_condition(f"preceding-sibling::*[1][self::{left.element}{condition}]")

    def xpath_indirect_adjacent_combinator(self, left: XPathExpr, right: XPathExpr) -> XPathExpr:
        raise ExpressionError("siblings are not followed")

    def xpath_pseudo(self, pseudo: Pseudo) -> XPathExpr:
        raise ExpressionError("states are not followed")

    def xpath_function(self, function: Function) -> XPathExpr:
        raise ExpressionError("positions are not followed")


def _step(expression: XPathExpr) -> str:
    condition = f"[{expression.condition}]" if expression.condition else ""
    return f"{expression.element}{condition}"


_TRANSLATOR: Final = _OneStep()


class StyleSheet:
    """Which declarations apply to which element, once the cascade is settled.

    `overflowed`: the sheets were too long to be followed to the end.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._elements = sum(1 for _ in root.iter())
        self._given = 0
        self._ranked: dict[etree._Element, list[tuple[bool, Specificity, int, str, str]]] = {}
        self._variables: dict[str, set[str]] = {}
        self._count = 0
        self.overflowed = False

    def add(self, css: str) -> None:
        """Follow the rules of one `<style>`, after those already known."""
        self.overflowed |= len(css) > MAX_CHARACTERS
        for selectors, body in _rules(_COMMENT.sub(" ", css[:MAX_CHARACTERS])):
            everything = _declarations(body)
            for _, name, value in everything:
                if name.startswith("--"):
                    self._variables.setdefault(name, set()).add(value)
            declared = [d for d in everything if d[1] in _RELEVANT]
            if not declared:
                continue
            self._count += 1
            if self._is_exhausted():
                self.overflowed = True
                return
            for specificity, element in self._selected(selectors):
                self._rank(element, specificity, declared)

    def of(self, element: etree._Element) -> Mapping[str, str]:
        """The declarations in force on an element itself; inheritance is the caller's."""
        inline = element.get("style")
        ranked = list(self._ranked.get(element, ()))
        if inline:
            ranked += [(i, _INLINE, 0, n, v) for i, n, v in _declarations(inline)]
        # Stable: of two equal declarations, the later one wins.
        ranked.sort(key=lambda declaration: declaration[:3])
        return {name: _VARIABLE.sub(self._value_of, value) for *_, name, value in ranked}

    def _value_of(self, variable: re.Match[str]) -> str:
        """A variable's value, where all the sheets give it the same; its scope is not followed."""
        values = self._variables.get(variable[1], set())
        if len(values) == 1:
            return next(iter(values))
        return "" if values else (variable[2] or "").strip()

    def _is_exhausted(self) -> bool:
        return (
            self._count > MAX_RULES
            or self._count * self._elements > MAX_LOOKS
            or self._given > MAX_DECLARATIONS
        )

    def _rank(
        self,
        element: etree._Element,
        specificity: Specificity,
        declared: Iterable[tuple[bool, str, str]],
    ) -> None:
        self._given += 1
        ranked = self._ranked.setdefault(element, [])
        ranked += [(important, specificity, self._count, n, v) for important, n, v in declared]

    def _selected(self, selectors: str) -> Iterator[tuple[Specificity, etree._Element]]:
        """The elements that selectors name. What cannot be understood selects nothing."""
        try:
            parsed = parse(selectors)
            paths = [(s, _TRANSLATOR.selector_to_xpath(s)) for s in parsed]
        except (SelectorError, ValueError, RecursionError):
            return
        for selector, path in paths:
            try:
                found = self._root.xpath(path)
            except etree.XPathError:
                continue
            for element in found if isinstance(found, list) else ():
                if isinstance(element, etree._Element):
                    yield (0, *selector.specificity()), element


def _declarations(body: str) -> list[tuple[bool, str, str]]:
    """(important, name, value) in order, names and values in lower case."""
    found = []
    for match in _DECLARATION.finditer(body):
        value = match[2].strip().lower()
        plain = _IMPORTANT.sub("", value)
        found.append((plain != value, match[1].lower(), plain))
    return found


def _rules(css: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(selectors, declarations) of the rules that hold on a screen, whatever its size."""
    at = 0
    while (brace := css.find("{", at)) >= 0:
        prelude = css[at:brace].rpartition(";")[2].strip()
        end = _matching_brace(css, brace)
        body = css[brace + 1 : end]
        if prelude.startswith("@"):
            if depth < _MAX_NESTING and _holds_on_screen(prelude):
                yield from _rules(body, depth + 1)
        else:
            yield prelude, body
        at = end + 1


def _matching_brace(css: str, opening: int) -> int:
    depth = 0
    for found in re.finditer(r"[{}]", css[opening:]):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return opening + found.start()
    return len(css)


def _holds_on_screen(prelude: str) -> bool:
    name, _, condition = prelude.lower().partition(" ")
    if name in {"@layer", "@supports"}:
        return True
    wanted = re.split(r"[\s,]+", condition.strip())
    return name == "@media" and "(" not in condition and bool({"screen", "all", ""} & set(wanted))
