"""Columns of amounts: which rows are lines, subtotals, taxes, totals, and what adds up to what.

A total can be meant in several honest ways (lines since the last subtotal, subtotals only, « dont »
lines left out, HT plus TVA). It is called wrong only when none of them gives it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from assistant.checks.numbers import Quantity, Unit
from assistant.checks.tables import Cell, Row, Table
from assistant.checks.text import fold

_TOTAL: Final = re.compile(
    r"^(?:grand )?total\b|^(?:cout|budget|montant|prix|depenses?)s? totale?s?\b|^somme\b|^totaux\b"
    r"|^ensemble$|\btotal (?:general|ht|ttc|net)\b"
)
_SUBTOTAL: Final = re.compile(r"^sous[ -]?tota(?:l|ux)\b|^s/?-?total\b")
_TAX: Final = re.compile(r"^(?:dont )?t\.?v\.?a\b|^taxes?\b")
_REDUCTION: Final = re.compile(
    r"^(?:remise|reduction|rabais|avoir|acompte|deduction|subvention)s?\b"
)
_OF_WHICH: Final = re.compile(r"^[-–•↳ ]*dont\b|^[-–•↳ ]*y compris\b|^soit\b")
_BEYOND: Final = re.compile(
    r"^(?:plafond|enveloppe|budget (?:alloue|disponible|prevu|client|max\w*)|reste|marge|solde"
    r"|disponible|ecart|moyenne|pour memoire|rappel|options?|optionnel|en option)\b"
    r"|\b(?:hors (?:budget|total|forfait|enveloppe|devis)|non (?:compris|inclus)e?s?|facultati"
    r"|en option|optionnel)|^total (?:par|/)"
)
_FREE: Final = re.compile(r"\b(?:offert|inclus|gratuit|compris|interne|gracieux|sans frais|neant)")
_NOT_ADDITIVE: Final = re.compile(
    r"\btaux\b|\bmoyen|\bpar\b|unitaire|\bpu\b|\bcp[acmlvt]\b|\bctr\b|ratio|\bnote\b|frequence|\broi\b"
    r"|\broas\b|engagement|cumul|portee|couverture|reach|uniques?\b|repetition|tarif|/ ?(?:j|mois)"
    r"|prix de|quantite|\bqte\b|evolution|variation|ecart|objectif|seuil|\bn°|\bref"
)
_MONEY: Final = re.compile(
    r"€|\beuros?\b|\bmontants?\b|\bbudget|\bcouts?\b|\bprix\b|\bdepenses?\b|\bht\b|\bttc\b|\bmedia\b"
)


#: Legal rates of VAT in France: 20, 10, 8,5 (overseas), 5,5 and 2,1 %.
VAT: Final = tuple(Decimal(rate) for rate in ("1.2", "1.1", "1.085", "1.055", "1.021"))


class Kind(Enum):
    """The part a row plays in a column of amounts."""

    LINE = "ligne"
    OF_WHICH = "dont"
    SUBTOTAL = "sous-total"
    TOTAL = "total"
    TAX = "taxe"
    REDUCTION = "remise"
    BEYOND = "hors total"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the column: its label, its amount, its part."""

    label: str
    cell: Cell
    quantity: Quantity
    kind: Kind

    @property
    def value(self) -> Decimal:
        return -abs(self.quantity.value) if self.kind is Kind.REDUCTION else self.quantity.value


@dataclass(frozen=True, slots=True)
class Ledger:
    """A column that can be added up. `certain` is False when a cell could not be read."""

    table: Table
    column: int
    entries: tuple[Entry, ...]
    money: bool
    certain: bool

    @property
    def totals(self) -> list[int]:
        """Indexes of the entries that announce a sum."""
        wanted = (Kind.TOTAL, Kind.SUBTOTAL)
        return [i for i, entry in enumerate(self.entries) if entry.kind in wanted]

    @property
    def lines(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.kind is Kind.LINE]

    def label(self) -> str:
        return self.table.labels[self.column] if self.column < self.table.width else ""


def ledgers(table: Table) -> Iterator[Ledger]:
    """The columns of a table that hold amounts which add up."""
    for column in range(1, table.width):
        label = table.labels[column]
        if not _NOT_ADDITIVE.search(label) and (ledger := _ledger(table, column, label)):
            yield ledger


def _ledger(table: Table, column: int, label: str) -> Ledger | None:
    entries, certain = [], True
    for row in table.body:
        entry, readable = _entry(table, row, column)
        certain &= readable
        if entry:
            entries.append(entry)
    amounts = [e.quantity for e in entries]
    if len(amounts) < 2 or any(q.unit is Unit.PERCENT for q in amounts):
        return None
    euros = sum(q.unit is Unit.EURO for q in amounts)
    units = {q.unit for q in amounts} - {Unit.NONE}
    money = euros >= 0.5 * len(amounts) or bool(_MONEY.search(label))
    return Ledger(table, column, tuple(entries), money, certain and len(units) <= 1)


def _entry(table: Table, row: Row, column: int) -> tuple[Entry | None, bool]:
    """The entry of a row, and whether nothing in it is doubtful."""
    cell, label = table.cell(row, column), _row_label(row, column)
    if cell is None or cell.blank or (not re.search(r"\d", cell.text) and _is_free(cell)):
        return None, True
    found = cell.quantities()
    if len(found) != 1 or not found[0].exact or not cell.filled:
        return None, False
    return Entry(label, cell, found[0], kind_of(label)), True


def _is_free(cell: Cell) -> bool:
    return bool(_FREE.search(fold(cell.text)))


def _row_label(row: Row, column: int) -> str:
    return next((cell.text for cell in row[:column] if cell and re.search(r"\w", cell.text)), "")


def kind_of(label: str) -> Kind:
    """What a row's label makes of it."""
    folded = fold(label).strip(" :.-–•")
    patterns = (
        (_BEYOND, Kind.BEYOND),
        (_SUBTOTAL, Kind.SUBTOTAL),
        (_TAX, Kind.TAX),
        (_TOTAL, Kind.TOTAL),
        (_REDUCTION, Kind.REDUCTION),
        (_OF_WHICH, Kind.OF_WHICH),
    )
    return next((kind for pattern, kind in patterns if pattern.search(folded)), Kind.LINE)


Terms = tuple[Entry, ...]


def readings(entries: Sequence[Entry], index: int) -> list[Terms]:
    """The sets of rows that the sum at `index` may stand for, the most usual first."""
    before = entries[:index]
    lines = _of(before, Kind.LINE, Kind.REDUCTION)
    last = max((i for i in range(index) if entries[i].kind in _SUMS), default=-1)
    recent = _of(before[last + 1 :], Kind.LINE, Kind.REDUCTION)
    taxes = _of(before[last + 1 :], Kind.TAX)
    chain = (entries[last], *recent, *taxes) if last >= 0 else ()
    subtotals = (*_of(before, Kind.SUBTOTAL), *recent) if last >= 0 else ()
    below = _of(_until_sum(entries[index + 1 :]), Kind.LINE, Kind.REDUCTION)
    with_details = _of(before, Kind.LINE, Kind.REDUCTION, Kind.OF_WHICH)
    with_options = _of(before, Kind.LINE, Kind.REDUCTION, Kind.BEYOND)
    with_taxes = _of(before, Kind.LINE, Kind.REDUCTION, Kind.TAX)
    subtotal = entries[index].kind is Kind.SUBTOTAL
    usual = [recent, lines] if subtotal else ([chain] if taxes and chain else []) + [lines]
    others = [recent, subtotals, chain, with_taxes, with_details, with_options]
    every = [*usual, *others, _leaves_only(lines), below]
    return [terms for terms in dict.fromkeys(map(tuple, every)) if len(terms) >= 2]


_SUMS: Final = frozenset({Kind.TOTAL, Kind.SUBTOTAL})


def _of(entries: Sequence[Entry], *kinds: Kind) -> Terms:
    return tuple(entry for entry in entries if entry.kind in kinds)


def _until_sum(entries: Sequence[Entry]) -> Sequence[Entry]:
    stop = next((i for i, entry in enumerate(entries) if entry.kind in _SUMS), len(entries))
    return entries[:stop]


def _leaves_only(lines: Terms) -> Terms:
    """The lines without those that are themselves the sum of the next ones."""
    parents = set()
    for i, entry in enumerate(lines):
        running = Decimal(0)
        for j in range(i + 1, len(lines)):
            running += lines[j].value
            if running == entry.value and j > i + 1:
                parents.add(i)
    return tuple(entry for i, entry in enumerate(lines) if i not in parents)


_PERIOD: Final = re.compile(
    r"\b(?:annuel|an|annee|mensuel|mois|semaine|hebdo\w*|jour|trimestre)\w*"
)
_GRAND: Final = re.compile(
    r"general|global|projet|consolide|ensemble|toutes?\b|tous\b|campagnes?\b"
)


def another_meaning(entries: Sequence[Entry], index: int, candidates: Sequence[Terms]) -> str:
    """What else an unexplained total may honestly be; empty when nothing."""
    total, label = entries[index], fold(entries[index].label)
    shown, bases = total.quantity.value, [total_of(terms) for terms in candidates]
    bases += [e.value for e in entries[:index] if e.kind in _SUMS]
    if _PERIOD.search(label) and any(b > 0 and shown % b == 0 and shown / b <= 366 for b in bases):
        return "Il peut s'agir du total d'une autre durée."
    step = total.quantity.step
    if any(abs(base * rate - shown) <= step for base in bases for rate in VAT):
        return "Il peut s'agir du total toutes taxes comprises."
    return ""


def is_grand(entry: Entry) -> bool:
    """A total that may gather several tables."""
    return bool(_GRAND.search(fold(entry.label)))


def total_of(terms: Sequence[Entry]) -> Decimal:
    """The sum of the rows, reductions taken off."""
    return sum((entry.value for entry in terms), Decimal(0))


def rounding_margin(terms: Sequence[Entry], shown: Quantity) -> Decimal:
    """How far rounded figures can honestly drift: half a last digit each."""
    steps = [entry.quantity.step for entry in terms] + [shown.step]
    return sum(steps, Decimal(0)) / 2
