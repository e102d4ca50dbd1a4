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
from assistant.reporting.content import Cell, Paragraph, Style, bold, italic, paragraph, quote
from assistant.reporting.files import FileTable
from assistant.reporting.labels import (
    ACTIONS_FR,
    count_fr,
    fr,
    list_fr,
    moment_fr,
    percent_fr,
    quoted,
)

_WHERE_JUDGED_FR = {
    Evaluable.DOCUMENT_VISUEL: "À lire avec les visuels.",
    Evaluable.CONFIGURATION: "Relève de la configuration d'un outil.",
    Evaluable.ORAL: "S'apprécie surtout à l'oral.",
}


#: Values shown for one check; they locate it, and all are in the JSON export.
_MAX_OBSERVED = 3
#: Passages shown beside an absence, each whole; the others are in the JSON export.
_MAX_NEAREST = 2


class CriterionRow:
    """Writes the cells of one criterion.

    Quotes are numbered within the criterion, each place once, so that attendus refer to them.
    Without `traces`, only what people decided is written, and the quotes of the drafts that they
    upheld.
    """

    HEADERS = ("Critère d'évaluation", "Appréciation", "Justification", "Preuves et contrôles")
    HEADERS_BARE = ("Critère d'évaluation", "Appréciation", "Justification", "Citations")

    def __init__(
        self, certification: Certification, files: FileTable, *, traces: bool = True
    ) -> None:
        self._certification = certification
        self._files = files
        self._traces = traces

    def cells(self, entry: CriterionEntry) -> tuple[Cell, Cell, Cell, Cell]:
        if not self._traces:
            return (
                self._criterion(entry),
                tuple(self._decided(entry)),
                tuple(self._printed(entry)) or (paragraph("—"),),
                tuple(self._upheld_quotes(entry)),
            )
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
            yield from self._decision(decision, entry)
        if entry.decision is not None and is_about_another_draft(entry):
            yield paragraph(
                bold("Cette décision porte sur une proposition antérieure, refaite depuis.")
            )

    def _decided(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        label = self._label(entry.decision.verdict) if entry.decision else "À décider"
        yield paragraph(label, style=Style.CELL_VERDICT)
        if entry.decision is not None:
            moment = moment_fr(entry.decision.decided_at)
            yield paragraph(f"par {entry.decision.assessor}, le {moment}")

    def _printed(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        if entry.printed_justification:
            yield paragraph(entry.printed_justification)

    def _upheld_quotes(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        quotes = entry.upheld.evidence if entry.upheld else ()
        if not quotes:
            yield paragraph("Aucune citation reprise.")
        for evidence in quotes:
            yield self._quote("", evidence)

    def _draft_label(self, entry: CriterionEntry) -> str:
        match entry.finding:
            case CriterionFinding(verdict=verdict):
                return self._label(verdict)
            case FindingFailure():
                return "aucune, l'examen a échoué"
            case _:
                return "aucune, critère non examiné"

    def _decision(self, decision: HumanDecision, entry: CriterionEntry) -> Iterator[Paragraph]:
        verdict = fr(f" : {self._label(decision.verdict)}") if len(entry.decisions) > 1 else ""
        yield paragraph(f"{_action_fr(decision)}{verdict}", style=Style.CELL_LABEL)
        yield paragraph(f"par {decision.assessor}, le {moment_fr(decision.decided_at)}")
        if decision.draft_verdict and decision.finding_key != _shown_key(entry):
            yield paragraph(fr("Proposition d'alors : "), self._label(decision.draft_verdict))
        if decision.reason:
            yield paragraph(fr("Motif : "), decision.reason)
        if decision.comment:
            yield paragraph(fr("Commentaire : "), decision.comment)

    def _label(self, verdict: Verdict) -> str:
        return self._certification.libelle(verdict)

    # Justification

    def _justification(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        if entry.decision is not None and entry.decision.justification:
            yield paragraph("Justification retenue", style=Style.CELL_LABEL)
            yield paragraph(entry.decision.justification)
            yield paragraph("Proposition de départ", style=Style.CELL_LABEL)
        match entry.finding:
            case FindingFailure(message_fr=message):
                yield paragraph("Échec de l'examen", style=Style.CELL_LABEL)
                yield paragraph(fr(self._files.shortened(message)))
                yield paragraph("Aucune proposition n'en est tirée.")
            case CriterionFinding() as finding:
                yield from self._draft(finding, entry.calibration_fr)
            case _:
                yield paragraph("Ce critère n'a pas encore été examiné.")

    def _draft(self, finding: CriterionFinding, calibration_fr: str) -> Iterator[Paragraph]:
        if finding.rationale:
            yield paragraph(finding.rationale)
        if calibration_fr:
            yield paragraph(italic(fr(calibration_fr)))
        if finding.abstention_fr:
            yield paragraph(bold(fr("Non évaluable : ")), finding.abstention_fr)
        if finding.reasons:
            reasons = " ; ".join(reason.label_fr for reason in finding.reasons)
            yield paragraph(italic(fr(f"Raison de l'abstention : {reasons}.")))
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
        notes = tuple(self._files.shortened(note) for note in finding.notes_fr)
        yield from _items("Remarques", notes)
        known = tuple(self._files.shortened(line) for line in finding.observations_fr)
        yield from _items("Images du dossier", known)
        yield from _items("Questions pour l'oral", finding.oral_questions)
        yield from _items(
            "Conseil pour le candidat", (finding.advice_fr,) if finding.advice_fr else ()
        )

    def _attendu(self, attendu: AttenduFinding, numbers: dict[str, int]) -> Paragraph:
        star = "★ " if attendu.etoile else ""
        cited = "".join(f" [{numbers[_place_key(e)]}]" for e in attendu.evidence)
        withheld = (
            f" Le moteur disait « {attendu.withheld.label_fr} », sans preuve retrouvée."
            if attendu.withheld
            else ""
        )
        status = attendu.status.label_fr
        return paragraph(
            f"{star}{attendu.numero}. ",
            bold(f"{status[0].upper()}{status[1:]}{cited}."),
            f" {_sentence(attendu.texte)}",
            italic(fr(f" {attendu.justification}{withheld}".rstrip())),
            style=Style.CELL_ITEM,
        )

    def _checks(self, checks: tuple[CheckResult, ...]) -> Iterator[Paragraph]:
        told = [c for c in checks if c.outcome is not CheckOutcome.SILENT]
        if not told:
            return
        yield paragraph("Contrôles calculés", style=Style.CELL_LABEL)
        for check in told:
            yield paragraph(
                f"{check.title_fr}",
                fr(" : "),
                bold(check.outcome.value),
                fr(f". {check.message_fr}"),
                self._observed(check),
                style=Style.CELL_ITEM,
            )

    def _observed(self, check: CheckResult) -> str:
        shown = check.observed[:_MAX_OBSERVED]
        values = [f"{quoted(e.quote)}, {self._files.place_fr(e)}" for e in shown]
        if rest := len(check.observed) - len(shown):
            values.append(f"{count_fr(rest, 'autre')} dans l'export JSON")
        return f" ({' ; '.join(values)})" if values else ""

    # Preuves

    def _proof(self, entry: CriterionEntry) -> Iterator[Paragraph]:
        finding = entry.finding
        if not isinstance(finding, CriterionFinding):
            yield paragraph("Aucune citation.")
            return
        for number, evidence in enumerate(finding.evidence, start=1):
            yield self._quote(f"[{number}] ", evidence)
        for page in finding.seen:
            yield paragraph(
                bold(fr("Page vue par le modèle, à regarder : ")),
                page.observation,
                italic(f" — {self._files.shortened(page.place_fr)}"),
                style=Style.CELL_QUOTE,
            )
        if not finding.evidence and not finding.seen:
            yield paragraph("Aucun passage retenu.")
        yield from self._checks(finding.checks)
        if finding.rejected:
            yield paragraph(
                "Citations écartées (introuvables dans les fichiers)", style=Style.CELL_LABEL
            )
            for rejected in finding.rejected:
                yield paragraph(
                    quote(rejected.quote),
                    italic(f" — {rejected.reason_fr}"),
                    style=Style.CELL_QUOTE,
                )
        if not finding.evidence or finding.verdict is Verdict.NOT_MET:
            yield from self._search(finding.search)

    def _quote(self, head: str, evidence: Evidence) -> Paragraph:
        near = "" if evidence.match == "exact" else " (texte rapproché)"
        place = italic(f" — {self._files.place_fr(evidence)}{near}")
        return paragraph(bold(head), quote(evidence.quote), place, style=Style.CELL_QUOTE)

    def _search(self, search: SearchRecord) -> Iterator[Paragraph]:
        yield paragraph("Recherche effectuée", style=Style.CELL_LABEL)
        documents = list_fr([self._files.name_fr(name) for name in search.documents])
        yield paragraph(
            fr(f"Dans : {documents or 'aucun fichier'} ; "),
            fr(f"part lue : {percent_fr(search.coverage)}."),
        )
        queries = " ; ".join(query.strip().removesuffix(".") for query in search.queries)
        yield paragraph(fr("Mots cherchés : "), queries or "aucun")
        if search.sections:
            yield paragraph(fr("Sections : "), " ; ".join(search.sections))
        yield from _items("Parties non lues", search.unread)
        if search.nearest:
            yield paragraph("Passages les plus proches", style=Style.CELL_LABEL)
        for evidence in search.nearest[:_MAX_NEAREST]:
            yield self._quote("", evidence)
        if (rest := len(search.nearest) - _MAX_NEAREST) > 0:
            yield paragraph(f"{count_fr(rest, 'autre')} dans l'export JSON")


def is_about_another_draft(entry: CriterionEntry) -> bool:
    """Whether the standing decision was taken on a draft that is not the one shown."""
    return entry.decision is not None and entry.decision.finding_key != _shown_key(entry)


def _shown_key(entry: CriterionEntry) -> str:
    return entry.finding.provenance.key if isinstance(entry.finding, CriterionFinding) else ""


def _action_fr(decision: HumanDecision) -> str:
    if decision.action == "override" and decision.draft_verdict is None:
        return "Décidé sans proposition"
    return ACTIONS_FR[decision.action]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _items(title: str, items: tuple[str, ...]) -> Iterator[Paragraph]:
    if items:
        yield paragraph(title, style=Style.CELL_LABEL)
    for item in items:
        yield paragraph(f"– {item}", style=Style.CELL_ITEM)


def _place_key(evidence: Evidence) -> str:
    return f"{evidence.sha256}:{evidence.start}:{evidence.end}"


def _quote_numbers(finding: CriterionFinding) -> dict[str, int]:
    return {_place_key(e): number for number, e in enumerate(finding.evidence, start=1)}
