"""A cohort's results as one workbook. Every text is written as text: nothing is ever a formula."""

import re
from io import BytesIO
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assistant.domain.verdict import Verdict
from assistant.reporting.cells import safe_text
from assistant.reporting.cohort_results import (
    CohortResults,
    EpreuveTable,
    ResultRow,
    decision_word,
    draft_word,
)
from assistant.reporting.labels import count_fr, fr, moment_fr

#: Light fills that stay apart in grey; the word in the cell says it all without them.
_FILLS: Final = {
    Verdict.MET: "#D9F0DC",
    Verdict.PARTIALLY_MET: "#FFF0C2",
    Verdict.NOT_MET: "#F3B6AE",
    Verdict.NOT_ASSESSABLE: "#E3E3E8",
}
_HEADS: Final = 3
_A3: Final = 8
_A4: Final = 9
#: In characters: what is read as prose.
_READING_WIDTH: Final = 88


def results_workbook(results: CohortResults) -> bytes:
    """What this is, one sheet per épreuve, what is criterion by criterion, failures, costs."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": safe_text(f"Cohorte {results.label}"), "status": "Brouillon"})
    writer = _Book(book, results)
    writer.first_sheet()
    for table in results.tables:
        writer.epreuve(table)
    writer.distribution()
    writer.problems()
    writer.costs()
    book.close()
    return out.getvalue()


class _Book:
    """The sheets of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, results: CohortResults) -> None:
        self._book = book
        self._results = results
        self._names: set[str] = set()
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top", "border": 1}
        base |= {"border_color": "#B8B8C0"}
        self._text = book.add_format(base | {"text_wrap": True})
        self._plain = book.add_format({"font_size": 11, "valign": "top", "text_wrap": True})
        self._title = book.add_format({"font_size": 16, "bold": True})
        self._strong = book.add_format({"font_size": 12, "bold": True})
        self._head = book.add_format(
            base | {"bold": True, "bg_color": "#DCE3F0", "text_wrap": True}
        )
        self._whole = book.add_format(base | {"num_format": "#,##0"})
        self._euros = book.add_format(base | {"num_format": '#,##0.00" €"'})
        self._drafts = {
            verdict: book.add_format(base | {"bg_color": fill, "italic": True})
            for verdict, fill in _FILLS.items()
        }
        self._decided = {
            verdict: book.add_format(base | {"bg_color": fill, "bold": True})
            for verdict, fill in _FILLS.items()
        }
        self._failed = book.add_format(base | {"bold": True, "pattern": 14, "bg_color": "#FFFFFF"})

    def first_sheet(self) -> None:
        """What this is, what it is not, and by what it was made."""
        sheet = self._sheet("À lire d'abord")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, _READING_WIDTH)
        sheet.set_landscape()
        results = self._results
        _write(sheet, 0, 0, f"Cohorte « {results.label} »", self._title)
        lines: list[tuple[str, Format]] = [
            ("Des brouillons, pas des notes.", self._strong),
            (
                "Une proposition est un brouillon préparé par un programme ; elle ne vaut rien "
                "tant qu'une personne ne l'a pas confirmée ou modifiée. Seules les colonnes "
                "« Décision » disent ce que des évaluateurs ont décidé. Aucun résultat d'ensemble "
                "n'est calculé : il revient au jury.",
                self._plain,
            ),
            ("Où en est la cohorte", self._strong),
            *((line, self._plain) for line in self._state_fr()),
            ("Comment lire les feuilles d'épreuve", self._strong),
            (
                "Un candidat par ligne ; pour chaque critère, la proposition (en italique) puis la "
                "décision (en gras, vide tant que rien n'est décidé). « Échec » : le critère n'a "
                "pas pu être examiné, voir la feuille « Échecs ». « — » : pas encore examiné.",
                self._plain,
            ),
            ("Qui a préparé les propositions", self._strong),
            *((made, self._plain) for made in results.made_by_fr or ("Aucune proposition.",)),
            ("Les noms", self._strong),
            (self._names_fr(), self._plain),
        ]
        for row, (text, form) in enumerate(lines, start=2):
            sheet.set_row(row, 20 if form is self._strong else _height(text))
            _write(sheet, row, 0, fr(text), form)

    def _state_fr(self) -> list[str]:
        rows = [row for table in self._results.tables for row in table.rows]
        cells = [cell for row in rows for cell in row.cells]
        drafted = sum(cell.draft is not None for cell in cells)
        decided = sum(cell.decision is not None for cell in cells)
        signed = sum(row.signature is not None for row in rows)
        return [
            f"Arrêté le {moment_fr(self._results.made_at)}. "
            f"Identifiant de la cohorte : {self._results.cohort_id}.",
            f"{count_fr(self._results.candidates, 'candidat')}, "
            f"{count_fr(len(rows), 'épreuve rendue', 'épreuves rendues')}, "
            f"{count_fr(len(cells), 'critère')} : "
            f"{count_fr(drafted, 'proposition')}, {count_fr(decided, 'décision')}.",
            f"{count_fr(signed, 'épreuve finalisée', 'épreuves finalisées')} par un évaluateur ; "
            f"{count_fr(len(self._results.problems), 'échec')} à traiter.",
        ]

    def _names_fr(self) -> str:
        if self._results.named:
            return "Ce classeur contient les noms des dossiers : gardez-le sur cette machine."
        return (
            "Les candidats sont désignés par l'identifiant de leur dossier ; la table des "
            "pseudonymes reste sur la machine où la cohorte a été examinée."
        )

    def epreuve(self, table: EpreuveTable) -> None:
        """Candidates in rows; for each criterion, its draft beside its decision."""
        sheet = self._sheet(table.epreuve)
        _write(sheet, 0, 0, f"{table.epreuve} — {table.title_fr} ({table.rubric_fr})", self._strong)
        names = 1 if self._results.named else 0
        first = 2 + names
        sheet.set_row(0, 20)
        sheet.set_row(1, 92)
        sheet.set_column(0, 0, 14)
        if names:
            sheet.set_column(1, 1, 28)
        sheet.set_column(first - 1, first - 1, 12)
        sheet.set_column(first, first + 2 * len(table.heads), 15)
        fixed = ["Dossier", *(["Candidat"] if names else []), "Avancement"]
        for column, word in enumerate(fixed):
            sheet.merge_range(1, column, 2, column, "", self._head)
            _write(sheet, 1, column, word, self._head)
        for number, head in enumerate(table.heads):
            column = first + 2 * number
            sheet.merge_range(1, column, 1, column + 1, "", self._head)
            _write(sheet, 1, column, f"{head.id.split('/')[-1]} · {head.text_fr}", self._head)
            _write(sheet, 2, column, "Proposition", self._head)
            _write(sheet, 2, column + 1, "Décision", self._head)
        for line, row in enumerate(table.rows, start=_HEADS):
            self._candidate(sheet, line, table, row, first)
        sheet.freeze_panes(_HEADS, first)
        sheet.set_landscape()
        sheet.set_paper(_A3)
        sheet.repeat_rows(1, 2)
        sheet.repeat_columns(0, first - 1)
        sheet.set_footer("&L&A — brouillons et décisions&R&P / &N")

    def _candidate(
        self, sheet: Worksheet, line: int, table: EpreuveTable, row: ResultRow, first: int
    ) -> None:
        state = "finalisé" if row.signature else f"{row.decided} sur {len(row.cells)}"
        words = [row.dossier_id, *([row.name] if self._results.named else []), state]
        for column, word in enumerate(words):
            _write(sheet, line, column, word, self._text)
        for number, cell in enumerate(row.cells):
            column = first + 2 * number
            draft = self._text if cell.draft is None else self._drafts[cell.draft]
            draft = self._failed if cell.failure_fr else draft
            decided = self._text if cell.decision is None else self._decided[cell.decision]
            _write(sheet, line, column, draft_word(table, cell), draft)
            _write(sheet, line, column + 1, decision_word(table, cell), decided)

    def distribution(self) -> None:
        """How the drafts of each criterion are spread, and those that nobody's draft meets."""
        labels = self._results.tables[0].labels if self._results.tables else {}
        scale = [labels.get(verdict, verdict.value) for verdict in Verdict]
        heads = ["Épreuve", "Critère", "Intitulé", *scale, "Échec ou à faire", "À regarder"]
        sheet = self._listing("Par critère", heads, [10, 22, 60, 11, 11, 11, 14, 17, 40])
        line = 1
        for table in self._results.tables:
            for number, head in enumerate(table.heads):
                drafts = [row.cells[number].draft for row in table.rows]
                sheet.set_row(line, _height(head.text_fr, 60))
                for column, word in enumerate((table.epreuve, head.id, head.text_fr)):
                    _write(sheet, line, column, word, self._text)
                for column, verdict in enumerate((*Verdict, None), start=3):
                    sheet.write_number(line, column, drafts.count(verdict), self._whole)
                met = table.labels[Verdict.MET].lower()
                told = f"Aucune proposition « {met} »." if _nobody(drafts) else ""
                _write(sheet, line, 8, fr(told), self._text)
                line += 1

    def problems(self) -> None:
        """What was not examined, and what to do about it."""
        heads = ["Dossier", "Candidat", "Épreuve", "Critère", "Ce qui s'est passé et quoi faire"]
        sheet = self._listing("Échecs", heads, [14, 26, 10, 26, 100])
        for line, problem in enumerate(self._results.problems, start=1):
            sheet.set_row(line, _height(problem.message_fr, 100))
            name = problem.name if self._results.named else ""
            where = (problem.dossier_id, name, problem.epreuve, problem.criterion_id)
            for column, word in enumerate((*where, problem.message_fr)):
                _write(sheet, line, column, word, self._text)
        if not self._results.problems:
            _write(sheet, 1, 0, "Aucun.", self._text)

    def costs(self) -> None:
        """What each run has used; nothing for the embedded engine."""
        heads = ["Lancé le", "Modèle", "Critères", "Demandes", "Tokens lus", "dont en cache"]
        heads += ["Tokens écrits", "Coût"]
        sheet = self._listing("Coûts", heads, [30, 34, 10, 10, 14, 14, 14, 14])
        for line, run in enumerate(self._results.spending, start=1):
            usage = run.traffic.usage
            _write(sheet, line, 0, moment_fr(run.started_at), self._text)
            _write(sheet, line, 1, run.model.split("|")[0], self._text)
            counts = (run.criteria, run.traffic.requests, usage.input_tokens)
            for column, number in enumerate(
                (*counts, usage.cached_tokens, usage.output_tokens), start=2
            ):
                sheet.write_number(line, column, number, self._whole)
            if usage.cost_eur is None:
                _write(sheet, line, 7, "inconnu", self._text)
            else:
                sheet.write_number(line, 7, usage.cost_eur, self._euros)
        if not self._results.spending:
            _write(sheet, 1, 0, "Aucune demande à un modèle.", self._text)

    def _listing(self, name: str, heads: list[str], widths: list[int]) -> Worksheet:
        sheet = self._sheet(name)
        for column, (word, width) in enumerate(zip(heads, widths, strict=True)):
            sheet.set_column(column, column, width)
            _write(sheet, 0, column, word, self._head)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        return sheet

    def _sheet(self, name: str) -> Worksheet:
        """A sheet under a name that Excel takes: 31 characters, some signs left out, once."""
        stem = re.sub(r"[\[\]:*?/\\']", "-" if "'" not in name else "’", name)[:28] or "feuille"
        chosen, number = stem, 2
        while chosen.lower() in self._names:
            chosen, number = f"{stem} {number}"[:31], number + 1
        self._names.add(chosen.lower())
        sheet = self._book.add_worksheet(chosen)
        sheet.set_paper(_A4)
        return sheet


def _height(text: str, width: int = _READING_WIDTH) -> float:
    """The height of a row, in points, for a text in a column of that many characters.

    LibreOffice does not measure it when it opens the file; long words leave lines unfilled.
    """
    return 15.5 * (1 + int(len(text) * 1.1) // width)


def _nobody(drafts: list[Verdict | None]) -> bool:
    """Whether enough were drafted, and none met; a cohort of one or two says nothing."""
    judged = [d for d in drafts if d not in (None, Verdict.NOT_ASSESSABLE)]
    return len(judged) >= 3 and Verdict.MET not in judged


def _write(sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
    if text:
        sheet.write_string(row, column, safe_text(text), form)
    else:
        sheet.write_blank(row, column, None, form)
