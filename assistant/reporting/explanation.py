"""The whole story of one criterion of one dossier, in French: fit to answer a complaint.

Markdown, so that it reads in a terminal and pastes into a letter. Quotes are the candidate's own
words and are given as they stand; nothing else of the dossier is copied.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from assistant.domain.decision import HumanDecision
from assistant.domain.finding import AttenduFinding, CriterionFinding, Evidence, FindingFailure
from assistant.domain.journal import JournalAction, JournalEntry, JournalEvent
from assistant.domain.report import CriterionEntry, Report
from assistant.domain.verdict import Verdict
from assistant.reporting.labels import (
    ACTIONS_FR,
    count_fr,
    engine_fr,
    fr,
    moment_fr,
    percent_fr,
    quoted,
    visible,
)

_EVENTS_FR = {
    JournalAction.DRAFT: "proposition de l'assistant",
    JournalAction.FAILURE: "échec de l'assistant (aucune proposition)",
    JournalAction.VIEW: "critère consulté",
    JournalAction.DECISION: "décision",
    JournalAction.CLOSING: "dossier clos et signé",
    JournalAction.REOPENING: "dossier rouvert",
    JournalAction.EXPORT: "export",
    JournalAction.ASSIGNMENT: "attribution",
    JournalAction.ERASURE: "effacement",
}
#: What the journal's `acte` says more closely than its action.
_ACTS_FR = {
    "take": "lecture de l'épreuve commencée",
    "release": "épreuve rendue, sans décision",
    "submit": "première lecture soumise",
    "finalise": "épreuve finalisée et signée",
    "reopen": "épreuve rouverte",
}
_VISIBLE_FR = {
    "oui": ", la proposition affichée",
    "non": ", la proposition cachée",
}


def explanation(
    report: Report, criterion_id: str, entries: Sequence[JournalEntry], *, journal_fr: str
) -> str:
    """The story of a criterion, `journal_fr` saying whether the journal was found sound.

    `entries` are those of the dossier, in their order; those on other criteria are left out.
    Raises: `KeyError` when the report has no such criterion.
    """
    entry = next((e for e in report.entries if e.criterion.id == criterion_id), None)
    if entry is None:
        raise KeyError(criterion_id)
    lines = [
        f"# {criterion_id} : comment cette appréciation a été établie",
        "",
        f"Dossier {report.dossier.id}, épreuve {report.rubric.id} ({report.rubric.titre}). "
        f"État au {moment_fr(report.generated_at.astimezone())}.",
        "",
        f"Critère : {quoted(entry.criterion.texte)}",
        "",
        *_section("Ce qui fait foi", _ruling(report, entry)),
        *_section("Ce que chaque personne a décidé", _decisions(report, entry.decisions)),
        *_section("Ce que l'assistant avait proposé", _draft(report, entry)),
        *_section("Ce qui a été lu", _files(report, entry)),
        *_section("Ce qui s'est passé, dans l'ordre", _history(report, criterion_id, entries)),
        *_section("Ce qui garantit ce récit", [journal_fr]),
    ]
    return "\n".join(fr(line) for line in lines).rstrip() + "\n"


def _section(title: str, lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield from lines
    yield ""


def _label(report: Report, verdict: Verdict) -> str:
    return quoted(report.certification.libelle(verdict))


def _ruling(report: Report, entry: CriterionEntry) -> Iterator[str]:
    if entry.decision is not None:
        yield (
            f"L'appréciation {_label(report, entry.decision.verdict)}, décidée par "
            f"{visible(entry.decision.assessor)} le {_when(entry.decision.decided_at)}. "
            "L'assistant ne décide de rien : seule cette décision compte."
        )
    elif entry.disputed:
        yield "Rien encore : les évaluateurs sont en désaccord et une autre personne doit arbitrer."
    else:
        yield "Rien encore : aucune personne n'a décidé. Une proposition n'est pas une décision."


def _decisions(report: Report, decisions: Sequence[HumanDecision]) -> Iterator[str]:
    if not decisions:
        yield "Aucune décision n'est enregistrée."
    for decision in decisions:
        proposed = (
            f" (la proposition était {_label(report, decision.draft_verdict)})"
            if decision.draft_verdict is not None and decision.action != "accept"
            else ""
        )
        yield (
            f"- {_when(decision.decided_at)}, {visible(decision.assessor)} : "
            f"{ACTIONS_FR[decision.action].lower()}, {_label(report, decision.verdict)}{proposed}."
        )
        if decision.reason:
            yield f"  Motif : {quoted(_line(decision.reason))}"
        if decision.comment:
            yield f"  Commentaire : {quoted(_line(decision.comment))}"


def _draft(report: Report, entry: CriterionEntry) -> Iterator[str]:
    finding = entry.finding
    if finding is None:
        yield "Aucune proposition n'a été faite."
    elif isinstance(finding, FindingFailure):
        yield f"Aucune : l'assistant a échoué. {finding.message_fr}"
    else:
        yield from _made_by(report, finding)
        yield ""
        yield from _reasons(report, finding)
        yield ""
        for attendu in finding.attendus:
            yield from _attendu(attendu)
        yield from _checks(finding)
        yield from _search(finding)


def _made_by(report: Report, finding: CriterionFinding) -> Iterator[str]:
    made = finding.provenance
    yield (
        f"Proposition : {_label(report, finding.verdict)}, établie le {_when(made.created_at)} "
        f"par le {engine_fr(made.engine)}."
    )
    yield f"- Grille {made.rubric}, version {made.rubric_version}, empreinte {made.rubric_hash}."
    if made.engine.prompt:
        yield f"- Consigne {made.engine.prompt}, empreinte {made.engine.prompt_hash}."
    if made.usage.calls:
        yield (
            f"- {count_fr(made.usage.calls, 'appel')} au modèle, "
            f"{count_fr(made.usage.input_tokens, 'token lu', 'tokens lus')}, "
            f"{count_fr(made.usage.output_tokens, 'token écrit', 'tokens écrits')}."
        )
    yield f"- Clé de la proposition : {made.key}."


def _reasons(report: Report, finding: CriterionFinding) -> Iterator[str]:
    if finding.rationale:
        yield f"Motif donné : {quoted(_line(finding.rationale))}"
    if finding.abstention_fr:
        yield f"L'assistant s'est abstenu : {_line(finding.abstention_fr)}"
    rule = (
        "L'appréciation proposée se déduit du statut des attendus déterminants (★) par la règle de "
        "la grille ; ce calcul est fait par le programme."
    )
    yield rule
    own = finding.judge_verdict
    if own is not None and own is not finding.verdict:
        yield f"Le modèle, lui, avait écrit {_label(report, own)} : son mot n'a pas été retenu."


def _attendu(attendu: AttenduFinding) -> Iterator[str]:
    star = "★ " if attendu.etoile else ""
    yield f"- {attendu.numero}. {star}{attendu.texte} — {attendu.status.label_fr}"
    if attendu.justification:
        yield f"  {_line(attendu.justification)}"
    for evidence in attendu.evidence:
        yield f"  Preuve : {_quote(evidence)}"
    for rejected in attendu.rejected:
        yield f"  Citation écartée : {quoted(_line(rejected.quote))} ({rejected.reason_fr})"
    if attendu.withheld is not None:
        yield f"  Le moteur avait dit {quoted(attendu.withheld.label_fr)}, non retenu."


def _checks(finding: CriterionFinding) -> Iterator[str]:
    for check in finding.checks:
        yield f"- Contrôle {check.code} ({check.outcome.value}) : {_line(check.message_fr)}"
        for evidence in check.observed:
            yield f"  Valeur relevée : {_quote(evidence)}"


def _search(finding: CriterionFinding) -> Iterator[str]:
    search = finding.search
    yield (
        f"- Recherche : {count_fr(len(search.queries), 'requête')} dans "
        f"{count_fr(len(search.sections), 'section')}, dossier lu à {percent_fr(search.coverage)}."
    )
    for unread in search.unread:
        yield f"  Non lu : {_line(unread)}"


def _files(report: Report, entry: CriterionEntry) -> Iterator[str]:
    names = {file.sha256: file.filename for file in report.dossier.files}
    used = (
        entry.finding.provenance.file_hashes if isinstance(entry.finding, CriterionFinding) else {}
    )
    if not used:
        yield "Aucun fichier n'est cité par une proposition."
    for name, sha in used.items():
        changed = "" if sha in names else " ; ce fichier n'est plus dans le dossier, ou a changé"
        yield f"- {visible(name)}, empreinte SHA-256 {sha}{changed}."
    for failure in report.dossier.failures:
        if failure.epreuves and report.rubric.id not in failure.epreuves:
            continue
        yield f"- {visible(failure.filename)} n'a pas pu être lu : {failure.message_fr}"


def _history(report: Report, criterion_id: str, entries: Sequence[JournalEntry]) -> Iterator[str]:
    found = False
    for entry in entries:
        event = entry.event
        if event is None or not _concerns(event, report.rubric.id, criterion_id):
            continue
        found = True
        yield (
            f"- {_when(event.at)} — {_what(event)} ({visible(event.actor)}){_facts(report, event)} "
            f"[entrée {entry.seq} du journal, {entry.hash[:12]}]"
        )
    if not found:
        yield "Le journal ne contient rien sur ce critère."


def _what(event: JournalEvent) -> str:
    act = _ACTS_FR.get(event.facts.get("acte", ""))
    what = act or _EVENTS_FR.get(event.action, event.action.value)
    return what + _VISIBLE_FR.get(event.facts.get("proposition_visible", ""), "")


def _concerns(event: JournalEvent, epreuve: str, criterion_id: str) -> bool:
    if event.criterion_id:
        return event.criterion_id == criterion_id
    return event.epreuve in ("", epreuve)


def _facts(report: Report, event: JournalEvent) -> str:
    verdict = event.facts.get("appreciation") or event.facts.get("proposition")
    known = {v.value: v for v in Verdict}
    said = f" : {_label(report, known[verdict])}" if verdict in known else ""
    model = event.facts.get("modele") or event.facts.get("version", "")
    return f"{said}, {model}" if event.action is JournalAction.DRAFT and model else said


def _quote(evidence: Evidence) -> str:
    near = " (à peu près)" if evidence.match == "proche" else ""
    return f"{quoted(_line(evidence.quote))} — {visible(evidence.place_fr)}{near}"


def _line(text: str) -> str:
    return " ".join(visible(text).split())


def _when(moment: datetime) -> str:
    return moment_fr(moment.astimezone())
