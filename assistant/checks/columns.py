"""DET-TABLEAU, DET-PLAN, DET-RACI: the columns a table should have, and its empty cells."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place, listed
from assistant.checks.tables import Cell, Table, find_tables
from assistant.checks.text import fold, stems
from assistant.domain.finding import CheckResult

#: Share of filled cells under which a table is pointed out; the rubric's proposal (§ 4).
FILLED: Final = 0.95

#: Ordinary French names of the same column.
SYNONYMS: Final = {
    "action": r"\baction|\btache|\bquoi\b|\bactivite|\boperation|mesure|conduite|traitement",
    "objectif": r"objectif|\bos\b|\boo\b|finalite|\bbut\b|resultat attendu|impact attendu",
    "cible": r"cible|public|persona|audience|pour qui|destinataire",
    "budget": r"budget|cout|montant|depense|prix|€|moyens",
    "delai": r"delai|date|echeance|quand|calendrier|periode|realisation|debut|fin\b|planning|duree",
    "date": r"delai|date|echeance|quand|calendrier|periode|realisation|debut|fin\b|semaine",
    "indicateur": r"indicateur|\bkpi|mesure|critere de reussite|\bseuil",
    "acteur": r"acteur|responsable|\bqui\b|pilote|porteur|referent|intervenant|charge de",
    "theme": r"theme|thematique|\baxe|sujet|rubrique|besoin",
    "mots-cles": r"mots?[- ]?cle|requete|hashtag|expression",
    "impact": r"impact|consequence|effet|incidence|ce que (?:ca|cela) change",
    "levier": r"levier|action|dispositif",
    "reseau": r"reseau|canal|support|plateforme|compte",
    "format": r"format|type|gabarit|contenu|description",
    "frequence": r"frequence|rythme|cadence|periodicite|quand|date|jours",
    "situation": r"situation|\bcas\b|message|type|motif|interaction",
    "valeur": r"valeur|realise|resultat|mesure|reel|\d{2}/\d{2}",
    "evolution": r"evolution|ecart|tendance|taux d'atteinte|variation|\d{2}/\d{2}",
    "abonnes": r"abonne|audience|communaute|followers|taille",
    "engagement": r"engagement|interaction",
    "audience": r"audience|abonne|part|public|cible",
    "thematique": r"thematique|univers|theme|sujet|pourquoi",
    "instance": r"instance|comite|reunion|point\b",
    "participants": r"participant|\bqui\b|membre|composition|presents",
}


_TARGET: Final = r"cible|objectif|\bvise|seuil|attendu"


def check_table(context: CheckContext) -> Iterator[CheckResult]:
    """DET-TABLEAU: the table that has most of the columns asked, and its filled cells."""
    wanted = listed(context.settings) if "(" in context.settings else []
    tables = [table for d in context.deliverables for table in find_tables(d) if table.header]
    if len(wanted) >= 2:
        yield from _columns(context, tables, wanted)


def check_plan(context: CheckContext) -> Iterator[CheckResult]:
    """DET-PLAN: the plan of actions, recognised by its title or by a column of actions."""
    wanted = [w for w in listed(context.settings) if "cellule" not in fold(w)] or [
        "action",
        "objectif",
        "acteur",
        "date",
    ]
    tables = [t for d in context.deliverables for t in find_tables(d) if _is_plan(t)]
    yield from _columns(context, tables, wanted)


def _is_plan(table: Table) -> bool:
    titled = re.search(r"plan (?:d'actions?|operationnel)|retroplanning", fold(table.title))
    return bool(table.header) and (bool(titled) or any("action" in label for label in table.labels))


def _columns(
    context: CheckContext, tables: Sequence[Table], wanted: Sequence[str]
) -> Iterator[CheckResult]:
    scored = [(len(_matched(table, wanted)), table) for table in tables]
    best = max(scored, key=lambda pair: pair[0], default=None)
    if best is None or best[0] < 2:
        text = f"Aucun tableau reconnu avec les colonnes : {', '.join(wanted)}."
        yield context.result(SILENT, "I", text)
        return
    table = best[1]
    found = _matched(table, wanted)
    missing = [name for name in wanted if name not in found]
    place = Place(table.document, table.start, table.end)
    names = ", ".join(f"{name} (« {table.labels[column]} »)" for name, column in found.items())
    if missing:
        text = f"Colonnes trouvées : {names}. Non repérées : {', '.join(missing)}."
        yield context.result(GAP, "I", text, places=[place])
    else:
        yield context.result(OK, "I", f"Colonnes trouvées : {names}.", places=[place])
    yield _filling(context, table, sorted(set(found.values())))


def _matched(table: Table, wanted: Sequence[str]) -> dict[str, int]:
    """Name asked → column. Beside a « valeur », a « cible » is a figure to reach, not a public."""
    found: dict[str, int] = {}
    for name in wanted:
        target = fold(name) == "cible" and "valeur" in wanted
        pattern = re.compile(_TARGET if target else _pattern(name))
        column = next((c for c, label in enumerate(table.labels) if pattern.search(label)), None)
        if column is not None:
            found[name] = column
    return found


def _pattern(name: str) -> str:
    """A column's known names, else its own stems."""
    folded = fold(name).rstrip("s")
    key = next((k for k in SYNONYMS if k.rstrip("s") == folded), None)
    own = "|".join(re.escape(root) for root in stems(name)) or re.escape(folded)
    return SYNONYMS[key] if key else own


def _filling(context: CheckContext, table: Table, columns: Sequence[int]) -> CheckResult:
    """Empty or « à définir » cells of the columns that matter, listed with their row."""
    cells = [(row, c) for row in table.body for c in columns]
    empty = [(row, c) for row, c in cells if not _filled(table.cell(row, c))]
    share = 1 - len(empty) / len(cells) if cells else 0.0
    told = f"{len(cells) - len(empty)} cellules remplies sur {len(cells)}"
    if share >= FILLED:
        place = Place(table.document, table.start, table.end)
        return context.result(OK, "I", f"{told}.", places=[place])
    where = "; ".join(f"{_first(row)} : {table.labels[c]}" for row, c in empty[:8])
    places = [Place(table.document, row[0].start, row[0].end) for row, _ in empty if row[0]]
    text = f"{told}. Vides ou à préciser : {where}."
    return context.result(
        GAP, "I", text, places=places[:8], expected_fr="Au moins 95 % de cellules remplies."
    )


def _filled(cell: Cell | None) -> bool:
    return cell is not None and cell.filled


def _first(row: Sequence[Cell | None]) -> str:
    return next((cell.text[:40] for cell in row if cell), "ligne sans titre")


_RACI_CELL: Final = re.compile(r"^[RACI](?: ?[/,+-]? ?[RACI])*$")


def check_raci(context: CheckContext) -> Iterator[CheckResult]:
    """DET-RACI: one A and at least one R per row, where a matrix of letters exists."""
    for document in context.deliverables:
        for table in find_tables(document):
            rows = [(row, _texts(row[1:])) for row in table.body]
            letters = [text for _, texts in rows for text in texts]
            if len(letters) < 4 or not all(_RACI_CELL.match(text) for text in letters):
                continue
            wrong = [(row, fault) for row, texts in rows if (fault := _raci_fault(texts))]
            attendu = context.attendu(r"\braci\b", r"responsabilites? de decision")
            for row, fault in wrong:
                places = [Place(document, c.start, c.end) for c in row if c]
                text = f"{_first(row)} : {fault}."
                yield context.result(GAP, "C", text, places=places, attendu=attendu)
            if not wrong:
                place = Place(document, table.start, table.end)
                text = f"{len(rows)} lignes : un seul A et au moins un R chacune."
                yield context.result(OK, "C", text, places=[place], attendu=attendu)


def _texts(cells: Sequence[Cell | None]) -> list[str]:
    return [cell.text.strip() for cell in cells if cell and not cell.blank]


def _raci_fault(texts: Sequence[str]) -> str:
    deciders = sum("A" in text for text in texts)
    doers = sum("R" in text for text in texts)
    if deciders != 1:
        return f"{deciders} A (autorité) au lieu d'un"
    return "" if doers else "aucun R (réalisation)"
