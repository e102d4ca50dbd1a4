"""Runs the product over a set and records, label by label, what it drafted."""

from collections.abc import Sequence
from typing import Final

from assistant.domain.bands import DraftKind
from assistant.domain.dossier import Dossier
from assistant.domain.finding import CheckOutcome, CriterionFinding
from assistant.domain.french import fold_accents
from assistant.domain.rubric import Criterion, Evaluable, RubricSet
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import NoDeliverable
from assistant.evaluation.citations import Span, locate
from assistant.evaluation.labels import GoldLabel
from assistant.evaluation.quotes import QuoteInspector
from assistant.evaluation.recall import retrieval_hit
from assistant.evaluation.run import Row
from assistant.evaluation.sets import EvalSet
from assistant.evaluation.subject import Subject
from assistant.evaluation.validation import document_of, open_candidate
from assistant.evaluation.visit import Visit
from ingest.types import Document

_SETTLED: Final = {
    AttenduStatus.NOT_VERIFIABLE: 0.0,
    AttenduStatus.PARTIAL: 0.5,
    AttenduStatus.TO_CHECK: 0.5,
}


def usable_labels(eval_set: EvalSet, rubrics: RubricSet) -> tuple[GoldLabel, ...]:
    """The labels that can be measured: known criterion, existing dossier, not said twice.

    Those left out are the validator's to tell. Raises: `EvalSetInvalid`.
    """
    criteria = {(r.id, c.id) for r in rubrics.rubrics for c in r.criteres}
    kept: dict[tuple[str, str, str, str], GoldLabel] = {}
    for label in eval_set.labels:
        known = (label.epreuve, label.critere) in criteria
        if known and eval_set.folder_of(label.candidat) is not None:
            kept.setdefault((label.candidat, label.fichier, label.epreuve, label.critere), label)
    return tuple(kept.values())


def candidate_rows(
    labels: Sequence[GoldLabel], eval_set: EvalSet, subject: Subject, again: Dossier | str
) -> tuple[Row, ...]:
    """One row per label of one candidate, in their order.

    `again` is the dossier as another installation reads it, for checking quotes. A dossier or an
    épreuve that fails fails its own rows only. Raises: what stops every dossier (no model, no
    store).
    """
    visit = _visit(labels[0].candidat, eval_set, subject)
    if visit is None or isinstance(again, str):
        error = NoDeliverable.__name__
        return tuple(_row(label, eval_set, subject.rubrics, error=error) for label in labels)
    inspector = QuoteInspector(visit.folder, again.documents.values())
    return tuple(_measured(label, eval_set, visit, inspector) for label in labels)


def candidate_drafts(
    labels: Sequence[GoldLabel], eval_set: EvalSet, subject: Subject
) -> tuple[Verdict | None, ...]:
    """The drafts of one more run, in the labels' order. Raises: as `candidate_rows` does."""
    visit = _visit(labels[0].candidat, eval_set, subject)
    found = [visit.finding(label) if visit else None for label in labels]
    return tuple(f.verdict if isinstance(f, CriterionFinding) else None for f in found)


def _visit(candidate: str, eval_set: EvalSet, subject: Subject) -> Visit | None:
    folder = eval_set.folder_of(candidate)
    dossier = open_candidate(candidate, eval_set, subject)
    if folder is None or isinstance(dossier, str):
        return None
    return Visit(folder, dossier, subject)


def _measured(label: GoldLabel, eval_set: EvalSet, visit: Visit, inspector: QuoteInspector) -> Row:
    rubrics = visit.subject.rubrics
    criterion = rubrics.rubric(label.epreuve).critere(label.critere)
    deliverables = visit.dossier.deliverables(label.epreuve)
    document = document_of(label, visit.dossier)
    spans = locate(label.citation, document) if document and label.citation else ()
    row = _row(label, eval_set, rubrics).model_copy(
        update={"cue_share": cue_share(criterion, deliverables)}
    )
    if spans and document in deliverables:
        settings = rubrics.certification.seuils.recherche
        bench = visit.bench(label.epreuve)
        characters = sum(len(document.text) for document in deliverables)
        hit = retrieval_hit(label, spans, criterion, bench, settings, characters=characters)
        row = row.model_copy(update={"retrieval": hit})
    finding = visit.finding(label)
    if not isinstance(finding, CriterionFinding):
        return row.model_copy(update={"error": finding})
    return row.model_copy(
        update={
            "draft": finding.verdict,
            "judge_verdict": finding.judge_verdict,
            "certainty": certainty(finding),
            "kind": DraftKind.of(finding),
            "gaps": conclusive_gaps(finding),
            "quotes": inspector.inspect(finding),
            "supported": _supported(finding, spans) if spans else None,
            "usage": finding.provenance.usage,
            "seconds": finding.provenance.seconds,
        }
    )


def _row(label: GoldLabel, eval_set: EvalSet, rubrics: RubricSet, *, error: str = "") -> Row:
    rubric = rubrics.rubric(label.epreuve)
    return Row(
        candidate=label.candidat,
        part=eval_set.part_of(label.candidat),
        file=label.fichier,
        epreuve=label.epreuve,
        group=f"{label.epreuve}/{rubric.groupe_de(label.critere).id}",
        criterion=label.critere,
        unseen=rubric.critere(label.critere).evaluable is not Evaluable.DOCUMENT,
        gold=label.verdict,
        draft=None,
        error=error,
    )


def certainty(finding: CriterionFinding) -> float:
    """How settled the ★ attendus are, 0 to 1: an order between drafts, not a probability."""
    starred = [_SETTLED.get(a.status, 1.0) for a in finding.attendus if a.etoile]
    return round(sum(starred) / len(starred), 4) if starred else 0.0


def conclusive_gaps(finding: CriterionFinding) -> tuple[str, ...]:
    """Codes of the checks that found a computed error, each once."""
    failed = (
        check.code
        for check in finding.checks
        if check.strength == "C" and check.outcome is CheckOutcome.DISCREPANCY
    )
    return tuple(dict.fromkeys(failed))


def cue_share(criterion: Criterion, deliverables: Sequence[Document]) -> float:
    """Share of the criterion's cues found anywhere in the deliverables, 0 to 1."""
    if not criterion.reperage:
        return 0.0
    text = fold_accents("\n".join(document.text for document in deliverables))
    found = sum(fold_accents(cue) in text for cue in criterion.reperage)
    return round(found / len(criterion.reperage), 4)


def _supported(finding: CriterionFinding, spans: Sequence[Span]) -> bool:
    return any(
        span.overlaps(evidence.sha256, evidence.start, evidence.end)
        for span in spans
        for evidence in finding.evidence
    )
