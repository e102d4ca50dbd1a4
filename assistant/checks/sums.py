"""DET-SOMME: lines against totals, quantity × price against amount, shares against 100 %."""

import re
from collections.abc import Iterator
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place, Strength
from assistant.checks.expressions import (
    Equation,
    Interval,
    Node,
    Operation,
    compute,
    find_equations,
    leaves,
    parse,
    shows,
)
from assistant.checks.ledger_rows import row_totals, tax_lines
from assistant.checks.ledger_shares import CALCULATION, bears_on_figures, shares, single
from assistant.checks.ledgers import (
    VAT,
    Entry,
    Kind,
    Ledger,
    another_meaning,
    is_grand,
    kind_of,
    ledgers,
    readings,
    rounding_margin,
    total_of,
)
from assistant.checks.numbers import Quantity, Unit, find_quantities, show
from assistant.checks.tables import Cell, Row, Table, find_tables, line_tables
from assistant.domain.finding import CheckResult
from ingest.types import Document


def check_sums(context: CheckContext) -> Iterator[CheckResult]:
    """DET-SOMME over every table and every written calculation of the deliverables."""
    for document in context.deliverables:
        tables = (*find_tables(document), *line_tables(document))
        books = [ledger for table in tables for ledger in ledgers(table)]
        several = sum(bool(ledger.lines) and ledger.money for ledger in books) > 1
        for ledger in books:
            yield from _totals(context, ledger, several=several)
            yield from tax_lines(context, ledger)
        for table in tables:
            yield from row_totals(context, table)
            yield from _products(context, table)
            yield from shares(context, table)
        yield from _written(context, document)


def _totals(context: CheckContext, ledger: Ledger, *, several: bool) -> Iterator[CheckResult]:
    """`several`: the document has other tables of amounts, which a grand total may gather."""
    for index in ledger.totals:
        total = ledger.entries[index]
        candidates = readings(ledger.entries, index)
        if not candidates:
            continue
        right = next((t for t in candidates if total_of(t) == total.quantity.value), None)
        terms = right or candidates[0]
        places = _places(ledger.table.document, terms, total)
        attendu = context.attendu(*CALCULATION)
        if right:
            text = f"{_sum_text(terms, ledger)} : le total annoncé est exact."
            yield context.result(OK, "C", text, places=places, attendu=attendu)
        elif not ledger.certain:
            yield context.result(
                SILENT, "C", _doubt(terms, total, ledger), places=places, attendu=attendu
            )
        else:
            meaning = another_meaning(ledger.entries, index, candidates)
            if several and is_grand(total) and total.quantity.value > total_of(terms):
                meaning = "Il peut réunir plusieurs tableaux."
            yield _wrong_total(context, ledger, candidates, total, attendu, meaning)


def _wrong_total(
    context: CheckContext,
    ledger: Ledger,
    candidates: list[tuple[Entry, ...]],
    total: Entry,
    attendu: int | None,
    meaning: str,
) -> CheckResult:
    terms, shown = candidates[0], total.quantity
    places = _places(ledger.table.document, terms, total)
    closest = min(abs(total_of(t) - shown.value) - rounding_margin(t, shown) for t in candidates)
    unit = _unit(ledger)
    gap = total_of(terms) - shown.value
    text = (
        f"{_sum_text(terms, ledger)}, total annoncé {show(shown.value, unit)} : "
        f"écart de {show(abs(gap), unit)}."
    )
    if closest <= 0:
        meaning = "Les arrondis peuvent l'expliquer."
    if meaning:
        return context.result(SILENT, "C", f"{text} {meaning}", places=places)
    sure = ledger.money and not ledger.table.from_lines and bears_on_figures(context)
    strength: Strength = "C" if sure else "I"
    return context.result(
        GAP,
        strength,
        text,
        places=places,
        attendu=attendu,
        expected_fr=f"Somme des lignes : {show(total_of(terms), unit)}.",
    )


def _unit(ledger: Ledger) -> Unit:
    return Unit.EURO if ledger.money else Unit.NONE


def _sum_text(terms: tuple[Entry, ...], ledger: Ledger) -> str:
    parts = [show(entry.value) for entry in terms]
    joined = " + ".join(parts).replace("+ −", "− ")
    return f"{joined} = {show(total_of(terms), _unit(ledger))}"


def _doubt(terms: tuple[Entry, ...], total: Entry, ledger: Ledger) -> str:
    return (
        f"{_sum_text(terms, ledger)} pour un total annoncé de "
        f"{show(total.quantity.value, _unit(ledger))} ; une cellule de la colonne n'est pas "
        "chiffrée, aucune conclusion."
    )


def _places(document: Document, terms: tuple[Entry, ...], total: Entry) -> list[Place]:
    cells = [total.cell, *(entry.cell for entry in terms)]
    return [Place(document, cell.start, cell.end) for cell in cells]


_QUANTITY: Final = re.compile(
    r"^(?:quantites?|qtes?|nb|nombre|volume|unites|duree|jours|nb jours)\b"
)
_PRICE: Final = re.compile(
    r"unitaire|^pu\b|^p\.u|^tarif|\btjm\b"
    r"|(?:prix|cout|budget|montant) ?(?:/|par) ?(?:jour|j|mois|heure|u)"
)
_AMOUNT: Final = re.compile(r"^(?:total|montant|sous-total|cout|budget|prix)s?\b")


#: A column that does not repeat the result of the detail before it.
_OTHER_AMOUNT: Final = re.compile(
    r"reel|realise|consomme|paye|engage|ecart|reste|solde|negocie|remise|economie|precedent"
)


def _products(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    """« 12 × 18 € | 216 € », and the columns quantity, unit price, amount."""
    quantity, price = table.column(_QUANTITY), table.column(_PRICE)
    amounts = [c for c in table.columns(_AMOUNT) if c not in (quantity, price)]
    for row in table.body:
        if kind_of(row[0].text if row[0] else "") is not Kind.LINE:
            continue
        if quantity is not None and price is not None and len(amounts) == 1:
            columns = (quantity, price, amounts[0])
            found = _three_columns(context, table, row, columns)
            alone = not _has_other_figures(table, row, columns)
            yield from (r for r in found if alone or r.outcome is OK)
        else:
            yield from _detail_against_amount(context, table, row)


_REFERENCE: Final = re.compile(r"^(?:n°|ref|lot\b|ligne|code|item|#|date)")


def _has_other_figures(table: Table, row: Row, columns: tuple[int, int, int]) -> bool:
    """Whether fees, a discount or a number of months may enter the amount too."""
    others = (c for c in range(1, len(row)) if c not in columns)
    return any(single(row[c]) for c in others if not _REFERENCE.search(table.labels[c]))


def _three_columns(
    context: CheckContext, table: Table, row: Row, columns: tuple[int, int, int]
) -> Iterator[CheckResult]:
    cells = [table.cell(row, column) for column in columns]
    found = [single(cell) for cell in cells]
    many, each, amount = found
    if many is None or each is None or amount is None:
        return
    product = Interval(many.value * each.value, many.value * each.value)
    places = [Place(table.document, cell.start, cell.end) for cell in cells if cell]
    text = f"{show(many.value)} × {show(each.value, '€')} = {show(product.low, '€')}"
    yield _product_result(context, product, amount, text, places)


def _detail_against_amount(context: CheckContext, table: Table, row: Row) -> Iterator[CheckResult]:
    cells = [(table.labels[c], cell) for c, cell in enumerate(row) if cell]
    for (_, detail), (label, amount) in zip(cells, cells[1:], strict=False):
        if _OTHER_AMOUNT.search(label):
            continue
        node, shown = _priced(detail), single(amount)
        value = compute(node) if node else None
        if value is None or shown is None or shown.unit is not Unit.EURO:
            continue
        places = [Place(table.document, c.start, c.end) for c in (detail, amount)]
        text = f"{detail.text} = {show(value.middle, '€')}"
        yield _product_result(context, value, shown, text, places)


def _product_result(
    context: CheckContext, value: Interval, shown: Quantity, text: str, places: list[Place]
) -> CheckResult:
    attendu = context.attendu(*CALCULATION)
    if shows(value, shown):
        return context.result(OK, "C", f"{text} : montant exact.", places=places, attendu=attendu)
    gap = f"{text}, montant annoncé {show(shown.value, '€')}"
    rates = [r for r in VAT if shows(Interval(value.low * r, value.high * r), shown)]
    if rates[:1] == [VAT[0]]:
        return context.result(OK, "C", f"{gap} : le détail est HT, le montant TTC.", places=places)
    if rates:
        text = f"{gap} : l'écart peut être une TVA à taux réduit, à vérifier."
        return context.result(SILENT, "C", text, places=places)
    difference = show(abs(value.middle - shown.value), "€")
    return context.result(
        GAP,
        "C" if bears_on_figures(context) else "I",
        f"{gap} : écart de {difference}.",
        places=places,
        attendu=attendu,
        expected_fr=f"Montant attendu : {show(value.middle, '€')}.",
    )


def _priced(cell: Cell) -> Node | None:
    """A cell's expression when it adds or multiplies amounts in euros, nothing else."""
    node = parse(cell.text, cell.start)
    if not isinstance(node, Operation) or not _only(node, "+×"):
        return None
    return node if all(_in_euros(term) for term in _terms(node)) else None


def _terms(node: Node) -> Iterator[Node]:
    if isinstance(node, Operation) and node.symbol == "+":
        yield from _terms(node.left)
        yield from _terms(node.right)
    else:
        yield node


def _in_euros(term: Node) -> bool:
    found = [leaf.quantity for leaf in leaves(term)]
    euros = [q for q in found if q and q.unit is Unit.EURO]
    return len(euros) == 1 and not any(q and q.unit is Unit.PERCENT for q in found)


def _bare_sum(node: Node) -> bool:
    """« 1 200 + 800 = 2 000 € »: the unit is written once, on the result."""
    found = [leaf.quantity for leaf in leaves(node)]
    return _only(node, "+") and all(q and q.unit is Unit.NONE for q in found)


def _only(node: Node, symbols: str) -> bool:
    if not isinstance(node, Operation):
        return True
    return node.symbol in symbols and _only(node.left, symbols) and _only(node.right, symbols)


_LISTED: Final = re.compile(r"(?<=€),\s+(?=\D)|(?<=€) (?:et|puis) ")


def _written(context: CheckContext, document: Document) -> Iterator[CheckResult]:
    """Sums and products written in a sentence: « 1 400 € + 900 € = 2 300 € »."""
    for equation in find_equations(document):
        for left, right in zip(equation.sides, equation.sides[1:], strict=False):
            node = left.node if isinstance(left.node, Operation) else _list_as_sum(left.text)
            shown = list(find_quantities(right.text))
            if node is None or not _only(node, "+×") or len(shown) != 1 or not shown[0].exact:
                continue
            if shown[0].unit is Unit.EURO and (
                all(_in_euros(term) for term in _terms(node)) or _bare_sum(node)
            ):
                yield from _written_result(context, equation, node, shown[0])


def _list_as_sum(text: str) -> Node | None:
    parts = _LISTED.split(text)
    return parse(" + ".join(parts)) if len(parts) >= 2 else None


def _written_result(
    context: CheckContext, equation: Equation, node: Node, shown: Quantity
) -> Iterator[CheckResult]:
    value = compute(node)
    if value is None:
        return
    places = [Place(equation.document, equation.start, equation.end)]
    numbers = [q.value for leaf in leaves(node) if (q := leaf.quantity)]
    sign = " × " if _only(node, "×") else " + "
    figures = sign.join(map(show, numbers)) if _only(node, sign.strip()) else equation.sides[0].text
    yield _product_result(context, value, shown, f"{figures} = {show(value.middle, '€')}", places)
