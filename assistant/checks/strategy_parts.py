"""DET-SWOT and DET-PERSONA: the parts that these two usual forms are made of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place, Strength
from assistant.checks.tables import Cell, Row, Table, find_tables
from assistant.checks.text import fold
from assistant.domain.finding import CheckResult
from ingest.types import BlockKind, Document

_QUADRANTS: Final = {
    "forces": r"\bforces?\b|\batouts?\b|points? forts?|strengths?",
    "faiblesses": r"\bfaiblesses?\b|points? faibles?|weakness(?:es)?",
    "opportunités": r"\bopportunit(?:es?|ies)\b",
    "menaces": r"\bmenaces?\b|\bthreats?\b|\brisques?\b",
}
_LABEL: Final = {
    name: re.compile(rf"^\W*(?:les |nos )?(?:{pattern})") for name, pattern in _QUADRANTS.items()
}


def check_swot(context: CheckContext) -> Iterator[CheckResult]:
    """DET-SWOT: four labels, at least two items under each."""
    found: dict[str, tuple[Place, int]] = {}
    for document in context.deliverables:
        for table in find_tables(document):
            found = _more(found, _from_table(table))
        found = _more(found, _from_text(document))
    told = any(re.search(r"\bswot\b|\bffom\b", fold(d.text)) for d in context.deliverables)
    if len(found) < (2 if told else 3):
        yield context.result(SILENT, "C", "Aucune matrice SWOT reconnue.")
        return
    missing = [name for name in _QUADRANTS if name not in found]
    places = [place for place, _ in found.values()]
    attendu = context.attendu(
        r"quatre (?:volets|parties|quadrants|dimensions)", r"\bswot\b|matrice"
    )
    if missing:
        strength: Strength = "C" if context.fully_read else "I"
        text = f"Volets absents de la matrice : {', '.join(missing)}."
        yield context.result(GAP, strength, text, places=places, attendu=attendu)
    else:
        counts = ", ".join(f"{name} {count}" for name, (_, count) in found.items())
        text = f"Les quatre volets sont présents (éléments : {counts})."
        yield context.result(OK, "C", text, places=places, attendu=attendu)
    if thin := [name for name, (_, count) in found.items() if count < 2]:
        text = f"Moins de deux éléments repérés : {', '.join(thin)}."
        yield context.result(GAP, "I", text, places=[found[name][0] for name in thin])


Quadrants = dict[str, tuple[Place, int]]


def _more(known: Quadrants, new: Quadrants) -> Quadrants:
    return new if len(new) > len(known) else known


def _from_table(table: Table) -> Quadrants:
    """Labels alone above their lists, or at the head of the same cell."""
    rows: list[Row] = [table.header, *table.body] if table.header else list(table.body)
    found: Quadrants = {}
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            name = _quadrant(cell.text) if cell else None
            if cell is None or name is None or name in found:
                continue
            content = _LABEL[name].sub("", fold(cell.text)).strip(" :\n")
            below = rows[r + 1][c] if r + 1 < len(rows) and c < len(rows[r + 1]) else None
            beside = row[c + 1] if c + 1 < len(row) else None
            holder = cell if len(content) > 5 else _content(below) or _content(beside) or cell
            count = _items(content if holder is cell else holder.text)
            found[name] = (Place(table.document, holder.start, holder.end), count)
    return found


def _content(cell: Cell | None) -> Cell | None:
    return cell if cell and _quadrant(cell.text) is None else None


def _quadrant(text: str) -> str | None:
    folded = fold(text[:60])
    return next((name for name, label in _LABEL.items() if label.match(folded)), None)


def _items(text: str) -> int:
    return len([part for part in re.split(r"[;,\n•]| - ", text) if re.search(r"\w{2}", part)])


def _from_text(document: Document) -> Quadrants:
    """Labels as headings or as « Forces : … » paragraphs, their items below."""
    found: Quadrants = {}
    current: str | None = None
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_CELL:
            continue
        name = _quadrant(block.text)
        short = len(block.text) < 40 or re.match(r"^[^:]{3,25} ?: ", block.text)
        if name and short and name not in found:
            current = name
            count = _items(block.text.partition(":")[2])
            found[name] = (Place(document, block.start, block.end), count)
        elif block.kind is BlockKind.HEADING:
            current = None
        elif current:
            place, count = found[current]
            found[current] = (place, count + max(1, _items(block.text)))
    return found


_NETWORKS: Final = (
    r"instagram|facebook|linkedin|tiktok|youtube|pinterest|snapchat|twitter|\bx\b|discord|twitch"
    r"|whatsapp|threads|newsletter"
)
_FIELDS: Final = {
    "âge": r"\b\d{2} (?:et \d{2} )?ans\b",
    "situation": r"celibataire|marie|enfants?|couple|habite|vit (?:a|en|dans)|parent|\bville\b",
    "profession": r"profession|metier|travaille|etudiant|retraite|salarie|cadre|chef|responsable"
    r"|charge[e]? de|gerant|independant|employe|directeur|directrice|infirmier"
    r"|graphiste|professeur|artisan|agriculteur",
    "objectifs": r"objectif|cherche|souhaite|\bveut|voudrait|aimerait|aspire|projet|espere|\bbut\b",
    "besoins": r"besoin|\battend|recherche|declencheur|necessite|\bmanque",
    "freins": r"\bfreins?\b|\bcrain|redout|mefi|reticen|inquiet|hesit|\bpeur|obstacle|abandonne"
    r"|\bbloqu|decourag|rebute|trop cher",
    "motivations": r"motiv|declencheur|\baime|envie|prefere|apprecie|passionne|plaisir",
    "réseaux et usages": _NETWORKS,
    "contenu attendu": r"contenu|stor(?:y|ies)|reels?|videos?|tutoriel|carrousel|publication",
}
#: Fields out of ten from which a persona is called filled in; the rubric's proposal.
_ENOUGH: Final = 6


@dataclass(frozen=True, slots=True)
class Persona:
    """One persona sheet: its text and the fields that words of it point to."""

    name: str
    place: Place
    fields: tuple[str, ...]


def check_persona(context: CheckContext) -> Iterator[CheckResult]:
    """DET-PERSONA: fields per sheet; hints only, for words are not meanings."""
    found = [p for d in context.deliverables for p in personas(d)]
    if not found:
        yield context.result(SILENT, "I", "Aucune fiche persona reconnue.")
        return
    for persona in found:
        missing = [f for f in ("prénom", *_FIELDS) if f not in persona.fields]
        text = f"{persona.name} : {len(persona.fields)} champs repérés sur 10"
        enough = len(persona.fields) >= _ENOUGH and "réseaux et usages" in persona.fields
        outcome = OK if enough else GAP
        told = f"{text}." if not missing else f"{text} ; non repérés : {', '.join(missing)}."
        yield context.result(outcome, "I", told, places=[persona.place])


_NAME: Final = re.compile(r"^(?:Persona \d+ ?[–—:-] ?)?(?P<name>[A-ZÀ-Ý][\w’' -]{1,40}?)[,.:(–—]")
#: « Persona 1 — Clara, 34 ans… »: a sheet that says so itself, whatever heading it stands under.
_NUMBERED: Final = re.compile(r"^Persona \d+ ?[–—:-] ?[A-ZÀ-Ý]")


def personas(document: Document) -> Iterator[Persona]:
    """Paragraphs, or tables, under a heading that speaks of personas; paragraphs that say so."""
    for block in document.blocks:
        about = " ".join(block.locator.heading_path)
        if block.kind in (BlockKind.HEADING, BlockKind.TABLE_CELL):
            continue
        if "persona" not in fold(about) and not _NUMBERED.match(block.text):
            continue
        match = _NAME.match(block.text)
        if match and len(block.text) > 60:
            yield _persona(document, match["name"], block.start, block.end)
    for table in find_tables(document):
        if "persona" in fold(table.title) and table.header:
            yield _persona(document, table.title, table.start, table.end)


def _persona(document: Document, name: str, start: int, end: int) -> Persona:
    folded = fold(document.text[start:end])
    fields = [field for field, pattern in _FIELDS.items() if re.search(pattern, folded)]
    if not re.match(r"(?:le|la|les|un|une)\b", fold(name)):
        fields.insert(0, "prénom")
    return Persona(name, Place(document, start, end), tuple(fields))
