"""A cohort's results as CSV: French form, plain form, and one gradebook per épreuve for Moodle."""

import csv
import io
from collections.abc import Iterator
from typing import Literal

from assistant.domain.verdict import Verdict
from assistant.reporting.cells import safe_text
from assistant.reporting.cohort_results import (
    CohortResults,
    EpreuveTable,
    ResultRow,
    decision_word,
    draft_word,
)

CsvForm = Literal["fr", "simple"]


def results_csv(results: CohortResults, form: CsvForm) -> bytes:
    """One line per candidate, épreuve and criterion.

    « fr »: semicolons, with the mark that makes Excel read UTF-8. « simple »: commas, no mark.
    """
    names = ["candidat"] if results.named else []
    head = [
        "dossier",
        *names,
        "epreuve",
        "critere",
        "proposition_brouillon",
        "decision",
        "finalise_le",
        "echec",
    ]
    return _csv([head, *_lines(results)], form)


def gradebook_csv(table: EpreuveTable, *, named: bool) -> bytes:
    """The signed candidates of one épreuve, as Moodle's gradebook imports them.

    The grade counts the criteria that people have found met; the feedback tells each decision.
    Whoever is not signed yet is left out, so that an import changes nothing for them.
    """
    head = ["Numéro d'identification", *(["Nom complet"] if named else []), "Note", "Feedback"]
    lines = [head]
    for row in table.rows:
        if row.signature is None or row.decided < len(row.cells):
            continue
        met = sum(cell.decision is Verdict.MET for cell in row.cells)
        names = [row.name] if named else []
        lines.append([row.dossier_id, *names, str(met), _feedback(table, row, met)])
    return _csv(lines, "simple")


def _feedback(table: EpreuveTable, row: ResultRow, met: int) -> str:
    """In one line, without what Moodle would take for HTML."""
    said = [f"Critères acquis : {met} sur {len(row.cells)}."]
    for head, cell in zip(table.heads, row.cells, strict=True):
        why = f" — {cell.justification_fr}" if cell.justification_fr else ""
        said.append(f"{head.text_fr} : {decision_word(table, cell)}{why}")
    text = " | ".join(" ".join(part.split()) for part in said)
    return text.replace("<", "‹").replace(">", "›")


def _lines(results: CohortResults) -> Iterator[list[str]]:
    for table in results.tables:
        for row in table.rows:
            day = row.signature.at.date().isoformat() if row.signature else ""
            for head, cell in zip(table.heads, row.cells, strict=True):
                yield [
                    row.dossier_id,
                    *([row.name] if results.named else []),
                    table.epreuve,
                    head.id,
                    draft_word(table, cell) if cell.draft is not None else "",
                    decision_word(table, cell),
                    day,
                    cell.failure_fr,
                ]


def _csv(lines: list[list[str]], form: CsvForm) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if form == "fr" else ",", lineterminator="\r\n")
    writer.writerows([safe_text(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig" if form == "fr" else "utf-8")
