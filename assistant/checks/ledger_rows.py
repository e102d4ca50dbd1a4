"""Part of DET-SOMME: totals at the end of a row, and a tax against its base and its rate.

A row adds up when its last column is called a total and the others are periods, posts or networks.
Columns that multiply (quantity, unit price), compare (planned, spent) or tell taxes apart are not
added; neither is a row when the table does not keep to it elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.ledger_shares import CALCULATION, bears_on_figures, single
from assistant.checks.ledgers import VAT, Entry, Kind, Ledger, kind_of
from assistant.checks.numbers import Quantity, Unit, show
from assistant.checks.tables import Cell, Row, Table
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult

_TOTAL: Final = re.compile(r"^(?:total|somme|cout total|budget total|montant total)(?: \(?€\)?)?$")
#: Columns that are not parts of the row's total.
_APART: Final = re.compile(
    r"quantite|\bqte|\bnb\b|nombre|unitaire|\bpu\b|prix|tarif|taux|%|\bpart\b|\bht\b|\bttc\b|\btva\b"
    r"|prevu|reel|realise|ecart|objectif|moyen|cumul|sous-total|total|dont|n-1|precedent|solde|reste"
    r"|duree|jours?\b|heures?\b|portee|reach|unique|commentaire|priorite|note|score|\bid\b|\bn°"
)
_RATE: Final = re.compile(r"(\d{1,2}(?:,\d)?) ?%")
_UNTAXED: Final = re.compile(r"\bht\b|hors taxe")
_MONEY_TABLE: Final = re.compile(r"€|\beuros?\b|budget|cout|depense|montant")


@dataclass(frozen=True, slots=True)
class _RowSum:
    """A row's parts and the total that it announces."""

    parts: tuple[Quantity, ...]
    total: Quantity
    cells: tuple[Cell, ...]

    @property
    def value(self) -> Decimal:
        return sum((part.value for part in self.parts), Decimal(0))

    @property
    def right(self) -> bool:
        margin = sum((part.step for part in self.parts), self.total.step) / 2
        rough = any(part.step > 1 for part in (*self.parts, self.total))
        gap = abs(self.value - self.total.value)
        return gap <= margin if rough else gap == 0


def row_totals(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    """« Janvier | Février | Mars | Total »: each row adds up to its last amount.

    A wrong row is called so when the others are right, or when it is the table's only one.
    """
    columns = _columns(table)
    if columns is None or table.from_lines:
        return
    money = _is_money(table)
    sums = [found for row in table.body if (found := _row_sum(table, row, *columns))]
    right = [found for found in sums if found.right]
    for found in sums:
        places = [Place(table.document, cell.start, cell.end) for cell in found.cells]
        unit = Unit.EURO if money else Unit.NONE
        text = f"{' + '.join(show(p.value) for p in found.parts)} = {show(found.value, unit)}"
        attendu = context.attendu(*CALCULATION)
        if found.right:
            text += " : le total de la ligne est exact."
            yield context.result(OK, "C", text, places=places, attendu=attendu)
            continue
        difference = show(abs(found.value - found.total.value), unit)
        text += f", total de la ligne {show(found.total.value, unit)} : écart de {difference}."
        trusted = len(right) > len(sums) - len(right) or len(sums) == 1
        if not trusted or _is_taxed(found):
            yield context.result(SILENT, "C", text, places=places)
        else:
            sure = money and bears_on_figures(context)
            yield context.result(GAP, "C" if sure else "I", text, places=places, attendu=attendu)


def _columns(table: Table) -> tuple[Sequence[int], int] | None:
    """The columns to add and that of their total; None when the header does not say so."""
    total = table.width - 1
    if total < 3 or not _TOTAL.match(table.labels[total].strip(" :")):
        return None
    parts = range(1, total)
    names = [table.labels[column] for column in parts]
    if not all(names) or any(_APART.search(name) for name in names):
        return None
    return parts, total


def _row_sum(table: Table, row: Row, parts: Sequence[int], total: int) -> _RowSum | None:
    announced = single(table.cell(row, total))
    cells = [cell for column in parts if (cell := table.cell(row, column)) and not cell.blank]
    found = [single(cell) for cell in cells]
    read = [quantity for quantity in found if quantity]
    if announced is None or len(read) != len(found) or len(read) < 2:
        return None
    units = {quantity.unit for quantity in (*read, announced)} - {Unit.NONE}
    if not units <= {Unit.EURO}:
        return None
    last = table.cell(row, total)
    shown = (*cells, last) if last else tuple(cells)
    return _RowSum(tuple(read), announced, tuple(shown))


def _is_money(table: Table) -> bool:
    labels = [cell.text for row in table.body if (cell := row[0])]
    texts = (table.title, table.above, *table.labels, *labels)
    euros = any("€" in cell.text for row in table.body for cell in row if cell)
    return euros or any(_MONEY_TABLE.search(fold(text)) for text in texts)


def _is_taxed(found: _RowSum) -> bool:
    """Whether the total may be the sum with the ordinary VAT added."""
    return abs(found.value * VAT[0] - found.total.value) <= found.total.step


def tax_lines(context: CheckContext, ledger: Ledger) -> Iterator[CheckResult]:
    """« Total HT 1 000 €, TVA (20 %) 200 €»: the tax is that share of the untaxed sum above it."""
    for index, entry in enumerate(ledger.entries):
        rate, base = _rate(entry), _untaxed_base(ledger.entries[:index])
        if entry.kind is not Kind.TAX or rate is None or base is None or not ledger.money:
            continue
        expected = base.quantity.value * rate / 100
        margin = max(entry.quantity.step, base.quantity.step * rate / 100)
        text = f"{show(base.quantity.value, '€')} × {show(rate)} % = {show(expected, '€')}"
        attendu = context.attendu(*CALCULATION)
        places = [
            Place(ledger.table.document, cell.start, cell.end) for cell in (base.cell, entry.cell)
        ]
        if abs(expected - entry.quantity.value) <= margin:
            text += " : la TVA est exacte."
            yield context.result(OK, "C", text, places=places, attendu=attendu)
        else:
            text += f", TVA annoncée {show(entry.quantity.value, '€')}."
            sure = not ledger.table.from_lines and bears_on_figures(context)
            yield context.result(GAP, "C" if sure else "I", text, places=places, attendu=attendu)


def _rate(entry: Entry) -> Decimal | None:
    found = _RATE.findall(entry.label)
    return Decimal(found[0].replace(",", ".")) if len(found) == 1 else None


def _untaxed_base(before: Sequence[Entry]) -> Entry | None:
    """The nearest sum above that says « HT »; None when another tax stands between."""
    for entry in reversed(before):
        if entry.kind is Kind.TAX:
            return None
        if kind_of(entry.label) in (Kind.TOTAL, Kind.SUBTOTAL):
            return entry if _UNTAXED.search(fold(entry.label)) else None
    return None
