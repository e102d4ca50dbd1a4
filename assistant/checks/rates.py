"""DET-RATIO: rates and unit costs recomputed from the raw figures that stand beside them.

In a table, a rate is recomputed only from columns (or rows) that its own name points to. Where a
name can point to several, the rate is right as soon as one of them gives it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assistant.checks.context import GAP, OK, CheckContext, Place
from assistant.checks.expressions import (
    Interval,
    Operation,
    find_equations,
    interval_of,
    shows,
)
from assistant.checks.formulas import misapplied, named, numeric, ratio, result_of
from assistant.checks.ledger_shares import single
from assistant.checks.numbers import Quantity, Unit, find_quantities, show
from assistant.checks.tables import Cell, Table, find_tables
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from ingest.types import Document

_SPEND: Final = r"depense|\bcouts? (?:total|media)|\bbudget|investi"
_CLICKS: Final = r"^clics?\b|^clicks?\b|^nombre de clics"
_VIEWS: Final = r"^impressions?\b|^affichages?\b"
_ACTIONS: Final = (
    r"^conversions?\b|^achats?\b|^ventes?\b|^commandes?\b|^abonnements?\b|^inscri"
    r"|^(?:nombre de )?dons?\b(?! \(€)|^telechargement|^reservations?\b|^demandes?\b|^leads?\b"
)
_VISITS: Final = r"^visit|^sessions?\b|^clics?\b|^nombre de (?:visites|sessions|clics)"
_INTERACTIONS: Final = r"^interactions?\b|^engagements?\b(?! )"
_AUDIENCE: Final = r"^portee\b|^impressions?\b|^abonnes\b|^couverture\b|^reach\b"
_CALCULATED: Final = (
    r"recalcul|calculs? (?:est|sont)? ?(?:juste|exact)",
    r"formules?",
    r"\bcalcul",
)


@dataclass(frozen=True, slots=True)
class Metric:
    """A named rate: its name, what is divided by what, and the factor (100, 1 000)."""

    name: re.Pattern[str]
    top: re.Pattern[str]
    bottom: re.Pattern[str]
    factor: int
    wording: str


def _metric(name: str, top: str, bottom: str, factor: int, wording: str) -> Metric:
    return Metric(re.compile(name), re.compile(top), re.compile(bottom), factor, wording)


#: What is aimed at or compared with was not computed from the figures beside it.
_NOT_MEASURED: Final = re.compile(
    r"objectif|cible|\bvises?\b|seuil|prevu|alerte|moyen|secteur|ecart|evolution|variation|precedent"
)

METRICS: Final = (
    _metric(r"\bctr\b|taux de clics?", _CLICKS, _VIEWS, 100, "clics ÷ impressions × 100"),
    _metric(r"\bcpc\b|cout (?:par|au) clic", _SPEND, _CLICKS, 1, "dépense ÷ clics"),
    _metric(r"\bcpm\b|cout (?:pour|par|aux) mille", _SPEND, _VIEWS, 1000,
            "dépense ÷ impressions × 1 000"),
    _metric(
        r"\bcpa\b|\bcpl\b|cout (?:media )?par (?:achat|conversion|vente|commande|acquisition"
        r"|abonnement|inscription|lead|don|telechargement|reservation)",
        _SPEND, _ACTIONS, 1, "dépense ÷ conversions",
    ),
    _metric(r"taux de conversion", _ACTIONS, _VISITS, 100, "conversions ÷ visites × 100"),
    _metric(r"taux d'engagement", _INTERACTIONS, _AUDIENCE, 100, "interactions ÷ audience × 100"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a table, its cell, and the name that its row or column gives it."""

    name: str
    cell: Cell
    quantity: Quantity


def check_rates(context: CheckContext) -> Iterator[CheckResult]:
    """DET-RATIO over tables (by row and by column), written calculations and evolutions."""
    for document in context.deliverables:
        for table in find_tables(document):
            for figures in (*_by_row(table), *_by_column(table)):
                yield from _named_rates(context, document, figures)
            yield from _gaps_to_target(context, table)
        yield from _written(context, document)
        yield from _evolutions(context, document)


def _by_row(table: Table) -> Iterator[list[Figure]]:
    """Each row, its numbers named by the columns."""
    for row in table.body:
        named = zip(table.labels, row, strict=False)
        yield [Figure(n, c, q) for n, c in named if c and n and (q := single(c))]


def _by_column(table: Table) -> Iterator[list[Figure]]:
    """Each column, its numbers named by the first cell of their row."""
    for column in range(1, table.width):
        if _NOT_MEASURED.search(table.labels[column]):
            continue
        cells = [(row[0], table.cell(row, column)) for row in table.body]
        yield [
            Figure(fold(first.text), cell, quantity)
            for first, cell in cells
            if first and cell and (quantity := single(cell))
        ]


def _named_rates(
    context: CheckContext, document: Document, figures: Sequence[Figure]
) -> Iterator[CheckResult]:
    for figure in figures:
        metric = next((m for m in METRICS if m.name.search(figure.name)), None)
        if metric is None or _NOT_MEASURED.search(figure.name):
            continue
        pairs = list(_pairs(metric, figure, figures))
        fitting = next((p for p in pairs if shows(_value(metric, *p), figure.quantity)), None)
        if fitting:
            yield _rate_result(context, document, metric, figure, fitting, right=True)
        elif len(pairs) == 1:
            yield _rate_result(context, document, metric, figure, pairs[0], right=False)


def _pairs(
    metric: Metric, figure: Figure, figures: Sequence[Figure]
) -> Iterator[tuple[Figure, Figure]]:
    """What the rate may have been computed from, in the same row or column."""
    for top in figures:
        for bottom in figures:
            apart = len({id(figure), id(top), id(bottom)}) == 3
            raw = top.quantity.unit is not Unit.PERCENT and bottom.quantity.unit is not Unit.PERCENT
            if apart and raw and metric.top.search(top.name) and metric.bottom.search(bottom.name):
                if bottom.quantity.value > 0 and _about(metric, figure, top, bottom):
                    yield top, bottom


def _about(metric: Metric, figure: Figure, top: Figure, bottom: Figure) -> bool:
    """« Coût par achat » speaks of « achats » only; a rate in figures must be a percentage."""
    if "par" in figure.name.split() and metric.factor == 1:
        wanted = figure.name.rpartition("par ")[2][:4]
        return wanted in bottom.name or wanted in ("conv", "acqu")
    return metric.factor != 100 or figure.quantity.unit is Unit.PERCENT


def _value(metric: Metric, top: Figure, bottom: Figure) -> Interval:
    a, b = interval_of(top.quantity), interval_of(bottom.quantity)
    factor = Decimal(metric.factor)
    return Interval(a.low / b.high * factor, a.high / max(b.low, Decimal("0.0001")) * factor)


def _rate_result(
    context: CheckContext, document: Document, metric: Metric, figure: Figure,
    pair: tuple[Figure, Figure], *, right: bool,
) -> CheckResult:  # fmt: skip
    top, bottom = pair
    value = _value(metric, top, bottom).middle
    unit, step = figure.quantity.unit, min(figure.quantity.step, Decimal("0.1"))
    factor = f" × {show(Decimal(metric.factor))}" if metric.factor != 1 else ""
    text = (
        f"{metric.wording} : {show(top.quantity.value)} ÷ {show(bottom.quantity.value)}{factor} = "
        f"{show(value, unit, step)}"
    )
    places = [Place(document, f.cell.start, f.cell.end) for f in (figure, top, bottom)]
    if right:
        return context.result(OK, "C", f"{text}, comme annoncé.", places=places)
    text = f"{text}, valeur annoncée {show(figure.quantity.value, unit)}."
    return context.result(GAP, "C", text, places=places, attendu=context.attendu(*_CALCULATED))


#: Judged by their own checks, formula included.
_ELSEWHERE: Final = re.compile(r"\broi\b|\broas\b|retour sur|taux de conversion")
_RESULT: Final = re.compile(r"^(?:resultat|realise|reel|obtenu|constate)s?\b")
_TARGET: Final = re.compile(r"^(?:objectif|cible|prevu|vise|prevision)s?\b")
_GAP: Final = re.compile(r"^(?:ecart|evolution|variation)\b")


def _gaps_to_target(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    """« Résultat | Objectif | Écart » : a percentage, points, or a plain difference."""
    columns = [table.column(pattern) for pattern in (_RESULT, _TARGET, _GAP)]
    if None in columns or len(set(columns)) != 3:
        return
    for row in table.body:
        cells = [table.cell(row, column) for column in columns]
        found = [single(cell) for cell in cells]
        actual, target, gap = found
        if actual is None or target is None or gap is None or target.value <= 0:
            continue
        if actual.unit is not target.unit:
            continue
        difference = actual.value - target.value
        relative = difference / target.value * 100
        reached = actual.value / target.value * 100  # « taux d'atteinte »
        right = any(_shows(value, gap) for value in (relative, difference, reached))
        places = [Place(table.document, cell.start, cell.end) for cell in cells if cell]
        text = (
            f"({show(actual.value)} − {show(target.value)}) ÷ {show(target.value)} × 100 = "
            f"{show(relative, '%', Decimal('0.1'))}"
        )
        if right:
            yield context.result(
                OK, "C", f"Écart de {show(gap.value, gap.unit)} exact.", places=places
            )
        elif gap.unit is Unit.PERCENT and actual.unit is not Unit.PERCENT:
            text = f"{text}, écart annoncé {show(gap.value, '%')}."
            yield context.result(
                GAP, "C", text, places=places, attendu=context.attendu(*_CALCULATED)
            )


def _shows(value: Decimal, shown: Quantity) -> bool:
    """In size at least: « −50 € » may be written « 50 € de moins »."""
    return abs(abs(value) - abs(shown.value)) < shown.step


def _written(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """Divisions written out with their result."""
    for equation in find_equations(document):
        outcome = result_of(equation)
        side = next((s for s in reversed(equation.sides) if numeric(s)), None)
        if outcome is None or side is None or not isinstance(side.node, Operation):
            continue
        if ratio(side.node) is None or named(equation, _ELSEWHERE):
            continue
        places = [Place(document, equation.start, equation.end)]
        if fault := misapplied(side, outcome[1]):
            attendu = context.attendu(*_CALCULATED)
            yield context.result(GAP, "C", fault, places=places, attendu=attendu)
        else:
            text = f"{side.text} = {outcome[0].text} : opération exacte."
            yield context.result(OK, "C", text, places=places)


_EVOLUTION: Final = re.compile(
    r"(?<!entre )\bde (?P<first>\d[\d .,]*(?:€|%|k€)?)(?P<name> [^\d().;:]{0,25})? ?a "
    r"(?P<last>\d[\d .,]*(?:€|%|k€)?)(?P<more>[^\d().;:]{0,40})"
    r"\((?:soit )?(?P<change>[+−-]? ?\d[\d.,]*) ?%\)"
)


#: « paniers de 20 à 40 € (-30 %) » is a range of prices with a discount.
_CHANGES: Final = re.compile(
    r"pass|augment|progress|evolu|hausse|baisse|croi|mont|grimp|diminu|recul|chut|port[ea]|faire|bond"
)


def _evolutions(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """« passer de 1 200 à 1 800 abonnés (+50 %) »."""
    for block in document.blocks:
        for match in _EVOLUTION.finditer(fold(block.text)):
            if not _CHANGES.search(fold(block.text[max(0, match.start() - 60) : match.start()])):
                continue
            first, last = (_read(block.text, match.span(name)) for name in ("first", "last"))
            change = list(find_quantities(f"{block.text[slice(*match.span('change'))]} %"))
            if all(len(found) == 1 and found[0].exact for found in (first, last, change)):
                place = Place(document, block.start + match.start(), block.start + match.end())
                yield from _evolution(context, place, first[0], last[0], change[0])


def _read(text: str, span: tuple[int, int]) -> list[Quantity]:
    return list(find_quantities(text[slice(*span)].strip()))


def _evolution(
    context: CheckContext, place: Place, first: Quantity, last: Quantity, change: Quantity
) -> Iterator[CheckResult]:
    if first.value <= 0 or Unit.PERCENT in (first.unit, last.unit):
        return  # points or percent: a person reads it
    value = (last.value - first.value) / first.value * 100
    text = (
        f"({show(last.value)} − {show(first.value)}) ÷ {show(first.value)} × 100 = "
        f"{show(value, '%', Decimal('0.1'))}"
    )
    if _shows(value, change):
        yield context.result(OK, "C", f"{text}, comme annoncé.", places=[place])
    else:
        text = f"{text}, évolution annoncée {show(change.value, '%')}."
        yield context.result(GAP, "C", text, places=[place], attendu=context.attendu(*_CALCULATED))
