"""DET-PLAFOND: the budget against the envelope that the brief gives."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.expressions import find_equations
from assistant.checks.ledgers import Kind, ledgers, readings, total_of
from assistant.checks.numbers import Quantity, Tax, Unit, find_quantities, show
from assistant.checks.tables import Table, find_tables, line_tables
from assistant.checks.text import fold, sentences
from assistant.domain.finding import CheckResult
from ingest.types import BlockKind, Document

_CEILING: Final = re.compile(
    r"\bbudgets?\b|enveloppe|plafon|maxim|\bau plus\b|depass|\bmoyens\b|tout compris|\blimite"
)
_ANNOUNCED: Final = re.compile(
    r"\b(?:budget|cout|montant|depense)s? (?:total|global)e?s?\b[^.;:\d]{0,30}:? ?$"
    r"|\btotal (?:du budget|des depenses|des couts|de la campagne)\b[^.;:\d]{0,20}:? ?$"
)
_STRICT: Final = re.compile(r"enveloppe|plafon|maxim|\bau plus\b|depass|limite")
_BUDGET: Final = re.compile(r"budget|cout|depens|financ|montant|devis|prix|ressource|investiss")
_INCOME: Final = re.compile(
    r"\bdons?\b|recettes?|chiffre d'affaires|\bca\b|\bventes?\b|gains?\b|revenus?|collect|objectif"
)
#: Amounts that are not the budget proposed, and envelopes that are not for the whole.
_OTHER_BUDGET: Final = re.compile(
    r"precedent|concurren|\bn-1\b|historique|\bscenarios?\b|\boptions?\b|variante|hypothese|extension"
)
_PER_UNIT: Final = re.compile(
    r"^ ?(?:HT|TTC)? ?(?:/|par|chaque|pour chaque) ?(?:mois|semaine|jour|publication|createur"
    r"|creatrice|influenceu|contenu|personne|poste|action)|^ ?(?:HT|TTC)? ?(?:mensuel|chacun)",
    re.IGNORECASE,
)
_ATTENDU: Final = (r"enveloppe", r"plafond", r"budget total ne depasse", r"contraintes? budg")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in euros with its place; what it stands for is in the type of its holder."""

    value: Decimal
    tax: Tax
    place: Place


def check_ceiling(context: CheckContext) -> Iterator[CheckResult]:
    """DET-PLAFOND: each budget total against the one envelope that can be told for certain."""
    totals = [total for d in context.deliverables for total in budget_totals(d)]
    if not totals:
        return
    envelope = find_envelope(context)
    attendu = context.attendu(*_ATTENDU)
    if envelope is None:
        text = "Aucune enveloppe certaine dans la commande : le total n'est comparé à rien."
        yield context.result(SILENT, "C", text, places=[t.place for t in totals], attendu=attendu)
        return
    over = [t for t in totals if t.value > envelope.value and not _untaxed(envelope, t)]
    for total in over or [max(totals, key=lambda t: t.value)]:
        places = [total.place, envelope.place]
        figures = f"Total {show(total.value, '€')}, enveloppe {show(envelope.value, '€')}"
        if total in over:
            excess = show(total.value - envelope.value, "€")
            text = f"{figures} : dépassement de {excess}."
            yield context.result(
                GAP,
                "C",
                text,
                places=places,
                attendu=attendu,
                expected_fr=f"Total au plus égal à {show(envelope.value, '€')}.",
            )
        elif envelope.tax and total.tax and envelope.tax != total.tax:
            text = f"{figures} : l'un est HT, l'autre TTC, à comparer à la main."
            yield context.result(SILENT, "C", text, places=places, attendu=attendu)
        else:
            text = f"{figures} : l'enveloppe est respectée."
            yield context.result(OK, "C", text, places=places, attendu=attendu)


def _untaxed(envelope: Amount, total: Amount) -> bool:
    """A total with tax says nothing against an envelope without it."""
    return envelope.tax == "HT" and total.tax == "TTC"


def budget_totals(document: Document) -> Iterator[Amount]:
    """Announced and recomputed totals of the document's budgets."""
    for table in (*find_tables(document), *line_tables(document)):
        if not _is_budget(table):
            continue
        for ledger in ledgers(table):
            finals = [i for i in ledger.totals if ledger.entries[i].kind is Kind.TOTAL]
            named = f"{ledger.label()} {fold(table.title)} {fold(table.above)}"
            spending = ledger.money and not _INCOME.search(ledger.label())
            spending = spending and not _OTHER_BUDGET.search(named)
            for index in finals[-1:] if spending else []:
                entry = ledger.entries[index]
                place = Place(document, entry.cell.start, entry.cell.end)
                tax = _tax(f"{entry.label} {ledger.label()} {entry.cell.text}")
                yield Amount(entry.quantity.value, tax, place)
                candidates = readings(ledger.entries, index)
                sums = [total_of(terms) for terms in candidates]
                if sums and ledger.certain and entry.quantity.value not in sums:
                    yield Amount(sums[0], tax, place)
    yield from _written_totals(document)
    yield from _announced_totals(document)


def _is_budget(table: Table) -> bool:
    texts = (table.title, table.above, *table.labels)
    return any(_BUDGET.search(fold(text)) for text in texts)


def _written_totals(document: Document) -> Iterator[Amount]:
    """« Budget : 89 € + 140 € = 229 € »: the sentence names it, or the cell before it."""
    for equation in find_equations(document):
        label = fold(_label(document, equation.start))
        found = list(find_quantities(equation.sides[-1].text))
        named = _BUDGET.search(label) and not _INCOME.search(label)
        if named and len(found) == 1 and found[0].unit is Unit.EURO and found[0].exact:
            place = Place(document, equation.start, equation.end)
            yield Amount(found[0].value, found[0].tax, place)


def _announced_totals(document: Document) -> Iterator[Amount]:
    """« Le budget total est de 3 400 € »: the only amount of a sentence that sets no limit."""
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_CELL:
            continue
        for sentence in sentences(block.text):
            folded = fold(sentence.text)
            if _STRICT.search(folded) or _INCOME.search(folded) or _OTHER_BUDGET.search(folded):
                continue
            euros = [q for q in find_quantities(sentence.text) if q.unit is Unit.EURO]
            if len(euros) == 1 and euros[0].exact and _ANNOUNCED.search(folded[: euros[0].start]):
                start = block.start + sentence.start
                place = Place(document, start + euros[0].start, start + euros[0].end)
                yield Amount(euros[0].value, euros[0].tax, place)


def _label(document: Document, at: int) -> str:
    """What stands between the start of the sentence or of the table row and a place."""
    line = document.text[max(0, at - 60) : at].rpartition("\n")[2]
    return re.split(r"[.!?] ", line)[-1]


def _tax(text: str) -> Tax:
    folded = fold(text)
    has = {name for name in ("ht", "ttc") if re.search(rf"\b{name}\b", folded)}
    if has == {"ht"}:
        return "HT"
    return "TTC" if has == {"ttc"} else ""


def find_envelope(context: CheckContext) -> Amount | None:
    """The one envelope of the brief for this épreuve, None when several could be meant.

    In order: the amount of the brief's passage that names the épreuve; the only amount that the
    brief calls a budget; the one that the deliverable itself repeats as its ceiling.
    """
    others = tuple(e for e in context.certification.epreuves if e != context.rubric.id)
    given = [a for d in context.compared() for a in _ceilings(d, context.rubric.id, others)]
    for_epreuve = [a for a, names_it in given if names_it]
    pool = for_epreuve or [a for a, _ in given]
    if (alone := _only(pool)) is not None:
        return alone
    repeated = {a.value for d in context.deliverables for a in _repeated(d)}
    return _only([a for a in pool if a.value in repeated])


def _only(amounts: list[Amount]) -> Amount | None:
    return amounts[0] if len({a.value for a in amounts}) == 1 else None


def _ceilings(
    document: Document, epreuve: str, others: tuple[str, ...]
) -> Iterator[tuple[Amount, bool]]:
    """Amounts that a brief sets as a limit, and whether their passage names the épreuve.

    A passage that names other épreuves only sets no limit to this one.
    """
    section = means = elsewhere = False
    named, named_other = _naming((epreuve,)), _naming(others)
    for block in document.blocks:
        if block.kind is BlockKind.HEADING:
            section = bool(named.search(block.text))
            elsewhere = not section and bool(named_other.search(block.text))
            means = bool(_CEILING.search(fold(block.text)))
            continue
        found = list(_limits(document, block.start, block.text))
        if (section or means) and not found:
            found = list(_limits(document, block.start, block.text, opening=True))
        names_it = section or bool(named.search(block.text))
        if not names_it and (elsewhere or named_other.search(block.text)):
            continue
        yield from ((amount, names_it) for amount in found)


def _naming(epreuves: tuple[str, ...]) -> re.Pattern[str]:
    """Finds one of these épreuves by its id; « E2.5 » is not « E2.5.1 »."""
    ids = "|".join(re.escape(epreuve) for epreuve in epreuves) or r"(?!)"
    return re.compile(rf"(?<![\w.])(?:{ids})(?!\w|\.\d)", re.IGNORECASE)


def _limits(
    document: Document, offset: int, text: str, *, opening: bool = False
) -> Iterator[Amount]:
    """`opening`: also the amount that a passage starts with (« 4 000 € TTC, produits compris »)."""
    for sentence in sentences(text):
        euros = [q for q in find_quantities(sentence.text) if _whole(q, sentence.text)]
        if _CEILING.search(fold(sentence.text)):
            chosen = _nearest_to_ceiling(sentence.text, euros)
        else:
            chosen = euros[0] if opening and euros and euros[0].start == 0 else None
        if chosen:
            start = offset + sentence.start
            place = Place(document, start + chosen.start, start + chosen.end)
            yield Amount(chosen.value, chosen.tax, place)


def _plain_euros(quantity: Quantity) -> bool:
    return (
        quantity.unit is Unit.EURO
        and quantity.upper is None
        and not quantity.doubtful
        and quantity.value >= 100
    )


def _whole(quantity: Quantity, text: str) -> bool:
    """An amount for the whole, not « par mois » nor « par créateur »."""
    return _plain_euros(quantity) and not _PER_UNIT.search(fold(text[quantity.end :]))


def _nearest_to_ceiling(text: str, euros: list[Quantity]) -> Quantity | None:
    """The amount beside the limiting word: a sentence may also give a price."""
    folded = fold(text)
    words = list(_STRICT.finditer(folded)) or list(_CEILING.finditer(folded))
    if not euros or not words:
        return None

    def distance(quantity: Quantity) -> int:
        return min(max(w.start() - quantity.end, quantity.start - w.end()) for w in words)

    return min(euros, key=distance)


def _repeated(document: Document) -> Iterator[Amount]:
    """Amounts that the deliverable calls its envelope or its ceiling."""
    for block in document.blocks:
        for sentence in sentences(block.text):
            if _STRICT.search(fold(sentence.text)):
                for quantity in find_quantities(sentence.text):
                    if _plain_euros(quantity):
                        start = block.start + sentence.start
                        place = Place(document, start + quantity.start, start + quantity.end)
                        yield Amount(quantity.value, quantity.tax, place)
