"""Drafts a finding for one criterion: judge, ground, derive, explain.

The judge's word is never taken as such. A status that claims something needs a quote found again
in the candidate's text; an absence needs a text that was read whole; the verdict is derived from
the statuses by the rubric's rule.
"""

import hashlib
import json
import time
from collections.abc import Iterable

from assistant.domain.case import AttenduJudgement, CriterionCase, CriterionScope, Judgement
from assistant.domain.finding import (
    AttenduFinding,
    CheckOutcome,
    CheckResult,
    CriterionFinding,
    EngineId,
    Evidence,
    Provenance,
    SearchRecord,
)
from assistant.domain.rubric import Attendu
from assistant.domain.verdict import AttenduStatus, Verdict, derive_verdict
from assistant.flagging import flag_notes, set_aside
from assistant.grounding import Grounder, evidence_at
from assistant.ports import Clock, Judge
from ingest.types import HiddenReason

_CLAIMS = frozenset(
    {
        AttenduStatus.SATISFIED,
        AttenduStatus.PARTIAL,
        AttenduStatus.LOCATED,
        AttenduStatus.TO_CHECK,
    }
)
#: What every file has and no page shows: not worth a note beside each criterion.
_ORDINARY = frozenset({HiddenReason.PROPERTY, HiddenReason.ALT_TEXT})
_ABSENCES = frozenset({AttenduStatus.ABSENT, AttenduStatus.NOT_LOCATED})


def finding_key(scope: CriterionScope, engine: EngineId, *, dossier_id: str, tools: str) -> str:
    """SHA-256 over all that determines the answer: same key, same answer, no new call.

    `tools` names the versions of what prepares the case (reader, retrieval, embedder). The
    criterion itself is hashed rather than its whole grid, so that mending one criterion does not
    redo the others.
    """
    material = {
        "dossier": dossier_id,
        "files": [d.sha256 for d in scope.deliverables],
        "pieces": [[p.nom, [d.sha256 for d in p.documents]] for p in scope.pieces],
        "context": [[p.nom, [d.sha256 for d in p.documents]] for p in scope.context],
        "missing": list(scope.missing_pieces),
        "epreuve": scope.rubric.id,
        "criterion": scope.criterion.model_dump(mode="json"),
        "thresholds": scope.certification.seuils.model_dump(mode="json"),
        "tables": scope.certification.tables.model_dump(mode="json"),
        "engine": engine.model_dump(mode="json"),
        "tools": tools,
    }
    text = json.dumps(material, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def review_criterion(
    case: CriterionCase,
    judge: Judge,
    grounder: Grounder,
    clock: Clock,
    *,
    dossier_id: str,
    key: str,
) -> CriterionFinding:
    """Draft a finding. What the candidate's text does not support is withheld, and shown so.

    Raises: a `ModelError` when the judge has no word to give.
    """
    started = time.perf_counter()
    judgement = judge.assess(case)
    attendus = tuple(
        _ground_attendu(attendu, _word_on(attendu, judgement), case, grounder)
        for attendu in case.criterion.attendus
    )
    derived = derive_verdict(
        [a.status for a in attendus if a.etoile], case.certification.seuils.regle
    )
    verdict, abstention = _settle(derived, attendus, judgement, case, judge.engine)
    return CriterionFinding(
        criterion_id=case.criterion.id,
        epreuve=case.rubric.id,
        verdict=verdict,
        rationale=judgement.rationale,
        attendus=attendus,
        checks=case.checks,
        search=_search_record(case),
        missing=judgement.missing,
        oral_questions=judgement.oral_questions,
        notes_fr=(*judgement.notes_fr, *_notes(case), *_flag_notes(case, attendus)),
        judge_verdict=judgement.verdict,
        abstention_fr=abstention,
        raw_reply=judgement.raw_reply,
        provenance=Provenance(
            key=key,
            dossier_id=dossier_id,
            file_hashes=_file_hashes(case),
            certification=case.certification.id,
            rubric=case.rubric.id,
            rubric_version=case.rubric.version,
            rubric_hash=case.rubric.content_hash,
            engine=judge.engine,
            usage=judgement.usage,
            seconds=round(time.perf_counter() - started, 3),
            created_at=clock.now(),
        ),
    )


def _word_on(attendu: Attendu, judgement: Judgement) -> AttenduJudgement:
    for word in judgement.attendus:
        if word.numero == attendu.numero:
            return word
    return AttenduJudgement(
        numero=attendu.numero,
        status=AttenduStatus.NOT_VERIFIABLE,
        justification="Aucune réponse sur cet attendu.",
    )


def _ground_attendu(
    attendu: Attendu, word: AttenduJudgement, case: CriterionCase, grounder: Grounder
) -> AttenduFinding:
    evidence, rejected = grounder.ground(word.quotes)
    status, justification = word.status, word.justification
    refuted = _refutation(attendu, case)
    if refuted is not None:
        evidence = _with_observed(evidence, refuted, case)
    evidence, flagged = set_aside(evidence, case.deliverables)
    if status in _CLAIMS and not evidence:
        status = AttenduStatus.NOT_VERIFIABLE
        justification = f"{justification} [Retenu : aucune citation vérifiée.]".strip()
    elif status in _CLAIMS and refuted is not None:
        status = AttenduStatus.ABSENT
        justification = f"{justification} [Contredit par le contrôle {refuted.code}.]".strip()
    elif status in _ABSENCES and not evidence and case.coverage < 1.0:
        status = AttenduStatus.NOT_VERIFIABLE
        justification = f"{justification} [Retenu : une partie du dossier n'a pas été lue.]".strip()
    return AttenduFinding(
        numero=attendu.numero,
        texte=attendu.texte,
        etoile=attendu.etoile,
        status=status,
        justification=justification,
        evidence=evidence,
        rejected=(*rejected, *flagged),
        withheld=word.status if status is not word.status else None,
    )


def _refutation(attendu: Attendu, case: CriterionCase) -> CheckResult | None:
    """A conclusive check that fails on this very attendu."""
    for check in case.checks:
        failed = check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C"
        if failed and check.attendu == attendu.numero:
            return check
    return None


def _with_observed(
    evidence: tuple[Evidence, ...], check: CheckResult, case: CriterionCase
) -> tuple[Evidence, ...]:
    """The quotes, then the values that the check read in the deliverables, each place once."""
    own = {document.sha256 for document in case.deliverables}
    observed = [item for item in check.observed if item.sha256 in own]
    return tuple({(e.sha256, e.start, e.end): e for e in (*evidence, *observed)}.values())


def _settle(
    derived: Verdict,
    attendus: tuple[AttenduFinding, ...],
    judgement: Judgement,
    case: CriterionCase,
    engine: EngineId,
) -> tuple[Verdict, str]:
    """The verdict, or the reason why none can be given."""
    if derived is Verdict.NOT_ASSESSABLE:
        return derived, judgement.abstention_fr or _why_unknown(attendus)
    refuted = _error_of_substance(case)
    if engine.engine == "embedded" and refuted:
        return Verdict.NOT_MET, ""
    if judgement.abstention_fr and derived is not Verdict.NOT_MET:
        return Verdict.NOT_ASSESSABLE, judgement.abstention_fr
    if case.missing_pieces and derived is not Verdict.NOT_MET:
        names = ", ".join(f"« {nom} »" for nom in case.missing_pieces)
        return Verdict.NOT_ASSESSABLE, f"La comparaison demande une pièce absente : {names}."
    if derived is Verdict.MET and refuted:
        return (
            Verdict.NOT_ASSESSABLE,
            f"Le contrôle {refuted} contredit le modèle : à trancher par l'évaluateur.",
        )
    return derived, ""


def _error_of_substance(case: CriterionCase) -> str:
    """The code of a conclusive check whose failure is an error of substance; empty when none.

    The embedded engine takes it for what it is (a false total is not met); a model that finds the
    criterion met all the same is contradicted, and a person settles it.
    """
    substance = case.certification.seuils.regle.erreurs_de_fond
    for check in case.checks:
        failed = check.outcome is CheckOutcome.DISCREPANCY and check.strength == "C"
        if failed and check.code in substance:
            return check.code
    return ""


def _why_unknown(attendus: Iterable[AttenduFinding]) -> str:
    unknown = [a for a in attendus if a.etoile and a.status.rank is None]
    numbers = ", ".join(f"n° {a.numero}" for a in unknown)
    unproven = any(a.withheld in _CLAIMS for a in unknown)
    cause = (
        "aucune citation vérifiée ne les appuie"
        if unproven
        else "le dossier ne permet pas d'en juger"
    )
    return f"Le verdict dépend d'attendus déterminants non vérifiables ({numbers}) : {cause}."


def _search_record(case: CriterionCase) -> SearchRecord:
    documents = {document.sha256: document for document in case.deliverables}
    nearest = tuple(
        evidence_at(documents[p.chunk.sha256], p.chunk.start, p.chunk.end)
        for p in case.passages.passages[:3]
    )
    return SearchRecord(
        queries=case.passages.queries,
        documents=tuple(document.filename for document in case.deliverables),
        sections=tuple(h.text for document in case.deliverables for h in document.headings),
        nearest=nearest,
        unread=tuple(
            f"{part.locator} : {part.reason_fr}"
            for document in case.deliverables
            for part in document.unread
        ),
        coverage=case.coverage,
    )


def _notes(case: CriterionCase) -> Iterable[str]:
    for piece in case.pieces:
        names = ", ".join(document.filename for document in piece.documents)
        yield f"Comparé avec {piece.nom} : {names}."
    for document in case.deliverables:
        hidden = sum(span.reason not in _ORDINARY for span in document.hidden)
        if hidden:
            yield (
                f"« {document.filename} » contient {hidden} texte(s) que la page ne montre pas, "
                "non pris en compte."
            )
        if document.coverage < 1.0:
            yield f"« {document.filename} » n'a été lu qu'à {document.coverage * 100:.0f} %."


def _flag_notes(case: CriterionCase, attendus: Iterable[AttenduFinding]) -> Iterable[str]:
    attendus = tuple(attendus)
    return flag_notes(
        [item for attendu in attendus for item in attendu.evidence],
        [quote for attendu in attendus for quote in attendu.rejected],
        case.deliverables,
    )


def _file_hashes(case: CriterionCase) -> dict[str, str]:
    compared = [d for piece in (*case.pieces, *case.context) for d in piece.documents]
    return {d.filename: d.sha256 for d in (*case.deliverables, *compared)}
