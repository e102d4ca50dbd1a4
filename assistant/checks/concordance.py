"""DET-CONCORDANCE: the same thing said twice with two different figures.

Two places speak of the same thing when they name it with the same words. Figures of the brief are
compared first; then the deliverable with itself. A quantity that the text makes evolve (« de 35 à
80 ») is not a contradiction, so only what both texts fix is compared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, CheckContext, Place
from assistant.checks.dates import find_periods, show_date
from assistant.checks.numbers import Quantity, Unit, find_quantities
from assistant.checks.text import sentences, stems
from assistant.domain.finding import CheckResult
from ingest.types import Document

#: Characters beyond which a run of text is no sentence that names what it counts.
_LONGEST: Final = 1_000
_ATTENDU: Final = (
    r"concord",
    r"meme(?:s)? (?:chiffres|montants|dates)",
    r"contraintes",
    r"coheren",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with the noun it counts: « 6 200 abonnés », in a sentence."""

    noun: str
    quantity: Quantity
    stems: frozenset[str]
    place: Place


@dataclass(frozen=True, slots=True)
class Window:
    """A period with the words of its sentence."""

    first: date
    last: date
    stems: frozenset[str]
    place: Place


def check_concordance(context: CheckContext) -> Iterator[CheckResult]:
    """DET-CONCORDANCE: figures and periods, against the pieces compared and within the files."""
    given = [fact for d in context.compared() for fact in facts(d)]
    said = [fact for d in context.deliverables for fact in facts(d)]
    yield from _figures(context, given, said)
    yield from _periods(context)


def facts(document: Document) -> Iterator[Fact]:
    """« 2 140 abonnés », « 163 avis »: whole numbers and the noun that follows them."""
    for block in document.blocks:
        for sentence in sentences(block.text):
            if len(sentence.text) > _LONGEST:
                continue
            for quantity in find_quantities(sentence.text):
                noun = _noun_after(sentence.text, quantity)
                if noun and quantity.exact and not quantity.year_like:
                    start = block.start + sentence.start
                    place = Place(document, start + quantity.start, start + _end(quantity, noun))
                    yield Fact(noun.text, quantity, _around(sentence.text, quantity), place)


@dataclass(frozen=True, slots=True)
class _Noun:
    text: str
    end: int


def _end(quantity: Quantity, noun: _Noun) -> int:
    return max(quantity.end, noun.end)


def _noun_after(text: str, quantity: Quantity) -> _Noun | None:
    if quantity.unit is not Unit.NONE or quantity.step != 1 or quantity.value < 10:
        return None
    match = re.match(r" ?(?P<noun>[^\W\d_]{4,})", text[quantity.end :])
    if match is None:
        return None
    roots = stems(match["noun"])
    return _Noun(roots[0], quantity.end + match.end()) if roots else None


def _around(text: str, quantity: Quantity) -> frozenset[str]:
    """The words of the clause that holds the figure: what it is said of.

    « Page Facebook (2 140 abonnés) »: the words before a parenthesis or a colon count when there
    is nothing else inside than the noun.
    """
    left = max(text.rfind(mark, 0, quantity.start) for mark in ",;")
    rights = [at for mark in ",;)" if (at := text.find(mark, quantity.end)) >= 0]
    clause = text[left + 1 : min(rights, default=len(text))]
    parts = re.split(r"[(:]", re.sub(r"\d+", " ", clause))
    for size in range(1, len(parts) + 1):
        found = frozenset(stems(" ".join(parts[-size:])))
        if len(found) >= 2:
            return found
    return frozenset(stems(clause))


def _figures(
    context: CheckContext, given: Sequence[Fact], said: Sequence[Fact]
) -> Iterator[CheckResult]:
    """A network's or a thing's figure that the brief gives and the deliverable changes."""
    attendu = context.attendu(*_ATTENDU)
    same, seen = [], set()
    for reference in given:
        about = [f for f in said if f.noun == reference.noun and _same_subject(f, reference)]
        if any(f.quantity.value == reference.quantity.value for f in about):
            same += [f.place for f in about if f.quantity.value == reference.quantity.value][:1]
            continue
        for fact in (f for f in about if _miscopied(f.quantity, reference.quantity)):
            key = (fact.place.start, reference.place.start)
            if key not in seen:
                seen.add(key)
                text = f"Commande : « {reference.place.text} » ; livrable : « {fact.place.text} »."
                yield context.result(GAP, "I", text, places=[fact.place, reference.place])
    if same:
        text = agreed(f"{len(same)} quantité(s) de la commande reprise(s) à l'identique.")
        yield context.result(OK, "C", text, places=same, attendu=attendu)


def _same_subject(left: Fact, right: Fact) -> bool:
    """Their clauses share nearly all their words, the noun aside."""
    a, b = left.stems - {left.noun}, right.stems - {right.noun}
    return bool(a and b) and len(a & b) >= 0.75 * max(len(a), len(b))


def _miscopied(said: Quantity, given: Quantity) -> bool:
    """As many digits, two of them changed at most: a slip, rather than another quantity."""
    a, b = f"{said.value:f}", f"{given.value:f}"
    return len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) <= 2


def _periods(context: CheckContext) -> Iterator[CheckResult]:
    """A period of the deliverable that lies outside the one the brief sets for the same thing."""
    attendu = context.attendu(r"calendrier", r"\bdates?\b", *_ATTENDU)
    given = [w for d in context.compared() for w in windows(d)]
    said = [w for d in context.deliverables for w in windows(d)]
    for window in said:
        if any(_overlap(window, reference) for reference in given):
            continue
        about = [reference for reference in given if len(window.stems & reference.stems) >= 2]
        for reference in about[:1]:
            text = (
                f"Du {show_date(window.first)} au {show_date(window.last)} dans le livrable, du "
                f"{show_date(reference.first)} au {show_date(reference.last)} dans la commande : "
                "les deux périodes ne se recoupent pas."
            )
            places = [window.place, reference.place]
            yield context.result(GAP, "I", text, places=places, attendu=attendu)


def _overlap(left: Window, right: Window) -> bool:
    return left.first <= right.last and right.first <= left.last


def windows(document: Document) -> Iterator[Window]:
    """Periods whose year is known, with the words of their clause."""
    for block in document.blocks:
        for period in find_periods(block.text):
            ends = period.resolve() if period.last.year or period.first.year else None
            if ends:
                left = max(block.text.rfind(mark, 0, period.start) for mark in ".;:,\n")
                words = frozenset(stems(block.text[left + 1 : period.end + 60]))
                place = Place(document, block.start + period.start, block.start + period.end)
                yield Window(*ends, words, place)
