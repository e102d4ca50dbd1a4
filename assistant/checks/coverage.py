"""DET-COUV: every numbered request of the brief is dealt with in the deliverable."""

import re
from collections.abc import Iterator
from typing import Final

from assistant.checks.context import GAP, OK, SILENT, CheckContext, Place
from assistant.checks.tables import Cell, find_tables
from assistant.domain.finding import CheckResult
from ingest.types import Document

_ID: Final = re.compile(r"^(?P<id>(?:[A-Z]{1,3} ?-?)\d{1,3})(?=$|[\s.):–-])")
_REASON: Final = re.compile(r"justif|pourquoi|raison|motif")
_ATTENDU: Final = (r"recoivent un traitement", r"tous les messages", r"toutes les demandes")


def check_coverage(context: CheckContext) -> Iterator[CheckResult]:
    """DET-COUV on requests that the brief numbers (« C1 » to « C9 »); silent without numbers."""
    wanted: dict[str, Place] = {}
    accounts: dict[str, str] = {}
    for document in context.compared():
        wanted.update(numbered_rows(document))
        accounts.update(_accounts(document))
    if len(wanted) < 3:
        text = "Les demandes fournies ne sont pas numérotées : à compter à la main."
        yield context.result(SILENT, "I", text)
        return
    missing = {
        name: place
        for name, place in wanted.items()
        if not (_mentioned(context, name) or _named(context, accounts.get(name, "")))
    }
    if 2 * len(missing) > len(wanted):
        text = "Le livrable ne reprend pas les numéros des demandes : à compter à la main."
        yield context.result(SILENT, "I", text, places=list(wanted.values()))
        return
    attendu = context.attendu(*_ATTENDU)
    if missing:
        names = ", ".join(missing)
        treated = len(wanted) - len(missing)
        text = f"{len(wanted)} demandes fournies, {treated} traitées. Manque : {names}."
        yield context.result(
            GAP,
            "C" if context.fully_read else "I",
            text,
            places=list(missing.values()),
            expected_fr="Chaque demande fournie est traitée.",
            attendu=attendu,
        )
    else:
        text = f"Les {len(wanted)} demandes fournies sont toutes reprises."
        places = [p for d in context.deliverables for p in numbered_rows(d).values()]
        yield context.result(OK, "C", text, places=places, attendu=attendu)
    yield from _reasons(context)


def numbered_rows(document: Document) -> dict[str, Place]:
    """Identifier → its cell, for rows that start with one."""
    found: dict[str, Place] = {}
    for table in find_tables(document):
        for row in table.body:
            first = row[0]
            match = _ID.match(first.text) if first else None
            if first and match:
                name = match["id"].replace(" ", "").replace("-", "")
                found.setdefault(name, Place(document, first.start, first.end))
    return found


def _mentioned(context: CheckContext, name: str) -> bool:
    letters, digits = name.rstrip("0123456789"), name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    pattern = re.compile(rf"(?<![\w-]){letters}[ -]?{digits}(?![\w-]*\d)")
    spans = re.compile(
        rf"(?<![\w-]){letters} ?(\d{{1,3}}) ?(?:à|-|–) ?(?:{letters} ?)?(\d{{1,3}})\b"
    )
    return any(
        pattern.search(d.text)
        or any(int(m[1]) <= int(digits) <= int(m[2]) for m in spans.finditer(d.text))
        for d in context.deliverables
    )


def _accounts(document: Document) -> dict[str, str]:
    """Identifier → the @account of its row."""
    found: dict[str, str] = {}
    for table in find_tables(document):
        for row in table.body:
            match = _ID.match(row[0].text) if row[0] else None
            handle = next((c.text for c in row[1:] if c and re.match(r"^@[\w.]+$", c.text)), "")
            if match and handle:
                found[match["id"].replace(" ", "").replace("-", "")] = handle
    return found


def _named(context: CheckContext, account: str) -> bool:
    pattern = re.compile(rf"{re.escape(account)}(?![\w.]*\w)")
    return bool(account) and any(pattern.search(d.text) for d in context.deliverables)


def _reasons(context: CheckContext) -> Iterator[CheckResult]:
    """Rows whose « justification » is empty."""
    for document in context.deliverables:
        for table in find_tables(document):
            column = table.column(_REASON)
            if column is None or not any(_ID.match(r[0].text) for r in table.body if r[0]):
                continue
            rows = [row for row in table.body if not _filled(table.cell(row, column))]
            empty = [row[0] for row in rows if row[0]]
            attendu = context.attendu(r"traitement est justifie", r"justifi")
            if empty:
                names = ", ".join(cell.text for cell in empty)
                places = [Place(document, cell.start, cell.end) for cell in empty]
                text = f"Justification vide pour : {names}."
                yield context.result(GAP, "I", text, places=places, attendu=attendu)
            else:
                place = Place(document, table.start, table.end)
                text = f"{len(table.body)} lignes, toutes avec leur justification."
                yield context.result(OK, "I", text, places=[place], attendu=attendu)


def _filled(cell: Cell | None) -> bool:
    return cell is not None and cell.filled
