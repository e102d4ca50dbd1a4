"""DET-SMART: each operational objective measured and dated; what it stands on is only hinted."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from assistant.agreement import agreed
from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.numbers import find_quantities
from assistant.checks.tables import Row, Table, find_tables
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from ingest.types import Block, BlockKind, Document

_COLUMN: Final = re.compile(r"^objectifs?(?: operationnels?)?(?: \(?smart\)?)?(?: \(.*\))?$|smart")
_SECTION: Final = re.compile(
    r"objectifs? (?:operationnels?|smart|specifiques?|de (?:la )?campagne)"
)
_ANY_SECTION: Final = re.compile(r"^(?:[\d.a-z)]+ )?(?:les |nos |mes )?objectifs?\b")
_STRATEGIC: Final = re.compile(r"objectifs? strategique|^strategiques?\b|\bos ?\d")
_IN_WORDS: Final = re.compile(
    r"\bdeux\b|\btrois\b|\bquatre\b|\bcinq\b|\bsix\b|\bsept\b|\bhuit\b|\bdix\b|\bcent\b|\bmille\b"
    r"|\bdoubl|\btripl|\bmoitie\b|\bun tiers\b|\bun quart\b|dizaine|douzaine|vingtaine|centaine"
)
#: The five letters written out, one line each, under an objective.
_LETTER: Final = re.compile(
    r"^(?:[smart]|specifique|mesurable|atteignable|accessible|acceptable|ambitieux|realiste|realisable"
    r"|pertinent|temporel\w*|temporaire\w*|temps|delai)\b ?(?:[:=–|-]|$)"
)
_OTHER_TABLE: Final = re.compile(r"\baction|\btache|\blevier|\bbesoin|\bcanal|\bsupport|\bstatut")
_TIME: Final = re.compile(
    r"d'ici|\bavant (?:le|la|fin|mi|debut)|\bau (?:3[01]|[12]\d|[1-9])(?:er)?\b"
    r"|\bfin (?:de |d')?\w+|\b(?:19|20)\d{2}\b|\btrimestre|\bsemestre|\bpendant\b|\bsemaine \d"
    r"|\b(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b"
    r"|\b(?:janv|fevr|avr|juil|sept|oct|nov|dec)\.|\b\d{1,2}/\d{1,2}|\bs\d{1,2}\b"
    r"|\b(?:en|sur|sous|dans les) (?:un|\d+) ?(?:h|heures|jours|semaines?|mois|ans?)\b"
    r"|\b\d+ (?:mois|semaines|jours|heures|h)\b|chaque (?:jour|semaine|mois)|\bmensuel|\bannuel"
    r"|\bhebdo|\bpar (?:mois|semaine|an)\b|\bsaison|\brentree\b|\b(?:l'|cet |l )?ete\b|\bhiver\b"
    r"|\bprintemps\b|\bautomne\b|\bnoel\b|\bpaques\b|\ba l'ouverture|\bdes (?:l'|la |le )"
)


@dataclass(frozen=True, slots=True)
class Objective:
    """One objective with all that its row or item says."""

    text: str
    place: Place

    @property
    def measured(self) -> bool:
        """A figure that is not a date, a year, an age nor a reference."""
        text = re.sub(r"^\W*(?:[A-Z]{1,3} ?\d+|\d+[.)])\s*[:–|-]?\s*", "", self.text)
        text = re.sub(r"\b\d+ ?(?:-|à|a) ?\d+ ans\b|\b\d+ ans\b", " ", text)
        figures = any(not q.year_like for q in find_quantities(text))
        return figures or bool(_IN_WORDS.search(fold(text)))

    @property
    def dated(self) -> bool:
        return bool(_TIME.search(fold(self.text)))


def check_smart(context: CheckContext) -> Iterator[CheckResult]:
    """DET-SMART: the M and the T of every operational objective that can be told as such."""
    found = [o for d in context.deliverables for o in objectives(d)]
    if not found:
        text = "Aucune liste d'objectifs opérationnels reconnue : à lire à la main."
        yield context.result(SILENT, "C", text)
        return
    for letter, pattern, lacking in (
        ("mesurable", r"\bmesurable", [o for o in found if not o.measured]),
        ("daté", r"temporel|echeance", [o for o in found if not o.dated]),
    ):
        yield _part(context, found, lacking, letter, pattern)


def _part(
    context: CheckContext,
    found: list[Objective],
    lacking: list[Objective],
    letter: str,
    pattern: str,
) -> CheckResult:
    judged = context.attendu(pattern)
    if not lacking:
        text = f"{len(found)} objectifs, tous avec un élément {letter}."
        return context.result(OK, "C", text, places=[o.place for o in found], attendu=judged)
    names = " ; ".join(f"« {o.text[:80]} »" for o in lacking)
    told = agreed(f"{len(lacking)} objectif(s)")
    text = f"{told} sur {len(found)} sans élément {letter} : {names}."
    every = len(lacking) == len(found)
    return context.result(
        GAP,
        "C" if _asks_for_smart(context) else "I",
        text,
        places=[o.place for o in lacking],
        expected_fr=f"Chaque objectif opérationnel est {letter}.",
        attendu=judged if every else context.attendu(r"tous les objectifs"),
    )


def _asks_for_smart(context: CheckContext) -> bool:
    texts = (context.criterion.texte, *(a.texte for a in context.criterion.attendus))
    return any(re.search(r"\bsmart\b|\bmesurable", fold(text)) for text in texts)


def objectives(document: Document) -> list[Objective]:
    """Rows of a table of objectives, else items under « Objectifs opérationnels »."""
    tables = [o for table in find_tables(document) for o in _from_table(table)]
    return tables or _with_letters(list(_from_items(document)))


def _with_letters(items: list[Objective]) -> list[Objective]:
    """Lines « Mesurable : … » belong to the objective above them."""
    kept: list[Objective] = []
    for item in items:
        if kept and _LETTER.match(fold(item.text)):
            above = kept[-1]
            place = Place(item.place.document, above.place.start, item.place.end)
            kept[-1] = Objective(f"{above.text} | {item.text}", place)
        else:
            kept.append(item)
    return kept


def _from_table(table: Table) -> Iterator[Objective]:
    """A column of objectives; a plan of actions or a table of indicators is another thing."""
    named = [c for c in table.columns(_COLUMN) if not _STRATEGIC.search(table.labels[c])]
    first = named[0] if named else None
    if first is None or first > 1 or not _about_objectives(table):
        return
    if sum(bool(row[0] and _LETTER.match(fold(row[0].text) + " :")) for row in table.body) >= 3:
        text = " | ".join(_joined(row) for row in table.body)
        yield Objective(text, Place(table.document, table.start, table.end))
        return
    for row in table.body:
        cell = table.cell(row, first)
        if cell and cell.filled and len(cell.text) > 8:
            yield Objective(_joined(row), Place(table.document, cell.start, cell.end))


def _about_objectives(table: Table) -> bool:
    others = " ".join(table.labels)
    if _OTHER_TABLE.search(others):
        return False
    smart = any("smart" in label or "operationnel" in label for label in table.labels)
    around = (fold(table.title), fold(table.above))
    return smart or any(_ANY_SECTION.search(t) or _SECTION.search(t) for t in around)


def _joined(row: Row) -> str:
    return " | ".join(cell.text for cell in row if cell)


def _from_items(document: Document) -> Iterator[Objective]:
    """Items after a heading or an introduction that announces operational objectives."""
    announced = False
    for block in document.blocks:
        folded = fold(block.text)
        if block.kind is BlockKind.TABLE_CELL:
            continue
        if _announces(block, folded):
            announced = True
            yield from _inline(document, block, folded)
        elif announced and (block.kind is BlockKind.LIST_ITEM or _short_item(block)):
            yield Objective(block.text, Place(document, block.start, block.end))
        else:
            announced = False


_ITEM: Final = re.compile(
    r"^\W*(?:[a-z]{0,3} ?\d+[a-z]? ?[.):–-] ?|objectif \d+ ?[:–-] ?)?"
    r"(?:\d|(?!pour\b|par\b|sur\b|car\b|leur\b|hier\b)\w*(?:er|ir|re)\b)"
)


def _announces(block: Block, folded: str) -> bool:
    if _STRATEGIC.search(folded) and "operationnel" not in folded:
        return False
    heading = block.kind is BlockKind.HEADING
    introduces = bool(re.search(r"(?::|objectifs operationnels\.?)$", folded.rstrip()))
    return bool(_SECTION.search(folded)) and (heading or introduces)


def _inline(document: Document, block: Block, folded: str) -> Iterator[Objective]:
    """« Opérationnels : 3 000 téléchargements, … » says its objectives in its own line."""
    match = re.search(r"operationnels?[^:]{0,20}: ?(?=\S)", folded)
    if match and len(block.text) - match.end() > 15:
        yield Objective(
            block.text[match.end() :], Place(document, block.start + match.end(), block.end)
        )


def _short_item(block: Block) -> bool:
    """A paragraph that reads like an item: an identifier, a letter, a figure or an infinitive."""
    if block.kind is not BlockKind.PARAGRAPH or len(block.text) >= 250 or block.text[-1] == ":":
        return False
    return bool(_ITEM.match(fold(block.text)) or _LETTER.match(fold(block.text)))
