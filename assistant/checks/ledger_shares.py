"""Part of DET-SOMME: columns that divide a whole, and what the sum checks have in common."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place, Strength
from assistant.checks.ledgers import Kind, kind_of
from assistant.checks.numbers import Quantity, Unit, show
from assistant.checks.tables import Cell, Table
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult

#: The attendu that a wrong calculation bears on, by its words.
CALCULATION: Final = (
    r"calculs? (?:est|sont)? ?(?:juste|exact)",
    r"\btotal est exact",
    r"\bcalcul",
)
_FIGURES: Final = re.compile(r"calcul|\btotal\b|\bsommes?\b|enveloppe|plafond|montants? exact")


def bears_on_figures(context: CheckContext) -> bool:
    """Whether the criterion judges calculations; elsewhere a wrong one is only pointed out."""
    texts = (context.criterion.texte, *(a.texte for a in context.criterion.attendus))
    return any(_FIGURES.search(fold(text)) for text in texts)


def single(cell: Cell | None) -> Quantity | None:
    """A cell's number when it has one, certain; else None."""
    found = cell.quantities() if cell else []
    return found[0] if len(found) == 1 and found[0].exact else None


_BUDGET_SHARE: Final = re.compile(
    r"^(?:part|repartition|ventilation|poids|pourcentage|proportion|%) ?"
    r"(?:du|de l[a']|des|de|en|d') ?(?:budget|total|enveloppe|depenses?|montant|investissement)"
)
_SHARE: Final = re.compile(
    r"^(?:part|repartition|ventilation|poids|pourcentage|%|en %)s?(?: \(%\)| %)?$"
)


def shares(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    """A column that divides a whole adds up to 100 %."""
    for column, label in enumerate(table.labels):
        budget = bool(_BUDGET_SHARE.search(label))
        if not (budget or _SHARE.search(label)):
            continue
        rows = [row for row in table.body if kind_of(row[0].text if row[0] else "") is Kind.LINE]
        cells = [c for row in rows if (c := table.cell(row, column)) and not c.blank]
        shares = [q for c in cells if (q := single(c)) and q.unit is Unit.PERCENT]
        if len(shares) >= 2 and len(shares) == len(cells):
            yield _share_result(context, table, cells, shares, budget)
    yield from _shares_in_rows(context, table)


def _shares_in_rows(context: CheckContext, table: Table) -> Iterator[CheckResult]:
    """« Part du budget | 40 % | 35 % | 25 % »: a row that divides a whole, its total set aside."""
    for row in table.body:
        label = fold(row[0].text).strip(" :") if row[0] else ""
        if not _BUDGET_SHARE.search(label):
            continue
        named = [(table.labels[c], cell) for c, cell in enumerate(row) if c and cell]
        cells = [c for name, c in named if not c.blank and not name.startswith("total")]
        shares = [q for c in cells if (q := single(c)) and q.unit is Unit.PERCENT]
        if len(shares) >= 2 and len(shares) == len(cells):
            yield _share_result(context, table, cells, shares, budget=True)


def _without_parents(shares: list[Quantity]) -> list[Quantity]:
    """The shares without those that the next ones divide."""
    kept = []
    for i, share in enumerate(shares):
        sums = (
            sum((q.value for q in shares[i + 1 : j]), Decimal(0))
            for j in range(i + 3, len(shares) + 1)
        )
        if share.value not in sums:
            kept.append(share)
    return kept


def _share_result(
    context: CheckContext, table: Table, cells: list[Cell], shares: list[Quantity], budget: bool
) -> CheckResult:
    total = sum((q.value for q in shares), Decimal(0))
    margin = sum((q.step for q in shares), Decimal(0)) / 2
    places = [Place(table.document, cell.start, cell.end) for cell in cells]
    text = " + ".join(show(q.value) for q in shares) + f" = {show(total, '%')}"
    leaves = sum((q.value for q in _without_parents(shares)), Decimal(0))
    exact = all(q.step >= 1 for q in shares)
    if 100 in (total, leaves) or (not exact and abs(total - 100) <= margin):
        return context.result(OK, "C", f"{text} : les parts font un tout.", places=places)
    if abs(total - 100) <= margin:
        text += " : l'écart à 100 % peut venir des arrondis."
        return context.result(SILENT, "I", text, places=places)
    strength: Strength = "C" if budget and total > 100 else "I"
    return context.result(
        GAP,
        strength,
        f"{text} : les parts d'un même tout devraient faire 100 %.",
        places=places,
        expected_fr="Somme des parts : 100 %.",
        attendu=context.attendu(*CALCULATION) if budget else None,
    )
