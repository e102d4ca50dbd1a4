"""One criterion of the grid: what its four cells say."""

from collections.abc import Iterator

from assistant.domain.decision import HumanDecision
from assistant.domain.finding import (
    AttenduFinding,
    CheckOutcome,
    CheckResult,
    CriterionFinding,
    Evidence,
    FindingFailure,
    SearchRecord,
)
from assistant.domain.report import CriterionEntry
from assistant.domain.rubric import Certification, Evaluable
from assistant.domain.verdict import Verdict
from assistant.reporting.content import Cell, Paragraph, Style, bold, italic, paragraph
from assistant.reporting.files import FileTable
from assistant.reporting.labels import ACTIONS_FR, fr, list_fr, moment_fr, percent_fr, quoted

_WHERE_JUDGED_FR = {
    Evaluable.DOCUMENT_VISUEL: "À lire avec les visuels.",
    Evaluable.CONFIGURATION: "Relève de la configuration d'un outil.",
    Evaluable.ORAL: "S'apprécie surtout à l'oral.",
}


class CriterionRow:
    """Writes the cells of one criterion.

    Quotes are numbered within the criterion, each place once, so that attendus refer to them.
    """

    HEADERS = ("Critère d'évaluation", "Appréciation", "Justification", "Preuves citées")

    def __init__(self, certification: Certification, files: FileTable) -> None:
        self._certification = certification
        self._files = files

    def cells(self, entry: CriterionEntry) -> tuple[Cell, Cell, Cell, Cell]:
        return (
            self._criterion(entry),
            tuple(self._appreciation(entry)),
            tuple(self._justification(entry)),
            tuple(self._proof(entry)),
        )

    def _criterion(self, entry: CriterionEntry) -> Cell:
        criterion = entry.criterion
        where = _WHERE_JUDGED_FR.get(criterion.evaluable, "")
        return (
            paragraph(f"CE{criterion.ce}", style=Style.CELL_VERDICT),
            paragraph(criterion.texte),
            *((paragraph(italic(where)),) if where else ()),
            paragraph(italic(criterion.id)),
        )

    # Appréciation

    def _appreciation(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        if entry.decision is not None:
            label = self._label(entry.decision.verdict)
            yield paragraph(label, style=Style.CELL_VERDICT)
        elif entry.disputed:
            yield paragraph("À décider (désaccord à arbitrer)", style=Style.CELL_VERDICT)
        else:
            yield paragraph("À décider", style=Style.CELL_VERDICT)
        yield paragraph(fr("Proposition : "), self._draft_label(entry))
        for decision in entry.decisions:
            yield from self._decision(decision, alone=len(entry.decisions) == 1)
        if entry.decision is not None and is_about_another_draft(entry):
            yield paragraph(
                bold("Cette décision porte sur une proposition antérieure, refaite depuis.")
            )

    def _draft_label(self, entry: CriterionEntry) -> str:
        match entry.finding:
            case CriterionFinding(verdict=verdict):
                return self._label(verdict)
            case FindingFailure():
                return "aucune, l'examen a échoué"
            case _:
                return "aucune, critère non examiné"

    def _decision(self, decision: HumanDecision, *, alone: bool) -> Iterator[Paragraph]:
        verdict = "" if alone else fr(f" : {self._label(decision.verdict)}")
        yield paragraph(f"{ACTIONS_FR[decision.action]}{verdict}", style=Style.CELL_LABEL)
        yield paragraph(f"par {decision.assessor}, le {moment_fr(decision.decided_at)}")
        if decision.action != "accept":
            draft = decision.draft_verdict
            said = self._label(draft) if draft else "aucune"
            yield paragraph(fr(f"Proposition d'alors : {said}"))
            yield paragraph(fr("Motif : "), decision.reason)
        if decision.comment:
            yield paragraph(fr("Commentaire : "), decision.comment)

    def _label(self, verdict: Verdict) -> str:
        return self._certification.libelle(verdict)

    # Justification

    def _justification(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        match entry.finding:
            case FindingFailure(message_fr=message):
                yield paragraph("Échec de l'examen", style=Style.CELL_LABEL)
                yield paragraph(fr(message))
                yield paragraph("Aucune proposition n'en est tirée.")
            case CriterionFinding() as finding:
                yield from self._draft(finding)
            case _:
                yield paragraph("Ce critère n'a pas encore été examiné.")

    def _draft(self, finding: CriterionFinding) -> Iterator[Paragraph]:
        if finding.rationale:
            yield paragraph(finding.rationale)
        if finding.abstention_fr:
            yield paragraph(bold(fr("Non évaluable : ")), finding.abstention_fr)
        if finding.judge_verdict not in (None, finding.verdict):
            yield paragraph(
                fr(f"Le moteur concluait : {self._label(finding.judge_verdict)} ; ")
                + fr(f"la règle de la grille donne : {self._label(finding.verdict)}.")
            )
        yield paragraph("Attendus", style=Style.CELL_LABEL)
        numbers = _quote_numbers(finding)
        for attendu in finding.attendus:
            yield self._attendu(attendu, numbers)
        yield from _items("Éléments manquants", finding.missing)
        yield from self._checks(finding.checks)
        yield from _items("Remarques", finding.notes_fr)
        yield from _items("Questions pour l'oral", finding.oral_questions)

    def _attendu(self, attendu: AttenduFinding, numbers: dict[str, int]) -> Paragraph:
        star = "★ " if attendu.etoile else ""
        cited = "".join(f" [{numbers[_place_key(e)]}]" for e in attendu.evidence)
        withheld = (
            f" (le moteur disait « {attendu.withheld.label_fr} », sans preuve retrouvée)"
            if attendu.withheld
            else ""
        )
        why = f" — {attendu.justification}" if attendu.justification else ""
        return paragraph(
            f"{star}{attendu.numero}. {attendu.texte}",
            fr(" : "),
            bold(attendu.status.label_fr),
            fr(f"{cited}{withheld}"),
            why,
            style=Style.CELL_ITEM,
        )

    def _checks(self, checks: tuple[CheckResult, ...]) -> Iterator[Paragraph]:
        told = [c for c in checks if c.outcome is not CheckOutcome.SILENT]
        if not told:
            return
        yield paragraph("Contrôles calculés", style=Style.CELL_LABEL)
        for check in told:
            values = [f"{quoted(e.quote)}, {self._files.place_fr(e)}" for e in check.observed]
            yield paragraph(
                f"{check.title_fr}",
                fr(" : "),
                bold(check.outcome.value),
                f". {check.message_fr}",
                f" ({' ; '.join(values)})" if values else "",
                style=Style.CELL_ITEM,
            )

    # Preuves

    def _proof(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        finding = entry.finding
        if not isinstance(finding, CriterionFinding):
            yield paragraph("Aucune citation.")
            return
        for number, evidence in enumerate(finding.evidence, start=1):
            yield self._quote(f"[{number}] ", evidence)
        if not finding.evidence:
            yield paragraph("Aucun passage retenu.")
        if finding.rejected:
            yield paragraph(
                "Citations écartées (introuvables dans les fichiers)", style=Style.CELL_LABEL
            )
            for rejected in finding.rejected:
                yield paragraph(
                    quoted(rejected.quote),
                    italic(f" — {rejected.reason_fr}"),
                    style=Style.CELL_QUOTE,
                )
        if not finding.evidence or finding.verdict is Verdict.NOT_MET:
            yield from self._search(finding.search)

    def _quote(self, head: str, evidence: Evidence) -> Paragraph:
        near = "" if evidence.match == "exact" else " (texte rapproché)"
        place = italic(f" — {self._files.place_fr(evidence)}{near}")
        return paragraph(bold(head), quoted(evidence.quote), place, style=Style.CELL_QUOTE)

    def _search(self, search: SearchRecord) -> Iterator[Paragraph]:
        yield paragraph("Recherche effectuée", style=Style.CELL_LABEL)
        documents = list_fr([self._files.name_fr(name) for name in search.documents])
        yield paragraph(
            fr(f"Dans : {documents or 'aucun fichier'} ; "),
            fr(f"part lue : {percent_fr(search.coverage)}."),
        )
        yield paragraph(fr("Mots cherchés : "), " ; ".join(search.queries) or "aucun")
        if search.sections:
            yield paragraph(fr("Sections : "), " ; ".join(search.sections))
        yield from _items("Parties non lues", search.unread)
        if search.nearest:
            yield paragraph("Passages les plus proches", style=Style.CELL_LABEL)
        for evidence in search.nearest:
            yield self._quote("", evidence)


def is_about_another_draft(entry: CriterionEntry) -> bool:
    """Whether the standing decision was taken on a draft that is not the one shown."""
    shown = entry.finding.provenance.key if isinstance(entry.finding, CriterionFinding) else ""
    return entry.decision is not None and entry.decision.finding_key != shown


def _items(title: str, items: tuple[str, ...]) -> Iterator[Paragraph]:
    if items:
        yield paragraph(title, style=Style.CELL_LABEL)
    for item in items:
        yield paragraph(f"– {item}", style=Style.CELL_ITEM)


def _place_key(evidence: Evidence) -> str:
    return f"{evidence.sha256}:{evidence.start}:{evidence.end}"


def _quote_numbers(finding: CriterionFinding) -> dict[str, int]:
    return {_place_key(e): number for number, e in enumerate(finding.evidence, start=1)}
