"""Runs the product over a set and records, label by label, what it drafted."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from assistant.domain.finding import CriterionFinding
from assistant.domain.french import fold_accents
from assistant.domain.rubric import Criterion, RubricSet
from assistant.domain.verdict import AttenduStatus, Verdict
from assistant.errors import DossierNotFound, ManifestInvalid, NoDeliverable
from assistant.evaluation.citations import Span, locate
from assistant.evaluation.labels import GoldLabel
from assistant.evaluation.quotes import QuoteInspector
from assistant.evaluation.recall import retrieval_hit
from assistant.evaluation.run import Row
from assistant.evaluation.sets import EvalSet
from assistant.evaluation.subject import Subject
from assistant.evaluation.validation import document_of
from assistant.evaluation.visit import Visit
from ingest.types import Document

#: Called with what is being done, before it is done.
OnStep = Callable[[str], None]
_SETTLED: Final = {
    AttenduStatus.NOT_VERIFIABLE: 0.0,
    AttenduStatus.PARTIAL: 0.5,
    AttenduStatus.TO_CHECK: 0.5,
}
_UNUSABLE_DOSSIER: Final = (DossierNotFound, ManifestInvalid, NoDeliverable)


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


def collect(
    labels: Sequence[GoldLabel],
    eval_set: EvalSet,
    subject: Subject,
    rereader: Subject,
    on_step: OnStep,
) -> tuple[Row, ...]:
    """One row per usable label, in the labels' order.

    `rereader` is another installation, which reads the files again. A dossier or an épreuve that
    fails fails its own rows only. Raises: a `UserFacingError` that stops every dossier (no model,
    no store).
    """
    rows: dict[int, Row] = {}
    for candidate in dict.fromkeys(label.candidat for label in labels):
        on_step(candidate)
        own = [label for label in labels if label.candidat == candidate]
        rows.update(_candidate_rows(own, eval_set, subject, rereader))
    return tuple(rows[label.line] for label in labels)


def redraft(
    labels: Sequence[GoldLabel], eval_set: EvalSet, subject: Subject, on_step: OnStep
) -> tuple[Verdict | None, ...]:
    """The drafts of one more run, in the labels' order. Raises: as `collect` does."""
    drafts: dict[int, Verdict | None] = {}
    for candidate in dict.fromkeys(label.candidat for label in labels):
        on_step(candidate)
        own = [label for label in labels if label.candidat == candidate]
        visit, error = _visit(candidate, eval_set, subject)
        for label in own:
            found = visit.finding(label) if visit else error
            drafts[label.line] = found.verdict if isinstance(found, CriterionFinding) else None
    return tuple(drafts[label.line] for label in labels)


def _visit(candidate: str, eval_set: EvalSet, subject: Subject) -> tuple[Visit | None, str]:
    """The opened dossier, or why it cannot be."""
    folder = eval_set.folder_of(candidate)
    if folder is None:
        return None, DossierNotFound.__name__
    try:
        return Visit(folder, subject.open(folder), subject), ""
    except _UNUSABLE_DOSSIER as error:
        return None, type(error).__name__


def _candidate_rows(
    labels: Sequence[GoldLabel], eval_set: EvalSet, subject: Subject, rereader: Subject
) -> Iterator[tuple[int, Row]]:
    visit, error = _visit(labels[0].candidat, eval_set, subject)
    if visit is None:
        for label in labels:
            yield label.line, _row(label, eval_set, subject.rubrics, error=error)
        return
    again = rereader.open(visit.folder).documents.values()
    inspector = QuoteInspector(visit.folder, again)
    for label in labels:
        yield label.line, _measured(label, eval_set, visit, inspector)


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
        hit = retrieval_hit(label, spans, criterion, bench, settings)
        row = row.model_copy(update={"retrieval": hit})
    finding = visit.finding(label)
    if not isinstance(finding, CriterionFinding):
        return row.model_copy(update={"error": finding})
    return row.model_copy(
        update={
            "draft": finding.verdict,
            "judge_verdict": finding.judge_verdict,
            "certainty": certainty(finding),
            "quotes": inspector.inspect(finding),
            "supported": _supported(finding, spans) if spans else None,
            "usage": finding.provenance.usage,
            "seconds": finding.provenance.seconds,
        }
    )


def _row(label: GoldLabel, eval_set: EvalSet, rubrics: RubricSet, *, error: str = "") -> Row:
    return Row(
        candidate=label.candidat,
        part=eval_set.part_of(label.candidat),
        file=label.fichier,
        epreuve=label.epreuve,
        group=f"{label.epreuve}/{rubrics.rubric(label.epreuve).groupe_de(label.critere).id}",
        criterion=label.critere,
        gold=label.verdict,
        draft=None,
        error=error,
    )


def certainty(finding: CriterionFinding) -> float:
    """How settled the ★ attendus are, 0 to 1: an order between drafts, not a probability."""
    starred = [_SETTLED.get(a.status, 1.0) for a in finding.attendus if a.etoile]
    return round(sum(starred) / len(starred), 4) if starred else 0.0


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
