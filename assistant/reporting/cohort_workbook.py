"""A cohort's results as one workbook. Every text is written as text: nothing is ever a formula."""

from io import BytesIO
from typing import Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assistant.domain.verdict import Verdict
from assistant.reporting.cells import safe_text
from assistant.reporting.closeness_sheets import close_passages_sheets
from assistant.reporting.cohort_book import Book, height, write
from assistant.reporting.cohort_results import (
    CohortResults,
    EpreuveTable,
    ResultRow,
    cost_fr,
    decision_word,
    draft_word,
    model_fr,
)
from assistant.reporting.labels import fr, moment_fr
from assistant.reporting.outliers import NOTHING_FR, about_fr, told

_HEADS: Final = 3
_A3: Final = 8
#: In characters: what is read as prose.
_READING_WIDTH: Final = 88


def results_workbook(results: CohortResults) -> bytes:
    """What this is, one sheet per épreuve, what is criterion by criterion, failures, costs."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": safe_text(f"Cohorte {results.label}"), "status": "Brouillon"})
    sheets = Book(book)
    writer = _Sheets(sheets, results)
    writer.first_sheet()
    for table in results.tables:
        writer.epreuve(table)
    writer.distribution()
    writer.outliers()
    close_passages_sheets(sheets, results.closeness)
    writer.problems()
    writer.costs()
    book.close()
    return out.getvalue()


class _Sheets:
    """The sheets of one workbook."""

    def __init__(self, book: Book, results: CohortResults) -> None:
        self._book = book
        self._results = results

    def first_sheet(self) -> None:
        """What this is, what it is not, and by what it was made."""
        sheet = self._book.sheet("À lire d'abord")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, _READING_WIDTH)
        sheet.set_landscape()
        results = self._results
        write(sheet, 0, 0, f"Cohorte « {results.label} »", self._book.title)
        lines: list[tuple[str, Format]] = [
            ("Des brouillons, pas des notes.", self._book.strong),
            (
                "Une proposition est un brouillon préparé par un programme ; elle ne vaut rien "
                "tant qu'une personne ne l'a pas confirmée ou modifiée. Seules les colonnes "
                "« Décision » disent ce que des évaluateurs ont décidé. Aucun résultat d'ensemble "
                "n'est calculé : il revient au jury.",
                self._book.plain,
            ),
            ("Où en est la cohorte", self._book.strong),
            *((line, self._book.plain) for line in results.state_fr),
            ("Comment lire les feuilles d'épreuve", self._book.strong),
            (
                "Un candidat par ligne ; pour chaque critère, la proposition (en italique) puis la "
                "décision (en gras, vide tant que rien n'est décidé). « Échec » : le critère n'a "
                "pas pu être examiné, voir la feuille « Échecs ». « — » : pas encore examiné.",
                self._book.plain,
            ),
            ("Qui a préparé les propositions", self._book.strong),
            *((made, self._book.plain) for made in results.made_by_fr or ("Aucune proposition.",)),
            ("Les noms", self._book.strong),
            (results.names_fr, self._book.plain),
        ]
        for row, (text, form) in enumerate(lines, start=2):
            sheet.set_row(row, 20 if form is self._book.strong else height(text, _READING_WIDTH))
            write(sheet, row, 0, fr(text), form)

    def epreuve(self, table: EpreuveTable) -> None:
        """Candidates in rows; for each criterion, its draft beside its decision."""
        sheet = self._book.sheet(table.epreuve)
        write(
            sheet,
            0,
            0,
            f"{table.epreuve} — {table.title_fr} ({table.rubric_fr})",
            self._book.strong,
        )
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
            sheet.merge_range(1, column, 2, column, "", self._book.head)
            write(sheet, 1, column, word, self._book.head)
        for number, head in enumerate(table.heads):
            column = first + 2 * number
            sheet.merge_range(1, column, 1, column + 1, "", self._book.head)
            write(sheet, 1, column, f"{head.id.split('/')[-1]} · {head.text_fr}", self._book.head)
            write(sheet, 2, column, "Proposition", self._book.head)
            write(sheet, 2, column + 1, "Décision", self._book.head)
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
            write(sheet, line, column, word, self._book.text)
        for number, cell in enumerate(row.cells):
            column = first + 2 * number
            draft = self._book.text if cell.draft is None else self._book.drafts[cell.draft]
            draft = self._book.failed if cell.failure_fr else draft
            decided = (
                self._book.text if cell.decision is None else self._book.decided[cell.decision]
            )
            write(sheet, line, column, draft_word(table, cell), draft)
            write(sheet, line, column + 1, decision_word(table, cell), decided)

    def distribution(self) -> None:
        """How the drafts of each criterion are spread, and those that nobody's draft meets."""
        labels = self._results.tables[0].labels if self._results.tables else {}
        scale = [labels.get(verdict, verdict.value) for verdict in Verdict]
        heads = ["Épreuve", "Critère", "Intitulé", *scale, "Échec ou à faire", "À regarder"]
        widths = [10, 22, 60, 11, 11, 11, 14, 17, 40]
        sheet, line = self._book.listing("Par critère", heads, widths)
        for table in self._results.tables:
            for number, head in enumerate(table.heads):
                drafts = [row.cells[number].draft for row in table.rows]
                sheet.set_row(line, height(head.text_fr, 60))
                for column, word in enumerate((table.epreuve, head.id, head.text_fr)):
                    write(sheet, line, column, word, self._book.text)
                for column, verdict in enumerate((*Verdict, None), start=3):
                    sheet.write_number(line, column, drafts.count(verdict), self._book.whole)
                met = table.labels[Verdict.MET].lower()
                told = f"Aucune proposition « {met} »." if _nobody(drafts) else ""
                write(sheet, line, 8, fr(told), self._book.text)
                line += 1

    def outliers(self) -> None:
        """What stands out, in cautious words."""
        found = told(self._results.outliers)
        heads = ["Épreuve", "Dossier", "Critère", "Ce qui ressort"]
        note = about_fr(self._results.outliers)
        sheet, line = self._book.listing("À regarder", heads, [12, 16, 28, 110], note)
        for one in found:
            sheet.set_row(line, height(one.message_fr, 110))
            words = (one.epreuve, one.dossier_id, one.criterion_id, one.message_fr)
            for column, word in enumerate(words):
                write(sheet, line, column, word, self._book.text)
            line += 1
        if not found:
            write(sheet, line, 0, NOTHING_FR, self._book.plain)

    def problems(self) -> None:
        """What was not examined, and what to do about it."""
        heads = ["Dossier", "Candidat", "Épreuve", "Critère", "Ce qui s'est passé et quoi faire"]
        sheet, top = self._book.listing("Échecs", heads, [14, 26, 10, 26, 100])
        for line, problem in enumerate(self._results.problems, start=top):
            sheet.set_row(line, height(problem.message_fr, 100))
            name = problem.name if self._results.named else ""
            where = (problem.dossier_id, name, problem.epreuve, problem.criterion_id)
            for column, word in enumerate((*where, problem.message_fr)):
                write(sheet, line, column, word, self._book.text)
        if not self._results.problems:
            write(sheet, top, 0, "Aucun.", self._book.text)

    def costs(self) -> None:
        """What each run has used; nothing for the embedded engine."""
        heads = ["Lancé le", "Modèle", "Critères", "Demandes", "Tokens lus", "dont en cache"]
        heads += ["Tokens écrits", "Coût"]
        sheet, top = self._book.listing("Coûts", heads, [30, 34, 10, 10, 14, 14, 14, 14])
        for line, run in enumerate(self._results.spending, start=top):
            usage = run.traffic.usage
            write(sheet, line, 0, moment_fr(run.started_at), self._book.text)
            write(sheet, line, 1, model_fr(run), self._book.text)
            counts = (run.criteria, run.traffic.requests, usage.input_tokens)
            for column, number in enumerate(
                (*counts, usage.cached_tokens, usage.output_tokens), start=2
            ):
                sheet.write_number(line, column, number, self._book.whole)
            if usage.cost_eur is None:
                write(sheet, line, 7, cost_fr(run), self._book.text)
            else:
                sheet.write_number(line, 7, usage.cost_eur, self._book.euros)
        if not self._results.spending:
            write(sheet, top, 0, "Aucune demande à un modèle.", self._book.text)


def _nobody(drafts: list[Verdict | None]) -> bool:
    """Whether enough were drafted, and none met; a cohort of one or two says nothing."""
    judged = [d for d in drafts if d not in (None, Verdict.NOT_ASSESSABLE)]
    return len(judged) >= 3 and Verdict.MET not in judged
