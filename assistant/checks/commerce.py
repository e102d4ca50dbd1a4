"""DET-PUB, DET-CONTRAT, DET-PLAUSIBLE: commercial mention, contract clauses, plausible results."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.ledgers import ledgers
from assistant.checks.numbers import Quantity, Unit, find_quantities, show
from assistant.checks.tables import find_tables
from assistant.checks.text import Span, fold, sentences
from assistant.domain.finding import CheckResult
from assistant.domain.french import stem
from ingest.types import Document

_MENTION: Final = re.compile(
    r"collaboration commerciale|partenariat remunere|contenu sponsorise|«\s?publicite\s?»|#ad\b"
    r"|#sponso|#publicite|mention (?:obligatoire|commerciale|publicitaire)|paid partnership"
)
_PAID: Final = re.compile(r"influenc|createur|creatrice|partenari|ambassad|collaboration|sponsor")


def check_paid_mention(context: CheckContext) -> Iterator[CheckResult]:
    """DET-PUB: a clear commercial mention wherever paid content is spoken of."""
    found = [p for d in context.deliverables for p in _matches(d, _MENTION)]
    if found:
        text = f"Mention commerciale prévue : « {found[0].text} »."
        yield context.result(OK, "I", text, places=found[:4])
    elif any(_PAID.search(fold(d.text)) for d in context.deliverables) and context.fully_read:
        text = "Du contenu rémunéré ou doté est évoqué, sans mention commerciale repérée."
        yield context.result(
            GAP, "I", text, expected_fr="« Publicité » ou « Collaboration commerciale »."
        )


def _matches(document: Document, pattern: re.Pattern[str]) -> Iterator[Place]:
    for match in pattern.finditer(fold(document.text)):
        yield Place(document, match.start(), match.end())


#: What a written influence contract states (loi du 9 juin 2023); words, not legal advice.
_CLAUSES: Final = {
    "parties et coordonnées": r"entre les soussign|\bles parties\b|coordonnees|\bsiret\b",
    "résidence fiscale": r"residence fiscale|fiscalement|pays de residence",
    "missions": r"nature des contenus|missions?\b|prestations?\b|\bobjet\b|contenus? a realiser",
    "contrepartie": r"remuneration|cachet|honoraires|contrepartie|dotation|avantages? en nature",
    "dates": r"\bdates?\b|calendrier|duree du contrat|du \d+.{1,15} au \d+",
    "droits de propriété intellectuelle": r"cession|propriete|droits? (?:d'auteur|d'image|cedes)",
    "droit applicable": r"droit (?:applicable|francais)|loi francaise|tribuna|juridiction",
    "mention commerciale": _MENTION.pattern,
    "annulation ou résiliation": r"annulation|resiliation|rupture|litige",
}
_CONTRACT: Final = re.compile(r"contrat|convention|accord de partenariat")
#: Euros before tax, per year and promotional purpose, since 1 January 2026.
WRITTEN_FROM: Final = Decimal(1000)


def check_contract(context: CheckContext) -> Iterator[CheckResult]:
    """DET-CONTRAT: the clauses found where a contract is given or described."""
    yield from _written_required(context)
    documents = [d for d in context.deliverables if _CONTRACT.search(fold(d.text))]
    if not documents:
        yield context.result(SILENT, "I", "Aucun contrat ni convention reconnus dans le livrable.")
        return
    found: dict[str, Place] = {}
    for document in documents:
        start, end = _contract_range(document)
        folded = fold(document.text)
        for clause, pattern in _CLAUSES.items():
            if match := re.compile(pattern).search(folded, start, end):
                found.setdefault(clause, Place(document, match.start(), match.end()))
    missing = [clause for clause in _CLAUSES if clause not in found]
    text = f"Clauses repérées : {', '.join(found) or 'aucune'}."
    if missing:
        text += f" Non repérées : {', '.join(missing)}."
    outcome = GAP if missing and context.fully_read else OK
    yield context.result(outcome, "I", text, places=list(found.values()))


def _written_required(context: CheckContext) -> Iterator[CheckResult]:
    """Fees from which the law asks for a writing; who gets what is for a person to read."""
    fees = [
        Place(document, entry.cell.start, entry.cell.end)
        for document in context.deliverables
        for table in find_tables(document)
        for ledger in ledgers(table)
        if ledger.money
        for entry in ledger.lines
        if entry.value >= WRITTEN_FROM
    ]
    if fees:
        text = (
            f"Montants d'au moins {show(WRITTEN_FROM, '€')} : pour une rémunération d'influence, "
            "un contrat écrit est requis depuis le 1er janvier 2026 (seuil HT, par an et par "
            "objectif promotionnel)."
        )
        yield context.result(SILENT, "R", text, places=fees[:6])


def _contract_range(document: Document) -> tuple[int, int]:
    """From the first block that speaks of a contract in its heading path, to the last one."""
    blocks = [
        b for b in document.blocks
        if _CONTRACT.search(fold(" ".join(b.locator.heading_path)))
        or re.match(r"(?:un |le |chaque )?(?:contrat|convention)\b", fold(b.text))
    ]  # fmt: skip
    return (blocks[0].start, blocks[-1].end) if blocks else (0, len(document.text))


_UNIT_COST: Final = re.compile(r"(?:cout|prix) (?:par|au|a la|a l') ?(?P<noun>\w+)")
_SPENT: Final = re.compile(r"budget|depense|enveloppe|investi|media")
#: Beyond this share of difference the result is pointed out; the rubric's proposal.
_TOLERANCE: Final = Decimal("0.2")


def check_plausible(context: CheckContext) -> Iterator[CheckResult]:
    """DET-PLAUSIBLE: in one sentence, budget ÷ unit cost against the result aimed at."""
    for document in context.deliverables:
        for block in document.blocks:
            for sentence in sentences(block.text):
                yield from _plausible(context, document, block.start, sentence)


def _plausible(
    context: CheckContext, document: Document, offset: int, sentence: Span
) -> Iterator[CheckResult]:
    folded = fold(sentence.text)
    unit = _UNIT_COST.search(folded)
    if unit is None or not _SPENT.search(folded):
        return
    found = [q for q in find_quantities(sentence.text) if q.upper is None and not q.doubtful]
    euros = [q for q in found if q.unit is Unit.EURO]
    counted = [q for q in found if q.unit is Unit.NONE and _counts(folded, q, unit["noun"])]
    if len(euros) != 2 or len(counted) != 1:
        return
    cost, spent = sorted(euros, key=lambda q: q.value)
    if cost.value <= 0 or counted[0].value <= 0:
        return
    expected = spent.value / cost.value
    start = offset + sentence.start
    place = Place(document, start, offset + sentence.end)
    text = (
        f"{show(spent.value, '€')} ÷ {show(cost.value, '€')} = "
        f"{show(expected.quantize(Decimal(1)))}, résultat visé {show(counted[0].value)}"
    )
    attendu = context.attendu(r"plausible")
    if abs(expected - counted[0].value) > _TOLERANCE * expected:
        yield context.result(
            GAP, "I", f"{text} : plus de 20 % d'écart.", places=[place], attendu=attendu
        )
    else:
        yield context.result(OK, "I", f"{text} : vraisemblable.", places=[place], attendu=attendu)


def _counts(folded: str, quantity: Quantity, noun: str) -> bool:
    """Whether the number counts what the unit cost is about: « 280 commandes »."""
    match = re.match(r" ?(?P<noun>\w+)", folded[quantity.end :])
    return match is not None and stem(match["noun"]) == stem(noun)
